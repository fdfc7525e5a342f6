"""The charts of a campaign: what happened hour by hour, what will happen, how far its messages got."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from starlette.requests import Request

from disparo.domain.contact import Channel
from disparo.entrypoints.console.charts import Charts, Point, Series, Stage
from disparo.entrypoints.console.formats import Formats
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.states import CHANNELS
from disparo.usecases.funnel import FunnelStep

Translate = Callable[..., str]
TONES: Mapping[Channel, str] = {Channel.WHATSAPP: "good", Channel.EMAIL: "info", Channel.SMS: "violet"}
MOST_HOURS = 14 * 24
"""So many bars a screen has room for; more hours are drawn as days."""
_TICKS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour or day: when it begins, messages by channel, and whether it is closed."""

    begins_at: datetime
    messages: Mapping[Channel, int]
    closed: bool


def charts_of(console: Console, request: Request) -> Charts:
    """The charts in the words of who asks."""
    return Charts(console.words(request), console.formats(request))


@dataclass(frozen=True, slots=True)
class TimeChart:
    """A chart over time, and what it is called: by the hour, or by the day where there are too many hours."""

    title: str
    drawn: str


def over_time(bars: Sequence[Bar], zone: str, charts: Charts, _: Translate) -> TimeChart | None:
    """Bars by channel with the closed hours shaded; None for no hours."""
    if not bars:
        return None
    place = ZoneInfo(zone)
    daily = len(bars) > MOST_HOURS
    title = _("Mensagens por dia") if daily else _("Mensagens por hora")
    shown = _by_day(bars, place) if daily else bars
    channels = [one for one in Channel if any(bar.messages.get(one) for bar in shown)] or [Channel.WHATSAPP]
    every = max(1, -(-len(shown) // _TICKS))
    points = [
        Point(
            _label(bar.begins_at.astimezone(place), charts.formats, daily=daily),
            [bar.messages.get(channel, 0) for channel in channels],
            _tick(bar.begins_at.astimezone(place), number, every, charts.formats, hours=0 if daily else len(shown)),
            bar.closed,
        )
        for number, bar in enumerate(shown)
    ]
    series = [Series(CHANNELS[one], TONES[one]) for one in channels]
    return TimeChart(title, charts.bars(title, series, points, shade=_("Fora do horário")))


def _by_day(bars: Sequence[Bar], place: ZoneInfo) -> list[Bar]:
    days = []
    for _day, group in groupby(bars, key=lambda bar: bar.begins_at.astimezone(place).date()):
        of_day = list(group)
        messages = {one: sum(bar.messages.get(one, 0) for bar in of_day) for one in Channel}
        days.append(Bar(of_day[0].begins_at, messages, all(bar.closed for bar in of_day)))
    return days


def _label(at: datetime, formats: Formats, *, daily: bool) -> str:
    day = formats.day(at.date())
    return day if daily else f"{day} {at:%H:%M}–{at + timedelta(hours=1):%H:%M}"


def _tick(at: datetime, number: int, every: int, formats: Formats, *, hours: int) -> str:
    """What stands under a bar: the day at its first hour, and few hours where there is room."""
    if hours == 0:
        return formats.date(at.date(), "d/M") if number % every == 0 else ""
    if hours <= 12:
        return f"{at:%H}h"
    if at.hour == 0 or (number == 0 and at.hour < 18):
        days = -(-hours // 24)
        if days <= 4:
            return formats.date(at.date(), "EEE d").rstrip(".")
        return formats.date(at.date(), "d/M") if (number // 24) % -(-days // 5) == 0 else ""
    return f"{at:%H}h" if hours <= 48 and at.hour % 6 == 0 else ""


def funnel_chart(step: FunnelStep, charts: Charts, _: Translate, *, meets: bool) -> str:
    """How far the messages of one step got."""
    stages = [
        Stage(_("Previstas"), step.due, "neutral"),
        Stage(_("Enviadas"), step.sent),
        Stage(_("Entregues"), step.delivered),
        Stage(_("Lidas"), step.read),
        Stage(_("Respondidas"), step.replied, "good"),
        *([Stage(_("Reuniões marcadas"), step.booked, "violet")] if meets else []),
    ]
    return charts.funnel(_("Passo %(number)s", number=step.number), stages)
