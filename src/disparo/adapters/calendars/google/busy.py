"""When a calendar is taken: by Google's free/busy, or by its events where ours are to be left out."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from disparo.adapters.calendars.google.api import GoogleApi, Request
from disparo.adapters.calendars.google.credentials import GoogleCredentials
from disparo.adapters.calendars.google.errors import OF_FREE_BUSY, Fault, GoogleFaultError, not_understood
from disparo.adapters.calendars.google.payload import parse_instant, rfc3339, times
from disparo.domain.errors import InputError
from disparo.domain.instants import to_ms
from disparo.domain.intervals import Interval, intersect, merge, zone_named
from disparo.domain.policies.retry import FailureClass

LONGEST_QUERY = timedelta(days=60)
"""A longer free/busy query is cut: Google refuses some (400 `timeRangeTooLong`). Its reference names no limit; about 90
days is what others found (calcom/cal.com, pull requests 11696 and 11962)."""
LONGEST_WINDOW = timedelta(days=1500)
PAGE = 250
MOST_PAGES = 40
_AT_ONCE = 4
_FIELDS = "timeZone,nextPageToken,items(id,status,transparency,start,end,attendees(self,responseStatus))"
_SECOND = timedelta(seconds=1)


class Reading:
    """One look at one calendar, from `start_at` until `end_at`."""

    def __init__(
        self, api: GoogleApi, secret: GoogleCredentials, calendar_id: str, start_at: datetime, end_at: datetime
    ) -> None:
        self._api, self._secret, self._calendar_id = api, secret, calendar_id
        self._start_at, self._end_at = start_at, end_at

    async def free_busy(self) -> tuple[Interval, ...]:
        """What Google says; GoogleFaultError when any part of it could not be read."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(start_at: datetime, end_at: datetime) -> list[Interval]:
            async with gate:
                return await self._query(start_at, end_at)

        parts = [one(*window) for window in self._windows()]
        return self._clipped([span for spans in await _all(parts) for span in spans])

    async def besides(self, keys: frozenset[str], zone: str) -> tuple[Interval, ...]:
        """What every event but these takes; `zone` is that of all-day events where Google names none.

        Cancelled and declined events and those that take no time are left out, as in Google's free/busy. Invitations
        without an answer do take time there.
        """
        spans: list[Interval] = []
        page: str | None = None
        for _ in range(MOST_PAGES):
            document = await self._page(page)
            spans += _taken(document, keys, zone)
            page = next_page(document, "nextPageToken")
            if page is None:
                return self._clipped(spans)
        raise GoogleFaultError(Fault(FailureClass.PERMANENT, "too_many_events", f"{MOST_PAGES} pages"))

    def _windows(self) -> Iterator[tuple[datetime, datetime]]:
        if self._end_at - self._start_at > LONGEST_WINDOW:
            raise GoogleFaultError(Fault(FailureClass.PERMANENT, "window_too_long", str(self._end_at - self._start_at)))
        start_at = self._start_at
        while start_at < self._end_at:
            end_at = min(start_at + LONGEST_QUERY, self._end_at)
            yield start_at, end_at
            start_at = end_at

    async def _query(self, start_at: datetime, end_at: datetime) -> list[Interval]:
        body = {"timeMin": rfc3339(start_at), "timeMax": rfc3339(end_at), "items": [{"id": self._calendar_id}]}
        document = await self._api.document(self._secret, Request("POST", ("freeBusy",), body=body))
        calendars = document.get("calendars")
        calendar = calendars.get(self._calendar_id) if isinstance(calendars, dict) else None
        if not isinstance(calendar, dict):
            raise not_understood("the calendar is not in the answer")
        if errors := calendar.get("errors"):
            raise GoogleFaultError(_refused(errors))
        spans = calendar.get("busy", [])
        if not isinstance(spans, list):
            raise not_understood("busy is no list")
        return [_span(one) for one in spans]

    async def _page(self, page: str | None) -> dict[str, Any]:
        query = {
            "singleEvents": "true",
            "showDeleted": "false",
            "timeMin": rfc3339(self._start_at.replace(microsecond=0)),
            "timeMax": rfc3339(self._end_at.replace(microsecond=0) + _SECOND),
            "maxResults": str(PAGE),
            "maxAttendees": "1",
            "fields": _FIELDS,
            **({"pageToken": page} if page else {}),
        }
        request = Request("GET", ("calendars", self._calendar_id, "events"), query)
        return await self._api.document(self._secret, request)

    def _clipped(self, spans: list[Interval]) -> tuple[Interval, ...]:
        return intersect(merge(spans), [Interval(to_ms(self._start_at), to_ms(self._end_at))])


async def _all(parts: Sequence[Coroutine[Any, Any, list[Interval]]]) -> list[list[Interval]]:
    """All of them; when one fails the others are not waited for."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _refused(errors: Any) -> Fault:
    """What `errors` of one calendar within an answer 200 mean."""
    entries = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    reasons = [reason for one in entries if isinstance(reason := one.get("reason"), str) and reason.isalnum()]
    failure, code = OF_FREE_BUSY.get(reasons[0] if reasons else "", (FailureClass.TRANSIENT, "provider_failed"))
    return Fault(failure, code, " ".join(["freeBusy", *reasons])[:300])


def _span(told: Any) -> Interval:
    start_at, end_at = (parse_instant(told.get(name)) if isinstance(told, dict) else None for name in ("start", "end"))
    if start_at is None or end_at is None or end_at < start_at:
        raise not_understood("a busy time without start or end")
    return Interval(to_ms(start_at), to_ms(end_at))


def _taken(document: dict[str, Any], keys: frozenset[str], zone: str) -> Iterator[Interval]:
    items = document.get("items", [])
    if not isinstance(items, list):
        raise not_understood("items is no list")
    own_zone = _zone(document.get("timeZone"), zone)
    for item in items:
        if not isinstance(item, dict):
            raise not_understood("an event is no object")
        if item.get("id") in keys or not _takes_time(item):
            continue
        found = times(item, own_zone)
        if found is None:
            raise not_understood("an event without times")
        yield Interval(to_ms(found[0]), to_ms(found[1]))


def _takes_time(item: dict[str, Any]) -> bool:
    people = item.get("attendees")
    own = [one for one in people if isinstance(one, dict) and one.get("self")] if isinstance(people, list) else []
    declined = any(one.get("responseStatus") == "declined" for one in own)
    return item.get("status") != "cancelled" and item.get("transparency") != "transparent" and not declined


def _zone(told: Any, else_: str) -> str:
    if not isinstance(told, str):
        return else_
    try:
        return zone_named(told).key
    except InputError:
        raise not_understood("an unknown time zone") from None


def next_page(document: dict[str, Any], name: str) -> str | None:
    """A token of the answer; None when it has none."""
    token = document.get(name)
    if token is None or token == "":
        return None
    if not isinstance(token, str) or len(token) > 4096:
        raise not_understood(f"{name} is no text")
    return token
