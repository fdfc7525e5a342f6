"""`Calendar` of hosts who keep none elsewhere: their meetings, holds and blocks with us are all there is."""

from __future__ import annotations

from datetime import datetime

from disparo.domain.agenda.calendar_event import BusyTimes, CalendarEvent, WriteResult, Written
from disparo.domain.agenda.host import Host


class LocalCalendar:
    """Nothing outside keeps a host busy, and there is nothing to write."""

    async def busy(
        self,
        host: Host,  # noqa: ARG002
        start_at: datetime,  # noqa: ARG002
        end_at: datetime,  # noqa: ARG002
        besides: frozenset[str] = frozenset(),  # noqa: ARG002
    ) -> BusyTimes:
        """See `Calendar.busy`: always readable, and empty."""
        return BusyTimes()

    async def put(self, host: Host, event: CalendarEvent, etag: str) -> Written:  # noqa: ARG002
        """See `Calendar.put`: the meeting itself is its event."""
        return Written(WriteResult.DONE)

    async def remove(self, host: Host, event: CalendarEvent, etag: str) -> Written:  # noqa: ARG002
        """See `Calendar.remove`."""
        return Written(WriteResult.DONE)
