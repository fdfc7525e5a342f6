"""Campaigns come to their end: swept when cancelled or too late, concluded when done, mended when somebody is stuck."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest

from disparo.domain.campaign import CampaignState
from disparo.domain.message import MessageEvent, MessageId
from disparo.domain.receipt import ReceiptKind
from disparo.domain.settlement import Settlement
from disparo.engine import housekeeping
from disparo.ports.ledger import MessageFilter
from disparo.usecases import campaigns
from tests.unit.usecases.conftest import House

STEPS = [
    {"channel": "whatsapp", "text": "Oi"},
    {"channel": "email", "subject": "Oi", "text": "Oi", "wait": "1d"},
    {"channel": "whatsapp", "text": "Oi de novo", "wait": "1d"},
]
MONTH = timedelta(days=30)


async def standing(house: House) -> Counter[tuple[str, str]]:
    rows = await house.store.ledger.page(MessageFilter(), None, 100_000)
    return Counter((str(row.state), row.reason) for row in rows)


async def state(house: House) -> CampaignState:
    return (await house.store.campaigns.get("camp")).state


def test_a_cancelled_campaign_is_swept_in_batches_and_ends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 40)

    async def story() -> None:
        await house.begin(100, steps=STEPS)
        await campaigns.cancel(house.store, "camp", house.now)
        left = []
        while await house.engine.housekeeping.run(house.now) == house.now:
            left.append(300 - (await standing(house))["cancelled", "campaign_cancelled"])
        assert left[:3] == [180, 60, 0]
        ended = await house.store.campaigns.get("camp")
        assert (ended.state, ended.ended_at) == (CampaignState.CANCELLED, house.now)
        assert await house.store.campaigns.live() == []

    asyncio.run(story())


def test_what_was_under_way_when_a_campaign_was_cancelled_ends_by_itself(house: House) -> None:
    async def story() -> None:
        await house.begin(3, steps=STEPS)
        under_way = await house.claim(count=1)
        await campaigns.cancel(house.store, "camp", house.now)
        await house.tidy()
        assert (await standing(house))["sending", ""] == 1
        assert len(await house.store.campaigns.live()) == 1
        await house.give_back(under_way)
        await house.tidy()
        assert await standing(house) == {("cancelled", "campaign_cancelled"): 9}
        assert await house.store.campaigns.live() == []

    asyncio.run(story())


def test_a_campaign_cancelled_while_it_was_launched_ends(house: House) -> None:
    async def story() -> None:
        await house.people(2500)
        await house.create()
        await campaigns.start(house.store, "camp", house.now)
        await house.engine.launch.run(house.now)
        await campaigns.cancel(house.store, "camp", house.now)
        await house.launch()
        await house.tidy()
        assert await standing(house) == {("cancelled", "campaign_cancelled"): 1000}
        assert await house.store.campaigns.live() == []

    asyncio.run(story())


def test_what_was_not_sent_by_the_deadline_expires(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "STILL", 2 * MONTH)

    async def story() -> None:
        await house.begin(2, steps=STEPS)
        await house.send(count=1)
        assert await house.engine.housekeeping.run(house.now) == house.now + MONTH
        house.now += MONTH
        await house.tidy()
        assert await standing(house) == {("accepted", ""): 1, ("expired", "deadline"): 5}
        assert await state(house) is CampaignState.COMPLETED

    asyncio.run(story())


def test_a_paused_campaign_expires_too_but_goes_on_being_paused(house: House) -> None:
    async def story() -> None:
        await house.begin(2)
        await campaigns.pause(house.store, "camp", house.now)
        house.now += MONTH
        await house.tidy()
        assert await standing(house) == {("expired", "deadline"): 2}
        assert await state(house) is CampaignState.PAUSED
        await campaigns.resume(house.store, "camp", house.now)
        await house.tidy()
        assert await state(house) is CampaignState.COMPLETED

    asyncio.run(story())


def test_what_is_under_way_at_the_deadline_is_waited_for_without_looking_all_the_time(house: House) -> None:
    async def story() -> None:
        await house.begin(1)
        under_way = await house.claim()
        house.now += MONTH
        assert await house.engine.housekeeping.run(house.now) == house.now + housekeeping.STILL
        assert await state(house) is CampaignState.RUNNING
        await house.give_back(under_way)
        await house.tidy()
        assert await standing(house) == {("expired", "deadline"): 1}
        assert await state(house) is CampaignState.COMPLETED

    asyncio.run(story())


def test_a_campaign_is_completed_with_its_last_message(house: House) -> None:
    async def story() -> None:
        await house.begin(2)
        await house.send(count=1)
        await house.tidy()
        assert await state(house) is CampaignState.RUNNING
        await house.send()
        await house.tidy()
        done = await house.store.campaigns.get("camp")
        assert (done.state, done.ended_at) == (CampaignState.COMPLETED, house.now)

    asyncio.run(story())


def test_a_receipt_after_the_end_changes_the_message_and_not_the_campaign(house: House) -> None:
    async def story() -> None:
        await house.begin(1)
        [message_id] = await house.send()
        await house.tidy()
        await house.receipt(str(message_id), ReceiptKind.READ)
        await house.tidy()
        assert await standing(house) == {("read", ""): 1}
        assert await state(house) is CampaignState.COMPLETED

    asyncio.run(story())


def test_an_audience_of_nobody_is_completed(house: House) -> None:
    async def story() -> None:
        await house.people(1)
        await house.create()
        await campaigns.start(house.store, "camp", house.now)
        await house.store.contacts.erase("1", house.now)
        await house.launch()
        await house.tidy()
        assert await state(house) is CampaignState.COMPLETED

    asyncio.run(story())


def test_nobody_is_left_waiting_behind_a_step_that_will_not_end_any_more(house: House) -> None:
    async def story() -> None:
        started = await house.begin(3, steps=STEPS)
        await house.send()
        rows = await house.store.ledger.page(MessageFilter(step=2), None, 10)
        cancels = [Settlement(row.id, MessageEvent.CANCEL, reason="bounced") for row in rows]
        await house.store.ledger.settle(cancels, house.now)
        assert (await standing(house))["waiting", ""] == 3
        await house.tidy()
        thirds = [await house.store.ledger.get(MessageId(started.id, 3, row.id.contact_id)) for row in rows]
        assert {(row.state, row.due_at) for row in thirds} == {("due", house.now + timedelta(days=1))}

    asyncio.run(story())


def test_two_workers_may_keep_house_at_once(house: House) -> None:
    async def story() -> None:
        await house.begin(50, steps=STEPS)
        await campaigns.cancel(house.store, "camp", house.now)
        one = house.engine
        house.configure()
        for _ in range(6):
            await asyncio.gather(one.housekeeping.run(house.now), house.engine.housekeeping.run(house.now))
        assert await standing(house) == {("cancelled", "campaign_cancelled"): 150}
        assert await house.store.campaigns.live() == []

    asyncio.run(story())


def test_permits_are_pruned_once_an_hour(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        pruned = []

        async def prune(_: object) -> None:
            pruned.append(house.now)

        monkeypatch.setattr(type(house.store.ledger), "prune", prune)
        start = house.now
        for minutes in (0, 1, 59, 60, 61, 120):
            house.now = start + timedelta(minutes=minutes)
            await house.engine.housekeeping.run(house.now)
        assert pruned == [start, start + timedelta(hours=1), start + timedelta(hours=2)]

    asyncio.run(story())


def test_a_campaign_whose_counters_stand_still_is_asked_whether_it_is_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store may lose counts by a kill, and then says that messages are under way that have ended."""

    async def story() -> None:
        await house.begin(1)
        asked: list[timedelta] = []
        began = house.now

        async def conclude(_: str, now: datetime) -> bool:
            asked.append(now - began)
            return False

        monkeypatch.setattr(house.store.campaigns, "conclude", conclude)
        at = began
        for _ in range(6):
            at = await house.engine.housekeeping.run(at) or at + MONTH
        assert asked == [timedelta(minutes=minutes) for minutes in (2, 4, 8, 16, 32)]

    asyncio.run(story())
