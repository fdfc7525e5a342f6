"""Waiting on an event loop, for clocks of any kind."""

from __future__ import annotations

import asyncio
from datetime import timedelta

_ROUND_UP_S = 0.0005  # instants are milliseconds rounded down, so waking a hair early would find nothing due yet


async def wait_for(event: asyncio.Event, delay: timedelta | None) -> None:
    """Return once `event` is set or `delay` has passed on the loop's clock; None waits for the event alone."""
    if event.is_set():
        return
    try:
        async with asyncio.timeout(None if delay is None else max(0.0, delay.total_seconds()) + _ROUND_UP_S):
            await event.wait()
    except TimeoutError:
        pass
