"""The address under which providers reach an installation: in front of its processes, as an HTTPS proxy would be."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web
from yarl import URL

PATIENCE_S = 12.0
"""The emulators give up a call after 15 s."""


@dataclass(frozen=True)
class Passed:
    """A call that was answered, and when."""

    at: datetime
    path: str
    query: str
    body: bytes
    status: int


@dataclass
class Door:
    """Hands each call to one of the processes behind it, to another one when that dies, and notes the answers.

    It runs in a thread of its own; `upstreams` are the ports of the processes, of which some may be down.
    """

    upstreams: tuple[int, ...] = ()
    passed: list[Passed] = field(default_factory=list)
    tried_again: int = 0
    port: int = 0

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def url(self) -> str:
        """The public address."""
        return f"http://127.0.0.1:{self.port}"

    async def _open(self) -> None:
        self._session = aiohttp.ClientSession(auto_decompress=False, timeout=aiohttp.ClientTimeout(total=PATIENCE_S))
        application = web.Application(client_max_size=8 * 1024 * 1024)
        application.add_routes([web.route("*", "/{path:.*}", self._pass_on)])
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]

    async def _close(self) -> None:
        await self._runner.cleanup()
        await self._session.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}  # calls that wait for a process that never comes
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _pass_on(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OF_THE_HOP}
        until = asyncio.get_running_loop().time() + PATIENCE_S
        while True:
            for port in self.upstreams:
                url = f"http://127.0.0.1:{port}{request.raw_path}"
                try:
                    async with self._session.request(request.method, _exact(url), data=body, headers=headers) as answer:
                        told = await answer.read()
                except (aiohttp.ClientError, OSError, TimeoutError):
                    self.tried_again += 1
                    continue
                at = datetime.now(UTC)
                self.passed.append(Passed(at, request.path, request.query_string, body, answer.status))
                return web.Response(status=answer.status, body=told)
            if asyncio.get_running_loop().time() > until:
                return web.Response(status=502)
            await asyncio.sleep(0.1)


_OF_THE_HOP = {"host", "content-length", "transfer-encoding", "connection"}


def _exact(url: str) -> URL:
    return URL(url, encoded=True)  # as it was written: signatures cover every byte
