"""An event loop whose clock jumps to the next thing that waits: days pass in milliseconds, always in one order."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from disparo.adapters.waiting import wait_for

T = TypeVar("T")


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Runs coroutines without ever waiting; RuntimeError when all of them wait for nothing.

    `on_jump` is called with the seconds of each jump before it is made: whoever shows the run to people slows it there.
    """

    def __init__(self, on_jump: Callable[[float], None] | None = None) -> None:
        self._passed_s = 0.0
        self._on_jump = on_jump
        self._until_idle: list[asyncio.Future[None]] = []
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._passed_s

    def jump(self, seconds: float) -> None:
        """Let time pass at once."""
        if self._on_jump is not None:
            self._on_jump(seconds)
        self._passed_s += seconds

    async def until_idle(self) -> None:
        """Return once every other task waits for something that only the caller can bring about."""
        future: asyncio.Future[None] = self.create_future()
        self._until_idle.append(future)
        await future

    def idle(self) -> None:
        """Wake those who wait for this; RuntimeError when nobody does."""
        waiting, self._until_idle = [one for one in self._until_idle if not one.done()], []
        if not waiting:
            raise RuntimeError("every task waits for something that nothing will bring about")
        for future in waiting:
            future.set_result(None)


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            self._loop.idle()
        elif timeout > 0:
            self._loop.jump(timeout)
        return super().select(0)


def run_virtually(main: Coroutine[Any, Any, T], *, on_jump: Callable[[float], None] | None = None) -> T:
    """`asyncio.run` on a virtual clock."""
    with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(on_jump)) as runner:
        return runner.run(main)


async def until_idle() -> None:
    """On a virtual clock: return once nothing is left to happen by itself, however far off."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    await loop.until_idle()


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
