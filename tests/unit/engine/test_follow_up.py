"""What a settled step means for the steps behind it, and how a sequence is stopped and mended."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from disparo.domain.campaign import Campaign
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.message import MessageEvent, MessageId, MessageRecord, MessageState
from disparo.domain.place import Place
from disparo.domain.settlement import FollowUp, Settlement
from disparo.engine.follow_up import follow_ups, mend_sequence, stop_sequence, waiting_head
from tests.unit.usecases.conftest import MONDAY, House

E, S = MessageEvent, MessageState
HOME = Place("America/Sao_Paulo", "BR-SP")
FRIDAY = MONDAY + timedelta(days=4)
DAY = timedelta(days=1)


def mail(**keys: object) -> dict[str, object]:
    return {"channel": "email", "subject": "Oi", "text": "Oi", **keys}


def chat(**keys: object) -> dict[str, object]:
    return {"channel": "whatsapp", "text": "Oi", **keys}


def campaign(*steps: dict[str, object]) -> Campaign:
    return parse_campaign({"name": "camp", "list": "lista", "steps": list(steps)}, created_at=MONDAY)


def promotions(follow: Sequence[FollowUp]) -> list[tuple[int, datetime | None]]:
    return [(one.step, one.due_at) for one in follow if one.event is E.PROMOTE]


def cancels(follow: Sequence[FollowUp]) -> list[tuple[int, str]]:
    return [(one.step, one.reason) for one in follow if one.event is E.CANCEL]


def test_the_next_step_comes_after_its_wait() -> None:
    follow = follow_ups(campaign(chat(), mail(wait="36h")), 1, sent=True, now=MONDAY, place=HOME)
    assert promotions(follow) == [(2, MONDAY + timedelta(hours=36))]


def test_a_wait_of_business_days_passes_over_the_weekend() -> None:
    follow = follow_ups(campaign(chat(), mail(wait="2bd")), 1, sent=True, now=FRIDAY, place=HOME)
    assert promotions(follow) == [(2, FRIDAY + 4 * DAY)]


def test_a_failure_that_goes_on_does_so_at_once() -> None:
    steps = campaign(chat(on_failure="next"), mail(wait="3d"), chat(wait="5d"))
    follow = follow_ups(steps, 1, sent=False, now=MONDAY, place=HOME)
    # Should the second be cancelled meanwhile, the third takes its place, after its own wait.
    assert promotions(follow) == [(2, MONDAY), (3, MONDAY + 5 * DAY)]


def test_a_failure_that_stops_cancels_everything_behind_it() -> None:
    follow = follow_ups(campaign(chat(), mail(), chat()), 1, sent=False, now=MONDAY, place=HOME)
    assert cancels(follow) == [(2, "previous_step_failed"), (3, "previous_step_failed")]
    assert promotions(follow) == []


def test_a_fallback_that_is_not_needed_is_cancelled_and_the_step_behind_it_waits() -> None:
    steps = campaign(chat(on_failure="next"), mail(when="previous_failed"), chat(wait="1d"))
    follow = follow_ups(steps, 1, sent=True, now=MONDAY, place=HOME)
    assert cancels(follow) == [(2, "not_needed")]
    assert promotions(follow) == [(3, MONDAY + DAY)]


def test_a_fallback_follows_at_once_whatever_its_wait() -> None:
    steps = campaign(chat(on_failure="next"), mail(when="previous_failed", wait="4d"))
    assert promotions(follow_ups(steps, 1, sent=False, now=MONDAY, place=HOME)) == [(2, MONDAY)]


def test_a_step_that_was_left_out_counts_as_not_sent_for_its_fallback_and_stops_nothing() -> None:
    steps = campaign(chat(on_failure="stop"), mail(when="previous_failed"), chat(wait="1d"))
    follow = follow_ups(steps, 1, sent=False, skipped=True, now=MONDAY, place=HOME)
    assert cancels(follow) == []
    assert promotions(follow)[0] == (2, MONDAY)
    without_fallback = campaign(chat(on_failure="stop"), mail(wait="1d"))
    follow = follow_ups(without_fallback, 1, sent=False, skipped=True, now=MONDAY, place=HOME)
    assert promotions(follow) == [(2, MONDAY + DAY)]


def test_nothing_follows_the_last_step() -> None:
    for sent in (True, False):
        assert follow_ups(campaign(chat()), 1, sent=sent, now=MONDAY, place=HOME) == ()


def record(step: int, state: MessageState) -> MessageRecord:
    [one] = campaign(chat()).steps
    return MessageRecord(MessageId("1", step, "1"), one.channel, HOME, state, "", 5, None, 0, 0, MONDAY)


def test_the_head_is_the_first_that_waits_behind_settled_ones() -> None:
    def head(*states: MessageState) -> int | None:
        found = waiting_head([record(step, state) for step, state in enumerate(states, 1)])
        return None if found is None else found.id.step

    assert head(S.READ, S.WAITING, S.WAITING) == 2
    assert head(S.CANCELLED, S.FAILED, S.WAITING) == 3
    assert head(S.WAITING) == 1
    for under_way in (S.DUE, S.SENDING, S.IN_DOUBT, S.CLAIMED):
        assert head(S.READ, under_way, S.WAITING) is None
    assert head(S.READ, S.CANCELLED) is None
    assert head() is None


GOES_ON = [chat(), mail(wait="1d"), chat(wait="1d", stop_on_reply=False), mail(wait="1d")]


async def sequence(house: House, *steps: dict[str, object]) -> tuple[Campaign, str]:
    """A contact whose first step was sent."""
    started = await house.begin(1, steps=list(steps))
    [sent] = await house.send()
    return started, sent.contact_id


async def standing(house: House, started: Campaign, contact: str) -> list[tuple[str, str]]:
    rows = await house.store.ledger.rows_of(started.id, contact)
    return [(str(row.state), row.reason) for row in rows]


def test_a_reply_stops_what_it_is_meant_to_stop_and_the_rest_follows(house: House) -> None:
    async def story() -> None:
        started, ana = await sequence(house, *GOES_ON)
        await stop_sequence(house.store.ledger, started, ana, "replied", house.now)
        stopped = ("cancelled", "replied")
        assert await standing(house, started, ana) == [("accepted", ""), stopped, ("due", ""), stopped]
        third = await house.store.ledger.get(MessageId(started.id, 3, ana))
        assert third.due_at == house.now + DAY

    asyncio.run(story())


def test_a_reply_leaves_what_has_begun_to_its_outcome(house: House) -> None:
    async def story() -> None:
        started, ana = await sequence(house, chat(), chat(), mail(wait="1d"))
        [second] = await house.claim()
        assert second.id.step == 2
        await stop_sequence(house.store.ledger, started, ana, "replied", house.now)
        assert await standing(house, started, ana) == [("accepted", ""), ("sending", ""), ("cancelled", "replied")]
        await house.deliver([second])
        assert (await standing(house, started, ana))[1] == ("accepted", "")

    asyncio.run(story())


def test_a_message_that_is_claimed_while_its_reply_is_looked_into_is_left_to_its_outcome(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        started, ana = await sequence(house, chat(), chat(), mail(wait="1d"))
        seen = await house.store.ledger.rows_of(started.id, ana)
        [second] = await house.claim()

        async def as_it_was(*_: object) -> Sequence[MessageRecord]:
            return seen

        with monkeypatch.context() as patch:
            patch.setattr(type(house.store.ledger), "rows_of", as_it_was)
            await stop_sequence(house.store.ledger, started, ana, "replied", house.now)
        assert await standing(house, started, ana) == [("accepted", ""), ("sending", ""), ("cancelled", "replied")]
        assert await house.deliver([second]) == {second.id}

    asyncio.run(story())


def test_stopping_twice_is_as_once(house: House) -> None:
    async def story() -> None:
        started, ana = await sequence(house, *GOES_ON)
        for _ in range(2):
            await stop_sequence(house.store.ledger, started, ana, "replied", house.now)
        journal = await house.store.ledger.journal(MessageId(started.id, 2, ana))
        assert [line.event for line in journal].count("cancel") == 1

    asyncio.run(story())


def test_mending_promotes_whom_nothing_else_will(house: House) -> None:
    async def story() -> None:
        started, ana = await sequence(house, chat(), mail(wait="1d"), chat(wait="2d"))
        assert not await mend_sequence(house.store.ledger, started, ana, house.now), "the second is under way"
        second = MessageId(started.id, 2, ana)
        await house.store.ledger.settle([Settlement(second, E.CANCEL, reason="bounced")], house.now)
        assert await mend_sequence(house.store.ledger, started, ana, house.now)
        assert (await house.store.ledger.get(second._replace(step=3))).due_at == house.now + 2 * DAY

    asyncio.run(story())
