"""Hosts' calendars, wherever they are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

from disparo.domain.agenda.calendar_event import BusyTimes, CalendarEvent, Changes, Written
from disparo.domain.agenda.host import Host


class Calendar(Protocol):
    """One kind of calendar. Nothing here raises for what a provider does; each call ends within its own timeout.

    Cancelling a write leaves it unknown whether it was done; to write the same again is harmless (I11).
    """

    async def busy(
        self, host: Host, start_at: datetime, end_at: datetime, besides: frozenset[str] = frozenset()
    ) -> BusyTimes:
        """When a host is taken between two instants, `besides` by our own events of these keys (`key_of_uid`).

        All-day events are days of the calendar's own zone, else of the host's. What cannot be read is busy (I9), and so
        is what could be read in part only.
        """
        ...

    async def put(self, host: Host, event: CalendarEvent, etag: str) -> Written:
        """Write an event under its `key`, over an older version of it; `etag` is that of the version last written.

        An event that is there already with this sequence is DONE.
        """
        ...

    async def remove(self, host: Host, event: CalendarEvent, etag: str) -> Written:
        """Remove an event; one that is not there is removed already."""
        ...


@runtime_checkable
class TellsChanges(Protocol):
    """A calendar that can be asked what other hands changed."""

    async def changes(self, host: Host, token: str | None) -> Changes:
        """What changed since a token (None: from now on, nothing is told); a token that is too old begins anew."""
        ...


@runtime_checkable
class Closes(Protocol):
    """A calendar that keeps connections."""

    async def close(self) -> None:
        """Let go of them; nothing may be under way."""
        ...


class Calendars(Protocol):
    """The calendar of each host, by its kind; InputError when the installation cannot reach that kind."""

    def of(self, host: Host) -> Calendar:
        """The calendar of a host."""
        ...
