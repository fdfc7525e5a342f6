"""The worker with a channel that takes many messages in one request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from disparo.domain.contact import Channel
from disparo.domain.message import MessageId, MessageState, Outcome
from disparo.domain.policies.circuit_breaker import CLOSED, BreakerPolicy
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.policies.retry import FailureClass
from disparo.domain.sender import Sender
from disparo.engine.dispatch import Dispatch, Route
from disparo.engine.engine import Engine
from disparo.ports.channel import Outgoing
from disparo.ports.ledger import Claim, MessageFilter
from disparo.simulation.virtual_time import VirtualClock, run_virtually
from disparo.worker import Worker
from tests.unit.usecases.conftest import MONDAY, House

SECOND = timedelta(seconds=1)
FRAIL = BreakerPolicy(threshold=3, timeout=timedelta(seconds=60))


@dataclass
class Wholesale:
    """A provider that takes up to `most_at_once` messages in a request and needs a while for each request."""

    clock: VirtualClock
    most_at_once: int = 100
    latency_s: float = 0.5
    outcome: Callable[[MessageId], Outcome] = lambda _: Outcome(True)
    requests: list[tuple[datetime, list[MessageId]]] = field(default_factory=list)
    at_once: int = 0
    highest_at_once: int = 0
    on_request: Callable[[], None] = lambda: None

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        """See `SendChannel.send`."""
        [outcome] = await self.send_many([message], now)
        return outcome

    async def send_many(self, messages: Sequence[Outgoing], now: datetime) -> Sequence[Outcome]:
        """See `SendsMany.send_many`."""
        assert len(messages) <= self.most_at_once
        self.requests.append((now, [one.id for one in messages]))
        self.at_once += 1
        self.highest_at_once = max(self.highest_at_once, self.at_once)
        self.on_request()
        await asyncio.sleep(self.latency_s)
        self.at_once -= 1
        return [self.outcome(one.id) for one in messages]

    @property
    def sizes(self) -> list[int]:
        return [len(ids) for _, ids in self.requests]


@dataclass
class Works:
    """A house with such a provider at work on a virtual clock."""

    house: House
    clock: VirtualClock
    provider: Wholesale
    engine: Engine

    def worker(self, concurrency: int = 5) -> Worker:
        return Worker(self.engine, self.clock, name="w1", concurrency=concurrency, poll=SECOND)

    async def begin(self, people: int, **keys: Any) -> None:
        self.house.now = self.clock.now()
        await self.house.begin(people, **keys)

    async def states(self) -> dict[str, int]:
        rows = await self.house.store.ledger.page(MessageFilter(), None, 10_000)
        return {state: sum(row.state == state for row in rows) for state in {str(row.state) for row in rows}}

    async def work_for(self, time_s: float, worker: Worker | None = None) -> None:
        """Work for a while, then stop."""
        worker = worker or self.worker()
        task = asyncio.create_task(worker.run())
        await asyncio.sleep(time_s)
        assert not task.done(), task.exception()
        worker.stop()
        await task


def at_work(story: Callable[[Works], Awaitable[None]], limits: Limits | None = None) -> None:
    """Tell a story on a virtual clock that begins on a Monday at ten in Sao Paulo."""

    async def main() -> None:
        house, clock = House(), VirtualClock(MONDAY)
        provider = Wholesale(clock)
        sender = replace(Sender("whatsapp", Channel.WHATSAPP, limits or Limits()), breaker=FRAIL)
        engine = Engine.build(house.store, house.renderer, {"whatsapp": Route(sender, provider)}, lambda: 0.5)
        await story(Works(house, clock, provider, engine))

    run_virtually(main())


def test_what_is_ready_goes_in_as_few_requests_as_may_be() -> None:
    async def story(works: Works) -> None:
        await works.begin(420)
        await works.work_for(20)
        assert await works.states() == {"accepted": 420}
        assert works.provider.sizes == [100, 100, 100, 100, 20]
        sent = [one for _, ids in works.provider.requests for one in ids]
        assert len(set(sent)) == 420, "nobody is sent to twice"

    at_work(story)


def test_a_request_is_not_kept_waiting_for_more_messages() -> None:
    async def story(works: Works) -> None:
        await works.begin(3)
        began = works.clock.now()
        await works.work_for(5)
        [(at, ids)] = works.provider.requests
        assert len(ids) == 3
        assert at - began < SECOND / 10

    at_work(story)


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_requests_than_the_setting_are_at_their_provider_at_once(concurrency: int) -> None:
    async def story(works: Works) -> None:
        works.provider.most_at_once = 10
        await works.begin(200)
        await works.work_for(60, works.worker(concurrency))
        assert works.provider.highest_at_once == concurrency
        assert await works.states() == {"accepted": 200}

    at_work(story)


def test_permits_are_spent_only_for_what_can_leave_within_their_second() -> None:
    async def story(works: Works) -> None:
        claims: list[Claim] = []
        whole = Dispatch.claim

        async def noted(dispatch: Dispatch, *args: Any) -> Claim:
            claims.append(await whole(dispatch, *args))
            return claims[-1]

        works.provider.most_at_once, works.provider.latency_s = 20, 30.0
        await works.begin(500)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Dispatch, "claim", noted)
            await works.work_for(200, works.worker(concurrency=2))
        rows = await works.house.store.ledger.page(MessageFilter(), None, 1_000)
        assert {row.reason for row in rows if row.state is MessageState.DUE} <= {"", "shutdown"}, "none missed it"
        assert sum(len(one.messages) for one in claims) <= sum(works.provider.sizes) + 20
        assert max(works.provider.sizes) == 20

    at_work(story)


def test_a_limit_is_kept_and_its_whole_window_goes_at_once() -> None:
    async def story(works: Works) -> None:
        await works.begin(25)
        await works.work_for(130)
        assert works.provider.sizes == [10, 10, 5]
        gaps = [
            later - at
            for (at, _), (later, _) in zip(works.provider.requests, works.provider.requests[1:], strict=False)
        ]
        assert all(61 * SECOND <= gap < 62 * SECOND for gap in gaps)

    at_work(story, Limits(burst=10))


def test_each_message_has_its_own_outcome() -> None:
    async def story(works: Works) -> None:
        fates = {
            0: Outcome(True, "p"),
            1: Outcome(False, None, FailureClass.RECIPIENT),
            2: Outcome(False, None, FailureClass.UNKNOWN),
        }
        works.provider.outcome = lambda one: fates[int(one.contact_id) % 3]
        await works.begin(30)
        await works.work_for(5)
        assert await works.states() == {"accepted": 10, "failed": 10, "in_doubt": 10}

    at_work(story)


def test_a_request_that_fails_is_one_fault_of_its_provider_and_one_retry_of_each_message() -> None:
    async def story(works: Works) -> None:
        works.provider.outcome = lambda _: Outcome(False, None, FailureClass.TRANSIENT)
        await works.begin(50)
        await works.work_for(0.9)
        rows = await works.house.store.ledger.page(MessageFilter(), None, 100)
        assert {(row.state, row.retries_used) for row in rows} == {(MessageState.DUE, 1)}
        assert (await works.house.store.ledger.breaker("whatsapp")).faults == 1

    at_work(story)


def test_requests_that_fail_one_after_the_other_open_the_breaker() -> None:
    async def story(works: Works) -> None:
        works.provider.outcome = lambda _: Outcome(False, None, FailureClass.THROTTLED)
        await works.begin(50)
        await works.work_for(20)
        assert works.provider.sizes == [50, 50, 50]
        assert (await works.house.store.ledger.breaker("whatsapp")).opened_at is not None

    at_work(story)


def test_a_half_open_breaker_lets_one_message_through_and_then_the_rest_together() -> None:
    async def story(works: Works) -> None:
        works.provider.outcome = lambda _: Outcome(False, None, FailureClass.THROTTLED)
        await works.begin(50)
        worker = works.worker()
        task = asyncio.create_task(worker.run())
        await asyncio.sleep(20)
        works.provider.outcome = lambda _: Outcome(True)
        await asyncio.sleep(90)
        assert works.provider.sizes == [50, 50, 50, 1, 49]
        assert await works.house.store.ledger.breaker("whatsapp") == CLOSED
        worker.stop()
        await task

    at_work(story)


def test_one_recipient_that_is_refused_says_that_the_provider_is_well() -> None:
    async def story(works: Works) -> None:
        gone, busy = Outcome(False, None, FailureClass.RECIPIENT), Outcome(False, None, FailureClass.TRANSIENT)
        works.provider.outcome = lambda one: gone if int(one.contact_id) % 50 == 7 else busy
        await works.begin(50)
        await works.work_for(0.9)
        assert await works.house.store.ledger.breaker("whatsapp") == CLOSED

    at_work(story)


def test_whoever_opts_out_before_the_request_is_left_out_of_it() -> None:
    async def story(works: Works) -> None:
        await works.begin(10)
        whole = Dispatch.prepare_many

        async def after_an_opt_out(dispatch: Dispatch, messages: Any, now: datetime) -> Any:
            works.house.now = now
            await works.house.reply(str(messages[4].id), "SAIR")
            return await whole(dispatch, messages, now)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Dispatch, "prepare_many", after_an_opt_out)
            await works.work_for(0.4)
        assert works.provider.sizes == [9]

    at_work(story)


def test_a_worker_that_is_stopped_waits_for_its_requests_and_gives_back_the_rest() -> None:
    async def story(works: Works) -> None:
        works.provider.most_at_once = 10
        await works.begin(500)
        worker = works.worker(concurrency=3)
        task = asyncio.create_task(worker.run())
        await asyncio.sleep(5.2)
        assert works.provider.at_once == 3
        worker.stop()
        await task
        rows = await works.house.store.ledger.page(MessageFilter(), None, 1_000)
        assert {row.state for row in rows} == {MessageState.ACCEPTED, MessageState.DUE}
        assert sum(row.state is MessageState.ACCEPTED for row in rows) == sum(works.provider.sizes)
        assert {row.reason for row in rows if row.state is MessageState.DUE} <= {"", "shutdown"}

    at_work(story)


def test_a_claim_that_comes_back_after_the_stop_is_given_back_and_written_down() -> None:
    async def story(works: Works) -> None:
        await works.begin(30)
        whole = Dispatch.claim

        async def slowly(dispatch: Dispatch, *args: Any) -> Claim:
            claim = await whole(dispatch, *args)
            await asyncio.sleep(3)
            return claim

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Dispatch, "claim", slowly)
            await works.work_for(1)
        rows = await works.house.store.ledger.page(MessageFilter(), None, 1_000)
        assert {(row.state, row.reason) for row in rows} == {(MessageState.DUE, "shutdown")}

    at_work(story)
