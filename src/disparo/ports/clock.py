"""The time, and waiting for it; only callers of the engine hold one."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Wall time as this process reads it. It may be set back; it never stands still for ever."""

    def now(self) -> datetime:
        """The present instant, aware UTC."""
        ...

    def elapsed(self) -> timedelta:
        """Time since some fixed instant, on a clock that nobody can set."""
        ...

    async def wait(self, event: asyncio.Event, until: datetime | None) -> None:
        """Return once `event` is set or `until` has come, whichever is first; None waits for the event alone."""
        ...
