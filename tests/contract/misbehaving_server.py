"""A server on this machine that misbehaves as told, and requests to it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from disparo.adapters.http_exchange import Answer, HttpExchange
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass

SHORT_S = 0.3
LONG_S = 20.0
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Behaviour = Callable[["Server", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """A server on this machine that does as told with each connection, and counts what it was asked."""

    behave: Behaviour
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    async def read_request(self, reader: asyncio.StreamReader) -> bytes:
        """The next request's body; empty when there is none any more."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
        body = await reader.readexactly(length)
        self.requests.append(head + body)
        return body or b"-"

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.connections += 1
        try:
            await self.behave(self, reader, writer)
        finally:
            writer.close()
            self.closed.set()


@asynccontextmanager
async def serving(behave: Behaviour, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(behave)
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(task := asyncio.create_task(server.connected(reader, writer)))
        await asyncio.wait([task])

    listening = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def exchanging(timeout_s: float = LONG_S, connections: int = 10) -> AsyncIterator[HttpExchange]:
    exchange = HttpExchange(timeout_s=timeout_s, connections=connections)
    try:
        yield exchange
    finally:
        await exchange.close()


def url_of(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}/messages"


async def post(exchange: HttpExchange, url: str, **headers: str) -> Answer | Outcome:
    return await exchange.request("POST", url, headers={"Authorization": "Bearer x", **headers}, data=b"{}")


def failed(outcome: Answer | Outcome) -> tuple[FailureClass | None, str]:
    assert isinstance(outcome, Outcome), outcome
    assert not outcome.accepted
    return outcome.failure, outcome.reason


SURELY_NOT_SENT = (FailureClass.TRANSIENT, "not_connected")
MAYBE_SENT = (FailureClass.UNKNOWN, "no_answer")


async def answers(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await server.read_request(reader):
        writer.write(OK)


async def says_nothing(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await server.read_request(reader)
    await reader.read()


def saying(words: bytes, *, abort: bool = False) -> Behaviour:
    async def behave(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.read_request(reader)
        writer.write(words)
        if abort:
            writer.transport.abort()

    return behave
