"""Requests to providers that misbehave in every way: what surely did not leave may be tried again, all else may not."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from disparo.adapters.http_exchange import Answer
from tests.contract.misbehaving_server import (
    MAYBE_SENT,
    OK,
    SHORT_S,
    SURELY_NOT_SENT,
    Behaviour,
    Server,
    answers,
    exchanging,
    failed,
    post,
    saying,
    says_nothing,
    serving,
    url_of,
)


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
