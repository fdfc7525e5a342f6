from __future__ import annotations

import asyncio

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from disparo.entrypoints.http.body_limit import LEAST_BYTES_PER_S, PATIENCE_S, BodyLimit
from disparo.simulation.virtual_time import run_virtually

SCOPE = {"type": "http", "method": "POST", "path": "/api/v1/contacts", "headers": []}


async def read(piece: bytes, every_s: float, pieces: int, handled_s: float = 0.0) -> tuple[int, float]:
    """How many bytes of a body that comes so slowly get through, and after how many seconds."""
    left, got = pieces, 0

    async def receive() -> Message:
        nonlocal left
        await asyncio.sleep(every_s)
        left -= 1
        return {"type": "http.request", "body": piece, "more_body": left > 0}

    async def app(scope: Scope, receive: Receive, _: Send) -> None:
        nonlocal got
        async for chunk in Request(scope, receive).stream():
            got += len(chunk)
            await asyncio.sleep(handled_s)

    async def send(_: Message) -> None:
        raise AssertionError("nothing is answered")

    began_s = asyncio.get_running_loop().time()
    try:
        await BodyLimit(app, 10_000_000)(SCOPE, receive, send)
    except HTTPException as error:
        assert error.status_code == 408
        got = -got
    return got, asyncio.get_running_loop().time() - began_s


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "Application/X-WWW-Form-Urlencoded; charset=x"])
def test_fields_without_a_file_are_few_also_where_files_are_taken(kind: str) -> None:
    async def refused(kind: str) -> bool:
        scope = SCOPE | {"path": "/console/contacts/import", "headers": [(b"content-type", kind.encode())]}

        async def receive() -> Message:
            return {"type": "http.request", "body": b"x" * 2_000_000}

        async def app(scope: Scope, receive: Receive, _: Send) -> None:
            await Request(scope, receive).body()

        async def send(_: Message) -> None: ...

        try:
            await BodyLimit(app, 10_000_000)(scope, receive, send)
        except HTTPException as error:
            return error.status_code == 413
        return False

    assert asyncio.run(refused(kind))
    assert not asyncio.run(refused("multipart/form-data; boundary=x"))


def test_a_drop_before_each_patience_ends_holds_no_connection() -> None:
    got, took_s = run_virtually(read(b"x", PATIENCE_S - 1, 1_000))
    assert got == -1
    assert took_s < PATIENCE_S + 2


def test_a_slow_line_gets_through() -> None:
    got, took_s = run_virtually(read(b"x" * LEAST_BYTES_PER_S, 0.99, 200))
    assert got == 200 * LEAST_BYTES_PER_S
    assert took_s > 5 * PATIENCE_S


@pytest.mark.parametrize("handled_s", [0.0, 60.0])
def test_what_is_done_with_it_meanwhile_does_not_count(handled_s: float) -> None:
    got, _ = run_virtually(read(b"x" * 100, 1.0, 20, handled_s))
    assert got == 2_000
