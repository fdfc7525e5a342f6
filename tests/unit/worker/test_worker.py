"""The worker's loop on a virtual clock: at its pace, within its concurrency, and to an end in good order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from disparo.domain.contact import Channel
from disparo.domain.message import MessageState, Outcome
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.policies.retry import FailureClass
from disparo.domain.sender import Sender
from disparo.domain.settlement import Settlement
from disparo.engine.dispatch import Dispatch, Route
from disparo.engine.engine import Engine
from disparo.ports.channel import Outgoing
from disparo.ports.ledger import MessageFilter
from disparo.simulation.virtual_time import VirtualClock, run_virtually
from disparo.usecases import campaigns
from disparo.worker import Worker
from tests.unit.usecases.conftest import MONDAY, House

TAKEN = Outcome(True)


@dataclass
class Slow:
    """A provider that needs half a second for each message."""

    clock: VirtualClock
    latency_s: float = 0.5
    spread_s: float = 0.0
    """How much later than the one before it each of ten messages is answered."""
    outcome: Outcome = TAKEN
    at_once: int = 0
    most_at_once: int = 0
    sent_at: list[datetime] = field(default_factory=list)
    on_send: Callable[[], None] = lambda: None

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        """See `SendChannel.send`."""
        self.sent_at.append(self.clock.now())
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.on_send()
        await asyncio.sleep(self.latency_s + len(self.sent_at) % 10 * self.spread_s)
        self.at_once -= 1
        return self.outcome


class Recording(Dispatch):
    """Dispatch that remembers how many settlements were written down together."""

    batches: list[int]

    async def record(self, settlements: list[Settlement], now: datetime) -> None:
        """See `Dispatch.record`."""
        Recording.batches.append(len(settlements))
        await super().record(settlements, now)


@dataclass
class Works:
    """A house at work on a virtual clock."""

    house: House
    clock: VirtualClock
    provider: Slow
    engine: Engine

    def worker(self, name: str = "w1", concurrency: int = 5) -> Worker:
        return Worker(self.engine, self.clock, name=name, concurrency=concurrency, poll=None)

    async def begin(self, people: int) -> None:
        self.house.now = self.clock.now()
        await self.house.begin(people)

    async def states(self) -> dict[str, int]:
        rows = await self.house.store.ledger.page(MessageFilter(), None, 10_000)
        return {state: sum(row.state == state for row in rows) for state in {str(row.state) for row in rows}}

    async def until_completed(self, *workers: Worker) -> None:
        """Work until the campaign is over, then stop."""
        tasks = [asyncio.create_task(worker.run()) for worker in workers]
        while (await self.house.store.campaigns.get("camp")).state != "completed":
            await asyncio.sleep(1)
            for task in tasks:
                assert not task.done(), task.exception()
        for worker in workers:
            worker.stop()
        await asyncio.gather(*tasks)


def at_work(story: Callable[[Works], Awaitable[None]], limits: Limits | None = None) -> None:
    """Tell a story on a virtual clock that begins on a Monday at ten in Sao Paulo."""

    async def main() -> None:
        house, clock = House(), VirtualClock(MONDAY)
        provider = Slow(clock)
        sender = Sender("whatsapp", Channel.WHATSAPP, limits or Limits())
        Recording.batches = []
        routes = {"whatsapp": Route(sender, provider)}
        engine = Engine.build(house.store, house.renderer, routes, lambda: 0.5, dispatch=Recording)
        await story(Works(house, clock, provider, engine))

    run_virtually(main())


def test_everything_is_sent_and_the_campaign_ends() -> None:
    async def story(works: Works) -> None:
        await works.begin(40)
        await works.until_completed(works.worker())
        assert await works.states() == {"accepted": 40}
        assert len(works.provider.sent_at) == 40

    at_work(story)


@pytest.mark.parametrize("concurrency", [1, 3, 20])
def test_no_more_messages_than_the_setting_are_at_their_provider_at_once(concurrency: int) -> None:
    async def story(works: Works) -> None:
        await works.begin(60)
        await works.until_completed(works.worker(concurrency=concurrency))
        assert works.provider.most_at_once == concurrency

    at_work(story)


def test_a_limit_is_waited_for_and_everything_goes_as_soon_as_it_may() -> None:
    async def story(works: Works) -> None:
        await works.begin(25)
        await works.until_completed(works.worker(concurrency=20))
        minutes = [round((at - MONDAY) / timedelta(seconds=61), 1) for at in works.provider.sent_at]
        assert minutes == [0.0] * 10 + [1.0] * 10 + [2.0] * 5
        assert all(
            at - MONDAY - minute * timedelta(seconds=61) < timedelta(seconds=1)
            for at, minute in zip(works.provider.sent_at, minutes, strict=True)
        )

    at_work(story, Limits(burst=10))


def test_outcomes_are_written_down_together() -> None:
    async def story(works: Works) -> None:
        works.provider.spread_s = 0.001
        await works.begin(100)
        await works.until_completed(works.worker(concurrency=20))
        assert sum(Recording.batches) == 100
        assert len(Recording.batches) <= 20

    at_work(story)


def test_two_workers_share_the_work() -> None:
    async def story(works: Works) -> None:
        await works.begin(60)
        await works.until_completed(works.worker("w1", 3), works.worker("w2", 3))
        assert await works.states() == {"accepted": 60}
        assert works.provider.most_at_once == 6

    at_work(story)


def test_a_worker_that_is_stopped_leaves_nothing_in_doubt_and_uses_up_no_retry() -> None:
    async def story(works: Works) -> None:
        works.provider.latency_s = 0.05
        await works.begin(900)
        worker = works.worker(concurrency=10)
        task = asyncio.create_task(worker.run())
        await asyncio.sleep(2.03)
        under_way = works.provider.at_once
        assert under_way == 10
        worker.stop()
        await task
        rows = await works.house.store.ledger.page(MessageFilter(), None, 1000)
        assert {row.state for row in rows} == {MessageState.ACCEPTED, MessageState.DUE}
        accepted = [row for row in rows if row.state is MessageState.ACCEPTED]
        assert len(accepted) == len(works.provider.sent_at), "what had begun was brought to its end"
        assert {row.retries_used for row in rows} == {0}
        back = [row for row in rows if row.state is MessageState.DUE and row.attempts]
        assert back, "some had been claimed ahead"
        assert {row.reason for row in back} == {"shutdown"}

    at_work(story)


def test_the_next_worker_finishes_what_a_stopped_one_left() -> None:
    async def story(works: Works) -> None:
        await works.begin(30)
        first = works.worker("w1", 4)
        task = asyncio.create_task(first.run())
        await asyncio.sleep(1.2)
        first.stop()
        await task
        await works.until_completed(works.worker("w2", 4))
        assert await works.states() == {"accepted": 30}
        assert len(works.provider.sent_at) == 30

    at_work(story)


def test_a_worker_stops_at_once_when_it_has_nothing_to_do() -> None:
    async def story(works: Works) -> None:
        worker = works.worker()
        task = asyncio.create_task(worker.run())
        await asyncio.sleep(60)
        worker.stop()
        before = works.clock.now()
        await task
        assert works.clock.now() - before <= timedelta(seconds=1)

    at_work(story)


def test_a_worker_may_be_stopped_before_it_runs() -> None:
    async def story(works: Works) -> None:
        await works.begin(3)
        worker = works.worker()
        worker.stop()
        await asyncio.wait_for(worker.run(), timeout=5)
        assert works.provider.sent_at == []

    at_work(story)


def test_a_nudge_is_news_at_once() -> None:
    async def story(works: Works) -> None:
        worker = works.worker()
        task = asyncio.create_task(worker.run())
        await asyncio.sleep(60)
        await works.begin(2)
        before = works.clock.now()
        worker.nudge()
        await asyncio.sleep(3)
        worker.stop()
        await task
        assert len(works.provider.sent_at) == 2
        assert works.provider.sent_at[0] - before <= timedelta(seconds=1)

    at_work(story)


def test_a_worker_that_polls_finds_what_another_process_did() -> None:
    async def story(works: Works) -> None:
        worker = Worker(works.engine, works.clock, name="w1", concurrency=2, poll=timedelta(seconds=1))
        task = asyncio.create_task(worker.run())
        await asyncio.sleep(60)
        await works.begin(2)
        began = works.clock.now()
        await asyncio.sleep(5)
        assert len(works.provider.sent_at) == 2
        assert works.provider.sent_at[0] - began <= timedelta(seconds=3)
        worker.stop()
        await task

    at_work(story)


def test_a_retry_comes_at_its_time() -> None:
    async def story(works: Works) -> None:
        works.provider.outcome = Outcome(False, failure=FailureClass.TRANSIENT)
        await works.begin(1)
        await works.until_completed(works.worker())
        gaps = [
            (later - earlier).total_seconds()
            for earlier, later in zip(works.provider.sent_at, works.provider.sent_at[1:], strict=False)
        ]
        assert [round(gap - works.provider.latency_s) for gap in gaps] == [1, 2, 4]
        assert await works.states() == {"dead": 1}

    at_work(story)


def test_a_paused_campaign_stops_within_its_claims_and_goes_on_when_resumed() -> None:
    async def story(works: Works) -> None:
        await works.begin(60)
        worker = works.worker(concurrency=2)
        task = asyncio.create_task(worker.run())
        await asyncio.sleep(2)
        await campaigns.pause(works.house.store, "camp", works.clock.now())
        await asyncio.sleep(5)
        sent = len(works.provider.sent_at)
        await asyncio.sleep(3600)
        assert len(works.provider.sent_at) == sent < 60
        await campaigns.resume(works.house.store, "camp", works.clock.now())
        worker.nudge()
        await asyncio.sleep(60)
        assert len(works.provider.sent_at) == 60
        worker.stop()
        await task

    at_work(story)


class BrokenError(Exception):
    """Something that must not happen."""


async def breaks(*_: object) -> Any:
    raise BrokenError


@pytest.mark.parametrize(
    "broken",
    [
        "disparo.engine.launch.Launch.run",
        "disparo.engine.housekeeping.Housekeeping.run",
        "disparo.engine.reconcile.Reconcile.run",
        "disparo.engine.inbound.Collect.run",
        "disparo.engine.dispatch.Dispatch.claim",
        "disparo.engine.dispatch.Dispatch.prepare",
        "disparo.engine.dispatch.Dispatch.record",
    ],
)
def test_a_step_that_breaks_ends_the_worker_with_its_error(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(works: Works) -> None:
        await works.begin(3)
        monkeypatch.setattr(broken, breaks)
        with pytest.raises(BaseExceptionGroup) as raised:
            await asyncio.wait_for(_nothing_after(works.worker().run()), timeout=30)
        assert raised.group_contains(BrokenError)

    at_work(story)


def test_what_breaks_beside_the_sending_does_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    async def story(works: Works) -> None:
        called: list[datetime] = []

        async def forgets(now: datetime) -> datetime | None:
            called.append(now)
            raise BrokenError

        works.engine = replace(works.engine, retention=forgets)
        await works.begin(20)
        await works.until_completed(works.worker())
        assert await works.states() == {"accepted": 20}
        assert called, "it was tried"
        assert all(after - before >= timedelta(minutes=1) for before, after in pairwise(called))

    at_work(story)
    assert "step_failed" in caplog.text


async def _nothing_after(run: Coroutine[Any, Any, None]) -> None:
    """Run to the end, and see that no task of it is left behind."""
    before = asyncio.all_tasks()
    try:
        await run
    finally:
        assert asyncio.all_tasks() <= before
