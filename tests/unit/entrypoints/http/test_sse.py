from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request

from disparo.entrypoints.http import sse
from disparo.entrypoints.http.sse import EventStream, Snapshot


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "EVERY", timedelta(milliseconds=1))
    monkeypatch.setattr(sse, "LASTS", timedelta(milliseconds=20))


def told(
    snapshots: Iterable[Snapshot],
    *,
    leaves: bool = False,
    stopping: Callable[[], bool] | None = None,
    **scope: object,
) -> list[str]:
    """The events of a stream, the comments that keep it alive left out."""
    left = iter(snapshots)
    body: list[bytes] = []

    async def look() -> Snapshot:
        return next(left)

    async def receive() -> dict[str, Any]:
        if not leaves:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        body.append(message.get("body", b""))

    async def story() -> None:
        state = SimpleNamespace() if stopping is None else SimpleNamespace(stopping=stopping)
        whole = {"type": "http", "method": "GET", "headers": [], "app": SimpleNamespace(state=state), **scope}
        stream = await EventStream.of(Request(whole), look)
        await asyncio.wait_for(stream(whole, receive, send), 10)

    asyncio.run(story())
    return [one for one in b"".join(body).decode().split("\n\n") if one and one != ":"]


def event(number: int, kind: str = "progress") -> str:
    return f'event: {kind}\ndata: {{"n":{number}}}'


def test_what_changed_is_told_and_what_did_not_is_not() -> None:
    seen = [Snapshot({"n": 1}), Snapshot({"n": 1}), Snapshot({"n": 2}), Snapshot({"n": 3}, "done", last=True)]
    assert told(seen) == ["retry: 2000", event(1), event(2), event(3, "done")]


def test_what_is_over_at_once_is_told_and_ends() -> None:
    assert told([Snapshot({"n": 1}, last=True)]) == ["retry: 2000", event(1)]


def test_a_stream_ends_after_a_while_so_that_no_proxy_ends_it() -> None:
    assert told([Snapshot({"n": number}) for number in range(100)])[-1] == event(20)


def test_a_stream_ends_when_whoever_asked_has_gone() -> None:
    assert told([Snapshot({"n": number}) for number in range(100)], leaves=True) == ["retry: 2000", event(0)]


def test_a_stream_ends_when_the_server_stops() -> None:
    assert told([Snapshot({"n": number}) for number in range(100)], stopping=lambda: True) == ["retry: 2000", event(0)]


def test_behind_the_gateway_it_is_one_snapshot_and_when_to_ask_again() -> None:
    assert told([Snapshot({"n": 1})], **{"aws.event": {}}) == ["retry: 5000", event(1)]


def test_line_ends_and_halves_of_letters_do_not_break_the_stream() -> None:
    [_, one] = told([Snapshot({"n": "a\n\nb\ud800"}, last=True)])
    assert one == 'event: progress\ndata: {"n":"a\\n\\nb?"}'
