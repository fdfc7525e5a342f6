"""`Calendar` through the tools of an MCP server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from disparo.adapters.calendars.mcp.credentials import McpCalendarCredentials, Tool
from disparo.adapters.calendars.mcp.intervals import ShapeError
from disparo.adapters.calendars.mcp.payload import event_fields, window_fields
from disparo.adapters.credentials import Credentials, unusable
from disparo.adapters.mcp.answers import as_repeated, own_words, refusal_of, refusal_of_fault, value_at
from disparo.adapters.mcp.arguments import Value, filled
from disparo.adapters.mcp.connection import CallFault, ToolAnswer
from disparo.adapters.mcp.desk import Desk, Desks
from disparo.adapters.outside_world import OutsideWorld
from disparo.domain.agenda.calendar_event import BusyTimes, CalendarEvent, WriteResult, Written
from disparo.domain.agenda.host import Host
from disparo.domain.errors import DisparoError
from disparo.domain.instants import to_ms
from disparo.domain.intervals import Interval
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass

T = TypeVar("T")

_LONGEST_ETAG = 200
_LONGEST_URL = 2000
MEND_WAIT_S = 600.0
"""How long a write waits for a person to mend the access."""

_NEVER = frozenset((FailureClass.PERMANENT, FailureClass.RECIPIENT))


@dataclass(frozen=True, slots=True)
class _Told:
    """What came of a tool: `refused` is why it did nothing as far as it says, `words` its own words for that."""

    answer: ToolAnswer | None = None
    refused: Outcome | None = None
    words: str = ""

    def says(self, pattern: re.Pattern[str] | None) -> bool:
        """Whether it failed with these words."""
        return pattern is not None and self.refused is not None and pattern.search(self.words) is not None


class McpCalendar:
    """`Calendar` and `Closes` by an MCP server whose tools the secret describes.

    Every tool that writes is told the event's key, so that a call of which nobody knows whether it ran can be made
    again. An answer of another shape than the secret says is no answer: the calendar cannot be read (I9).
    """

    def __init__(
        self,
        credentials: Credentials[McpCalendarCredentials],
        *,
        timeout_s: float,
        connections: int = 10,
        outside: OutsideWorld | None = None,
    ) -> None:
        self._credentials, self._timeout_s = credentials, timeout_s
        self._desks: Desks[McpCalendarCredentials] = Desks(connections, outside)

    async def busy(
        self, host: Host, start_at: datetime, end_at: datetime, besides: frozenset[str] = frozenset()
    ) -> BusyTimes:
        """See `Calendar.busy`; events of ours count unless the secret says where an entry has its key."""

        async def ask(calls: _Calls) -> BusyTimes | Outcome:
            account = calls.account
            told = await calls.make(account.busy, window_fields(host, start_at, end_at, account.extras))
            if told.refused is not None or told.answer is None:
                return told.refused or Outcome(False, None, FailureClass.UNKNOWN, "no_answer")
            window = Interval(to_ms(start_at), to_ms(end_at))
            try:
                found = account.intervals.read(told.answer, host.place.zone, window, host.calendar.name, besides)
            except ShapeError as error:
                return BusyTimes(fault="answer_unknown", detail=str(error))
            return BusyTimes(found)

        if start_at >= end_at:
            return BusyTimes()
        told = await self._with(ask, ())
        if isinstance(told, BusyTimes):
            return told
        return BusyTimes(fault=told.reason, detail=told.detail, auth=told.failure is FailureClass.AUTH)

    async def put(self, host: Host, event: CalendarEvent, etag: str) -> Written:
        """See `Calendar.put`; what others changed is seen as far as the tools tell it. A cancelled event is removed."""
        if event.cancelled:
            return await self.remove(host, event, etag)

        async def write(calls: _Calls) -> Written | Outcome:
            account = calls.account
            values = event_fields(host, event, etag, account.extras)
            tool = account.update if etag and account.update is not None else account.put
            told = await calls.make(tool, values)
            if told.says(tool.exists) and account.update is not None:
                tool = account.update
                told = await calls.make(tool, values)
            if told.says(tool.missing):
                return Written(WriteResult.CHANGED if etag else WriteResult.RETRY, fault="removed_there")
            return _written(told, tool, event)

        return _result(await self._with(write, _said(event)))

    async def remove(self, host: Host, event: CalendarEvent, etag: str) -> Written:
        """See `Calendar.remove`."""

        async def write(calls: _Calls) -> Written | Outcome:
            account = calls.account
            told = await calls.make(account.remove, event_fields(host, event, etag, account.extras))
            if told.says(account.remove.missing):
                return Written(WriteResult.DONE)
            return _written(told, account.remove, event)

        return _result(await self._with(write, _said(event)))

    async def close(self) -> None:
        """See `Closes.close`: programs that were started are gone afterwards."""
        await self._desks.close()

    async def _with(self, act: Callable[[_Calls], Awaitable[T | Outcome]], said: tuple[str, ...]) -> T | Outcome:
        """What comes of calls with a place at the server; with a newer secret when ours is refused."""
        until = asyncio.get_running_loop().time() + self._timeout_s
        try:
            known = await self._credentials.current()
        except DisparoError as error:
            return unusable(error)
        told = await self._attempt(known, act, said, until)
        if not isinstance(told, Outcome) or told.failure is not FailureClass.AUTH:
            return told
        try:
            newer = await self._credentials.renewed()
        except DisparoError:
            return told
        return told if newer == known else await self._attempt(newer, act, said, until)

    async def _attempt(
        self,
        account: McpCalendarCredentials,
        act: Callable[[_Calls], Awaitable[T | Outcome]],
        said: tuple[str, ...],
        until: float,
    ) -> T | Outcome:
        desk = self._desks.of(account)
        preparing_until = until - self._timeout_s / 2
        async with desk.place(preparing_until) as full:
            return full or await act(_Calls(desk, preparing_until, until, (*account.hidden, *said)))


class _Calls:
    """Calls of one account within one time."""

    def __init__(
        self, desk: Desk[McpCalendarCredentials], preparing_until: float, until: float, hidden: tuple[str, ...]
    ) -> None:
        self.account = desk.account
        self._desk, self._preparing_until, self._until, self._hidden = desk, preparing_until, until, hidden

    async def make(self, tool: Tool, values: Mapping[str, Value]) -> _Told:
        """Call a tool."""
        arguments = filled(tool.arguments, values)
        result = await self._desk.call(tool.name, arguments, self._preparing_until, self._until)
        failures = self.account.failures
        if isinstance(result, Outcome):
            return _Told(refused=result)
        if isinstance(result, CallFault):
            refused = refusal_of_fault(result, failures, self._hidden)
            return _Told(refused=refused, words=own_words(result.message, self._hidden) if result.code else "")
        refusal = refusal_of(result, tool.success, failures, self._hidden)
        words = "" if refusal is None else own_words(result.text, self._hidden)
        return _Told(result, refusal, words)


def _written(told: _Told, tool: Tool, event: CalendarEvent) -> Written | Outcome:
    answer = told.answer
    etag = "" if answer is None or tool.etag is None else _text(value_at(answer, tool.etag), _LONGEST_ETAG)
    if told.says(tool.changed):
        return Written(WriteResult.CHANGED, etag, fault="changed_there")
    if told.refused is not None:
        return told.refused
    join_url = "" if answer is None or tool.join_url is None else _text(value_at(answer, tool.join_url), _LONGEST_URL)
    invited = tool.invites and any(one.email for one in event.attendees)
    # What an update is told apart by from something new, where the server has no etags.
    return Written(WriteResult.DONE, etag or str(event.sequence), join_url, invited)


def _result(told: Written | Outcome) -> Written:
    if isinstance(told, Written):
        return told
    result = WriteResult.REFUSED if told.failure in _NEVER else WriteResult.RETRY
    wait_s = MEND_WAIT_S if told.failure is FailureClass.AUTH else told.retry_after_s
    return Written(result, fault=told.reason, detail=told.detail, retry_after_s=wait_s)


def _text(value: object, longest: int) -> str:
    return str(value).strip()[:longest] if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _said(event: CalendarEvent) -> tuple[str, ...]:
    """What the event says and of whom."""
    people = (event.organizer, *event.attendees)
    texts = (event.title, event.description, event.host_notes, event.location, event.url)
    return tuple(as_repeated((*texts, *(one.name for one in people), *(one.email for one in people))))
