"""Google Calendar as a calendar of hosts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from disparo.adapters.calendars.google.api import GoogleApi
from disparo.adapters.calendars.google.busy import Reading
from disparo.adapters.calendars.google.changes import begin, since
from disparo.adapters.calendars.google.credentials import GoogleCredentials
from disparo.adapters.calendars.google.errors import Fault, GoogleFaultError
from disparo.adapters.calendars.google.writing import Writing, failed
from disparo.adapters.credentials import Credentials, unusable
from disparo.adapters.http_exchange import HttpExchange
from disparo.domain.agenda.calendar_event import BusyTimes, CalendarEvent, Changes, Written
from disparo.domain.agenda.host import Host
from disparo.domain.errors import DisparoError
from disparo.domain.policies.retry import FailureClass

T = TypeVar("T")
_NO_ANSWER = Fault(FailureClass.UNKNOWN, "no_answer", "TimeoutError")


class GoogleCalendar:
    """`Calendar`, `TellsChanges` and `Closes` by the Calendar API v3, of all hosts who share one secret.

    A call ends within `timeout_s`, its token and every page included. A secret that Google refuses is read anew once.
    """

    def __init__(
        self,
        credentials: Credentials[GoogleCredentials],
        *,
        timeout_s: float,
        clock: Callable[[], datetime],
        connections: int = 20,
    ) -> None:
        self._credentials, self._timeout_s = credentials, timeout_s
        self._api = GoogleApi(HttpExchange(timeout_s=timeout_s, connections=connections), clock)

    async def busy(
        self, host: Host, start_at: datetime, end_at: datetime, besides: frozenset[str] = frozenset()
    ) -> BusyTimes:
        """See `Calendar.busy`."""
        if start_at >= end_at:
            return BusyTimes()

        async def attempt(secret: GoogleCredentials) -> BusyTimes:
            reading = Reading(self._api, secret, _calendar_id(host, secret), start_at, end_at)
            return BusyTimes(await (reading.besides(besides, host.place.zone) if besides else reading.free_busy()))

        found = await self._use(attempt)
        return BusyTimes((), found.code, found.detail, found.auth) if isinstance(found, Fault) else found

    async def put(self, host: Host, event: CalendarEvent, etag: str) -> Written:
        """See `Calendar.put`; a cancelled event is removed."""
        if event.cancelled:
            return await self.remove(host, event, etag)
        return await self._written(host, event, lambda writing: writing.put(etag))

    async def remove(self, host: Host, event: CalendarEvent, etag: str) -> Written:
        """See `Calendar.remove`."""
        return await self._written(host, event, lambda writing: writing.remove(etag))

    async def changes(self, host: Host, token: str | None) -> Changes:
        """See `TellsChanges.changes`: each event as it is now, so that what we removed ourselves is told, too."""

        async def attempt(secret: GoogleCredentials) -> Changes:
            calendar_id = _calendar_id(host, secret)
            if token is None:
                return await begin(self._api, secret, calendar_id)
            return await since(self._api, secret, calendar_id, token, host.place.zone)

        found = await self._use(attempt)
        return Changes((), token, found.code) if isinstance(found, Fault) else found

    async def close(self) -> None:
        """See `Closes.close`."""
        await self._api.close()

    async def _written(
        self, host: Host, event: CalendarEvent, write: Callable[[Writing], Awaitable[Written]]
    ) -> Written:
        async def attempt(secret: GoogleCredentials) -> Written:
            return await write(Writing(self._api, secret, _calendar_id(host, secret), event, host.place.zone))

        found = await self._use(attempt)
        return failed(found) if isinstance(found, Fault) else found

    async def _use(self, attempt: Callable[[GoogleCredentials], Awaitable[T]]) -> T | Fault:
        """What an attempt ends with; when Google refuses the secret and there is a newer one, one more."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._with_secret(attempt)
        except TimeoutError:
            return _NO_ANSWER

    async def _with_secret(self, attempt: Callable[[GoogleCredentials], Awaitable[T]]) -> T | Fault:
        try:
            known = await self._credentials.current()
        except DisparoError as error:
            outcome = unusable(error)
            return Fault(FailureClass.AUTH, outcome.reason, outcome.detail)
        found = await _ended(attempt(known))
        if not (isinstance(found, Fault) and found.auth):
            return found
        try:
            newer = await self._credentials.renewed()
        except DisparoError:
            return found
        return found if newer == known else await _ended(attempt(newer))


async def _ended(attempt: Awaitable[T]) -> T | Fault:
    try:
        return await attempt
    except GoogleFaultError as error:
        return error.fault


def _calendar_id(host: Host, secret: GoogleCredentials) -> str:
    return host.calendar.name or secret.calendar_id
