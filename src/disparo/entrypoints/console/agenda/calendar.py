"""The calendar: a week or a day of one host, or of several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.entrypoints.console.agenda.layout import laid_out
from disparo.entrypoints.console.agenda.when import day_of, span_of, zone_of
from disparo.entrypoints.console.calendar_grid import week_days
from disparo.entrypoints.console.formats import Formats
from disparo.entrypoints.console.shell import Console
from disparo.usecases.agenda.board import board

PATH = "/console/agenda"
SIDE_BY_SIDE = 7
"""Hosts on one page: as many as a screen has room for, and calendars that are asked at once."""

PATIENCE = timedelta(seconds=2)
"""How long the page waits for other people's calendars; what has not answered then counts as busy, and is named."""

_WEEK, _DAY = "week", "day"
Text = Annotated[str, Query(max_length=60)]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whose time is shown: `who` as the address has it, `shown` of all the `hosts` that it means."""

    who: str
    hosts: Sequence[Host]
    shown: Sequence[Host]
    page: int

    @property
    def one(self) -> Host | None:
        """The host, where it is only one."""
        return self.hosts[0] if len(self.hosts) == 1 else None

    @property
    def pages(self) -> int:
        """How many pages all of them take."""
        return -(-len(self.hosts) // SIDE_BY_SIDE)


@dataclass(frozen=True, slots=True)
class Days:
    """Which days are shown, and where one goes from them."""

    view: str
    day: date
    days: list[date]

    @property
    def before(self) -> date:
        """The day that leads to the days before."""
        return self.day - timedelta(days=len(self.days))

    @property
    def after(self) -> date:
        """The day that leads to the days after."""
        return self.day + timedelta(days=len(self.days))


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PATH)
    house = console.house

    @routes.get("", name="agenda.calendar")
    async def calendar(
        request: Request,
        view: Text = _WEEK,
        day: Text = "",
        who: Text = "",
        page: Annotated[int, Query(ge=0, le=1_000)] = 0,
        part: Text = "",
    ) -> Response:
        hosts, types = await house.store.hosts.hosts(), await house.store.hosts.types()
        chosen = _chosen(who, hosts, types, page)
        now, zone = house.clock.now(), zone_of(console)
        days = _days(view, day_of(day, now.astimezone(zone).date()))
        start_at, end_at = span_of(days.days, zone)
        found = await board(
            house.store, house.calendars, chosen.shown, start_at, end_at, now, min(PATIENCE, _timeout(console))
        )
        team = len(chosen.hosts) > 1
        layout = laid_out(console, request, found, days.days, team=team, table=team and days.view == _WEEK)
        template = "agenda/board.html" if part else "agenda/calendar.html"
        make = console.fragment if part else console.page
        return make(
            request,
            template,
            layout=layout,
            span=_span(days, console.formats(request)),
            days=days,
            chosen=chosen,
            may_meet=bool(types),
            hosts=hosts,
            types=types,
        )

    return routes


def _span(days: Days, formats: Formats) -> str:
    """The days that are shown, as a heading."""
    from babel.dates import format_interval

    first, last = days.days[0], days.days[-1]
    if first == last:
        return formats.date(first, "full")
    return str(format_interval(first, last, "yMMMMd", locale=formats.locale))


def _timeout(console: Console) -> timedelta:
    return timedelta(seconds=console.house.settings.calendar_timeout_s)


def _days(view: str, day: date) -> Days:
    if view == _DAY:
        return Days(_DAY, day, [day])
    return Days(_WEEK, day, list(week_days(day)))


def _chosen(who: str, hosts: Sequence[Host], types: Sequence[MeetingType], page: int) -> Chosen:
    """The host `host:ana`, the hosts of the type `type:visita`, else everybody who is active."""
    kind, _, name = who.partition(":")
    wanted = [one for one in hosts if one.active]
    if kind == "host":
        wanted = [one for one in hosts if one.id == name] or wanted
    elif kind == "type":
        team = next((one.hosts for one in types if one.id == name), ())
        wanted = [one for one in hosts if one.id in team] or wanted
    first = min(page, max(0, (len(wanted) - 1) // SIDE_BY_SIDE)) * SIDE_BY_SIDE
    return Chosen(who, wanted, wanted[first : first + SIDE_BY_SIDE], first // SIDE_BY_SIDE)
