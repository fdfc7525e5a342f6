"""A connection to an MCP server, kept over calls: whatever is on the other side, a call ends with an answer or a fault.

It knows nothing of messages. The SDK is imported with the first connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from disparo.adapters.outside_world import OutsideWorld

if TYPE_CHECKING:
    from disparo.adapters.mcp import wire

OPENING_S = 60.0
"""How long a server may take to start, greet and list its tools: the first start of a program may download it."""

REFUSED = "endpoint_refused"
"""How a fault begins that says why nothing is sent to a server's address."""

NO_SDK = "pip install disparo[mcp]"
"""What a fault says where the SDK is not installed."""

_CLOSED = "Connection closed"
"""What the SDK says of a call whose connection ended."""

CLOSING_S = 12.0
"""How long we wait for a connection's end: the SDK gives a program 2 s each to leave, to obey and to be killed."""


@dataclass(frozen=True, slots=True)
class StdioServer:
    """A program that is started and spoken to on its standard streams.

    It gets no more of our environment than HOME, LOGNAME, PATH, SHELL, TERM and USER, and what it writes to its
    standard error is thrown away.
    """

    command: str
    args: tuple[str, ...] = field(default=(), repr=False)
    env: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class HttpServer:
    """A server reached by Streamable HTTP."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


Server = StdioServer | HttpServer


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What a tool answered: its text blocks joined by line ends, and the structured content where there is one."""

    text: str
    structured: Any = None
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class CallFault:
    """Why a call has no result.

    `left` is whether the request may have reached the server. `code` is that of a JSON-RPC error, `status` that of an
    HTTP answer, `message` the server's or SDK's words: they may hold what we sent.
    """

    left: bool
    code: int | None = None
    status: int | None = None
    message: str = ""
    retry_after_s: float | None = None

    @property
    def stale(self) -> bool:
        """Whether the call did not run as the connection, its session or its listing of tools has had its day."""
        return not self.left or self.status == 404 or self.code == -32020


class Connection:
    """One connection: it lives in a task of its own, in which the SDK's scopes are entered and left.

    It belongs to the event loop that it was made in. `opened` is done once the server has listed its tools, with the
    fault (`left` False) when it could not be reached.
    """

    def __init__(self, server: Server, outside: OutsideWorld | None = None) -> None:
        self.opened: asyncio.Future[CallFault | None] = asyncio.get_running_loop().create_future()
        self.tools: Mapping[str, wire.Tool] = {}
        self._server, self._outside = server, outside
        self._client: wire.Client | None = None
        self._in_flight, self._retired = 0, False
        self._ending = asyncio.Event()
        self._task = asyncio.create_task(self._live())

    @property
    def usable(self) -> bool:
        """Whether a call may still be made, as far as is known."""
        return not self._retired and not self._task.done()

    async def call(self, tool: str, arguments: Mapping[str, Any], timeout_s: float) -> ToolAnswer | CallFault:
        """Run a tool; never raises for what the server does. Cancelling it leaves open whether the tool ran."""
        if self._client is None or self._task.done():
            return CallFault(left=False, message="closed")
        self._in_flight += 1
        try:
            result = await self._client.call(tool, arguments, timeout_s)
        finally:
            self._in_flight -= 1
            self._end_when_idle()
        if isinstance(result, CallFault) and (result.stale or result.message == _CLOSED):
            self.retire()
        return result

    def retire(self) -> None:
        """Make no new calls on it; it ends when the last one that is under way has."""
        self._retired = True
        self._end_when_idle()

    async def close(self) -> None:
        """End it now; a program that was started is gone afterwards."""
        self._retired = True
        self._ending.set()
        if not self.opened.done():
            self._task.cancel()
        await asyncio.wait({self._task}, timeout=CLOSING_S)
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=CLOSING_S)

    def _end_when_idle(self) -> None:
        if self._retired and not self._in_flight:
            self._ending.set()

    async def _live(self) -> None:
        fault = CallFault(left=False, message="closed")
        try:
            # Half a second of imports: in a thread, so that nothing else waits for it.
            await asyncio.to_thread(importlib.import_module, f"{__package__}.wire")
            from disparo.adapters.mcp import wire

            async with contextlib.AsyncExitStack() as stack:
                async with asyncio.timeout(OPENING_S):
                    self._client = await stack.enter_async_context(wire.connected(self._server, self._outside))
                    self.tools = self._client.tools
                self.opened.set_result(None)
                await self._ending.wait()
        except ImportError:
            fault = CallFault(left=False, message=NO_SDK)
        except Exception as error:
            told = getattr(error, "fault", None)
            fault = told if isinstance(told, CallFault) else CallFault(left=False, message=type(error).__name__)
        finally:
            if not self.opened.done():
                self.opened.set_result(fault)


class Line:
    """Connections to one server, one after the other: the next is made when the last has broken."""

    def __init__(self, server: Server, outside: OutsideWorld | None = None) -> None:
        self._server, self._outside = server, outside
        self._connection: Connection | None = None
        self._retired: list[Connection] = []

    async def ready(self, until: float) -> Connection | CallFault:
        """The connection, when it is open before the loop's clock says `until`; else why not.

        An opening that takes longer goes on, for the next one who asks.
        """
        connection = self._connection
        if connection is None or not connection.usable:
            self.retire()
            connection = self._connection = Connection(self._server, self._outside)
        await asyncio.wait({connection.opened}, timeout=max(0.0, until - asyncio.get_running_loop().time()))
        if not connection.opened.done():
            return CallFault(left=False, message="opening")
        return connection.opened.result() or connection

    def retire(self) -> None:
        """Let what is under way end, and then the connection."""
        if self._connection is not None:
            self._connection.retire()
            self._retired = [one for one in (*self._retired, self._connection) if not one._task.done()]
            self._connection = None

    async def close(self) -> None:
        """End every connection now."""
        self.retire()
        ending, self._retired = self._retired, []
        await asyncio.gather(*(one.close() for one in ending))
