"""Carrying one sender's messages: claims, sends at the same time, records."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from disparo.domain.message import Claimed, Outcome
from disparo.domain.settlement import Settlement
from disparo.engine.dispatch import Dispatch
from disparo.ports.clock import Clock
from disparo.worker.pace import Pace

CLAIM_AHEAD = timedelta(milliseconds=200)
"""For how long the messages claimed ahead last at the present pace: long enough to make few transactions of many
messages, and well inside the second for which a permit is good."""

MOST_AHEAD = 1_000

LINGER = timedelta(milliseconds=20)
"""How long the first outcome waits for others to be written down with it."""


class Carriage:
    """One sender's traffic in one worker: at most `concurrency` messages at their provider at once.

    Outcomes are recorded together, as many as have come in while the last ones were being written. When stopped, it
    gives back what has not begun and waits for what has.
    """

    def __init__(
        self,
        sender: str,
        dispatch: Dispatch,
        clock: Clock,
        *,
        concurrency: int,
        poll: timedelta | None,
        on_recorded: Callable[[list[Settlement]], None],
    ) -> None:
        self._sender, self._dispatch, self._clock = sender, dispatch, clock
        self._concurrency, self._poll, self._on_recorded = concurrency, poll, on_recorded
        self._pace = Pace(clock)
        self._claimed: asyncio.Queue[tuple[Claimed, timedelta]] = asyncio.Queue()
        self._concluded: list[Settlement] = []
        self._outstanding = 0
        self._stopping = False
        self._claim_at: datetime | None = clock.now()
        self._blocked = False
        self._news = asyncio.Event()
        self._results = asyncio.Event()
        self._last_call = asyncio.Event()

    async def run(self) -> None:
        """Carry messages until `stop`."""
        async with asyncio.TaskGroup() as tasks:
            carriers = [tasks.create_task(self._carry()) for _ in range(self._concurrency)]
            recorder = tasks.create_task(self._record())
            await self._claim()
            await self._claimed.join()
            for task in carriers:
                task.cancel()
            self._results.set()
            await recorder

    def stop(self) -> None:
        """Claim nothing more, give back what has not begun."""
        self._stopping = True
        self._news.set()
        self._last_call.set()

    def wake(self, at: datetime, *, forced: bool = False) -> None:
        """There may be something to claim at `at`.

        While the sender itself is blocked (a limit, its breaker) more messages change nothing; `forced` says that the
        block may be gone.
        """
        if not self._blocked or forced:
            self._claim_at = at if self._claim_at is None else min(self._claim_at, at)
            self._news.set()

    async def _claim(self) -> None:
        while not self._stopping:
            self._news.clear()
            window = self._concurrency + min(MOST_AHEAD, max(1, self._pace.in_time(CLAIM_AHEAD)))
            # Asking for few at a time would make a transaction of each message.
            room = self._outstanding <= window * 3 // 4
            if room and self._claim_at is not None and self._claim_at <= self._clock.now():
                await self._claim_some(window - self._outstanding)
            else:
                await self._clock.wait(self._news, self._claim_at if room else None)

    async def _claim_some(self, count: int) -> None:
        """Claim up to `count`, and note when to claim again."""
        now, began = self._clock.now(), self._clock.elapsed()
        self._claim_at = None
        claim = await self._dispatch.claim(self._sender, count, now)
        self._outstanding += len(claim.messages)
        for message in claim.messages:
            self._claimed.put_nowait((message, began))
        self._blocked = claim.blocked
        if claim.next_at is not None:
            self.wake(claim.next_at, forced=True)
        if self._poll is not None:
            self.wake(now + self._poll, forced=True)

    async def _carry(self) -> None:
        while True:
            message, began = await self._claimed.get()
            try:
                settlement = await self._deliver(message, began)
                self._concluded.append(settlement)
                self._results.set()
            finally:
                self._claimed.task_done()

    async def _deliver(self, message: Claimed, began: timedelta) -> Settlement:
        now = self._clock.now()
        if self._stopping:
            return self._dispatch.give_back(message, "shutdown", now)
        ready = await self._dispatch.prepare(message, now)
        if isinstance(ready, Settlement):
            return ready
        late = self._clock.elapsed() - began
        outcome = await self._dispatch.hand_over(message, ready, self._clock.now(), late)
        if isinstance(outcome, Outcome):
            return await self._dispatch.conclude(message, outcome, self._clock.now())
        return outcome

    async def _record(self) -> None:
        while not (self._stopping and self._outstanding == 0):
            await self._results.wait()
            if not self._stopping:
                await self._clock.wait(self._last_call, self._clock.now() + LINGER)
            self._results.clear()
            batch, self._concluded = self._concluded, []
            if batch:
                await self._dispatch.record(batch, self._clock.now())
                self._outstanding -= len(batch)
                self._pace.count(len(batch))
                self._news.set()
                self._on_recorded(batch)
