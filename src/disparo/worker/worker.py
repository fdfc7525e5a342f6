"""The worker: every step of the engine, each as often as it wants to be called."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from disparo.domain.errors import StoreError
from disparo.domain.settlement import Settlement
from disparo.engine.engine import Engine
from disparo.ports.clock import Clock
from disparo.worker.carriage import Carriage

BREATH = timedelta(seconds=1)
"""A step that nothing urges is not called more often, however much is going on."""

ROLE_TIME = timedelta(seconds=15)

LATER = timedelta(minutes=1)
"""How long a step is left alone that broke and for which no message waits."""

Step = Callable[[datetime], Awaitable[datetime | None]]


class Worker:
    """Runs the steps until stopped. Any number of workers may share a store, and each may be killed at any instant.

    `poll` is how often to look whether another process changed something; None when there is no other.
    """

    def __init__(
        self, engine: Engine, clock: Clock, *, name: str, concurrency: int = 50, poll: timedelta | None = BREATH
    ) -> None:
        self._engine, self._clock, self._name, self._poll = engine, clock, name, poll
        self._stopped = asyncio.Event()
        self._news: list[asyncio.Event] = []
        self._carriages = [
            Carriage(
                sender,
                engine.dispatch,
                clock,
                concurrency=concurrency,
                poll=poll,
                on_recorded=self._after_recording,
                counting=engine.counting,
            )
            for sender in engine.routes
        ]

    async def run(self) -> None:
        """Work until `stop`; what was claimed is then given back or brought to its end."""
        engine = self._engine
        async with asyncio.TaskGroup() as tasks:
            for carriage in self._carriages:
                tasks.create_task(carriage.run())
            for step in (engine.launch.run, engine.reconcile.run, engine.housekeeping.run):
                tasks.create_task(self._keep(step))
            if engine.attend is not None:
                tasks.create_task(self._keep(engine.attend.run))
            if engine.watch is not None:
                tasks.create_task(self._keep(engine.watch.run))
            if engine.retention is not None:
                tasks.create_task(self._keep(self._beside("retention", engine.retention)))
            tasks.create_task(self._keep(self._collect_alone))
            if engine.announce is not None:
                tasks.create_task(self._keep(self._beside("webhooks", engine.announce.run), engine.announce.kept))
            if engine.counting is not None:
                tasks.create_task(self._keep(engine.counting.run))
            if engine.alarms is not None:
                tasks.create_task(self._until_stopped(engine.alarms.run))
        if engine.counting is not None:
            await engine.counting.flush(self._clock.now())

    def stop(self) -> None:
        """End in good order: nothing new is begun, nothing is left in doubt."""
        self._stopped.set()
        for carriage in self._carriages:
            carriage.stop()
        self.nudge()

    def nudge(self) -> None:
        """Something changed outside: every step may have something to do."""
        now = self._clock.now()
        for event in self._news:
            event.set()
        for carriage in self._carriages:
            carriage.wake(now, forced=True)

    async def _keep(self, step: Step, own: asyncio.Event | None = None) -> None:
        """Run a step as often as it wants to be; what one with news of its `own` does is none for the others."""
        news = asyncio.Event() if own is None else own
        self._news.append(news)
        while not self._stopped.is_set():
            news.clear()
            now = self._clock.now()
            wish = await step(now)
            if wish is not None and wish <= now and own is not None:
                await asyncio.sleep(0)
                continue
            if wish is not None and wish <= now:
                # What changed may be what another step waits for: the last receipt lets a campaign end.
                self._wake_carriages(now)
                for event in self._news:
                    if event is not news:
                        event.set()
                await asyncio.sleep(0)
                continue
            latest = now + self._poll if self._poll else None
            await self._clock.wait(self._stopped, now + BREATH)
            if not self._stopped.is_set():
                await self._clock.wait(news, min((at for at in (wish, latest) if at is not None), default=None))

    @staticmethod
    def _beside(name: str, step: Step) -> Step:
        """A step for which no message waits: what breaks in it must not end the sending, except for the store."""
        rests_until: datetime | None = None

        async def guarded(now: datetime) -> datetime | None:
            nonlocal rests_until
            if rests_until is not None and rests_until - LATER <= now < rests_until:
                return rests_until
            try:
                return await step(now)
            except StoreError:
                raise
            except Exception:
                logging.getLogger(__name__).exception("step_failed", extra={"step": name})
                rests_until = now + LATER
                return rests_until

        return guarded

    async def _until_stopped(self, step: Step) -> None:
        """Keep a step that may wait long for others, and that nobody has to wait for at the end: it may be killed."""
        keeping = asyncio.create_task(self._keep(step, asyncio.Event()))
        try:
            await self._stopped.wait()
        finally:
            keeping.cancel()

    def _wake_carriages(self, at: datetime) -> None:
        for carriage in self._carriages:
            carriage.wake(at)

    def _after_recording(self, settlements: list[Settlement]) -> None:
        if self._engine.counting is not None:
            self._engine.counting.settled(settlements)
        due = [at for one in settlements for at in (one.due_at, *(follow.due_at for follow in one.follow_ups)) if at]
        if due:
            self._wake_carriages(min(due))
        for event in self._news:
            event.set()

    async def _collect_alone(self, now: datetime) -> datetime | None:
        """Several workers would all bring the same receipts: harmless, but work for nothing."""
        if not await self._engine.ledger.hold_role("collect", self._name, now, now + ROLE_TIME):
            return now + ROLE_TIME
        return await self._engine.collect.run(now)
