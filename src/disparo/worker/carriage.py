"""Carrying one sender's messages: claims, sends at the same time, records."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from disparo.domain.message import Claimed, Outcome
from disparo.domain.settlement import Settlement
from disparo.engine.counting import Counting
from disparo.engine.dispatch import Dispatch
from disparo.ports.clock import Clock
from disparo.worker.pace import Pace
from disparo.worker.together import deliver_together

CLAIM_AHEAD = timedelta(milliseconds=200)
"""For how long the messages claimed ahead last at the present pace: long enough to make few transactions of many
messages, and well inside the second for which a permit is good."""

MOST_AHEAD = 1_000

MOST_AT_PROVIDER = 10_000
"""Messages in the requests of one sender, where a request takes many: what a kill would leave in doubt."""

LINGER = timedelta(milliseconds=20)
"""How long the first outcome waits for others to be written down with it."""


class Carriage:
    """One sender's traffic in one worker: at most `concurrency` requests at its provider at once.

    A request takes one message, or where the channel sends many those that are ready, up to its `most_at_once`: none
    waits for others to come. Outcomes are recorded together, as many as have come in while the last ones were being
    written. When stopped, it gives back what has not begun and waits for what has.
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
        counting: Counting | None = None,
    ) -> None:
        self._sender, self._dispatch, self._clock = sender, dispatch, clock
        self._poll, self._on_recorded, self._counting = poll, on_recorded, counting
        self._most = dispatch.most_at_once(sender)
        self._carriers = min(concurrency, max(1, MOST_AT_PROVIDER // self._most))
        self._pace = Pace(clock)
        self._claimed: asyncio.Queue[tuple[Claimed, timedelta]] = asyncio.Queue()
        self._concluded: list[Settlement] = []
        self._busy = self._unrecorded = 0
        self._stopping = self._through = False
        self._claim_at: datetime | None = clock.now()
        self._blocked = False
        self._news = asyncio.Event()
        self._results = asyncio.Event()
        self._last_call = asyncio.Event()

    async def run(self) -> None:
        """Carry messages until `stop`."""
        async with asyncio.TaskGroup() as tasks:
            carriers = [tasks.create_task(self._carry()) for _ in range(self._carriers)]
            recorder = tasks.create_task(self._record())
            await self._claim()
            await self._claimed.join()
            for task in carriers:
                task.cancel()
            self._through = True
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
            room = self._room()
            if room and self._claim_at is not None and self._claim_at <= self._clock.now():
                await self._claim_some(room)
            else:
                await self._clock.wait(self._news, self._claim_at if room else None)

    def _room(self) -> int:
        """How many messages to claim: what the carriers can take, and a little ahead of them; 0 when it is too few.

        A permit is good for a second, so no more may wait than can be on their way by then.
        """
        least_ahead = 1 if self._most == 1 else 0  # a request of its own for the one over is no gain
        ahead = min(MOST_AHEAD, max(least_ahead, self._pace.in_time(CLAIM_AHEAD)))
        waiting = self._claimed.qsize()
        most_waiting = max(self._carriers, self._most) + ahead
        under_way = self._busy * self._most + self._unrecorded
        room = min(most_waiting, self._carriers * self._most + ahead - under_way) - waiting
        # Asking for few at a time would make a transaction of each message.
        return room if room >= max(self._most, math.ceil(most_waiting / 4)) else 0

    async def _claim_some(self, count: int) -> None:
        """Claim up to `count`, and note when to claim again."""
        now, began = self._clock.now(), self._clock.elapsed()
        self._claim_at = None
        claim = await self._dispatch.claim(self._sender, count, now)
        if self._counting is not None:
            self._counting.claimed(self._sender, claim)
        for message in claim.messages:
            self._claimed.put_nowait((message, began))
        self._blocked = claim.blocked
        if claim.next_at is not None:
            self.wake(claim.next_at, forced=True)
        if self._poll is not None:
            self.wake(now + self._poll, forced=True)

    async def _carry(self) -> None:
        while True:
            batch = [await self._claimed.get()]
            while len(batch) < self._most and not self._claimed.empty():
                batch.append(self._claimed.get_nowait())
            self._busy += 1
            if self._most > 1:  # the queue is shorter by what others may be claimed for
                self._news.set()
            try:
                settlements = [await self._deliver(*batch[0])] if self._most == 1 else await self._deliver_many(batch)
                self._concluded += settlements
                self._unrecorded += len(settlements)
                self._results.set()
            finally:
                self._busy -= 1
                for _ in batch:
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
            self._answered(message, began)
            return await self._dispatch.conclude(message, outcome, self._clock.now())
        return outcome

    async def _deliver_many(self, batch: Sequence[tuple[Claimed, timedelta]]) -> list[Settlement]:
        """As `_deliver` for each, in one request."""
        messages = [message for message, _ in batch]
        if self._stopping:
            return [self._dispatch.give_back(one, "shutdown", self._clock.now()) for one in messages]

        def late(at: int) -> timedelta:
            return self._clock.elapsed() - batch[at][1]

        became = await deliver_together(self._dispatch, self._clock, messages, late)
        for (message, began), (_, called) in zip(batch, became, strict=True):
            if called:
                self._answered(message, began)
        return [one for one, _ in became]

    def _answered(self, message: Claimed, began: timedelta) -> None:
        if self._counting is not None:
            self._counting.answered(message, self._clock.elapsed() - began)

    async def _record(self) -> None:
        while not self._through or self._concluded:
            await self._results.wait()
            if not self._stopping:
                await self._clock.wait(self._last_call, self._clock.now() + LINGER)
            self._results.clear()
            batch, self._concluded = self._concluded, []
            if batch:
                await self._dispatch.record(batch, self._clock.now())
                self._unrecorded -= len(batch)
                self._pace.count(len(batch))
                self._news.set()
                self._on_recorded(batch)
