"""The courier with a channel that takes many messages in one request."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from disparo.domain.contact import Channel
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.sender import Sender
from disparo.engine.dispatch import Dispatch, Route
from disparo.engine.engine import Engine
from disparo.simulation.virtual_time import VirtualClock, run_virtually
from disparo.worker.courier import Courier
from disparo.worker.tick import FIRST_IN
from tests.unit.usecases.conftest import MONDAY, House
from tests.unit.worker.queue_story import Line, Queue
from tests.unit.worker.test_worker import Slow
from tests.unit.worker.test_worker_batches import FRAIL, Wholesale

SECOND = timedelta(seconds=1)


def on_the_line(story: Callable[[Line, Wholesale], Awaitable[None]]) -> None:
    """Tell a story of a line whose provider takes many at once."""

    async def main() -> None:
        house, clock = House(), VirtualClock(MONDAY)
        provider = Wholesale(clock)
        sender = replace(Sender("whatsapp", Channel.WHATSAPP), breaker=FRAIL)
        engine = Engine.build(house.store, house.renderer, {"whatsapp": Route(sender, provider)}, lambda: 0.5)
        await story(Line(house, clock, Slow(clock), engine, Queue(clock)), provider)

    run_virtually(main())


def test_tickets_of_one_moment_go_in_as_few_requests_as_may_be() -> None:
    async def story(line: Line, provider: Wholesale) -> None:
        await line.begin(230)
        carried = await line.carry(await line.claim())
        assert sorted(provider.sizes) == [30, 100, 100]
        assert await line.states() == {"accepted": 230}
        moment = MONDAY + FIRST_IN
        assert all(timedelta(0) <= at - moment < SECOND / 50 for at, _ in provider.requests)
        assert all(one.took is not None and one.took >= SECOND / 2 for one in carried)

    on_the_line(story)


def test_a_duplicate_is_in_no_request() -> None:
    async def story(line: Line, provider: Wholesale) -> None:
        await line.begin(10)
        tickets = await line.claim()
        carried = await line.carry([*tickets, *tickets])
        assert provider.sizes == [10]
        assert Counter(one.settlement is None for one in carried) == {True: 10, False: 10}

    on_the_line(story)


def test_no_more_requests_than_the_setting_are_under_way() -> None:
    async def story(line: Line, provider: Wholesale) -> None:
        provider.most_at_once, provider.latency_s = 10, 0.2
        await line.begin(40)
        tickets = await line.claim()
        courier = Courier(line.engine.dispatch, line.engine.ledger, line.clock, concurrency=2)
        await courier.carry(tickets, line.clock.now() + 60 * SECOND)
        assert provider.highest_at_once == 2
        assert await line.states() == {"accepted": 40}

    on_the_line(story)


def test_each_has_its_own_outcome_and_those_too_late_go_back() -> None:
    async def story(line: Line, provider: Wholesale) -> None:
        gone = Outcome(False, None, FailureClass.RECIPIENT)
        provider.outcome = lambda one: gone if int(one.contact_id) % 4 == 0 else Outcome(True)
        provider.most_at_once, provider.latency_s = 10, 0.6
        await line.begin(40)
        tickets = await line.claim()
        courier = Courier(line.engine.dispatch, line.engine.ledger, line.clock, concurrency=1)
        carried = await courier.carry(tickets, line.clock.now() + 60 * SECOND)
        reasons = Counter(one.settlement.reason for one in carried if one.settlement)
        assert provider.sizes == [10, 10]
        assert reasons["missed_its_moment"] == 20
        assert all(
            one.took is None for one in carried if one.settlement and one.settlement.reason == "missed_its_moment"
        )
        states = await line.states()
        assert (states["due"], states["accepted"] + states["failed"]) == (20, 20)

    on_the_line(story)


def test_nothing_is_requested_once_it_is_time_to_stop() -> None:
    async def story(line: Line, provider: Wholesale) -> None:
        provider.most_at_once, provider.latency_s = 10, 0.4
        await line.begin(30)
        tickets = await line.claim()
        courier = Courier(line.engine.dispatch, line.engine.ledger, line.clock, concurrency=1)
        carried = await courier.carry(tickets, MONDAY + FIRST_IN + SECOND * 0.3)
        reasons = Counter(one.settlement.reason for one in carried if one.settlement)
        assert provider.sizes == [10]
        assert reasons == {"": 10, "shutdown": 20}

    on_the_line(story)


def test_a_call_that_breaks_is_the_failure_of_each_of_its_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(dispatch: Dispatch, ready: Any, now: datetime) -> Any:
        raise ZeroDivisionError

    async def story(line: Line, _: Wholesale) -> None:
        await line.begin(5)
        tickets = await line.claim()
        monkeypatch.setattr(Dispatch, "hand_over_many", breaks)
        carried = await line.carry(tickets)
        assert [type(one.failure) for one in carried] == [ZeroDivisionError] * 5
        assert await line.states() == {"sending": 5}, "their leases will run out"

    on_the_line(story)


def test_a_function_that_dies_leaves_its_request_in_doubt() -> None:
    async def story(line: Line, provider: Wholesale) -> None:
        provider.latency_s = 60
        await line.begin(5)
        carrying = asyncio.create_task(line.carry(await line.claim()))
        await line.passes(FIRST_IN + SECOND)
        assert provider.sizes == [5]
        carrying.cancel()
        await line.passes(120)
        await line.house.store.ledger.lapse(line.clock.now(), 100)
        assert await line.states() == {"in_doubt": 5}

    on_the_line(story)
