"""The tick: moments of the next minute, spread over the queue; alone, twice at once, dead or not at all."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from disparo.domain.errors import StoreError
from disparo.domain.policies.rate_limit import Limits, Pace
from disparo.worker.tick import AT_ONCE, EARLY, FIRST_IN, HORIZON, Tick
from tests.unit.usecases.conftest import MONDAY
from tests.unit.worker.queue_story import ENOUGH, MINUTE, Line, on_the_line


def test_tickets_arrive_a_little_before_their_moment() -> None:
    async def story(line: Line) -> None:
        await line.begin(25)
        await line.claim()
        await line.passes(50)
        await line.claim()
        ahead = {ticket.permit_at - at for at, ticket in line.queue.lying if ticket.permit_at > MONDAY + FIRST_IN}
        assert ahead
        assert all(EARLY <= early < EARLY + timedelta(seconds=1) for early in ahead)

    on_the_line(story, Limits(burst=10))


def test_the_first_moment_leaves_time_for_the_way() -> None:
    async def story(line: Line) -> None:
        await line.begin(3)
        assert {ticket.permit_at for ticket in await line.claim()} == {MONDAY + FIRST_IN}

    on_the_line(story)


def test_a_minute_is_claimed_and_no_more() -> None:
    async def story(line: Line) -> None:
        await line.begin(100)
        permits = sorted(ticket.permit_at for ticket in await line.claim())
        assert len(permits) == 10, "a burst of ten holds for 61 s, one more than the horizon"
        assert permits[-1] <= MONDAY + FIRST_IN + HORIZON

    on_the_line(story, Limits(burst=10))


def test_more_than_one_claim_is_made_when_there_is_more() -> None:
    async def story(line: Line) -> None:
        await line.begin(AT_ONCE * 2 + 100)
        assert len(await line.claim()) == AT_ONCE * 2 + 100

    on_the_line(story)


def test_a_limit_that_holds_messages_up_is_told() -> None:
    async def story(line: Line) -> None:
        await line.begin(25)
        done = await line.tick().run(line.clock.now() + ENOUGH)
        assert done.limited == {"whatsapp": "whatsapp:burst"}
        assert done.tickets == {"whatsapp": 10}

    on_the_line(story, Limits(burst=10))


def test_two_ticks_at_once_make_each_ticket_once() -> None:
    async def story(line: Line) -> None:
        await line.begin(300)
        until = line.clock.now() + ENOUGH
        done = await asyncio.gather(line.tick("a").run(until), line.tick("b").run(until))
        tickets = [ticket.id for _, ticket in line.queue.lying]
        assert len(tickets) == len(set(tickets)) == 300
        assert [one.idle for one in done] == [False, True]

    on_the_line(story)


def test_the_next_tick_may_begin_as_soon_as_one_has_ended() -> None:
    async def story(line: Line) -> None:
        await line.begin(3)
        until = line.clock.now() + ENOUGH
        await line.tick("a").run(until)
        assert not (await line.tick("b").run(until)).idle

    on_the_line(story)


def test_a_tick_that_dies_between_claim_and_queue_costs_a_lease_and_no_message() -> None:
    async def story(line: Line) -> None:
        await line.begin(5)
        line.queue.broken = True
        with pytest.raises(StoreError):
            await line.claim()
        line.queue.broken = False
        assert await line.claim() == [], "they are still in the hands of the dead one"
        await line.passes(FIRST_IN + timedelta(seconds=61))
        await line.engine.reconcile.run(line.clock.now())
        carried = await line.carry(await line.claim())
        assert [one.failure for one in carried] == [None] * 5
        assert await line.states() == {"accepted": 5}
        assert len(line.provider.sent_at) == 5
        assert {row.retries_used for row in await line.rows()} == {0}

    on_the_line(story)


def test_ten_minutes_without_a_tick_lose_nothing_and_break_no_limit() -> None:
    async def story(line: Line) -> None:
        await line.begin(30)
        for pause in (MINUTE, 10 * MINUTE, MINUTE, MINUTE):
            await line.carry(await line.claim())
            await line.passes(pause)
        sent = sorted(line.provider.sent_at)
        assert len(sent) == 30
        assert all(later - earlier > MINUTE for earlier, later in zip(sent, sent[10:], strict=False))

    on_the_line(story, Limits(burst=10))


def test_a_tick_stops_when_its_time_is_over() -> None:
    async def story(line: Line) -> None:
        await line.begin(3)
        assert await line.claim(until=timedelta(0)) == []

    on_the_line(story)


def test_moments_are_no_denser_than_the_pace() -> None:
    async def story(line: Line) -> None:
        await line.begin(100)
        pace = Pace(5, timedelta(milliseconds=500))
        await Tick(line.engine, line.queue, line.clock, holder="t", pace=pace).run(line.clock.now() + ENOUGH)
        moments = Counter(ticket.permit_at for _, ticket in line.queue.lying)
        assert set(moments.values()) == {5}
        assert (max(moments) - min(moments)).total_seconds() == 9.5

    on_the_line(story)


def test_nothing_is_claimed_while_the_carriers_are_behind() -> None:
    async def story(line: Line) -> None:
        await line.begin(3)
        line.queue.behind = 1_000
        assert await line.claim() == []
        line.queue.behind = 999
        assert len(await line.claim()) == 3

    on_the_line(story)
