"""What a worker counts, and that counting never stands in its way."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest

from disparo.domain.contact import Channel
from disparo.domain.errors import StoreError
from disparo.domain.figure import Counted, Series, figure_of
from disparo.domain.message import MessageEvent, MessageId
from disparo.domain.policies.retry import FailureClass
from disparo.domain.sender import Sender
from disparo.domain.settlement import Settlement
from disparo.engine.agenda.figures import Figures
from disparo.engine.counting import BEAT_EVERY, WRITE_EVERY, Counting
from disparo.ports.ledger import Claim
from tests.unit.usecases.conftest import MONDAY, House

SMS = Sender("reserva", Channel.SMS)
SECOND = timedelta(seconds=1)


def settled(event: MessageEvent, failure: FailureClass | None = None) -> Settlement:
    return Settlement(MessageId("3", 1, "7"), event, sender=SMS, failure=failure)


def counting_of(house: House, figures: Figures | None = None) -> Counting:
    return Counting(house.store.numbers, "w1", house.engine.routes, figures)


async def ever(house: House, counting: Counting):
    await counting.flush(house.now)
    return await house.store.numbers.ever()


@pytest.mark.parametrize(
    ("event", "failure", "counted"),
    [
        (MessageEvent.ACCEPT, None, {"sent"}),
        (MessageEvent.REJECT, FailureClass.RECIPIENT, {"failed"}),
        (MessageEvent.REJECT, FailureClass.PERMANENT, {"failed", "errors"}),
        (MessageEvent.REJECT, None, {"failed"}),
        (MessageEvent.EXHAUST, FailureClass.TRANSIENT, {"failed", "errors"}),
        (MessageEvent.RETRY, FailureClass.TRANSIENT, {"errors"}),
        (MessageEvent.RETRY, FailureClass.THROTTLED, set()),
        (MessageEvent.RETRY, FailureClass.AUTH, {"errors"}),
        (MessageEvent.DOUBT, FailureClass.UNKNOWN, {"errors"}),
        (MessageEvent.RELEASE, None, set()),
        (MessageEvent.CANCEL, None, set()),
    ],
)
def test_what_became_of_a_message_is_counted_by_channel_and_campaign(house, event, failure, counted) -> None:
    async def story() -> None:
        counting = counting_of(house)
        counting.settled([settled(event, failure)])
        assert await ever(house, counting) == {Series("sms", "3", name): 1 for name in counted}

    asyncio.run(story())


@pytest.mark.parametrize(
    ("reason", "series"),
    [
        ("whatsapp:hourly", Series("whatsapp", "", Counted.LIMITED)),
        ("whatsapp/12:burst", Series("whatsapp", "12", Counted.LIMITED)),
        ("breaker_open", None),
        ("nothing_open", None),
        ("", None),
    ],
)
def test_a_claim_that_a_limit_held_up_is_counted_for_its_channel_or_its_campaign(house, reason, series) -> None:
    async def story() -> None:
        counting = counting_of(house)
        counting.claimed("whatsapp", Claim(reason=reason))
        assert await ever(house, counting) == ({series: 1} if series else {})

    asyncio.run(story())


def test_counts_are_written_together_and_not_at_every_call(house) -> None:
    async def story() -> None:
        counting = counting_of(house)
        for second in range(5):
            counting.settled([settled(MessageEvent.ACCEPT)])
            wish = await counting.run(house.now + second * SECOND)
            assert wish > house.now + second * SECOND
        assert figure_of(await house.store.numbers.ever()).sent == 5  # the fifth at 4 s
        counting.settled([settled(MessageEvent.ACCEPT)])
        await counting.run(house.now + 4 * SECOND + WRITE_EVERY / 2)
        assert figure_of(await house.store.numbers.ever()).sent == 5
        await counting.run(house.now + 4 * SECOND + WRITE_EVERY)
        assert figure_of(await house.store.numbers.ever()).sent == 6

    asyncio.run(story())


def test_a_worker_says_that_it_is_alive_every_now_and_then(house) -> None:
    async def story() -> None:
        counting = counting_of(house)
        await counting.run(house.now)
        assert await house.store.numbers.last_beat() == house.now
        await counting.run(house.now + BEAT_EVERY / 2)
        assert await house.store.numbers.last_beat() == house.now
        await counting.run(house.now + BEAT_EVERY)
        assert await house.store.numbers.last_beat() == house.now + BEAT_EVERY

    asyncio.run(story())


def test_a_clock_that_was_set_back_stops_neither_counts_nor_beats(house) -> None:
    async def story() -> None:
        counting = counting_of(house)
        await counting.run(house.now + timedelta(days=1))
        counting.settled([settled(MessageEvent.ACCEPT)])
        await counting.run(house.now)
        assert figure_of(await house.store.numbers.ever()).sent == 1

    asyncio.run(story())


class Full:
    """A store that cannot be written to, until it can."""

    def __init__(self, numbers) -> None:
        self.numbers, self.full = numbers, True

    async def add(self, counts, now) -> None:
        if self.full:
            raise StoreError("disk full")
        await self.numbers.add(counts, now)

    async def beat(self, worker, now) -> None:
        raise StoreError("disk full")


def test_what_cannot_be_written_waits_and_stops_nothing(house, caplog) -> None:
    async def story() -> None:
        store = Full(house.store.numbers)
        counting = Counting(store, "w1", house.engine.routes)
        counting.settled([settled(MessageEvent.ACCEPT)])
        with caplog.at_level(logging.ERROR):
            await counting.run(MONDAY)
        assert [record.message for record in caplog.records] == ["beat_not_written", "counts_not_written"]
        counting.settled([settled(MessageEvent.ACCEPT)])
        store.full = False
        await counting.flush(MONDAY)
        assert figure_of(await house.store.numbers.ever()).sent == 2

    asyncio.run(story())


def test_what_came_of_meetings_is_counted_with_it_once(house) -> None:
    async def story() -> None:
        figures = Figures()
        figures.unreadable = 2
        counting = counting_of(house, figures)
        assert await ever(house, counting) == {Series("", "", Counted.UNREADABLE): 2}
        assert await ever(house, counting) == {Series("", "", Counted.UNREADABLE): 2}

    asyncio.run(story())
