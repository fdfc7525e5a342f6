"""What comes back: receipts in any order, replies that stop, opt-outs that suppress, and replays of all of them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from disparo.domain.contact import Channel
from disparo.domain.message import MessageEvent, MessageId
from disparo.domain.receipt import Receipt, ReceiptKind, Reply
from disparo.domain.settlement import Settlement
from disparo.engine.inbound import Collect
from disparo.ports.channel import Collected
from tests.unit.usecases.conftest import House

K = ReceiptKind
STEPS = [
    {"channel": "whatsapp", "text": "Oi", "on_failure": "next"},
    {"channel": "email", "subject": "Oi", "text": "Oi", "when": "previous_failed"},
    {"channel": "whatsapp", "text": "Oi de novo", "wait": "1d"},
]


async def sent(house: House, **keys: object) -> MessageId:
    """The message of one person, which its provider took."""
    await house.begin(1, **keys)
    [message_id] = await house.send()
    return message_id


async def states(house: House, message_id: MessageId) -> list[str]:
    return [str(row.state) for row in await house.store.ledger.rows_of(message_id.campaign_id, message_id.contact_id)]


async def take(house: House, message_id: MessageId, *kinds: ReceiptKind) -> list[int]:
    moved = []
    for kind in kinds:
        receipt = Receipt("test", f"{message_id}:{kind}", str(message_id), kind, house.now, "p1")
        moved.append(await house.engine.inbound.take_receipts([receipt], house.now))
    return moved


@pytest.mark.parametrize("order", [*permutations([K.ACCEPTED, K.DELIVERED, K.READ])])
def test_receipts_in_any_order_end_the_same(house: House, order: tuple[ReceiptKind, ...]) -> None:
    async def story() -> None:
        message_id = await sent(house)
        await take(house, message_id, *order)
        assert await states(house, message_id) == ["read"]

    asyncio.run(story())


def test_a_receipt_counts_once(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house)
        assert await take(house, message_id, K.DELIVERED, K.DELIVERED, K.READ) == [1, 0, 1]

    asyncio.run(story())


def test_a_receipt_before_its_outcome_settles_the_message_and_its_sequence(house: House) -> None:
    async def story() -> None:
        await house.begin(1, steps=STEPS)
        [message] = await house.claim()
        assert await take(house, message.id, K.DELIVERED) == [1]
        assert await states(house, message.id) == ["delivered", "cancelled", "due"]
        await house.deliver([message])  # its worker's own word, too late to change anything
        assert await states(house, message.id) == ["delivered", "cancelled", "due"]

    asyncio.run(story())


def test_a_late_failure_calls_the_fallback(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house, steps=STEPS)
        assert await states(house, message_id) == ["accepted", "cancelled", "due"]
        await take(house, message_id, K.FAILED)
        row = await house.store.ledger.get(message_id)
        assert (row.state, row.reason) == ("failed", "refused_later")

    asyncio.run(story())


def test_a_failure_in_doubt_goes_on_with_the_fallback_at_once(house: House) -> None:
    async def story() -> None:
        await house.begin(1, steps=STEPS)
        [message] = await house.claim()
        await house.store.ledger.lapse(house.now + timedelta(minutes=1), 10)
        await take(house, message.id, K.FAILED)
        assert await states(house, message.id) == ["failed", "due", "waiting"]

    asyncio.run(story())


def test_a_receipt_settles_a_message_in_doubt(house: House) -> None:
    async def story() -> None:
        await house.begin(1, steps=STEPS)
        [message] = await house.claim()
        await house.store.ledger.lapse(house.now + timedelta(minutes=1), 10)
        await take(house, message.id, K.READ)
        assert await states(house, message.id) == ["read", "cancelled", "due"]

    asyncio.run(story())


def test_what_speaks_of_no_message_of_ours_is_left_alone(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house)
        strange = ["", "promo", "9.1.9", "1.7.1", "a.1.b", f"{message_id}.x", "1.1.99999999999999999999"]
        receipts = [Receipt("test", text, text, K.FAILED, house.now) for text in strange]
        good = Receipt("test", "good", str(message_id), K.DELIVERED, house.now)
        assert await house.engine.inbound.take_receipts([*receipts, good], house.now) == 1
        for text in strange:
            assert not await house.engine.inbound.take_reply(Reply("test", text, text, "SAIR", house.now), house.now)
        assert await house.store.suppressions.page("", 10) == []

    asyncio.run(story())


def test_two_providers_may_use_the_same_event_id(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house)
        moved = [
            await house.engine.inbound.take_receipts([Receipt(name, "1", str(message_id), kind, house.now)], house.now)
            for name, kind in (("a", K.DELIVERED), ("b", K.READ))
        ]
        assert moved == [1, 1]

    asyncio.run(story())


async def reply(house: House, message_id: MessageId, text: str, event_id: str = "r1") -> bool:
    return await house.engine.inbound.take_reply(Reply("test", event_id, str(message_id), text, house.now), house.now)


def test_a_reply_stops_the_sequence_and_suppresses_nobody(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house, steps=STEPS)
        assert await reply(house, message_id, "Quero saber mais")
        assert await states(house, message_id) == ["accepted", "cancelled", "cancelled"]
        assert await house.store.suppressions.page("", 10) == []
        assert (await house.store.ledger.journal(message_id))[-1].detail == "Quero saber mais"

    asyncio.run(story())


def test_a_step_that_replies_do_not_stop_goes_on(house: House) -> None:
    async def story() -> None:
        steps = [STEPS[0], {**STEPS[2], "stop_on_reply": False}]
        message_id = await sent(house, steps=steps)
        await reply(house, message_id, "Oi!")
        assert await states(house, message_id) == ["accepted", "due"]

    asyncio.run(story())


@pytest.mark.parametrize("text", ["SAIR", "parar.", "Não quero mais receber!", "stop"])
def test_an_opt_out_suppresses_both_keys_and_stops_what_replies_do_not_stop(house: House, text: str) -> None:
    async def story() -> None:
        message_id = await sent(house, steps=[STEPS[0], {**STEPS[2], "stop_on_reply": False}])
        assert await reply(house, message_id, text)
        contact = await house.store.contacts.get(message_id.contact_id)
        suppressed = await house.store.suppressions.page("", 10)
        assert {one.key for one in suppressed} == set(contact.keys)
        assert {(one.channel, one.reason) for one in suppressed} == {(None, "opted_out")}
        assert await states(house, message_id) == ["accepted", "cancelled"]

    asyncio.run(story())


def test_an_opt_out_stops_every_campaign_of_that_person(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house)
        await house.begin(0, name="segunda", steps=STEPS)
        await reply(house, message_id, "SAIR")
        other = await house.store.campaigns.get("segunda")
        rows = await house.store.ledger.rows_of(other.id, message_id.contact_id)
        assert {(row.state, row.reason) for row in rows} == {("cancelled", "opted_out")}

    asyncio.run(story())


def test_a_reply_counts_once(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house, steps=STEPS)
        assert await reply(house, message_id, "Oi")
        assert not await reply(house, message_id, "Oi")
        assert [line.event for line in await house.store.ledger.journal(message_id)].count("replied") == 1

    asyncio.run(story())


class Killed(BaseException):
    """The end of a process."""


@pytest.mark.parametrize(
    ("text", "dies_before", "noted"),
    [("SAIR", "note", "opted_out"), ("Quem é?", "note", "replied"), ("Quem é?", "settle", "replied")],
)
def test_a_reply_taken_again_after_a_kill_is_taken_to_its_end(
    house: House, text: str, dies_before: str, noted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies in the midst of a reply; its successor gets the same one from the provider."""

    async def dies(*_: object) -> None:
        raise Killed

    async def story() -> None:
        message_id = await sent(house, steps=STEPS)
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(type(house.store.ledger), dies_before, dies)
            await reply(house, message_id, text)
        assert await reply(house, message_id, text)
        assert await states(house, message_id) == ["accepted", "cancelled", "cancelled"]
        tally = {one.state: one.count for one in await house.store.campaigns.tally(message_id.campaign_id)}
        assert tally[noted] == 1
        assert len(await house.store.suppressions.page("", 10)) == (2 if noted == "opted_out" else 0)

    asyncio.run(story())


class Mailbox:
    """A channel that is asked for what came back."""

    def __init__(self, *batches: Collected) -> None:
        self._batches = [*batches]

    async def collect(self, now: datetime) -> Collected:
        """See `Collects.collect`."""
        return self._batches.pop(0) if self._batches else Collected((), (), None)


def test_collecting_goes_on_while_something_comes_and_then_waits_for_the_soonest(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house, steps=STEPS)
        later, soon = house.now + timedelta(hours=2), house.now + timedelta(hours=1)
        receipt = Receipt("test", "1", str(message_id), K.DELIVERED, house.now)
        answer = Reply("test", "2", str(message_id), "Oi", house.now)
        boxes = [
            Mailbox(Collected([receipt], [answer], None), Collected((), (), later)),
            Mailbox(Collected((), (), soon)),
            Mailbox(),
        ]
        collect = Collect(house.engine.inbound, boxes)
        assert await collect.run(house.now) == house.now
        assert await states(house, message_id) == ["delivered", "cancelled", "cancelled"]
        assert await collect.run(house.now) == soon
        assert await collect.run(house.now) is None

    asyncio.run(story())


def test_a_person_who_was_erased_may_still_opt_out(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house)
        await house.store.contacts.erase(message_id.contact_id, house.now)
        assert await reply(house, message_id, "SAIR")

    asyncio.run(story())


def test_a_cancelled_message_that_was_delivered_after_all_stays_cancelled(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house, steps=STEPS)
        third = message_id._replace(step=3)
        await house.store.ledger.settle([Settlement(third, MessageEvent.CANCEL, reason="by_hand")], house.now)
        assert await take(house, third, K.DELIVERED) == [0]
        assert (await house.store.ledger.get(third)).channel is Channel.WHATSAPP

    asyncio.run(story())


def test_what_could_not_be_taken_is_taken_before_the_channel_is_asked_again(house: House) -> None:
    class Once:
        asked = 0

        async def collect(self, now: datetime) -> Collected:
            self.asked += 1
            receipt = Receipt("test", "r1", str(message_id), K.READ, now)
            return Collected([receipt] if self.asked == 1 else [], [], None)

    async def story() -> None:
        nonlocal message_id
        message_id = await sent(house)
        channel = Once()
        collect = Collect(house.engine.inbound, [channel])
        taking, house.engine.inbound.take_receipts = house.engine.inbound.take_receipts, broken  # type: ignore[method-assign]
        with pytest.raises(RuntimeError):
            await collect.run(house.now)
        house.engine.inbound.take_receipts = taking  # type: ignore[method-assign]
        assert await collect.run(house.now) == house.now
        assert channel.asked == 1
        assert await states(house, message_id) == ["read"]
        assert await collect.run(house.now) is None

    async def broken(*_: object) -> int:
        raise RuntimeError

    message_id = MessageId("", 0, "")
    asyncio.run(story())
