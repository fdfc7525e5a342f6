"""An opt-out is confirmed once, by the sender that it was said to, in spite of the suppression."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from disparo.domain.campaign import CampaignKind, CampaignState
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError, TransitionError
from disparo.domain.message import MessageId
from disparo.domain.receipt import Reply
from disparo.engine.answers import A_MOMENT
from disparo.engine.engine import OPT_OUT_ANSWER
from disparo.usecases import campaigns, people
from disparo.usecases.erasures import Archive, erase
from tests.unit.usecases.conftest import House


async def opted_out(house: House, text: str = "SAIR", event: str = "e1", **keys: object) -> MessageId:
    await house.begin(1)
    [message_id] = await house.send()
    await say(house, message_id, text, event, **keys)
    return message_id


async def say(house: House, message_id: MessageId, text: str, event: str, **keys: object) -> None:
    reply = Reply("wa", event, str(message_id), text, house.now, Channel.WHATSAPP, **keys)  # type: ignore[arg-type]
    await house.engine.inbound.take_reply(reply, house.now)


async def answered(house: House) -> set[MessageId]:
    house.now += A_MOMENT
    return await house.send()


def texts(house: House) -> list[str]:
    return [one.content.text for one in house.provider.taken]


def test_whoever_opts_out_is_told_so(house: House) -> None:
    async def story() -> None:
        await opted_out(house)
        assert await answered(house)
        assert texts(house)[1:] == [OPT_OUT_ANSWER]

    asyncio.run(story())


def test_they_are_told_once_however_often_they_say_it(house: House) -> None:
    async def story() -> None:
        message_id = await opted_out(house)
        await say(house, message_id, "SAIR", "e1")
        await say(house, message_id, "sair", "e2")
        await answered(house)
        await say(house, message_id, "PARE", "e3")
        await answered(house)
        assert texts(house)[1:] == [OPT_OUT_ANSWER]

    asyncio.run(story())


def test_the_answer_goes_at_night_too(house: House) -> None:
    async def story() -> None:
        message_id = await opted_out(house, "obrigado")
        house.now += timedelta(hours=13)
        await say(house, message_id, "SAIR", "e2")
        assert await answered(house)
        assert texts(house)[1:] == [OPT_OUT_ANSWER]

    asyncio.run(story())


def test_an_opt_out_that_the_provider_has_confirmed_is_not_confirmed_again(house: House) -> None:
    async def story() -> None:
        message_id = await opted_out(house, "STOP", opted_out=True, answered=True)
        assert not await answered(house)
        contact = await house.store.contacts.get(message_id.contact_id)
        assert await house.store.suppressions.matching(contact.keys)

    asyncio.run(story())


def test_a_suppression_by_hand_takes_no_answer_back(house: House) -> None:
    async def story() -> None:
        await opted_out(house)
        await people.suppress(house.store, "+5541988880000", None, source="test", now=house.now)
        assert await answered(house)

    asyncio.run(story())


def test_the_campaign_of_answers_never_ends_and_cannot_be_cancelled(house: House) -> None:
    async def story() -> None:
        await opted_out(house)
        await answered(house)
        house.now += timedelta(days=400)
        await house.launch()
        await house.tidy()
        found = await house.store.campaigns.get("respostas-whatsapp")
        assert (found.state, found.kind) == (CampaignState.RUNNING, CampaignKind.SERVICE)
        assert found.launched
        with pytest.raises(TransitionError, match="não se cancela"):
            await campaigns.cancel(house.store, found.name, house.now)

    asyncio.run(story())


def test_nobody_can_write_a_campaign_of_answers(house: House) -> None:
    async def story() -> None:
        await house.people(1)
        with pytest.raises(InputError, match="kind"):
            await house.create(kind="service")

    asyncio.run(story())


def test_whoever_is_erased_is_told_nothing(house: House) -> None:
    async def story() -> None:
        message_id = await opted_out(house)
        await erase(Archive(house.store), message_id.contact_id, house.now)
        assert not await answered(house)

    asyncio.run(story())
