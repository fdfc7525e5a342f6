"""Messages through a tool of an MCP server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from disparo.adapters.channels.mcp.connection import NO_SDK, CallFault, Connection, Line, ToolAnswer
from disparo.adapters.channels.mcp.credentials import McpCredentials
from disparo.adapters.channels.mcp.errors import without
from disparo.adapters.channels.mcp.payload import fields, filled
from disparo.adapters.credentials import Credentials
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.ports.channel import Outgoing

if TYPE_CHECKING:
    from disparo.adapters.channels.mcp.wire import Tool

OF_THE_CONFIGURATION = frozenset(
    ("required", "additionalProperties", "unevaluatedProperties", "dependentRequired", "type", "const")
)
"""Keywords of JSON Schema by which a tool refuses how it is called, and not what one message says."""


_NOWHERE = frozenset((404, 405, 410))
"""Statuses at which no MCP server is found where the secret says: messages wait until it is right."""


class McpChannel:
    """`SendChannel` and `Closes` by an MCP server.

    MCP has no idempotency: a call that may have arrived and was not answered is UNKNOWN. Where the tool takes a key of
    its own, such a call is made once more at once, and `repeats_safely` says so; it is known with the first message.
    A tool that is not there, or whose schema refuses the arguments as the secret has them, is AUTH: messages wait until
    the secret is right. `timeout_s` is for a whole send: at most half of it to get a connection and a place at it.
    """

    repeats_safely: bool = False

    def __init__(self, credentials: Credentials[McpCredentials], *, timeout_s: float, connections: int = 100) -> None:
        self._credentials, self._timeout_s, self._most = credentials, timeout_s, connections
        self._desk: _Desk | None = None
        self._left: list[_Desk] = []

    async def send(self, message: Outgoing, now: datetime) -> Outcome:  # noqa: ARG002  # it has a clock of its own
        """See `SendChannel.send`."""
        until = asyncio.get_running_loop().time() + self._timeout_s
        return await self._credentials.use(lambda account: self._attempt(message, account, until))

    async def close(self) -> None:
        """See `Closes.close`: programs that were started are gone afterwards."""
        desks, self._desk, self._left = [*self._left, *([self._desk] if self._desk else [])], None, []
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(desk.line.close() for desk in desks if desk.loop is loop))

    async def _attempt(self, message: Outgoing, account: McpCredentials, until: float) -> Outcome:
        self.repeats_safely = account.profile.repeats_safely
        desk = self._desk_of(account)
        preparing_until = until - self._timeout_s / 2
        try:
            async with asyncio.timeout_at(preparing_until):
                await desk.places.acquire()
        except TimeoutError:
            return Outcome(False, None, FailureClass.THROTTLED, "server_busy", "no place at the server in time")
        try:
            call = _Call(message, account, desk.line, preparing_until, until)
            outcome = await call.outcome()
            if outcome.failure is FailureClass.UNKNOWN and account.profile.repeats_safely and call.time_left():
                again = await call.outcome()
                # Only a yes settles it: a refusal may have come before the key was looked at.
                return again if again.accepted else outcome
            return outcome
        finally:
            desk.places.release()

    def _desk_of(self, account: McpCredentials) -> _Desk:
        """The connections of this account in this event loop; those of a secret that is no longer true run out."""
        loop = asyncio.get_running_loop()
        desk = self._desk
        if desk is None or desk.loop is not loop or desk.account != account:
            if desk is not None and desk.loop is loop:
                desk.line.retire()
                self._left.append(desk)
            places = asyncio.Semaphore(min(account.profile.at_once, self._most))
            desk = self._desk = _Desk(account, loop, Line(account.server), places)
        return desk


@dataclass(slots=True)
class _Desk:
    """One account's connections in one event loop, and the places at them."""

    account: McpCredentials
    loop: asyncio.AbstractEventLoop
    line: Line
    places: asyncio.Semaphore


class _Call:
    """One message's way through a tool."""

    def __init__(
        self, message: Outgoing, account: McpCredentials, line: Line, preparing_until: float, until: float
    ) -> None:
        self._account, self._line = account, line
        self._preparing_until, self._until = preparing_until, until
        self._arguments = filled(account.profile.arguments, fields(message, account.extras))
        self._hidden = (*account.hidden, *_said(message))

    def time_left(self) -> bool:
        """Whether there is time for another call."""
        return self._until - asyncio.get_running_loop().time() > (self._until - self._preparing_until) / 4

    async def outcome(self) -> Outcome:
        """Make the call; once more on a new connection when the old one was found broken before it was made."""
        result = await self._call()
        if isinstance(result, CallFault) and result.stale and self.time_left():
            result = await self._call()
        if isinstance(result, Outcome):
            return result
        profile = self._account.profile
        if isinstance(result, ToolAnswer):
            return profile.judge(result, self._hidden)
        return profile.judge_fault(result, self._hidden)

    async def _call(self) -> ToolAnswer | CallFault | Outcome:
        connection = await self._line.ready(max(self._preparing_until, asyncio.get_running_loop().time()))
        if isinstance(connection, CallFault):
            return _not_opened(connection)
        found = self._find(connection)
        if isinstance(found, Outcome):
            return found
        name, tool = found
        misfit = tool.misfit(self._arguments)
        if misfit is not None:
            return self._refused(*misfit)
        seconds = self._until - asyncio.get_running_loop().time()
        return await connection.call(name, self._arguments, max(0.1, seconds))

    def _find(self, connection: Connection) -> tuple[str, Tool] | Outcome:
        wanted = self._account.profile.tool
        found = [(name, tool) for name, tool in connection.tools.items() if fnmatchcase(name, wanted)]
        if len(found) == 1:
            return found[0]
        detail = f"{len(found)} of {len(connection.tools)} tools are called {wanted}"
        connection.retire()  # so that a tool that comes later is found
        return Outcome(False, None, FailureClass.AUTH, "tool_missing", without(detail, ()))

    def _refused(self, path: str, keyword: str) -> Outcome:
        detail = f"{path or 'arguments'}: {keyword}"
        if keyword in OF_THE_CONFIGURATION:
            return Outcome(False, None, FailureClass.AUTH, "arguments_do_not_fit", detail)
        return Outcome(False, None, FailureClass.PERMANENT, "arguments_refused", detail)


def _said(message: Outgoing) -> Iterator[str]:
    """What the message says and to whom, also as it stands within JSON: a tool may repeat it."""
    content = message.content
    for text in (message.address, message.address.removeprefix("+"), content.text, content.subject, content.html):
        if text:
            yield from (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])


def _not_opened(fault: CallFault) -> Outcome:
    """A server that could not be started or reached has been given nothing."""
    if fault.message == NO_SDK:
        return Outcome(False, None, FailureClass.AUTH, "sdk_missing", fault.message)
    if fault.status in (401, 403):
        return Outcome(False, None, FailureClass.AUTH, "credentials_refused", f"HTTP {fault.status}")
    if fault.status in _NOWHERE or 300 <= (fault.status or 0) < 400:
        return Outcome(False, None, FailureClass.AUTH, "endpoint_wrong", f"HTTP {fault.status}")
    if fault.status == 429:
        detail = f"HTTP {fault.status}"
        return Outcome(False, None, FailureClass.THROTTLED, "provider_throttled", detail, fault.retry_after_s)
    detail = " ".join(str(part) for part in (fault.status, fault.code, fault.message) if part)
    return Outcome(False, None, FailureClass.TRANSIENT, "not_connected", detail)
