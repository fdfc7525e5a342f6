"""Looking at the alarms in a process that does not send."""

from __future__ import annotations

import asyncio

from disparo.engine.alarms import AlarmWatch
from disparo.ports.clock import Clock


async def look_at_alarms(watch: AlarmWatch, clock: Clock) -> None:
    """Look as often as the alarms want, until cancelled: who only answers sees that no worker is at work."""
    never = asyncio.Event()
    while True:
        await clock.wait(never, await watch.run(clock.now()))
