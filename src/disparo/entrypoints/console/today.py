"""The console's first page: what goes on now, what waits and why, and what asks for a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from disparo.domain.alarm import AlarmName
from disparo.domain.alarm_words import Language, alarm_sentence, alarm_title
from disparo.domain.numbers import Source, Window
from disparo.entrypoints.console.agenda.when import span_of, zone_of
from disparo.entrypoints.console.campaigns.standing import standings
from disparo.entrypoints.console.preferences import preferences_of
from disparo.entrypoints.console.shell import Console
from disparo.ports.contacts import name_of
from disparo.usecases.today import Today, today

PATH = "/console"
WINDOWS: Mapping[str, Window] = {"hour": Window.HOUR, "day": Window.DAY}

_WHERE: Mapping[AlarmName, str] = {
    AlarmName.DLQ_MESSAGES: "/console/dead-letters",
    AlarmName.FAILED_RATE: "/console/campaigns?show=live",
    AlarmName.HIGH_ERROR_RATE: "/console/campaigns?show=live",
    AlarmName.HIGH_LATENCY: "/console/campaigns?show=live",
    AlarmName.BREAKER_OPEN: "#health",
    AlarmName.CALENDAR_UNREADABLE: "/console/hosts?check=1",
}
"""Where one looks further into an alarm."""

Asked = Annotated[str, Query(max_length=10)]


def router(console: Console) -> APIRouter:
    """The routes; also that of the bare address, which only leads here."""
    routes = APIRouter()

    @routes.get("/", name="today.door")
    async def door() -> Response:
        """Nothing is at the bare address: whoever types it in wants the console."""
        return RedirectResponse(PATH, 307, {"Cache-Control": "no-store"})

    @routes.get(PATH, name="today.page")
    @routes.get(f"{PATH}/today", name="today.page_too")
    async def page(request: Request, window: Asked = "hour") -> Response:
        """The whole page."""
        return console.page(request, "today/today.html", **await _values(console, request, window))

    @routes.get(f"{PATH}/today/live", name="today.live")
    async def live(request: Request, window: Asked = "hour") -> Response:
        """The part of it that changes."""
        return console.fragment(request, "today/live.html", **await _values(console, request, window))

    return routes


async def _values(console: Console, request: Request, window: str) -> dict[str, Any]:
    from disparo.bootstrap import senders_of

    house, zone = console.house, zone_of(console)
    now = house.clock.now()
    window = window if window in WINDOWS else "hour"
    span = span_of([now.astimezone(zone).date()], zone)
    found = await today(house.store, house.imports, senders_of(house.settings), now, span, WINDOWS[window])
    return {
        "found": found,
        "window": window,
        "figure": found.numbers.all.figure,
        "timed": found.numbers.source is Source.MINUTES,
        "standings": {one.report.campaign.id: _standings(console, request, one.report) for one in found.live},
        "alarms": _alarms(request, found),
        "hour_labels": [now - timedelta(hours=back) for back in (len(found.hours) - 1, 0)],
        "fresh": not (found.steps.contacts and found.steps.campaigns),
        "at": now,
        "name_of": name_of,
        "inbox_path": lambda owner: f"/console/inbox/{quote(owner, safe='')}",
    }


def _standings(console: Console, request: Request, report: Any) -> Any:
    return standings(report, console.house.clock.now(), console.words(request).gettext)


def _alarms(request: Request, found: Today) -> list[tuple[str, str, str]]:
    """Each alarm that rings: what it is called, what it says, where one looks further."""
    language: Language = "en" if preferences_of(request).language == "en" else "pt"
    return [
        (alarm_title(one.name, language), alarm_sentence(one, language), _WHERE.get(one.name, ""))
        for one in found.alarms.ringing
    ]
