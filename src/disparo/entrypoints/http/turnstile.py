"""A turnstile: so many at work at once, so many waiting, the others are sent away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from disparo.domain.errors import DisparoError


class TooManyError(DisparoError):
    """Too many are waiting already; whoever comes should come again later."""


class Turnstile:
    """Lets `room` through at a time and keeps up to `most_waiting` in front, others are `told`; of one event loop."""

    def __init__(
        self, room: int, most_waiting: int, told: str = "há avisos demais à espera; repita em instantes"
    ) -> None:
        self._told = told
        self._free = asyncio.Semaphore(room)
        self._most_waiting, self._waiting = most_waiting, 0

    @asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        """Wait for a turn; TooManyError when too many wait already."""
        if self._free.locked() and self._waiting >= self._most_waiting:
            raise TooManyError(self._told)
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()
