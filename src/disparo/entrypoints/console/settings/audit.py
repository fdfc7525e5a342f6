"""The audit's page: who did what when to which object, in words, and as a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from disparo.domain.audit import AuditEntry, AuditFilter
from disparo.domain.errors import InputError
from disparo.entrypoints.console.settings.audit_words import RESOURCES, action_words, detail_words, object_link
from disparo.entrypoints.console.settings.topics import HOME
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.http.audit import exported
from disparo.entrypoints.http.pages import After, cut

LINES = 50
Who = Annotated[str, Query(max_length=100)]
What = Annotated[str, Query(max_length=100)]
Of = Annotated[str, Query(max_length=300)]
Day = Annotated[str, Query(max_length=10)]


def router(console: Console) -> APIRouter:
    """The routes; only admins reach them."""
    routes = APIRouter(prefix=f"{HOME}/audit")
    house = console.house

    @routes.get("", name="audit.page")
    async def page(
        request: Request,
        who: Who = "",
        what: What = "",
        of: Of = "",
        since: Day = "",
        until: Day = "",
        after: After = None,
    ) -> Response:
        wrong = ""
        try:
            wanted = _wanted(console, who, what, of, since, until)
        except InputError as error:
            wanted, wrong = AuditFilter(), str(error)
        found, more = cut(await house.store.audit.page(wanted, after, LINES + 1), LINES)
        words = console.words(request)
        return console.page(
            request,
            "settings/audit.html",
            entries=[
                (one, action_words(one.action, words), object_link(one, words), detail_words(one, words))
                for one in found
            ],
            days=_days(found, ZoneInfo(house.settings.business_hours_timezone)),
            after=found[-1].id if more else None,
            begins=after,
            filters={"who": who, "what": what, "of": of, "since": since, "until": until},
            wrong=wrong,
            people=[(f"user:{one.id}", one.name) for one in await house.store.accounts.all()],
            keys=[(f"key:{one.id}", one.name) for one in await house.store.api_keys.all()],
            resources=[(f"{key}.", words.gettext(text)) for key, text in RESOURCES.items()],
        )

    @routes.get("/export.{kind}", name="audit.export_page")
    async def export(
        request: Request,
        kind: Literal["csv", "jsonl"],
        who: Who = "",
        what: What = "",
        of: Of = "",
        since: Day = "",
        until: Day = "",
    ) -> Response:
        return exported(request, house.store.audit, _wanted(console, who, what, of, since, until), kind)

    return routes


def _wanted(console: Console, who: str, what: str, of: str, since: str, until: str) -> AuditFilter:
    zone = ZoneInfo(console.house.settings.business_hours_timezone)
    last = _midnight(until, zone)
    return AuditFilter(
        actor=who or None,
        action=what or None,
        object=of or None,
        since=_midnight(since, zone),
        until=None if last is None else (last.astimezone(zone) + timedelta(days=1)).astimezone(UTC),
    )


def _midnight(text: str, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        return datetime.combine(day, time(), zone).astimezone(UTC) if 1990 <= day.year <= 2200 else _no(text)
    except ValueError:
        return _no(text)


def _no(text: str) -> datetime:
    raise InputError(f"{text}: escreva uma data como 2026-11-23")


def _days(found: Sequence[AuditEntry], zone: ZoneInfo) -> Sequence[bool]:
    """For each entry whether it is the first of its day on the page."""
    days = [one.at.astimezone(zone).date() for one in found]
    return [number == 0 or day != days[number - 1] for number, day in enumerate(days)]
