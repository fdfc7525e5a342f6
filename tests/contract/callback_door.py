"""A sender's doors, for providers that call: what was called is kept, and every answer is as the test wants it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from disparo.ports.callback import Call

PATIENCE_S = 20.0


@dataclass
class Door:
    """Calls that came, in their order; `statuses` are answered first, then 200, `greeting` to every GET."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    greeting: Callable[[Call], Awaitable[str]] | None = None
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait_for(self, enough: Callable[[list[Call]], bool]) -> list[Call]:
        """The calls, once there are enough."""
        async with asyncio.timeout(PATIENCE_S):
            while not enough(self.calls):
                self._came.clear()
                await self._came.wait()
        return self.calls

    async def serve(self, request: web.Request) -> web.Response:
        """Keep a call and answer it."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Call(f"{self.url}{request.path_qs}", headers, await request.read())
        if request.method == "GET":
            return web.Response(text="" if self.greeting is None else await self.greeting(call))
        self.calls.append(call)
        self._came.set()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


@asynccontextmanager
async def open_door() -> AsyncIterator[Door]:
    """A door on this machine."""
    door = Door()
    application = web.Application()
    application.router.add_route("*", "/{anything:.*}", door.serve)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        door.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield door
    finally:
        await runner.cleanup()
