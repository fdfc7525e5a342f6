"""The worker's loop counts what it does, as AWS measures it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace

from disparo.domain.contact import Channel
from disparo.domain.figure import Counted, Series, figure_of, part
from disparo.domain.message import Outcome
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.policies.retry import FailureClass, RetryPolicy
from disparo.domain.sender import Sender
from disparo.engine.counting import Counting
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.simulation.virtual_time import VirtualClock, run_virtually
from disparo.worker import Worker
from tests.unit.usecases.conftest import MONDAY, House


class Slow:
    """Takes half a second for a request, and answers as it is told."""

    def __init__(self, outcome: Outcome, at_once: int = 1) -> None:
        self.outcome = outcome
        if at_once > 1:
            self.most_at_once = at_once
            self.send_many = self._send_many

    async def send(self, message, now) -> Outcome:
        await asyncio.sleep(0.5)
        return self.outcome

    async def _send_many(self, messages, now) -> list[Outcome]:
        await asyncio.sleep(0.5)
        return [self.outcome for _ in messages]


def counted(
    story: Callable[[House, Worker, VirtualClock], Awaitable[None]], provider: Slow, limits: Limits | None = None
) -> None:
    async def main() -> None:
        house, clock = House(), VirtualClock(MONDAY)
        sender = Sender("whatsapp", Channel.WHATSAPP, limits or Limits(), retry=RetryPolicy(max_retries=0))
        routes = {"whatsapp": Route(sender, provider)}
        engine = Engine.build(house.store, house.renderer, routes, lambda: 0.5)
        engine = replace(engine, counting=Counting(house.store.numbers, "w1", routes))
        worker = Worker(engine, clock, name="w1", concurrency=5, poll=timedelta(seconds=1))
        running = asyncio.create_task(worker.run())
        await story(house, worker, clock)
        worker.stop()
        await running

    run_virtually(main())


async def until(house: House, state: str = "completed") -> None:
    for _ in range(600):
        if (await house.store.campaigns.get("camp")).state == state:
            return
        await asyncio.sleep(1)
    raise AssertionError(f"never {state}")


def test_what_is_sent_is_counted_with_the_time_that_it_took() -> None:
    async def story(house: House, worker: Worker, clock: VirtualClock) -> None:
        campaign = await house.begin(20)
        await until(house)
        await asyncio.sleep(3)
        figure = figure_of(part(await house.store.numbers.ever(), channel="whatsapp", campaign_id=campaign.id))
        assert (figure.sent, figure.failed, figure.errors, figure.times.count) == (20, 0, 0, 20)
        # Twenty of half a second, five at a time: the last ones waited for three others.
        assert timedelta(seconds=0.5) <= figure.times.mean <= timedelta(seconds=2.5)
        assert await house.store.numbers.last_beat() is not None

    counted(story, Slow(Outcome(True)))


def test_what_goes_in_one_request_is_counted_one_by_one() -> None:
    async def story(house: House, worker: Worker, clock: VirtualClock) -> None:
        await house.begin(30)
        await until(house)
        await asyncio.sleep(3)
        figure = figure_of(await house.store.numbers.ever())
        assert (figure.sent, figure.times.count) == (30, 30)

    counted(story, Slow(Outcome(True), at_once=10))


def test_failures_and_errors_are_counted() -> None:
    async def story(house: House, worker: Worker, clock: VirtualClock) -> None:
        await house.begin(4)
        await until(house)
        await asyncio.sleep(3)
        figure = figure_of(await house.store.numbers.ever())
        assert (figure.sent, figure.failed, figure.errors) == (0, 4, 4)
        assert figure.failed_rate == 100

    counted(story, Slow(Outcome(False, failure=FailureClass.PERMANENT)))


def test_claims_that_a_limit_held_up_are_counted() -> None:
    async def story(house: House, worker: Worker, clock: VirtualClock) -> None:
        await house.begin(20)
        await asyncio.sleep(30)
        ever = await house.store.numbers.ever()
        assert ever[Series("whatsapp", "", Counted.LIMITED)] > 0
        assert figure_of(ever).sent == 10

    counted(story, Slow(Outcome(True)), Limits(burst=10))


def test_a_worker_that_stops_writes_down_its_last_counts() -> None:
    async def main() -> None:
        house, clock = House(), VirtualClock(MONDAY)
        routes = {"whatsapp": Route(Sender("whatsapp", Channel.WHATSAPP), Slow(Outcome(True)))}
        engine = Engine.build(house.store, house.renderer, routes, lambda: 0.5)
        engine = replace(engine, counting=Counting(house.store.numbers, "w1", routes))
        worker = Worker(engine, clock, name="w1", concurrency=5, poll=timedelta(seconds=1))
        await house.begin(5)
        running = asyncio.create_task(worker.run())
        await asyncio.sleep(0.8)  # they are sent, and counts are written every two seconds
        worker.stop()
        await running
        rows = await house.store.campaigns.tally("1")
        sent = sum(one.count for one in rows if one.state == "accepted")
        assert sent > 0
        assert figure_of(await house.store.numbers.ever()).sent == sent

    run_virtually(main())


def test_what_is_kept_for_others_is_told_though_nothing_else_is_new() -> None:
    """Seed 72: the last campaign ended, nobody wrote any more, and its event lay there for ever."""

    async def main() -> None:
        house, clock = House(), VirtualClock(MONDAY)
        kept, looks = asyncio.Event(), []

        async def announce(now: datetime) -> None:
            looks.append(now)

        engine = Engine.build(house.store, house.renderer, {}, lambda: 0.5)
        announcing = SimpleNamespace(run=announce, kept=kept)
        worker = Worker(replace(engine, announce=announcing), clock, name="w1", poll=None)
        running = asyncio.create_task(worker.run())
        await asyncio.sleep(3_600)
        before = len(looks)
        kept.set()
        await asyncio.sleep(2)
        worker.stop()
        await running
        assert len(looks) == before + 1

    run_virtually(main())


def test_a_worker_that_stops_does_not_wait_for_whoever_is_being_told_of_an_alarm() -> None:
    async def main() -> None:
        house, clock = House(), VirtualClock(MONDAY)
        told = asyncio.Event()

        async def tells(now: datetime) -> datetime:
            told.set()
            await asyncio.sleep(3_600)
            return now

        engine = Engine.build(house.store, house.renderer, {}, lambda: 0.5)
        worker = Worker(replace(engine, alarms=SimpleNamespace(run=tells)), clock, name="w1", poll=timedelta(seconds=1))
        running = asyncio.create_task(worker.run())
        await told.wait()
        worker.stop()
        await asyncio.wait_for(running, 10)
        assert clock.now() - MONDAY < timedelta(seconds=10)

    run_virtually(main())
