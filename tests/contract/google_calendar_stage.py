"""The Google Calendar adapter before its emulator, and the hands of others in the calendar."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from disparo.adapters.calendars.google.calendar import GoogleCalendar
from disparo.adapters.calendars.google.credentials import parse
from disparo.adapters.credentials import Credentials
from disparo.domain.agenda.host import CalendarKind, CalendarRef, Host
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.simulation.emulators.google_calendar import (
    CALENDAR_ID,
    CalendarFault,
    GoogleCalendarEmulator,
    google_calendar,
)
from disparo.simulation.emulators.google_calendar_book import RefusedCallError, Way
from disparo.simulation.emulators.google_calendar_times import span_of
from tests.contract.calendar_suite import SANTIAGO, AllDay, Daily, Kept, Timed

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
SECRET = "mcp-calendar"
CALENDAR = CalendarRef(CalendarKind.GOOGLE, SECRET)
HOST = Host("ana", "Ana", Place("America/Sao_Paulo"), BusinessHours(), email="ana@example.com", calendar=CALENDAR)


class Vault:
    """`Secrets` of one secret, which changes when it is asked for anew."""

    def __init__(self, *values: Mapping[str, str]) -> None:
        self._values = list(values)

    async def get(self, name: str) -> Mapping[str, str]:
        return self._values[0]

    async def refresh(self, name: str) -> Mapping[str, str]:
        if len(self._values) > 1:
            self._values.pop(0)
        return self._values[0]


@dataclass
class Hand:
    """A clock that stands where it is put."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class GoogleStage:
    """`CalendarStage` over the emulator."""

    calendar: GoogleCalendar
    emulator: GoogleCalendarEmulator
    clock: Hand
    host: Host = HOST
    zone: str = SANTIAGO

    async def add(self, foreign: Timed | AllDay | Daily) -> None:
        self.emulator.book.insert(CALENDAR_ID, foreign_body(foreign), Way())

    async def move(self, key: str, start_at: datetime, end_at: datetime) -> None:
        self.edit(key, start={"dateTime": start_at.isoformat()}, end={"dateTime": end_at.isoformat()})

    def edit(self, key: str, **fields: object) -> None:
        self.emulator.book.patch(CALENDAR_ID, key, fields, Way())

    async def take_away(self, key: str) -> None:
        self.emulator.book.delete(CALENDAR_ID, key)

    async def kept(self, key: str) -> Kept | None:
        try:
            event = self.emulator.book.get(CALENDAR_ID, key)
        except RefusedCallError:
            return None
        return None if event["status"] == "cancelled" else Kept(*span_of(event, self.zone), event["summary"])

    async def break_off(self) -> None:
        self.emulator.order(CalendarFault(times=0))

    async def repair(self) -> None:
        self.emulator.clear()

    @property
    def names(self) -> list[str]:
        """What was asked, in order."""
        return [call.name for call in self.emulator.calls]


def foreign_body(foreign: Timed | AllDay | Daily) -> dict[str, object]:
    """Somebody else's event as Google would be told it."""
    if isinstance(foreign, AllDay):
        end = foreign.first + timedelta(days=foreign.days)
        edges: dict[str, object] = {"start": {"date": foreign.first.isoformat()}, "end": {"date": end.isoformat()}}
    elif isinstance(foreign, Daily):
        first = foreign.first.replace(tzinfo=ZoneInfo(foreign.zone))
        edges = {
            "start": {"dateTime": first.isoformat(), "timeZone": foreign.zone},
            "end": {"dateTime": (first + foreign.length).isoformat(), "timeZone": foreign.zone},
            "recurrence": [f"RRULE:FREQ=DAILY;COUNT={foreign.times}"],
        }
    else:
        edges = {"start": {"dateTime": foreign.start_at.isoformat()}, "end": {"dateTime": foreign.end_at.isoformat()}}
    free = not isinstance(foreign, Daily) and foreign.free
    return {**edges, "summary": "de outra pessoa", **({"transparency": "transparent"} if free else {})}


def over_google(use: Callable[[GoogleStage], Awaitable[None]], **kwargs: Any) -> None:
    """Run a test's own part before an empty calendar (`stage`)."""

    async def run() -> None:
        async with stage(**kwargs) as found:
            await use(found)

    asyncio.run(run())


@asynccontextmanager
async def stage(
    *, delegated: bool = False, zone: str = SANTIAGO, timeout_s: float = 5.0, **changed: str
) -> AsyncIterator[GoogleStage]:
    """An empty calendar before its adapter; `changed` is what the secret says in place of the truth."""
    clock = Hand()
    emulator = GoogleCalendarEmulator(clock.now, zone=zone, delegated=delegated)
    async with google_calendar(emulator) as origin:
        vault = Vault({**emulator.secret(origin), **changed})
        calendar = GoogleCalendar(Credentials(vault, SECRET, parse), timeout_s=timeout_s, clock=clock.now)
        try:
            yield GoogleStage(calendar, emulator, clock, zone=zone)
        finally:
            await calendar.close()
