"""Requests to addresses that somebody gave us, against real local servers."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from disparo.adapters.http_exchange import HttpExchange
from disparo.adapters.outside_world import OutsideWorld
from disparo.adapters.webhook_post import MOST_OF_AN_ANSWER, GuardedPost
from disparo.domain.message import Outcome

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
HOME = OutsideWorld(["127.0.0.1"])


@asynccontextmanager
async def receiver(answer: Answer) -> AsyncIterator[int]:
    """A server on this machine that answers everything so; its port."""
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _yes(_: web.Request) -> web.StreamResponse:
    return web.Response(text="ok")


def test_a_request_arrives_with_its_headers_and_body_and_its_answer_comes_back() -> None:
    seen: list[tuple[str, bytes]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append((request.headers["webhook-id"], await request.read()))
        return web.Response(status=202, text="obrigado", headers={"Retry-After": "7"})

    async def story() -> None:
        post = GuardedPost(HOME)
        async with receiver(answer) as port:
            posted = await post.post(f"http://127.0.0.1:{port}/x", {"webhook-id": "evt_1"}, b'{"a":1}')
        await post.close()
        assert (posted.status, posted.fault, posted.answer) == (202, "", b"obrigado")
        assert posted.retry_after == timedelta(seconds=7)

    asyncio.run(story())
    assert seen == [("evt_1", b'{"a":1}')]


def test_of_a_long_answer_the_beginning_is_read_and_the_connection_let_go() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65_536)
        except ConnectionError:
            return response

    async def story() -> None:
        post = GuardedPost(HOME)
        async with receiver(endless) as port:
            posted = await post.post(f"http://127.0.0.1:{port}/", {}, b"")
            await post.close()
        assert posted.status == 200
        assert len(posted.answer) == MOST_OF_AN_ANSWER

    asyncio.run(story())


def test_redirects_are_answers_and_not_followed() -> None:
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(status=307, headers={"Location": "http://169.254.169.254/latest/meta-data"})

    async def story() -> None:
        post = GuardedPost(HOME)
        async with receiver(elsewhere) as port:
            posted = await post.post(f"http://127.0.0.1:{port}/first", {}, b"")
        await post.close()
        assert posted.status == 307

    asyncio.run(story())
    assert asked == ["/first"]


def test_whoever_does_not_answer_in_time_is_left() -> None:
    async def story() -> None:
        enough = asyncio.Event()

        async def silent(_: web.Request) -> web.StreamResponse:
            await enough.wait()
            return web.Response()

        post = GuardedPost(HOME, timeout_s=0.2)
        async with receiver(silent) as port:
            posted = await post.post(f"http://127.0.0.1:{port}/", {}, b"")
            await post.close()
            enough.set()
        assert (posted.status, posted.fault) == (None, "timed_out")

    asyncio.run(story())


def test_nobody_at_home_is_not_connected() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def story() -> None:
        post = GuardedPost(HOME)
        posted = await post.post(f"http://127.0.0.1:{port}/", {}, b"")
        await post.close()
        assert (posted.status, posted.fault) == (None, "not_connected")

    asyncio.run(story())


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names stand for, one answer after the other; the last one stays."""
    known: dict[str, list[str]] = {}
    real = asyncio.BaseEventLoop.getaddrinfo

    async def getaddrinfo(self: Any, host: str, port: Any, **how: Any) -> Any:
        if host not in known:
            return await real(self, host, port, **how)
        answers = known[host]
        found = (answers.pop(0) if len(answers) > 1 else answers[0]).split()
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found
        ]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return known


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "100.64.3.3", "0.0.0.0", "8.8.8.8 192.168.0.9"]
)
def test_a_name_that_leads_inside_is_refused_whatever_else_it_stands_for(
    names: dict[str, list[str]], address: str
) -> None:
    names["inside.example.com"] = [address]

    async def story() -> None:
        post = GuardedPost(OutsideWorld(https_only=False))
        posted = await post.post("http://inside.example.com:8080/", {}, b"")
        await post.close()
        assert (posted.status, posted.fault) == (None, "endpoint_refused")
        assert "inside.example.com" in posted.detail

    asyncio.run(story())


def test_a_name_that_changes_between_look_and_connection_gains_nothing(names: dict[str, list[str]]) -> None:
    reached: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        reached.append(request.path)
        return web.Response()

    async def story() -> None:
        async with receiver(answer) as port:
            # 192.0.2.1 is allowed here, and nobody is at it; the second answer leads home.
            names["rebound.example.com"] = ["192.0.2.1", "127.0.0.1"]
            post = GuardedPost(OutsideWorld(["192.0.2.0/24"], https_only=False), timeout_s=0.5)
            first = await post.post(f"http://rebound.example.com:{port}/", {}, b"")
            second = await post.post(f"http://rebound.example.com:{port}/", {}, b"")
            await post.close()
            assert first.status is None
            assert second.fault == "endpoint_refused"

    asyncio.run(story())
    assert reached == []


def test_an_exchange_with_a_guard_says_why_it_goes_nowhere(names: dict[str, list[str]]) -> None:
    names["calendario.example.com"] = ["192.168.1.20"]

    async def story() -> None:
        exchange = HttpExchange(timeout_s=2, outside=OutsideWorld())
        for url in ("https://calendario.example.com/dav/", "https://10.0.0.9/dav/"):
            answer = await exchange.request("GET", url, headers={})
            assert isinstance(answer, Outcome)
            assert answer.reason == "endpoint_refused"
            assert "outside_private_networks_allowed" in answer.detail
        await exchange.close()

    asyncio.run(story())


def test_an_exchange_reaches_a_network_that_is_allowed() -> None:
    async def story() -> None:
        exchange = HttpExchange(timeout_s=5, outside=HOME)
        async with receiver(_yes) as port:
            answer = await exchange.request("GET", f"http://127.0.0.1:{port}/", headers={})
            await exchange.close()
        assert not isinstance(answer, Outcome)
        assert answer.status == 200

    asyncio.run(story())


def test_json_is_what_it_was(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        post = GuardedPost(OutsideWorld())
        posted = await post.post("https://user:senha@exemplo.com.br/", {}, json.dumps({}).encode())
        assert posted.fault == "endpoint_unusable"

    asyncio.run(story())
    assert "senha" not in caplog.text
