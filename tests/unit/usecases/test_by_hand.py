from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.errors import InputError
from disparo.domain.hand_message import HandPurpose
from disparo.domain.message import MessageState
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.receipt import ReceiptKind
from disparo.domain.template import Template
from disparo.domain.whatsapp_content import Approved
from disparo.usecases import by_hand, people
from disparo.usecases.by_hand import TESTS_AN_HOUR, HandDraft, Written, plain

House = Any
SUNDAY = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)


async def write(
    house: House,
    text: str = "Posso ligar amanhã?",
    *,
    contact: str = "1",
    channel: Channel = Channel.WHATSAPP,
    key: str = "form-1",
    template: Template | None = None,
    test: bool = False,
    sender: str | None = None,
    zone: str = "America/Sao_Paulo",
) -> Written:
    said, variables = plain(text, channel, "Sobre a sua dúvida" if channel is Channel.EMAIL else None)
    draft = HandDraft(contact, channel, template or said, key, "user:1", variables, sender, test)
    carriers = [(route.sender, route.channel) for route in house.engine.routes.values()]
    place = Place(zone)
    return await by_hand.write(house.store, draft, house.renderer, carriers, BusinessHours(), place, house.now)


async def who_answered(house: House) -> None:
    """One contact, who was messaged and has just written."""
    await house.begin()
    await house.send()
    await house.reply("1.1.1", "quanto custa?")


def test_an_answer_goes_at_once_and_says_what_was_written_braces_included(house: House) -> None:
    async def check() -> None:
        await who_answered(house)
        house.now = SUNDAY + timedelta(days=7)  # the person writes on a Sunday
        await house.engine.inbound.take_reply(_reply("e aí?", house.now), house.now)
        written = await write(house, "São {{ preco }} reais, {% ok %}")
        assert written.purpose is HandPurpose.ANSWER
        assert await house.send() == {written.message_id}
        assert house.provider.taken[-1].content.text == "São {{ preco }} reais, {% ok %}"
        assert house.provider.taken[-1].window_open

    asyncio.run(check())


def _reply(text: str, at: datetime) -> Any:
    from disparo.domain.receipt import Reply

    return Reply("test", f"event {text}", "1.1.1", text, at)


def test_what_answers_nobody_waits_for_the_hours_of_its_contact(house: House) -> None:
    async def check() -> None:
        await house.people(1)
        house.now = SUNDAY
        written = await write(house, channel=Channel.EMAIL)
        assert written.purpose is HandPurpose.NOTE
        assert await house.send(Channel.EMAIL) == set()
        house.now = SUNDAY + timedelta(days=1)
        assert await house.send(Channel.EMAIL) == {written.message_id}
        content = house.provider.taken[-1].content
        assert (content.subject, content.text) == ("Sobre a sua dúvida", "Posso ligar amanhã?")

    asyncio.run(check())


def test_of_whom_nothing_better_is_known_the_hours_are_those_of_the_settings_as_they_are_now(house: House) -> None:
    async def check() -> None:
        [one] = await house.store.contacts.fold("x", [ContactDraft("a:1", None, email="a@x.com", email_key="a@x.com")])
        [two] = await house.store.contacts.fold("x", [ContactDraft("a:2", None, email="b@x.com", email_key="b@x.com")])
        before = await write(house, contact=one.contact_id, channel=Channel.EMAIL)
        after = await write(house, contact=two.contact_id, channel=Channel.EMAIL, zone="America/Manaus")
        zones = [(await house.store.ledger.get(each.message_id)).place.zone for each in (before, after)]
        assert zones == ["America/Sao_Paulo", "America/Manaus"]

    asyncio.run(check())


def test_the_same_text_twice_is_sent_once_and_another_one_as_well(house: House) -> None:
    async def check() -> None:
        await who_answered(house)
        first = await write(house)
        assert await write(house, "outro texto com a mesma chave") == first
        second = await write(house, "Mais uma coisa", key="form-2")
        assert first != second
        assert await house.send() == {first.message_id, second.message_id}
        assert await write(house) == first  # also after it went
        assert await house.send() == set()

    asyncio.run(check())


def test_the_same_text_is_one_message_also_when_they_write_meanwhile(house: House) -> None:
    async def check() -> None:
        await house.begin()
        await house.send()
        approved = Template("saudacao", "Olá!", approved=Approved("saudacao", "pt_BR"))
        first = await write(house, template=approved)
        assert first.purpose is HandPurpose.NOTE
        await house.reply("1.1.1", "quanto custa?")
        assert await write(house, template=approved) == first, "the answer got lost, so it is asked once more"
        assert await house.send() == {first.message_id}
        house.now += timedelta(hours=1)
        answer = await write(house, key="form-2")
        assert answer.purpose is HandPurpose.ANSWER
        house.now += timedelta(days=2)
        assert await write(house, key="form-2", template=approved) == answer

    asyncio.run(check())


def test_a_free_text_by_whatsapp_needs_that_the_person_wrote_and_an_approved_one_does_not(house: House) -> None:
    async def check() -> None:
        await house.people(1)
        with pytest.raises(InputError, match="24 horas"):
            await write(house)
        approved = Template("saudacao", "Olá!", approved=Approved("saudacao", "pt_BR"))
        written = await write(house, template=approved)
        assert await house.send() == {written.message_id}
        assert house.provider.taken[-1].content.approved is not None
        await house.reply(str(written.message_id), "oi!")
        house.now += timedelta(hours=23)
        assert (await write(house, key="form-2")).purpose is HandPurpose.ANSWER
        house.now += timedelta(hours=2)
        with pytest.raises(InputError, match="24 horas"):
            await write(house, key="form-3")

    asyncio.run(check())


def test_an_opt_out_wins_over_what_a_person_writes(house: House) -> None:
    async def check() -> None:
        await who_answered(house)
        written = await write(house)
        await people.suppress(house.store, "p0@example.com", None, source="pediu", now=house.now)
        assert (await house.store.ledger.get(written.message_id)).state is MessageState.CANCELLED
        with pytest.raises(InputError, match="pediu para não receber"):
            await write(house, key="form-2")
        assert await house.send() == set()

    asyncio.run(check())


def test_an_opt_out_that_comes_when_the_text_is_on_its_way_still_wins(house: House) -> None:
    async def check() -> None:
        await who_answered(house)
        await write(house)
        claimed = await house.claim()
        await people.suppress(house.store, "p0@example.com", None, source="pediu", now=house.now)
        assert await house.deliver(claimed) == set()

    asyncio.run(check())


def test_a_reply_or_the_end_of_a_campaign_does_not_stop_what_a_person_wrote(house: House) -> None:
    async def check() -> None:
        await who_answered(house)
        written = await write(house)
        await house.reply("1.1.1", "ainda está aí?")
        await house.tidy()
        assert await house.send() == {written.message_id}
        await house.reply(str(written.message_id), "obrigado")
        await house.receipt(str(written.message_id), ReceiptKind.READ)
        assert (await house.store.ledger.get(written.message_id)).state is MessageState.READ

    asyncio.run(check())


def test_who_is_erased_gets_nothing_and_no_word_of_the_text_is_left(house: House) -> None:
    async def check() -> None:
        await who_answered(house)
        written = await write(house)
        claimed = await house.claim()
        await house.store.hand_messages.forget_person("1", ())
        assert await house.deliver(claimed) == set()
        assert (await house.store.ledger.get(written.message_id)).reason == "text_gone"

    asyncio.run(check())


def test_an_answer_that_was_held_up_for_a_day_is_none_any_more(house: House) -> None:
    async def check() -> None:
        await who_answered(house)
        written = await write(house)
        house.now += timedelta(days=1)
        assert await house.send() == set()
        assert (await house.store.ledger.get(written.message_id)).reason == "answer_too_late"

    asyncio.run(check())


def test_tests_go_at_any_hour_but_not_without_end(house: House) -> None:
    async def check() -> None:
        await house.people(1)
        house.now = SUNDAY
        for number in range(TESTS_AN_HOUR + 5):
            await write(house, channel=Channel.EMAIL, key=f"test-{number}", test=True)
        assert len(await house.send(Channel.EMAIL)) == TESTS_AN_HOUR
        house.now += timedelta(hours=1, seconds=1)
        assert len(await house.send(Channel.EMAIL)) == 5

    asyncio.run(check())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"channel": Channel.SMS}, "nenhum remetente leva sms"),
        ({"sender": "outro"}, 'não há remetente "outro"'),
        ({"text": "  "}, "escreva o texto"),
        ({"text": "x" * 5000}, "4096"),
    ],
)
def test_what_could_never_go_is_refused_while_its_author_is_there(
    changes: dict[str, Any], words: str, house: House
) -> None:
    async def check() -> None:
        await who_answered(house)
        with pytest.raises(InputError, match=words):
            await write(house, **changes)
        assert list(await house.store.hand_messages.of("1", 10)) == []

    asyncio.run(check())


def test_nobody_may_call_a_campaign_as_those_that_carry_texts_by_hand(house: House) -> None:
    async def check() -> None:
        await house.people(1)
        with pytest.raises(InputError, match="escritas à mão"):
            await house.create(name="conversas-whatsapp")
        await who_answered(house)
        await write(house)
        with pytest.raises(Exception, match="não se cancela"):
            from disparo.usecases import campaigns

            await campaigns.cancel(house.store, "conversas-whatsapp", house.now)

    asyncio.run(check())
