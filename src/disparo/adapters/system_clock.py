"""The machine's clock."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

from disparo.adapters.waiting import wait_for


class SystemClock:
    """`Clock` by the operating system."""

    def now(self) -> datetime:
        """See `Clock.now`."""
        return datetime.now(UTC)

    def elapsed(self) -> timedelta:
        """See `Clock.elapsed`."""
        return timedelta(seconds=time.monotonic())

    async def wait(self, event: asyncio.Event, until: datetime | None) -> None:
        """See `Clock.wait`."""
        await wait_for(event, None if until is None else until - self.now())
