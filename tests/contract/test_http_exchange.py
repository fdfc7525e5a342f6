"""Requests to providers that misbehave in every way: what surely did not leave may be tried again, all else may not."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from disparo.adapters.http_exchange import MOST_OF_AN_ANSWER, Answer, HttpExchange
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


def self_signed(folder: Path) -> ssl.SSLContext:
    """The TLS of a server that nobody has vouched for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    dated = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    chain = dated.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(private + chain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


# What surely did not leave


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://nao-existe.invalid/",
        f"http://{'a' * 64}.invalid/",
        "http://",
        "sem-esquema",
        "ftp://127.0.0.1/",
        "http://127.0.0.1:99999/",
    ],
)
def test_where_nobody_listens_nothing_was_sent(url: str) -> None:
    async def story() -> None:
        async with exchanging(SHORT_S) as exchange:
            assert failed(await post(exchange, url.format(port=unused_port()))) == SURELY_NOT_SENT

    asyncio.run(story())


def test_a_header_that_cannot_be_written_was_not_sent() -> None:
    async def story() -> None:
        async with serving(answers) as server, exchanging() as exchange:
            assert failed(await post(exchange, url_of(server), Token="a\r\nX-Evil: 1")) == SURELY_NOT_SENT
            assert not server.requests
            assert isinstance(await post(exchange, url_of(server)), Answer)

    asyncio.run(story())


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # asyncio's own server, of a handshake that failed
def test_a_server_that_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with serving(answers, self_signed(tmp_path)) as server, exchanging() as exchange:
            url = url_of(server).replace("http:", "https:")
            assert failed(await post(exchange, url)) == SURELY_NOT_SENT
            assert not server.requests

    asyncio.run(story())


def test_a_server_without_tls_gets_nothing_when_tls_is_asked_for() -> None:
    async def plain(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async def story() -> None:
        async with serving(plain) as server, exchanging() as exchange:
            url = url_of(server).replace("http:", "https:")
            assert failed(await post(exchange, url)) == SURELY_NOT_SENT

    asyncio.run(story())


def test_a_handshake_that_does_not_end_was_not_sent() -> None:
    async def story() -> None:
        async with serving(says_nothing) as server, exchanging(SHORT_S) as exchange:
            url = url_of(server).replace("http:", "https:")
            assert failed(await post(exchange, url)) == SURELY_NOT_SENT

    asyncio.run(story())


def test_whoever_waited_in_vain_for_a_connection_of_the_pool_was_not_sent() -> None:
    async def story() -> None:
        async with serving(says_nothing) as server, exchanging(SHORT_S, connections=1) as exchange:
            first = asyncio.create_task(post(exchange, url_of(server)))
            while not server.requests:
                await asyncio.sleep(0)
            assert failed(await post(exchange, url_of(server))) == SURELY_NOT_SENT
            assert failed(await first) == MAYBE_SENT
            assert len(server.requests) == 1

    asyncio.run(story())


# What may have been taken


@pytest.mark.parametrize(
    "behave",
    [
        saying(b""),
        saying(b"", abort=True),
        saying(b"HTTP/1.1 20", abort=True),
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"),
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"),
        saying(b"\x16\x03\x01 no http\r\n\r\n"),
        saying(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n"),
        saying(b"HTTP/9.9 xxx\r\n\r\n"),
    ],
    ids=["closes", "resets", "breaks off", "half", "bad chunk", "bad gzip", "no http", "long header", "bad status"],
)
def test_a_request_without_a_whole_answer_may_have_been_taken(behave: Behaviour) -> None:
    async def story() -> None:
        async with serving(behave) as server, exchanging() as exchange:
            assert failed(await post(exchange, url_of(server))) == MAYBE_SENT
            assert len(server.requests) == 1, "it is not repeated"

    asyncio.run(story())


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"])
def test_an_answer_that_takes_too_long_leaves_the_request_in_doubt(said: bytes) -> None:
    async def slow(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.read_request(reader)
        writer.write(said)
        await reader.read()

    async def story() -> None:
        async with serving(slow) as server, exchanging(SHORT_S) as exchange:
            assert failed(await post(exchange, url_of(server))) == MAYBE_SENT

    asyncio.run(story())


def test_a_kept_connection_that_breaks_under_a_request_leaves_it_in_doubt() -> None:
    async def once(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.read_request(reader)
        writer.write(OK)
        await server.read_request(reader)

    async def story() -> None:
        async with serving(once) as server, exchanging() as exchange:
            assert isinstance(await post(exchange, url_of(server)), Answer)
            assert failed(await post(exchange, url_of(server))) == MAYBE_SENT
            assert (server.connections, len(server.requests)) == (1, 2)

    asyncio.run(story())


# Connections


def test_a_kept_connection_that_was_closed_meanwhile_is_not_used() -> None:
    async def once(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.read_request(reader)
        writer.write(OK)

    async def story() -> None:
        async with serving(once) as server, exchanging() as exchange:
            for number in range(1, 4):
                server.closed.clear()
                assert isinstance(await post(exchange, url_of(server)), Answer)
                await server.closed.wait()
                await asyncio.to_thread(lambda: None)  # the loop goes round, so word of the closing is through
                assert len(server.requests) == number

    asyncio.run(story())


def test_connections_are_kept_and_never_more_than_allowed() -> None:
    async def story() -> None:
        async with serving(answers) as server, exchanging(connections=3) as exchange:
            await asyncio.gather(*(post(exchange, url_of(server)) for _ in range(30)))
            assert (server.connections, len(server.requests)) == (3, 30)

    asyncio.run(story())


def test_a_cancelled_request_leaves_the_pool_usable() -> None:
    heard = 0

    async def at_first_nothing(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        while await server.read_request(reader):
            heard += 1
            if heard > 2:
                writer.write(OK)

    async def story() -> None:
        async with serving(at_first_nothing) as server, exchanging(connections=1) as exchange:
            for number in (1, 2):
                task = asyncio.create_task(post(exchange, url_of(server)))
                while len(server.requests) < number:
                    await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            assert isinstance(await post(exchange, url_of(server)), Answer)

    asyncio.run(story())


def test_it_can_be_used_from_one_event_loop_after_another_and_after_closing() -> None:
    exchange = HttpExchange(timeout_s=LONG_S)

    async def story() -> None:
        async with serving(answers) as server:
            assert isinstance(await post(exchange, url_of(server)), Answer)

    asyncio.run(story())
    asyncio.run(story())

    async def closing() -> None:
        await exchange.close()
        await story()
        await exchange.close()
        await exchange.close()

    asyncio.run(closing())


# Answers


def test_an_answer_is_told_as_it_came() -> None:
    words = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nX-Id: A\r\nContent-Length: 7\r\n\r\n" + b'{"a":1}'

    async def story() -> None:
        async with serving(saying(words)) as server, exchanging() as exchange:
            answer = await post(exchange, url_of(server))
            assert isinstance(answer, Answer)
            assert (answer.status, answer.headers["retry-after"], answer.headers["x-id"]) == (429, "7", "A")
            assert answer.json() == {"a": 1}
            assert server.requests[0].endswith(b"\r\n\r\n{}")

    asyncio.run(story())


@pytest.mark.parametrize("body", [b"", b"no json", b"\xff", b"[" * 100_000, b"1" * 10_000])
def test_what_is_no_json_is_none(body: bytes) -> None:
    assert Answer(200, {}, body).json() is None


def test_redirects_are_not_followed() -> None:
    async def story() -> None:
        async with serving(answers) as elsewhere:
            words = f"HTTP/1.1 307 Moved\r\nLocation: {url_of(elsewhere)}\r\nContent-Length: 0\r\n\r\n".encode()
            async with serving(saying(words)) as server, exchanging() as exchange:
                answer = await post(exchange, url_of(server))
                assert isinstance(answer, Answer)
                assert answer.status == 307
                assert not elsewhere.requests

    asyncio.run(story())


def test_an_answer_without_end_is_cut_off() -> None:
    async def endless(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.transport.is_closing():
            writer.write(b"x" * 65_536)
            await writer.drain()

    async def story() -> None:
        async with serving(endless) as server, exchanging(connections=1) as exchange:
            for _ in range(2):
                answer = await post(exchange, url_of(server))
                assert isinstance(answer, Answer)
                assert len(answer.body) == MOST_OF_AN_ANSWER

    asyncio.run(story())


def test_an_answer_that_unpacks_to_a_thousand_times_its_size_is_cut_off() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    words = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)

    async def story() -> None:
        async with serving(saying(words + bomb)) as server, exchanging() as exchange:
            tracemalloc.start()
            answer = await post(exchange, url_of(server))
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert isinstance(answer, Answer)
            assert len(answer.body) == MOST_OF_AN_ANSWER
            assert most < 5_000_000

    asyncio.run(story())
