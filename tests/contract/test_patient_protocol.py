"""A connection whose request does not come is closed; one that is served is not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from disparo.entrypoints.http import patient_protocol

IMPATIENT_S, A_RUNAWAY_S = 0.2, 20.0
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def answer_late(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(3 * IMPATIENT_S)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture()
def talk(monkeypatch: pytest.MonkeyPatch) -> Callable[[Talk], None]:
    """Have a conversation with a server that is told to be impatient."""
    monkeypatch.setattr(patient_protocol, "HEADERS_S", IMPATIENT_S)

    async def story(act: Talk) -> None:
        config = uvicorn.Config(answer_late, http=patient_protocol.PatientProtocol, lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            serving = asyncio.create_task(server.serve([listening]))
            reader, writer = await asyncio.open_connection(*listening.getsockname()[:2])
            async with asyncio.timeout(A_RUNAWAY_S):
                await act(reader, writer)
            writer.close()
            server.should_exit = True
            await serving

    return lambda act: asyncio.run(story(act))


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nhost: x\r\nx-", b"GET"])
def test_headers_that_do_not_end_close_the_connection(talk: Callable[[Talk], None], begun: bytes) -> None:
    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(begun)
        assert await reader.read() == b""

    talk(act)


def test_what_is_asked_is_answered_however_long_it_takes_and_so_is_the_next(talk: Callable[[Talk], None]) -> None:
    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        writer.write(b"GET / HTTP/1.1\r\n")
        assert await reader.read() == b"", "of a later request, too"

    talk(act)
