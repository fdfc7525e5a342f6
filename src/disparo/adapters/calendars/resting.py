"""Calendars that do not answer are left alone for a while, so that one of them costs everybody its timeout once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from disparo.domain.agenda.calendar_event import BusyTimes, CalendarEvent, Changes, WriteResult, Written
from disparo.domain.agenda.host import Host
from disparo.ports.calendars import Calendar, TellsChanges

REST_S = 120.0
"""Less than the five minutes between two looks of the watch, each of which is to ask anew."""

NOT_ANSWERING = "not_answering"

_SLOW_SHARE = 0.8
"""Of its timeout: a failure that came sooner was an answer, or costs little."""

Answer = TypeVar("Answer", BusyTimes, Written, Changes)


class Rests:
    """Which hosts' calendars did not answer within `timeout_s`, for all uses of one process.

    Each host's by itself: a calendar that is slow must not close those of others who share its access.
    """

    def __init__(self, timeout_s: float) -> None:
        self._slow_s = timeout_s * _SLOW_SHARE
        self._until_s: dict[str, float] = {}

    def left_s(self, host: Host) -> float:
        """For how long a host's calendar is still to be left alone; 0 when it may be asked."""
        return max(0.0, self._until_s.get(host.id, 0.0) - _now_s())

    async def learn(self, host: Host, asking: Awaitable[Answer]) -> Answer:
        """The answer; if it is a fault that took as long as it could, the calendar rests from now on."""
        began_s = _now_s()
        answer = await asking
        if answer.fault and _now_s() - began_s >= self._slow_s:
            self._until_s[host.id] = _now_s() + REST_S
        else:
            self._until_s.pop(host.id, None)
        return answer


class RestingCalendar:
    """`Calendar` that is not asked while its host's rests: it is busy throughout then (I9), and written later."""

    def __init__(self, calendar: Calendar, rests: Rests) -> None:
        self._calendar, self._rests = calendar, rests

    async def busy(
        self, host: Host, start_at: datetime, end_at: datetime, besides: frozenset[str] = frozenset()
    ) -> BusyTimes:
        """See `Calendar.busy`."""
        if self._rests.left_s(host):
            return BusyTimes(fault=NOT_ANSWERING)
        return await self._rests.learn(host, self._calendar.busy(host, start_at, end_at, besides))

    async def put(self, host: Host, event: CalendarEvent, etag: str) -> Written:
        """See `Calendar.put`."""
        return await self._write(host, lambda: self._calendar.put(host, event, etag))

    async def remove(self, host: Host, event: CalendarEvent, etag: str) -> Written:
        """See `Calendar.remove`."""
        return await self._write(host, lambda: self._calendar.remove(host, event, etag))

    async def _write(self, host: Host, write: Callable[[], Awaitable[Written]]) -> Written:
        if left_s := self._rests.left_s(host):
            return Written(WriteResult.RETRY, fault=NOT_ANSWERING, retry_after_s=left_s)
        return await self._rests.learn(host, write())


class RestingTeller(RestingCalendar):
    """The same of a calendar that tells what other hands changed."""

    def __init__(self, calendar: Calendar, teller: TellsChanges, rests: Rests) -> None:
        super().__init__(calendar, rests)
        self._teller = teller

    async def changes(self, host: Host, token: str | None) -> Changes:
        """See `TellsChanges.changes`."""
        if self._rests.left_s(host):
            return Changes(token=token, fault=NOT_ANSWERING)
        return await self._rests.learn(host, self._teller.changes(host, token))


def resting(calendar: Calendar, rests: Rests) -> Calendar:
    """A calendar that is left alone when it does not answer."""
    if isinstance(calendar, TellsChanges):
        return RestingTeller(calendar, calendar, rests)
    return RestingCalendar(calendar, rests)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
