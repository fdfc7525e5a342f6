"""Connections that are kept, and belong to the event loop that opened them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiohttp


class LoopSession:
    """A session that is made with the first request of an event loop; `close` ends it, and the next one is made anew.

    In another loop, after the first was closed, it ends and begins again.
    """

    def __init__(self, make: Callable[[], aiohttp.ClientSession]) -> None:
        self._make = make
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def open(self) -> aiohttp.ClientSession:
        """The session of the loop that runs."""
        loop = asyncio.get_running_loop()
        if self._session is not None and self._loop is loop:
            return self._session
        if self._loop is not None and self._loop.is_closed():
            await self.close()
        self._loop = loop
        self._session = self._make()
        return self._session

    async def close(self) -> None:
        """End every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
