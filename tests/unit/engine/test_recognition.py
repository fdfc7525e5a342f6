"""Whose reply it is: by our own id, by the answered message, by number whatever its ninth digit, by a learnt name."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from disparo.domain.contact import Channel
from disparo.domain.message import MessageId
from disparo.domain.receipt import Receipt, ReceiptKind, Reply
from tests.unit.usecases.conftest import House

PHONE = "+5541988880000"
KEY_OF_NOBODY = "+5511955554444"


def written(house: House, event: str = "e1", text: str = "Quem é?", **keys: object) -> Reply:
    usual = {"message_id": None, "text": text, "at": house.now, "channel": Channel.WHATSAPP}
    return Reply("wa", event, **{**usual, **keys})  # type: ignore[arg-type]


async def events(house: House, message_id: MessageId) -> list[str]:
    return [line.event for line in await house.store.ledger.journal(message_id)]


async def sent(house: House, **keys: object) -> MessageId:
    await house.begin(1, **keys)
    [message_id] = await house.send()
    return message_id


def test_a_reply_is_matched_by_the_number_it_comes_from(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house)
        assert await house.engine.inbound.take_reply(written(house, address=PHONE), house.now)
        assert (await events(house, message_id))[-1] == "replied"
        [entry] = await house.store.inbox.page(None, 10)
        assert (entry.heard.contact_id, entry.heard.message_id) == (message_id.contact_id, str(message_id))

    asyncio.run(story())


def test_the_ninth_digit_makes_no_difference(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house)
        await house.engine.inbound.take_reply(written(house, address="+554188880000"), house.now)
        assert (await events(house, message_id))[-1] == "replied"

    asyncio.run(story())


def test_of_two_campaigns_the_answered_message_counts_else_the_latest(house: House) -> None:
    async def story() -> None:
        first = await sent(house)
        await house.create(name="outra")
        from disparo.usecases import campaigns

        house.now += timedelta(hours=1)
        await campaigns.start(house.store, "outra", house.now)
        await house.launch()
        [second] = await house.send()
        await house.engine.inbound.take_reply(written(house, address=PHONE), house.now)
        await house.engine.inbound.take_reply(written(house, "e2", address=PHONE, answers="p1"), house.now)
        assert (await events(house, second)).count("replied") == 1
        assert (await events(house, first)).count("replied") == 1

    asyncio.run(story())


def test_a_name_of_the_provider_is_learnt_with_a_receipt(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house)
        receipt = Receipt("wa", "r1", str(message_id), ReceiptKind.DELIVERED, house.now, "p1", user_id="BR.123")
        await house.engine.inbound.take_receipts([receipt], house.now)
        await house.engine.inbound.take_reply(written(house, user_id="BR.123"), house.now)
        assert (await events(house, message_id))[-1] == "replied"

    asyncio.run(story())


def test_somebody_unknown_is_kept_and_their_opt_out_holds(house: House) -> None:
    async def story() -> None:
        assert await house.engine.inbound.take_reply(written(house, text="SAIR", address=KEY_OF_NOBODY), house.now)
        [entry] = await house.store.inbox.page(None, 10)
        assert entry.heard.contact_id is None
        assert [one.reason for one in await house.store.suppressions.matching([entry.heard.key])] == ["opted_out"]

    asyncio.run(story())


def test_a_name_that_nobody_has_learnt_is_kept_under_that_name(house: House) -> None:
    async def story() -> None:
        assert await house.engine.inbound.take_reply(written(house, user_id="BR.9", text="SAIR"), house.now)
        [entry] = await house.store.inbox.page(None, 10)
        assert entry.heard.key == "user:wa:BR.9"
        assert not await house.store.suppressions.page("", 10)

    asyncio.run(story())


def test_a_reply_that_names_nobody_is_left_alone(house: House) -> None:
    async def story() -> None:
        assert not await house.engine.inbound.take_reply(written(house, message_id="9.9.9"), house.now)
        assert not await house.store.inbox.page(None, 10)

    asyncio.run(story())


def test_an_email_is_matched_by_its_address(house: House) -> None:
    async def story() -> None:
        await house.begin(1, steps=[{"channel": "email", "subject": "Oi", "text": "Oi"}])
        [message_id] = await house.send(Channel.EMAIL)
        reply = written(house, channel=Channel.EMAIL, address="P0@Example.com")
        await house.engine.inbound.take_reply(reply, house.now)
        assert (await events(house, message_id))[-1] == "replied"

    asyncio.run(story())
