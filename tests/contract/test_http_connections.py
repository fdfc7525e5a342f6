"""Connections to providers are kept, bounded and never trusted; so are answers."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc

import pytest

from disparo.adapters.http_exchange import MOST_OF_AN_ANSWER, Answer, HttpExchange
from tests.contract.misbehaving_server import LONG_S, OK, Server, answers, exchanging, post, saying, serving, url_of


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
