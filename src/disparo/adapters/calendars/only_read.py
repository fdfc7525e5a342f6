"""Calendars of an installation that is not live: what is there counts, and nothing is written into them."""

from __future__ import annotations

from datetime import datetime

from disparo.domain.agenda.calendar_event import BusyTimes, CalendarEvent, WriteResult, Written
from disparo.domain.agenda.host import Host
from disparo.ports.calendars import Calendar


class OnlyReadCalendar:
    """`Calendar` that reads another one, and takes every write as done without doing it."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    async def busy(
        self, host: Host, start_at: datetime, end_at: datetime, besides: frozenset[str] = frozenset()
    ) -> BusyTimes:
        """See `Calendar.busy`."""
        return await self._calendar.busy(host, start_at, end_at, besides)

    async def put(self, host: Host, event: CalendarEvent, etag: str) -> Written:  # noqa: ARG002
        """See `Calendar.put`."""
        return Written(WriteResult.DONE)

    async def remove(self, host: Host, event: CalendarEvent, etag: str) -> Written:  # noqa: ARG002
        """See `Calendar.remove`."""
        return Written(WriteResult.DONE)
