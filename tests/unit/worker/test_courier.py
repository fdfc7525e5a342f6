"""The courier: each ticket at its moment, once, within the function's time, and alone when it breaks."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from disparo.domain.errors import StoreError
from disparo.domain.message import Outcome
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.policies.retry import FailureClass
from disparo.domain.settlement import Settlement
from disparo.engine.dispatch import Dispatch
from disparo.usecases import campaigns
from disparo.worker.courier import BEGIN_EARLY
from disparo.worker.rounds import Rounds
from disparo.worker.tick import FIRST_IN
from tests.unit.usecases.conftest import MONDAY
from tests.unit.worker.queue_story import MINUTE, Line, on_the_line

SECOND = timedelta(seconds=1)


def test_many_with_one_moment_are_begun_before_it_and_all_leave_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(line: Line) -> None:
        await line.begin(50)
        tickets = await line.claim()
        at_once = asyncio.Lock()
        whole = type(line.engine.ledger).begin

        async def slowly(ledger: Any, message: Any, now: datetime) -> bool:
            async with at_once:
                await line.passes(0.03)
            return await whole(ledger, message, now)

        monkeypatch.setattr(type(line.engine.ledger), "begin", slowly)
        await line.carry(tickets)
        assert await line.states() == {"accepted": 50}

    on_the_line(story)


def test_a_duplicate_that_is_given_back_takes_nothing_from_the_one_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(line: Line) -> None:
        line.provider.latency_s = 5
        await line.begin(1)
        [ticket] = await line.claim()
        seen_before = await line.engine.ledger.pick_up(ticket, line.clock.now())
        carrying = asyncio.create_task(line.carry([ticket]))
        await line.passes(FIRST_IN + SECOND)

        async def as_it_was(*_: object) -> object:
            return seen_before

        monkeypatch.setattr(type(line.engine.ledger), "pick_up", as_it_was)
        [duplicate] = await line.carry([ticket])
        assert (duplicate.settlement, duplicate.failure) == (None, None)
        assert await line.claim() == [], "it is being sent"
        await carrying
        assert await line.states() == {"accepted": 1}

    on_the_line(story)


def test_each_message_leaves_at_its_moment() -> None:
    async def story(line: Line) -> None:
        await line.begin(3)
        carried = await line.carry(await line.claim())
        assert all(timedelta(0) <= at - (MONDAY + FIRST_IN) < SECOND / 100 for at in line.provider.sent_at)
        assert [one.took for one in carried if one.took and one.took < SECOND] == [one.took for one in carried]
        assert await line.states() == {"accepted": 3}

    on_the_line(story)


def test_a_duplicate_is_nothing_to_do() -> None:
    async def story(line: Line) -> None:
        await line.begin(4)
        tickets = await line.claim()
        carried = await line.carry([*tickets, *tickets])
        assert [one.failure for one in carried] == [None] * 8
        again = await line.carry(tickets)
        assert [(one.settlement, one.failure) for one in again] == [(None, None)] * 4
        assert len(line.provider.sent_at) == 4

    on_the_line(story)


def test_two_functions_with_the_same_tickets_send_each_message_once() -> None:
    async def story(line: Line) -> None:
        await line.begin(20)
        tickets = await line.claim()
        await asyncio.gather(line.carry(tickets), line.carry(list(reversed(tickets))))
        assert len(line.provider.sent_at) == 20
        assert await line.states() == {"accepted": 20}

    on_the_line(story)


def test_order_does_not_matter() -> None:
    async def story(line: Line) -> None:
        await line.begin(40)
        tickets = [*await line.claim()]
        await line.passes(55)
        tickets += await line.claim()
        assert len({ticket.permit_at for ticket in tickets}) > 1
        late = [ticket for ticket in tickets if ticket.permit_at < line.clock.now()]
        await line.carry(list(reversed(tickets)))
        assert (await line.states())["accepted"] == len(tickets) - len(late)
        assert all(at >= MONDAY + timedelta(seconds=55) for at in line.provider.sent_at)

    on_the_line(story, Limits(burst=10))


def test_a_ticket_that_comes_too_late_goes_back_to_its_lane_unsent() -> None:
    async def story(line: Line) -> None:
        await line.begin(2)
        tickets = await line.claim()
        await line.passes(FIRST_IN + SECOND)
        carried = await line.carry(tickets)
        assert [one.settlement and one.settlement.reason for one in carried] == ["missed_its_moment"] * 2
        assert not line.provider.sent_at
        assert {(row.state, row.retries_used) for row in await line.rows()} == {("due", 0)}
        await line.carry(await line.claim())
        assert await line.states() == {"accepted": 2}

    on_the_line(story)


def test_a_ticket_whose_lease_is_over_is_not_even_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(line: Line) -> None:
        await line.begin(2)
        tickets = await line.claim()
        await line.passes(3600)
        monkeypatch.setattr(type(line.engine.ledger), "pick_up", _breaks)
        carried = await line.carry(tickets)
        assert [(one.settlement, one.failure) for one in carried] == [(None, None)] * 2

    on_the_line(story)


def test_what_would_run_into_the_end_of_the_function_is_given_back() -> None:
    async def story(line: Line) -> None:
        await line.begin(2)
        began = line.clock.now()
        carried = await line.carry(await line.claim(), within=FIRST_IN)
        assert [one.settlement and one.settlement.reason for one in carried] == ["shutdown"] * 2
        assert line.clock.now() - began < SECOND, "it does not wait for a moment that it cannot use"
        assert await line.states() == {"due": 2}

    on_the_line(story)


def test_nothing_begins_once_it_is_time_to_stop() -> None:
    async def story(line: Line) -> None:
        await line.begin(4)
        line.provider.latency_s = 0.4
        tickets = await line.claim()
        carried = await line.courier(concurrency=1).carry(tickets, MONDAY + FIRST_IN + SECOND * 0.6)
        reasons = Counter(one.settlement.reason for one in carried if one.settlement)
        assert reasons == {"": 2, "shutdown": 2}
        assert len(line.provider.sent_at) == 2

    on_the_line(story)


@pytest.mark.parametrize(("step", "states"), [(-30, {"accepted": 1}), (30, {"due": 1})])
def test_a_clock_that_is_set_meanwhile_makes_nothing_leave_late(step: int, states: dict[str, int]) -> None:
    async def story(line: Line) -> None:
        await line.begin(1)
        tickets = await line.claim()
        began = line.clock.elapsed()
        carrying = asyncio.create_task(line.carry(tickets))
        await line.passes(1)
        line.clock.step(timedelta(seconds=step))
        await carrying
        assert line.clock.elapsed() - began < FIRST_IN + SECOND
        assert await line.states() == states

    on_the_line(story)


def test_an_opt_out_while_a_ticket_waits_wins() -> None:
    async def story(line: Line) -> None:
        await line.begin(2)
        tickets = await line.claim()
        carrying = asyncio.create_task(line.carry(tickets))
        await line.passes(2)
        line.house.now = line.clock.now()
        await line.house.reply(str(tickets[0].id), "SAIR")
        await carrying
        assert await line.states() == {"accepted": 1, "cancelled": 1}
        assert len(line.provider.sent_at) == 1

    on_the_line(story)


def test_a_reply_to_an_earlier_step_stops_one_that_has_begun_already() -> None:
    async def story(line: Line) -> None:
        text = {"channel": "whatsapp", "text": "Oi {{ nome }}"}
        line.house.now = line.clock.now()
        await line.house.begin(1, steps=[text, {**text, "wait": "1m"}])
        [first] = await line.carry(await line.claim())
        await line.passes(120)
        tickets = await line.claim()
        carrying = asyncio.create_task(line.carry(tickets))
        await line.passes(FIRST_IN - BEGIN_EARLY + SECOND)
        assert (await line.states())["sending"] == 1
        line.house.now = line.clock.now()
        await line.house.reply(str(first.ticket.id), "Quanto custa?")
        await carrying
        assert await line.states() == {"accepted": 1, "cancelled": 1}
        assert len(line.provider.sent_at) == 1

    on_the_line(story)


def test_a_cancelled_campaign_leaves_its_tickets_with_nothing_to_do() -> None:
    async def story(line: Line) -> None:
        await line.begin(3)
        tickets = await line.claim()
        await campaigns.cancel(line.house.store, "camp", line.clock.now())
        await line.carry(tickets)
        await Rounds(line.engine, line.clock, holder="r1").run(line.clock.now() + MINUTE)
        assert await line.states() == {"cancelled": 3}
        assert not line.provider.sent_at

    on_the_line(story)


def test_a_provider_that_fails_opens_the_breaker_and_the_rest_is_given_back() -> None:
    async def story(line: Line) -> None:
        line.provider.outcome = Outcome(False, failure=FailureClass.TRANSIENT)
        line.provider.latency_s = 0.1
        await line.begin(30)
        carried = await line.courier(concurrency=2).carry(await line.claim(), line.clock.now() + MINUTE)
        asked = len(line.provider.sent_at)
        reasons = Counter(one.settlement.reason for one in carried if one.settlement)
        assert reasons["breaker_open"] + reasons["missed_its_moment"] == 30 - asked
        assert 10 <= asked < 30

    on_the_line(story)


@pytest.mark.parametrize("broken", ["prepare", "hand_over", "conclude"])
def test_one_that_breaks_fails_alone(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(line: Line) -> None:
        await line.begin(3)
        tickets = await line.claim()
        _break_for(monkeypatch, broken, tickets[1].id)
        carried = await line.carry(tickets)
        assert [type(one.failure) for one in carried] == [type(None), ZeroDivisionError, type(None)]
        assert (await line.states())["accepted"] == 2

    on_the_line(story)


def test_one_that_cannot_be_recorded_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(line: Line) -> None:
        await line.begin(3)
        tickets = await line.claim()
        record = Dispatch.record

        async def sometimes(dispatch: Dispatch, settlements: list[Settlement], now: datetime) -> None:
            if any(one.id == tickets[1].id for one in settlements):
                raise StoreError("cheio")
            await record(dispatch, settlements, now)

        monkeypatch.setattr(Dispatch, "record", sometimes)
        carried = await line.carry(tickets)
        assert [type(one.failure) for one in carried] == [type(None), StoreError, type(None)]
        assert await line.states() == {"accepted": 2, "sending": 1}
        assert carried[1].took is not None, "its provider answered, which counts"

    on_the_line(story)


def test_an_outcome_is_recorded_soon_whatever_its_neighbours_do() -> None:
    async def story(line: Line) -> None:
        line.provider.latency_s, line.provider.spread_s = 0.1, 10.0
        await line.begin(3)
        carrying = asyncio.create_task(line.carry(await line.claim()))
        await line.passes(FIRST_IN + 11 * SECOND)
        assert await line.states() == {"accepted": 1, "sending": 2}
        await carrying
        assert await line.states() == {"accepted": 3}

    on_the_line(story)


def test_a_function_that_dies_after_the_request_leaves_a_doubt_and_before_it_a_due_message() -> None:
    async def story(line: Line) -> None:
        line.provider.latency_s = 60
        await line.begin(2)
        tickets = await line.claim()
        before = asyncio.create_task(line.carry(tickets[:1]))
        await line.passes((FIRST_IN - BEGIN_EARLY) - SECOND)
        before.cancel()
        after = asyncio.create_task(line.carry(tickets[1:]))
        await line.passes(5)
        after.cancel()
        await line.passes(120)
        await line.house.store.ledger.lapse(line.clock.now(), 100)
        assert await line.states() == {"due": 1, "in_doubt": 1}

    on_the_line(story)


def test_a_ticket_of_an_older_claim_cannot_send() -> None:
    async def story(line: Line) -> None:
        await line.begin(1)
        [ticket] = await line.claim()
        carried = await line.carry([replace(ticket, fence=ticket.fence - 1)])
        assert (carried[0].settlement, carried[0].failure) == (None, None)
        assert not line.provider.sent_at

    on_the_line(story)


async def _breaks(*_: object) -> Any:
    raise ZeroDivisionError


def _break_for(monkeypatch: pytest.MonkeyPatch, name: str, message_id: object) -> None:
    whole = getattr(Dispatch, name)

    async def broken(dispatch: Dispatch, message: Any, *rest: Any) -> Any:
        if message.id == message_id:
            raise ZeroDivisionError
        return await whole(dispatch, message, *rest)

    monkeypatch.setattr(Dispatch, name, broken)
