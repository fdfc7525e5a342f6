from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError
from disparo.domain.message import MessageEvent, MessageId, MessageState
from disparo.domain.policies.retry import FailureClass
from disparo.domain.settlement import Settlement
from disparo.ports.ledger import MessageFilter
from disparo.usecases import campaigns, dead_letters
from disparo.usecases.dead_letters import FORCIBLE, RedriveReport, Refusal
from disparo.usecases.why import Verdict, if_due

House = Any
PERMANENT, RECIPIENT = FailureClass.PERMANENT, FailureClass.RECIPIENT


async def fail(house: House, *failures: FailureClass, **keys: object) -> None:
    """A campaign whose messages fail in this way, one each and one after the other."""
    await house.begin(len(failures), **keys)
    house.provider.failures.extend(failures)
    await house.send(count=len(failures))


def test_the_latest_come_first_page_by_page(house: House) -> None:
    async def check() -> None:
        await fail(house, PERMANENT, RECIPIENT, PERMANENT)
        house.now += timedelta(minutes=5)
        await fail(house, PERMANENT, PERMANENT, name="outra")
        first = await dead_letters.latest(house.store, MessageFilter(), None, 3)
        assert [str(row.id) for row in first.records] == ["2.1.2", "2.1.1", "1.1.3"]
        rest = await dead_letters.latest(house.store, MessageFilter(), first.after, 3)
        assert ([str(row.id) for row in rest.records], rest.after) == (["1.1.1"], None)
        with pytest.raises(NotFoundError):
            await dead_letters.latest(house.store, MessageFilter(), "x", 3)

    asyncio.run(check())


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (MessageFilter(reason="permanent"), 2),
        (MessageFilter(reason="recipient"), 0),
        (MessageFilter(reason="permanent", channel=Channel.EMAIL), 0),
        (MessageFilter(states=frozenset({MessageState.DEAD})), 0),
        (MessageFilter("1", frozenset({MessageState.FAILED, MessageState.CANCELLED})), 2),
    ],
)
def test_the_latest_of_a_filter(house: House, wanted: MessageFilter, count: int) -> None:
    async def check() -> None:
        await fail(house, PERMANENT, RECIPIENT, PERMANENT)
        assert len((await dead_letters.latest(house.store, wanted, None, 10)).records) == count

    asyncio.run(check())


def test_a_page_among_many_that_nobody_can_mend_ends_and_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "SLICE", 1)
    monkeypatch.setattr(dead_letters, "BATCH", 2)
    monkeypatch.setattr(dead_letters, "MOST_READS", 2)

    async def check() -> None:
        await fail(house, PERMANENT, *[RECIPIENT] * 9)
        found, after, pages = [], None, 0
        while pages == 0 or after is not None:
            page = await dead_letters.latest(house.store, MessageFilter(), after, 1)
            found += [str(row.id) for row in page.records]
            after, pages = page.after, pages + 1
        assert found == ["1.1.1"]
        assert pages > 1

    asyncio.run(check())


def test_a_redrive_of_thousands_is_sliced(house: House) -> None:
    """Whoever else has something to do comes to it between the slices, and what was done is told as it goes."""
    count, looked = 1_500, 600

    async def check() -> None:
        await fail(house, *[PERMANENT] * count)
        turns = 0

        async def another() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        other = asyncio.create_task(another())
        reports: list[RedriveReport] = []
        after: str | None = None
        while not reports or after is not None:
            before = turns
            wanted = MessageFilter("1", reason="permanent")
            reports.append(await dead_letters.redrive_some(house.store, wanted, house.now, looked, after=after))
            assert turns - before >= reports[-1].redriven / dead_letters.SLICE
            after = reports[-1].after
        other.cancel()
        assert [one.redriven for one in reports] == [600, 600, 300]
        assert not (await dead_letters.latest(house.store, MessageFilter(), None, 1)).records
        due = await house.store.ledger.page(MessageFilter("1", frozenset({MessageState.DUE})), None, count + 1)
        assert len(due) == count

    asyncio.run(check())


def test_a_whole_filter_goes_in_one_call_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "BATCH", 4)
    monkeypatch.setattr(dead_letters, "SLICE", 3)

    async def check() -> None:
        await fail(house, *[PERMANENT] * 10)
        report = await dead_letters.redrive(house.store, MessageFilter(reason="permanent"), house.now)
        assert (report.redriven, list(report.refused), report.after) == (10, [], None)

    asyncio.run(check())


def test_what_a_redrive_would_say_is_what_it_says(house: House) -> None:
    async def check() -> None:
        await fail(house, PERMANENT, FailureClass.UNKNOWN, PERMANENT, PERMANENT)
        held = Settlement(MessageId.parse("1.1.2"), MessageEvent.HOLD, reason="held_in_doubt")
        await house.store.ledger.settle([held], house.now)
        await house.reply("1.1.3", "oi")
        found = (await dead_letters.latest(house.store, MessageFilter(), None, 10)).records
        ids = [str(row.id) for row in found]
        told = dict(zip(ids, await dead_letters.prospects(house.store, found, house.now), strict=True))
        report = await dead_letters.redrive(house.store, ids, house.now)
        assert {one: why for one, why in told.items() if why is not None} == dict(report.refused)
        assert told == {"1.1.4": None, "1.1.3": Refusal.REPLIED, "1.1.2": Refusal.HELD_IN_DOUBT, "1.1.1": None}
        forced = await dead_letters.redrive(house.store, ["1.1.2", "1.1.3"], house.now, force=True)
        assert forced.redriven == 2

    asyncio.run(check())


def test_a_person_decides_only_what_might_be_a_second_message() -> None:
    assert {Refusal.HELD_IN_DOUBT, Refusal.REPLIED, Refusal.FALLBACK_SENT} == FORCIBLE


def test_what_would_keep_a_redriven_message_is_what_keeps_a_due_one(house: House) -> None:
    async def check() -> None:
        await fail(house, PERMANENT)
        await house.tidy()  # the campaign is completed: a redrive opens it again
        record = await house.store.ledger.get(MessageId.parse("1.1.1"))
        senders = list(house.senders.values())
        assert not await if_due(house.store, record, senders, house.now)
        night = house.now + timedelta(hours=12)
        assert [fact.code for fact in await if_due(house.store, record, senders, night)] == [Verdict.LANE_CLOSED]
        assert [fact.code for fact in await if_due(house.store, record, [], house.now)] == [Verdict.NO_SENDER]
        await house.begin(1, name="parada")
        await campaigns.pause(house.store, "parada", house.now)
        paused = await house.store.ledger.get(MessageId.parse("2.1.1"))
        assert [fact.code for fact in await if_due(house.store, paused, senders, house.now)] == [
            Verdict.CAMPAIGN_PAUSED
        ]

    asyncio.run(check())
