"""`Calendar` on a CalDAV server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from disparo.adapters.calendars.caldav.credentials import CaldavCredentials
from disparo.adapters.calendars.caldav.faults import LONGEST_DETAIL, CaldavFaultError
from disparo.adapters.calendars.caldav.places import Place, find
from disparo.adapters.calendars.caldav.reading import busy_times
from disparo.adapters.calendars.caldav.session import MOST_OF_AN_ANSWER, Session
from disparo.adapters.calendars.caldav.syncing import changes_since
from disparo.adapters.calendars.caldav.text import UnreadableError
from disparo.adapters.calendars.caldav.writing import put, remove
from disparo.adapters.credentials import Credentials
from disparo.adapters.http_exchange import HttpExchange
from disparo.adapters.outside_world import OutsideWorld
from disparo.domain.agenda.calendar_event import BusyTimes, CalendarEvent, Changes, WriteResult, Written
from disparo.domain.agenda.host import Host
from disparo.domain.errors import DisparoError

T = TypeVar("T")

FOUND_FOR_S = 600.0
"""How long a calendar that was found is believed to be where it was."""

MEND_WAIT_S = 600.0
"""How long a write waits for a person to mend the access."""

_MOVED_AWAY = frozenset(("calendar_not_found", "not_a_calendar", "redirected", "access_refused"))


class CaldavCalendar:
    """`Calendar`, `TellsChanges` and `Closes` by CalDAV (RFC 4791).

    What is busy is computed here from the events themselves, as servers differ in what they make of repetitions, zones
    and days. Nobody is invited by the server. Each call takes at most `timeout_s` altogether.
    """

    def __init__(
        self,
        credentials: Credentials[CaldavCredentials],
        *,
        timeout_s: float,
        clock: Callable[[], datetime],
        connections: int = 10,
        outside: OutsideWorld | None = None,
    ) -> None:
        self._credentials, self._timeout_s, self._clock = credentials, timeout_s, clock
        self._exchange = HttpExchange(
            timeout_s=timeout_s, connections=connections, most=MOST_OF_AN_ANSWER, outside=outside
        )
        self._found: dict[tuple[CaldavCredentials, str], tuple[Place, float]] = {}

    async def busy(
        self, host: Host, start_at: datetime, end_at: datetime, besides: frozenset[str] = frozenset()
    ) -> BusyTimes:
        """See `Calendar.busy`."""
        if start_at >= end_at:
            return BusyTimes()
        until_s = time.monotonic() + self._timeout_s

        async def ask(session: Session, place: Place) -> BusyTimes:
            return await busy_times(session, place, host, (start_at, end_at), besides, until_s)

        try:
            return await self._reaching(host, ask)
        except CaldavFaultError as fault:
            return BusyTimes(fault=fault.code, detail=fault.detail, auth=fault.auth)

    async def put(self, host: Host, event: CalendarEvent, etag: str) -> Written:
        """See `Calendar.put`; a cancelled event is removed."""
        if event.cancelled:
            return await self.remove(host, event, etag)
        now = self._clock()
        return await self._writing(host, lambda session, place: put(session, place, event, etag, now))

    async def remove(self, host: Host, event: CalendarEvent, etag: str) -> Written:
        """See `Calendar.remove`."""
        return await self._writing(host, lambda session, place: remove(session, place, event, etag))

    async def changes(self, host: Host, token: str | None) -> Changes:
        """See `TellsChanges.changes`; a server without RFC 6578 tells nothing, and gives no token."""
        try:
            return await self._reaching(host, lambda session, place: changes_since(session, place, host, token))
        except CaldavFaultError as fault:
            return Changes(token=token, fault=fault.code)

    async def close(self) -> None:
        """See `Closes.close`."""
        await self._exchange.close()

    async def _writing(self, host: Host, write: Callable[[Session, Place], Awaitable[Written]]) -> Written:
        try:
            return await self._reaching(host, write)
        except CaldavFaultError as fault:
            result = WriteResult.REFUSED if fault.permanent else WriteResult.RETRY
            wait_s = MEND_WAIT_S if fault.auth else fault.retry_after_s
            return Written(result, fault=fault.code, detail=fault.detail, retry_after_s=wait_s)

    async def _reaching(self, host: Host, act: Callable[[Session, Place], Awaitable[T]]) -> T:
        """What comes of an act in a host's calendar; CaldavFaultError. A newer secret is tried when ours is refused."""
        try:
            async with asyncio.timeout(self._timeout_s):
                known = await self._credentials.current()
                try:
                    return await self._in_place(known, host, act)
                except CaldavFaultError as fault:
                    newer = await self._credentials.renewed() if fault.auth else known
                    if newer == known:
                        raise
                    return await self._in_place(newer, host, act)
        except TimeoutError:
            raise CaldavFaultError("no_answer", "TimeoutError") from None
        except UnreadableError as error:
            raise CaldavFaultError(error.code, error.detail) from None
        except DisparoError as error:
            raise CaldavFaultError("secret_unusable", str(error)[:LONGEST_DETAIL], auth=True) from None

    async def _in_place(
        self, account: CaldavCredentials, host: Host, act: Callable[[Session, Place], Awaitable[T]]
    ) -> T:
        session, key = Session(self._exchange, account), (account, host.calendar.name)
        now = asyncio.get_running_loop().time()
        place, until = self._found.get(key, (None, now))
        if place is None or not now < until <= now + FOUND_FOR_S:
            place = await find(session, host.calendar.name)
            self._found = {one: known for one, known in self._found.items() if one[1] != key[1]}
            self._found[key] = place, now + FOUND_FOR_S
        try:
            return await act(session, replace(place, zone=place.zone or host.place.zone))
        except CaldavFaultError as fault:
            if fault.code in _MOVED_AWAY:
                self._found.pop(key, None)
            raise
