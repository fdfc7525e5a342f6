"""Calls to the tools of one MCP server: a place at it, the tool's schema, and one more try on a new connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from disparo.adapters.mcp.connection import NO_SDK, REFUSED, CallFault, Connection, Line, Server, ToolAnswer
from disparo.adapters.mcp.faults import without
from disparo.adapters.outside_world import OutsideWorld
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass

if TYPE_CHECKING:
    from disparo.adapters.mcp.wire import Tool

OF_THE_CONFIGURATION = frozenset(
    ("required", "additionalProperties", "unevaluatedProperties", "dependentRequired", "type", "const")
)
"""Keywords of JSON Schema by which a tool refuses how it is called, and not what one call says."""

_NOWHERE = frozenset((404, 405, 410))
"""Statuses at which no MCP server is found where the secret says: calls wait until it is right."""


class Account(Protocol):
    """What a desk is opened for; another one by `==` gets another desk."""

    @property
    def server(self) -> Server:
        """The server."""
        ...

    @property
    def at_once(self) -> int:
        """How many calls it gets at the same time."""
        ...


A = TypeVar("A", bound=Account)


class Desks(Generic[A]):
    """The desk of the account that a secret names now; those of secrets that are no longer true run out."""

    def __init__(self, most: int, outside: OutsideWorld | None = None) -> None:
        self._most, self._outside = most, outside
        self._desk: Desk[A] | None = None
        self._left: list[Desk[A]] = []

    def of(self, account: A) -> Desk[A]:
        """The desk of this account in this event loop."""
        loop = asyncio.get_running_loop()
        desk = self._desk
        if desk is None or desk.loop is not loop or desk.account != account:
            if desk is not None and desk.loop is loop:
                desk.line.retire()
                self._left.append(desk)
            places = asyncio.Semaphore(min(account.at_once, self._most))
            desk = self._desk = Desk(account, loop, Line(account.server, self._outside), places)
        return desk

    async def close(self) -> None:
        """End every connection: programs that were started are gone afterwards."""
        desks, self._desk, self._left = [*self._left, *([self._desk] if self._desk else [])], None, []
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(desk.line.close() for desk in desks if desk.loop is loop))


@dataclass(slots=True)
class Desk(Generic[A]):
    """One account's connections in one event loop, and the places at them."""

    account: A
    loop: asyncio.AbstractEventLoop
    line: Line
    places: asyncio.Semaphore

    @asynccontextmanager
    async def place(self, until: float) -> AsyncIterator[Outcome | None]:
        """A place at the server as long as the context lasts; the outcome when there is none in time."""
        try:
            async with asyncio.timeout_at(until):
                await self.places.acquire()
        except TimeoutError:
            yield Outcome(False, None, FailureClass.THROTTLED, "server_busy", "no place at the server in time")
            return
        try:
            yield None
        finally:
            self.places.release()

    async def call(
        self, tool: str, arguments: Mapping[str, Any], preparing_until: float, until: float
    ) -> ToolAnswer | CallFault | Outcome:
        """Run the one tool that is called so, or fits the pattern; an outcome when it surely did not run.

        It is called once more on a new connection when the old one was found broken before it was called. `until` and
        `preparing_until` (for the connection) are of the loop's clock.
        """
        result = await self._once(tool, arguments, preparing_until, until)
        if isinstance(result, CallFault) and result.stale and self.time_left(preparing_until, until):
            result = await self._once(tool, arguments, preparing_until, until)
        return result

    def time_left(self, preparing_until: float, until: float) -> bool:
        """Whether there is time for another call."""
        return until - self.loop.time() > (until - preparing_until) / 4

    async def _once(
        self, wanted: str, arguments: Mapping[str, Any], preparing_until: float, until: float
    ) -> ToolAnswer | CallFault | Outcome:
        connection = await self.line.ready(max(preparing_until, self.loop.time()))
        if isinstance(connection, CallFault):
            return _not_opened(connection)
        found = _find(connection, wanted)
        if isinstance(found, Outcome):
            return found
        name, tool = found
        misfit = tool.misfit(arguments)
        if misfit is not None:
            return _refused(*misfit)
        return await connection.call(name, arguments, max(0.1, until - self.loop.time()))


def _find(connection: Connection, wanted: str) -> tuple[str, Tool] | Outcome:
    found = [(name, tool) for name, tool in connection.tools.items() if fnmatchcase(name, wanted)]
    if len(found) == 1:
        return found[0]
    detail = f"{len(found)} of {len(connection.tools)} tools are called {wanted}"
    connection.retire()  # so that a tool that comes later is found
    return Outcome(False, None, FailureClass.AUTH, "tool_missing", without(detail, ()))


def _refused(path: str, keyword: str) -> Outcome:
    detail = f"{path or 'arguments'}: {keyword}"
    if keyword in OF_THE_CONFIGURATION:
        return Outcome(False, None, FailureClass.AUTH, "arguments_do_not_fit", detail)
    return Outcome(False, None, FailureClass.PERMANENT, "arguments_refused", detail)


def _not_opened(fault: CallFault) -> Outcome:
    """A server that could not be started or reached has been given nothing."""
    if fault.message.startswith(REFUSED):
        return Outcome(False, None, FailureClass.AUTH, REFUSED, fault.message.removeprefix(f"{REFUSED}: "))
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
