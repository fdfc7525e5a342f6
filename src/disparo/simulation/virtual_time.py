"""An event loop whose clock jumps to the next thing that waits: days pass in milliseconds, always in one order."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from disparo.adapters.waiting import wait_for

T = TypeVar("T")


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Runs coroutines without ever waiting; RuntimeError when all of them wait for nothing."""

    def __init__(self) -> None:
        self._passed_s = 0.0
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._passed_s

    def jump(self, seconds: float) -> None:
        """Let time pass at once."""
        self._passed_s += seconds


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("every task waits for something that nothing will bring about")
        if timeout > 0:
            self._loop.jump(timeout)
        return super().select(0)


def run_virtually(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` on a virtual clock."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)


class VirtualClock:
    """`Clock` of the running virtual loop, which can be set back or forth as a machine's clock can."""

    def __init__(self, start_at: datetime) -> None:
        self._start_at = start_at
        self._begun_s = asyncio.get_running_loop().time()

    def now(self) -> datetime:
        """See `Clock.now`."""
        return self._start_at + self.elapsed()

    def elapsed(self) -> timedelta:
        """See `Clock.elapsed`."""
        return timedelta(seconds=asyncio.get_running_loop().time() - self._begun_s)

    async def wait(self, event: asyncio.Event, until: datetime | None) -> None:
        """See `Clock.wait`."""
        await wait_for(event, None if until is None else until - self.now())

    def step(self, by: timedelta) -> None:
        """Set the wall clock; elapsed time goes on as before."""
        self._start_at += by
