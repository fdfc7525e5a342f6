"""The MCP SDK as a connection uses it, with an eye on what has left and what came back. Imported late: it is large."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx2
from jsonschema import exceptions as jsonschema_exceptions
from jsonschema.validators import validator_for
from mcp import Client as SdkClient
from mcp import MCPError, StdioServerParameters
from mcp.client import stdio, streamable_http
from mcp.shared.message import SessionMessage
from mcp.types import CallToolResult, InputRequiredResult, PaginatedRequestParams, TextContent
from mcp.types import Tool as SdkTool
from pydantic import ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

from disparo.adapters.mcp.connection import REFUSED, CallFault, HttpServer, Server, StdioServer, ToolAnswer
from disparo.adapters.mcp.guarded import guarded_transport
from disparo.adapters.outside_world import AddressRefusedError, OutsideWorld

MOST_OF_AN_ANSWER = 8 * 1024 * 1024
"""Bytes of an answer, or of one event in a stream: large servers list thousands of tools."""

MOST_PAGES = 50
"""Of a listing of tools, lest a server's listing never ends."""

INPUT_REQUIRED = -32042
"""What we call an answer that asks a person for something (MCP 2026-07-28, `InputRequiredResult`)."""

_GRACE_S = 0.5

NOISY = ("mcp.client", "mcp.shared", "httpx2", "httpcore2")


@dataclass(slots=True)
class Journey:
    """One request on its way: whether it may have arrived, and what the HTTP answer said."""

    left: bool = False
    status: int | None = None
    retry_after_s: float | None = None


# The SDK sends each request in the context of whoever asked, so that this finds the way to the transport.
_JOURNEY: ContextVar[Journey | None] = ContextVar("mcp_journey", default=None)


class OpeningError(Exception):
    """A server that could not be reached, or did not greet."""

    def __init__(self, fault: CallFault) -> None:
        super().__init__("no connection")
        self.fault = fault


class Tool:
    """A tool as its server lists it."""

    def __init__(self, listed: SdkTool) -> None:
        schema = listed.input_schema
        known = validator_for(schema)
        try:
            known.check_schema(schema)
            # An empty registry: a schema that refers elsewhere is not followed.
            self._validator = known(schema, registry=Registry())
        except jsonschema_exceptions.SchemaError:
            self._validator = None

    def misfit(self, arguments: Mapping[str, Any]) -> tuple[str, str] | None:
        """Where and by which keyword the tool's schema refuses these arguments; None when it takes them."""
        if self._validator is None:
            return None
        try:
            error = jsonschema_exceptions.best_match(self._validator.iter_errors(dict(arguments)))
        except (Unresolvable, RecursionError):  # a schema that leads nowhere, or back to itself: the server decides
            return None
        if error is None:
            return None
        return "/".join(str(part) for part in error.absolute_path), str(error.validator)


class Client:
    """A greeted server."""

    def __init__(self, client: SdkClient) -> None:
        self._session = client.session
        self.tools: Mapping[str, Tool] = {}

    async def list_tools(self) -> None:
        """Read every tool, by its name, into `tools`."""
        tools: dict[str, Tool] = {}
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            params = None if cursor is None else PaginatedRequestParams(cursor=cursor)
            page = await self._session.list_tools(params=params)
            tools |= {one.name: Tool(one) for one in page.tools}
            cursor = page.next_cursor
            if cursor is None:
                break
        self.tools = tools

    async def call(self, name: str, arguments: Mapping[str, Any], timeout_s: float) -> ToolAnswer | CallFault:
        """Run a tool; see `Connection.call`."""
        journey = Journey()
        token = _JOURNEY.set(journey)
        try:
            # The outer one is for a program that no longer reads, at which the inner one does not begin.
            async with asyncio.timeout(timeout_s + _GRACE_S):
                result = await self._session.call_tool(name, dict(arguments), timeout_s, allow_input_required=True)
        except MCPError as error:
            return _fault(journey, error.code, error.message)
        except (TimeoutError, ValidationError, RuntimeError, OSError) as error:
            # RuntimeError: a result that does not fit the tool's own output schema.
            return _fault(journey, None, type(error).__name__)
        finally:
            _JOURNEY.reset(token)
        if isinstance(result, InputRequiredResult):
            return _fault(journey, INPUT_REQUIRED, "input_required")
        return _answer(result)


def _fault(journey: Journey, code: int | None, message: str) -> CallFault:
    return CallFault(journey.left, code, journey.status, message, journey.retry_after_s)


def _answer(result: CallToolResult) -> ToolAnswer:
    text = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
    return ToolAnswer(text, result.structured_content, bool(result.is_error))


@asynccontextmanager
async def connected(server: Server, outside: OutsideWorld | None = None) -> AsyncGenerator[Client]:
    """A server that has greeted and listed its tools, as long as the context lasts; OpeningError.

    With an `outside` nothing is sent to addresses that it refuses.
    """
    for name in NOISY:  # they write what they cannot parse, addresses and texts included
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    journey, greeted = Journey(), False
    _JOURNEY.set(journey)
    transport = _program(server) if isinstance(server, StdioServer) else _http(server, outside)
    try:
        async with SdkClient(transport, cache=None) as sdk:
            client = Client(sdk)
            await client.list_tools()
            greeted = True
            yield client
    except Exception as error:
        if greeted:
            raise
        raise OpeningError(_opening_fault(journey, error)) from None


def _opening_fault(journey: Journey, error: Exception) -> CallFault:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, OpeningError):
        return error.fault
    code = error.code if isinstance(error, MCPError) else None
    return CallFault(False, code, journey.status, type(error).__name__, journey.retry_after_s)


@asynccontextmanager
async def _program(server: StdioServer) -> AsyncGenerator[Any]:
    parameters = StdioServerParameters(command=server.command, args=list(server.args), env=dict(server.env))
    with Path(os.devnull).open("w") as nowhere:
        async with stdio.stdio_client(parameters, errlog=nowhere) as (read, write):
            yield read, _WatchedWrite(write)


class _WatchedWrite:
    """A program's input: notes in the journey that a request was handed over."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def send(self, item: SessionMessage) -> None:
        journey = _JOURNEY.get() or Journey()
        before, journey.left = journey.left, True
        try:
            await self._inner.send(item)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            journey.left = before
            raise

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def __aenter__(self) -> _WatchedWrite:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


@asynccontextmanager
async def _http(server: HttpServer, outside: OutsideWorld | None) -> AsyncGenerator[Any]:
    if outside is not None:
        await _refuse_inside(server, outside)
    # No reading time of its own: each call has one, and a stream for notifications is silent for hours.
    timeout = httpx2.Timeout(10.0, read=None)
    async with (
        httpx2.AsyncClient(
            transport=_WatchedTransport(outside), headers=dict(server.headers), timeout=timeout, trust_env=False
        ) as client,
        streamable_http.streamable_http_client(
            server.url, http_client=client, max_sse_event_size=MOST_OF_AN_ANSWER
        ) as streams,
    ):
        yield streams


async def _refuse_inside(server: HttpServer, outside: OutsideWorld) -> None:
    """Say why nothing goes there; each connection is checked again when it is made."""
    url = httpx2.URL(server.url)
    why = outside.refusal(server.url)
    if why is None:
        try:
            await outside.addresses(url.host, url.port or (443 if url.scheme == "https" else 80))
        except AddressRefusedError as error:
            why = str(error)
        except OSError:
            return  # it stands for nothing: found again when it is connected to
    if why is not None:
        raise OpeningError(CallFault(left=False, message=f"{REFUSED}: {why}"))


class _WatchedTransport(httpx2.AsyncBaseTransport):
    """HTTP that notes in the journey whether a request left and what was answered.

    A connection's fault becomes an answer for its own request: as an exception the SDK would end all others with it.
    """

    def __init__(self, outside: OutsideWorld | None) -> None:
        self._inner = httpx2.AsyncHTTPTransport(trust_env=False) if outside is None else guarded_transport(outside)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        journey = _JOURNEY.get() or Journey()
        before, journey.left = journey.left, True
        try:
            response = await self._inner.handle_async_request(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol):
            journey.left = before
            return httpx2.Response(503)
        except httpx2.TransportError:
            return httpx2.Response(502)
        if _asks(request):
            journey.status = response.status_code
            journey.retry_after_s = _seconds(response.headers.get("retry-after"))
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Bounded(response, "text/event-stream" in response.headers.get("content-type", "")),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Bounded(httpx2.AsyncByteStream):
    """A body that ends where it grows too large or its connection breaks, so that what there is gets judged.

    A stream of events is not bounded as a whole: the SDK bounds each event.
    """

    def __init__(self, response: httpx2.Response, endless: bool) -> None:
        self._response, self._endless = response, endless

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        try:
            async for chunk in self._response.aiter_raw():
                yield chunk
                seen += len(chunk)
                if seen > MOST_OF_AN_ANSWER and not self._endless:
                    return
        except httpx2.TransportError:
            return

    async def aclose(self) -> None:
        await self._response.aclose()


def _asks(request: httpx2.Request) -> bool:
    """Whether it is a request of JSON-RPC.

    Within the same journey the SDK takes up a stream that broke (GET) and says that nobody waits any more
    (notifications/cancelled): a 404 or 429 to these says nothing of the call, which may have run.
    """
    try:
        document = json.loads(request.content) if request.method == "POST" else None
    except (ValueError, httpx2.RequestNotRead):
        return False
    return isinstance(document, dict) and "method" in document and "id" in document


def _seconds(retry_after: str | None) -> float | None:
    return float(retry_after) if retry_after and retry_after.isdecimal() and len(retry_after) < 9 else None
