"""Two senders of a channel, in a worker and in ticks: neither waits for what only the other may not take."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from disparo.domain.contact import Channel
from disparo.domain.sender import Sender
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.simulation.virtual_time import VirtualClock, run_virtually
from disparo.usecases import campaigns
from disparo.worker import Worker
from tests.unit.usecases.conftest import MONDAY, House
from tests.unit.worker.queue_story import ENOUGH, Line, Queue
from tests.unit.worker.test_worker import Slow

STEP = {"channel": "whatsapp", "text": "Oi"}


async def two(house: House, clock: VirtualClock, *, latency_s: tuple[float, float]) -> tuple[Engine, Slow, Slow]:
    """An engine of senders `a` and `b`, and a campaign of both whose next step is due tomorrow."""
    first, second = Slow(clock, latency_s[0]), Slow(clock, latency_s[1])
    routes = {name: Route(Sender(name, Channel.WHATSAPP), provider) for name, provider in (("a", first), ("b", second))}
    house.engine = Engine.build(house.store, house.renderer, routes, lambda: 0.5)
    await house.begin(1, name="comum", steps=[STEP, {**STEP, "wait": "1d"}])
    return house.engine, first, second


async def also(house: House, count: int, **keys: object) -> None:
    """A second campaign, for these people as well."""
    await house.people(count, first=1)
    await house.create(name="outra", **keys)
    await campaigns.start(house.store, "outra", house.now)
    await house.launch()


@pytest.mark.parametrize(("senders", "latency_s"), [(["a"], (0.1, 0.1)), ([], (0.1, 30.0))])
def test_a_worker_goes_on_at_full_speed(senders: list[str], latency_s: tuple[float, float]) -> None:
    """A campaign of one sender, and one of both of which one is slow; alone it would take eight seconds."""

    async def main() -> None:
        house, clock = House(), VirtualClock(MONDAY)
        engine, first, _ = await two(house, clock, latency_s=latency_s)
        await also(house, 2_000, **({"senders": senders} if senders else {}))
        worker = Worker(engine, clock, name="w", concurrency=25)
        running = asyncio.create_task(worker.run())
        while len(first.sent_at) < 1_900:
            await asyncio.sleep(0.1)
            assert clock.now() < MONDAY + timedelta(seconds=20), len(first.sent_at)
        worker.stop()
        await running

    run_virtually(main())


def test_a_tick_claims_the_whole_minute() -> None:
    async def main() -> None:
        house, clock = House(), VirtualClock(MONDAY)
        engine, first, _ = await two(house, clock, latency_s=(0.1, 0.1))
        await also(house, 2_000, senders=["a"])
        line = Line(house, clock, first, engine, Queue(clock))
        assert len(await line.claim(ENOUGH)) >= 2_000

    run_virtually(main())
