"""What providers, people and kills may do to us: late words of an earlier copy, names that move, helpers that break."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from disparo.adapters.aws.store import open_store
from disparo.domain.campaign import CampaignKind, CampaignState
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError, TransitionError
from disparo.domain.message import MessageId
from disparo.domain.receipt import Receipt, ReceiptKind, Reply
from disparo.domain.reply_intent import Understood
from disparo.engine.answers import A_MOMENT, Answers
from disparo.engine.engine import Engine
from disparo.simulation.memory_tables import MemoryTables
from disparo.usecases import campaigns
from tests.unit.usecases.conftest import House

APPROVED = {"channel": "whatsapp", "text": "Oi {{ nome }}", "approved": {"name": "oi", "language": "pt_BR"}}
PHONE = "+5541988880000"


@pytest.fixture(params=["embedded", "dynamo"])
def house(request: pytest.FixtureRequest) -> House:
    """The same installation on each family."""
    house = House()
    if request.param == "dynamo":
        house.store = open_store(MemoryTables())
        house.configure()
    return house


async def begun(house: House, **keys: Any) -> MessageId:
    await house.begin(1, **keys)
    [message_id] = await house.send()
    return message_id


async def refused(house: House, message_id: MessageId, event: str, provider_id: str = "p1", **keys: Any) -> int:
    said = {"reason": "window_closed", **keys}
    receipt = Receipt("wa", event, str(message_id), ReceiptKind.FAILED, house.now, provider_id, **said)
    return await house.engine.inbound.take_receipts([receipt], house.now)


async def state(house: House, message_id: MessageId) -> str:
    return str((await house.store.ledger.get(message_id)).state)


async def write(house: House, text: str, event: str = "r1", **keys: Any) -> bool:
    said = {"message_id": None, "channel": Channel.WHATSAPP, **keys}
    return await house.engine.inbound.take_reply(Reply("wa", event, text=text, at=house.now, **said), house.now)


def test_the_first_copys_refusal_told_again_does_not_touch_the_second(house: House) -> None:
    """The same word under another event id, after the template was taken: a third copy would be a second message."""

    async def story() -> None:
        message_id = await begun(house, steps=[APPROVED])
        await refused(house, message_id, "e1")
        assert await house.send() == {message_id}
        assert await refused(house, message_id, "e2") == 0
        assert await state(house, message_id) == "accepted"
        assert not await house.send()
        assert len(house.provider.taken) == 2

    asyncio.run(story())


def test_the_first_copys_refusal_told_again_while_the_second_is_on_its_way(house: House) -> None:
    async def story() -> None:
        message_id = await begun(house, steps=[APPROVED])
        await refused(house, message_id, "e1")
        [claimed] = await house.claim()
        assert await refused(house, message_id, "e2") == 0
        assert not await house.claim()
        await house.deliver([claimed])
        assert await state(house, message_id) == "accepted"
        assert len(house.provider.taken) == 2

    asyncio.run(story())


def test_a_template_that_is_refused_as_well_does_not_go_a_third_time(house: House) -> None:
    async def story() -> None:
        message_id = await begun(house, steps=[APPROVED, {**APPROVED, "wait": "1d", "when": "always"}])
        await refused(house, message_id, "e1")
        await house.send()
        assert await refused(house, message_id, "e2", "p2") == 1
        row = await house.store.ledger.get(message_id)
        assert (str(row.state), row.reason) == ("failed", "window_closed")
        assert not await house.send()

    asyncio.run(story())


def test_a_refusal_that_comes_before_the_answer_sends_nothing_twice_and_loses_nothing(house: House) -> None:
    async def story() -> None:
        await house.begin(1, steps=[APPROVED])
        [claimed] = await house.claim()
        await refused(house, claimed.id, "e1")
        await house.deliver([claimed])
        again = await house.send()
        assert await state(house, claimed.id) == ("accepted" if again else "failed")

    asyncio.run(story())


def test_a_late_failure_of_an_earlier_copy_is_only_noted(house: House) -> None:
    async def story() -> None:
        message_id = await begun(house)
        await refused(house, message_id, "e1", "p0", reason="undeliverable", detail="131026")
        assert await state(house, message_id) == "accepted"
        assert (await house.store.ledger.journal(message_id))[-1].event == "undeliverable"

    asyncio.run(story())


def test_the_receipts_of_a_call_are_taken_though_one_is_of_somebody_erased(house: House) -> None:
    async def story() -> None:
        await house.begin(2, steps=[APPROVED])
        first, second = sorted(await house.send())
        await house.store.contacts.erase(first.contact_id, house.now)
        receipts = [
            Receipt("wa", "e1", str(first), ReceiptKind.FAILED, house.now, reason="window_closed"),
            Receipt("wa", "e2", str(second), ReceiptKind.DELIVERED, house.now),
        ]
        assert await house.engine.inbound.take_receipts(receipts, house.now)
        assert await state(house, second) == "delivered"

    asyncio.run(story())


def test_a_name_that_moves_to_another_number_and_back_is_believed_each_time(house: House) -> None:
    async def story() -> None:
        await house.begin(2)
        for event, message_id in enumerate([*sorted(await house.send())] * 2):
            receipt = Receipt("wa", f"e{event}", str(message_id), ReceiptKind.READ, house.now, user_id="BR.1")
            await house.engine.inbound.take_receipts([receipt], house.now)
            contact = await house.store.contacts.get(message_id.contact_id)
            assert await house.store.inbox.key_of("wa", "BR.1") == contact.keys[0]

    asyncio.run(story())


class Broken:
    """An `IntentClassifier` whose service is down."""

    async def classify(self, text: str, choice: str | None, meeting_open: bool = False) -> Understood:
        """See `IntentClassifier.classify`."""
        raise ConnectionError(f"{text} {choice} {meeting_open}")


def test_a_classifier_that_breaks_loses_no_reply(house: House) -> None:
    async def story() -> None:
        message_id = await begun(house)
        house.engine = Engine.build(house.store, house.renderer, house.engine.routes, lambda: 0.5, classifier=Broken())
        assert await write(house, "Quanto custa?", address=PHONE)
        assert (await house.store.ledger.journal(message_id))[-1].event == "replied"
        [entry] = await house.store.inbox.page(None, 10)
        assert entry.heard.intent == "question"

    asyncio.run(story())


def test_an_email_reply_from_another_address_opts_both_out(house: House) -> None:
    async def story() -> None:
        await house.begin(1, steps=[{"channel": "email", "subject": "Oi", "text": "Oi"}])
        [message_id] = await house.send(Channel.EMAIL)
        await write(house, "SAIR", message_id=str(message_id), channel=Channel.EMAIL, address="outra@example.org")
        keys = {one.key for one in await house.store.suppressions.page("", 10)}
        assert keys == {"p0@example.com", PHONE, "outra@example.org"}

    asyncio.run(story())


def test_nobody_elses_campaign_is_started_to_answer(house: House) -> None:
    """Somebody has a draft that is called as ours would be."""

    async def story() -> None:
        draft = parse_campaign(house.document(name="respostas-whatsapp"), created_at=house.now)
        await house.store.campaigns.add(draft)
        await begun(house)
        assert await write(house, "SAIR", address=PHONE)
        found = await house.store.campaigns.get("respostas-whatsapp")
        assert (found.state, found.kind) == (CampaignState.DRAFT, CampaignKind.CAMPAIGN)
        assert await house.store.suppressions.matching([PHONE])

    asyncio.run(story())


def test_a_campaign_cannot_take_the_name_of_the_answers(house: House) -> None:
    async def story() -> None:
        await house.people(1)
        with pytest.raises(InputError, match="respostas-"):
            await house.create(name="respostas-whatsapp")

    asyncio.run(story())


def test_the_answers_cannot_be_turned_into_a_campaign(house: House) -> None:
    async def story() -> None:
        await begun(house)
        await write(house, "SAIR", address=PHONE)
        document = house.document(name="respostas-whatsapp", list="-")
        with pytest.raises((TransitionError, InputError)):
            await campaigns.update(house.store, "respostas-whatsapp", document, house.renderer, house.now)
        assert (await house.store.campaigns.get("respostas-whatsapp")).kind is CampaignKind.SERVICE

    asyncio.run(story())


def test_a_new_text_of_the_answer_holds_from_then_on(house: House) -> None:
    async def story() -> None:
        await house.begin(2)
        first, second = sorted(await house.send())
        await write(house, "SAIR", "r1", message_id=str(first))
        answers = Answers(house.store.ledger, house.store.campaigns, "Feito.")
        contact = await house.store.contacts.get(second.contact_id)
        assert await answers.confirm_opt_out(contact, Channel.WHATSAPP, "whatsapp", house.now)
        house.now += A_MOMENT
        await house.send()
        assert house.provider.taken[-1].content.text == "Feito."

    asyncio.run(story())


def test_a_reply_to_the_confirmation_stops_nothing_that_was_begun_after_it(house: House) -> None:
    async def story() -> None:
        await begun(house)
        await write(house, "SAIR", "r1", address=PHONE)
        house.now += A_MOMENT
        [answer] = await house.send()
        house.now += timedelta(minutes=1)
        assert await write(house, "obrigada", "r2", message_id=str(answer))
        assert (await house.store.campaigns.get("respostas-whatsapp")).state is CampaignState.RUNNING

    asyncio.run(story())


def test_two_processes_take_the_same_reply_at_the_same_time(house: House) -> None:
    async def story() -> None:
        message_id = await begun(house, steps=[APPROVED, {**APPROVED, "wait": "1d"}])
        others = [Engine.build(house.store, house.renderer, house.engine.routes, lambda: 0.5) for _ in range(4)]
        reply = Reply("wa", "r1", None, "SAIR", house.now, Channel.WHATSAPP, PHONE)
        taken = await asyncio.gather(*(one.inbound.take_reply(reply, house.now) for one in others))
        assert sorted(taken) == [False, False, False, True]
        events = [line.event for line in await house.store.ledger.journal(message_id)]
        assert events.count("opted_out") == 1
        assert len(await house.store.inbox.page(None, 10)) == 1
        house.now += A_MOMENT
        assert len(await house.send()) == 1

    asyncio.run(story())


def test_who_is_erased_before_the_answer_went_gets_none(house: House) -> None:
    async def story() -> None:
        message_id = await begun(house)
        await write(house, "SAIR", address=PHONE)
        await house.store.contacts.erase(message_id.contact_id, house.now)
        house.now += A_MOMENT
        assert not await house.send()
        answers = await house.store.campaigns.get("respostas-whatsapp")
        [row] = await house.store.ledger.rows_of(answers.id, message_id.contact_id)
        assert str(row.state) in ("cancelled", "failed")

    asyncio.run(story())


def test_whoever_was_erased_and_writes_without_an_address_suppresses_nobody(house: House) -> None:
    async def story() -> None:
        message_id = await begun(house)
        await house.store.contacts.erase(message_id.contact_id, house.now)
        assert await write(house, "SAIR", message_id=str(message_id))
        assert not await house.store.suppressions.page("", 10)

    asyncio.run(story())


def test_whoever_comes_back_and_leaves_again_stays_suppressed(house: House) -> None:
    async def story() -> None:
        message_id = await begun(house)
        await write(house, "SAIR", "r1", address=PHONE)
        await house.people(1)  # the same list, imported again
        await campaigns.create(house.store, house.document(name="outra"), house.renderer, house.now)
        await campaigns.start(house.store, "outra", house.now)
        await house.launch()
        house.now += A_MOMENT
        assert {one.campaign_id for one in await house.send()}.isdisjoint({message_id.campaign_id, "3"})
        assert await write(house, "SAIR", "r2", address=PHONE)
        house.now += A_MOMENT
        assert not await house.send()

    asyncio.run(story())


class Killed(BaseException):
    """The end of a process."""


@pytest.mark.parametrize(
    "dies_before", ["suppressions.add", "ledger.settle", "ledger.note", "campaigns.add", "ledger.enter", "inbox.keep"]
)
def test_an_opt_out_taken_again_after_a_kill_is_taken_to_its_end_once(
    house: House, dies_before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> None:
        raise Killed

    async def story() -> None:
        message_id = await begun(house, steps=[APPROVED, {**APPROVED, "wait": "1d"}])
        port, _, act = dies_before.partition(".")
        with monkeypatch.context() as patch:
            patch.setattr(type(getattr(house.store, port)), act, dies)
            with suppress(Killed):
                await write(house, "SAIR", address=PHONE)
        await write(house, "SAIR", address=PHONE)
        assert not await write(house, "SAIR", address=PHONE)
        rows = await house.store.ledger.rows_of(message_id.campaign_id, message_id.contact_id)
        assert [str(row.state) for row in rows] == ["accepted", "cancelled"]
        events = [line.event for line in await house.store.ledger.journal(message_id)]
        assert events.count("opted_out") == 1
        assert len(await house.store.inbox.page(None, 10)) == 1
        house.now += A_MOMENT
        assert len(await house.send()) == 1
        assert not await house.send()

    asyncio.run(story())


@pytest.mark.parametrize("dies_before", ["inbox.shut", "ledger.settle", "campaigns.apply"])
def test_a_refusal_taken_again_after_a_kill_sends_one_template(
    house: House, dies_before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> None:
        raise Killed

    async def story() -> None:
        message_id = await begun(house, steps=[APPROVED])
        await house.tidy()
        port, _, act = dies_before.partition(".")
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(type(getattr(house.store, port)), act, dies)
            await refused(house, message_id, "e1")
        await refused(house, message_id, "e1")
        await refused(house, message_id, "e1")
        assert await house.send() == {message_id}
        await refused(house, message_id, "e1")
        assert not await house.send()
        await house.tidy()
        assert (await house.store.campaigns.get("camp")).state is CampaignState.COMPLETED

    asyncio.run(story())
