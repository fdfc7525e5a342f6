"""Notices of meetings go through the engine like all messages, each by itself."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from disparo.domain.agenda.notice import NoticeKind, NoticeStep, template_step
from disparo.domain.campaign import Campaign, CampaignEvent, CampaignState
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError, NotFoundError, TransitionError
from disparo.domain.message import Claimed, MessageId, MessageState
from disparo.domain.place import Place
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import ReceiptKind
from disparo.domain.suppression import Suppression
from disparo.domain.template import Content
from disparo.engine.follow_up import follow_ups
from disparo.ports.ledger import NewMessage
from disparo.usecases import campaigns, dead_letters
from disparo.usecases.why import Verdict, why

House = Any
"""The fixture of conftest, which cannot be imported by name."""

K = NoticeKind
HOME = Place("America/Sao_Paulo", "BR-SP")
ALWAYS = {"workingDays": [1, 2, 3, 4, 5, 6, 7], "startTime": "00:00", "endTime": "24:00", "publicHolidays": False}


class Composer:
    """`NoticeComposer` of meetings that never change: says the kind of each notice."""

    async def compose(self, message: Claimed, _now: datetime) -> Content:
        told = NoticeStep.parse(message.id.step)
        assert told is not None
        return Content(str(told.kind))

    async def refusal(self, _message: Claimed, _now: datetime) -> None: ...


async def agenda(house: House) -> Campaign:
    """A campaign of notices, running."""
    house.engine.dispatch._notices = Composer()
    steps = [{"channel": "whatsapp", "text": str(kind), "name": str(kind)} for kind in K]
    document = {"name": "agenda-whatsapp", "list": "-", "kind": "agenda", "hours": ALWAYS, "steps": steps}
    campaign = await house.store.campaigns.add(parse_campaign(document, created_at=house.now))
    return await house.store.campaigns.apply(campaign.id, CampaignEvent.START, house.now)


async def tell(house: House, contact: str, *kinds: NoticeKind, after: timedelta = timedelta(0)) -> list[MessageId]:
    """Enter notices of meeting 123456789012, due `after` from now on."""
    campaign = await house.store.campaigns.get("agenda-whatsapp")
    steps = [NoticeStep("123456789012", 2, kind).number() for kind in kinds]
    rows = [NewMessage(contact, step, Channel.WHATSAPP, HOME, MessageState.DUE, 0, house.now + after) for step in steps]
    await house.store.ledger.enter(campaign, rows, house.now)
    return [MessageId(campaign.id, step, contact) for step in steps]


async def begun(house: House, *kinds: NoticeKind, after: timedelta = timedelta(0)) -> list[MessageId]:
    """An agenda and one person's notices."""
    await agenda(house)
    [ana] = await house.people(1)
    return await tell(house, ana, *kinds, after=after)


async def state(house: House, message_id: MessageId) -> tuple[MessageState, str]:
    row = await house.store.ledger.get(message_id)
    return row.state, row.reason


def test_each_notice_is_sent_with_the_text_of_its_kind(house: House) -> None:
    async def story() -> None:
        wanted = await begun(house, K.CONFIRMED, K.REMINDER_2)
        assert await house.send() == {*wanted}
        assert {one.content.text for one in house.provider.taken} == {"confirmed", "reminder_2"}
        house.now += timedelta(days=400)
        await house.launch()
        await house.tidy()
        campaign = await house.store.campaigns.get("agenda-whatsapp")
        assert (campaign.state, campaign.launched) == (CampaignState.RUNNING, True)

    asyncio.run(story())


def test_who_opted_out_gets_no_notice_at_the_last_look(house: House) -> None:
    async def story() -> None:
        [message_id] = await begun(house, K.CONFIRMED)
        claimed = await house.claim()
        gone = Suppression("+5541988880000", None, "opted_out", "test", house.now)
        await house.store.suppressions.add([gone])
        assert await house.deliver(claimed) == set()
        assert await state(house, message_id) == (MessageState.CANCELLED, "opted_out")

    asyncio.run(story())


def test_a_reply_stops_no_notice(house: House) -> None:
    async def story() -> None:
        [told] = await begun(house, K.PROPOSAL)
        await house.send()
        [reminder] = await tell(house, told.contact_id, K.REMINDER_1)
        await house.give_back(await house.claim())
        await house.reply(str(told), "Terça às dez, por favor")
        assert (await state(house, reminder))[0] is MessageState.DUE
        assert await house.send() == {reminder}, "nor does the last look of a second claim"

    asyncio.run(story())


def test_nothing_follows_a_notice(house: House) -> None:
    async def story() -> None:
        campaign = await agenda(house)
        for step in (1, NoticeStep("7", 0, K.PROPOSAL).number()):
            assert follow_ups(campaign, step, sent=True, now=house.now, place=HOME) == ()
        [ana] = await house.people(1)
        first, second = await tell(house, ana, K.CONFIRMED, K.REMINDER_1)
        house.provider.failures.append(FailureClass.PERMANENT)
        await house.deliver(await house.claim(count=1))
        states = {(await state(house, one))[0] for one in (first, second)}
        assert states == {MessageState.FAILED, MessageState.DUE}
        await house.receipt(str(first), ReceiptKind.FAILED)
        assert (await state(house, second))[0] is MessageState.DUE

    asyncio.run(story())


def test_why_tells_of_a_notice(house: House) -> None:
    async def story() -> None:
        [message_id] = await begun(house, K.REMINDER_1, after=timedelta(hours=3))
        senders = list(house.senders.values())
        found = await why(house.store, str(message_id), senders, house.now)
        [fact] = found.facts
        assert (fact.code, fact.detail, fact.until) == (
            Verdict.NOT_DUE_YET,
            "reminder_1",
            house.now + timedelta(hours=3),
        )
        house.now += timedelta(hours=3)
        assert (await why(house.store, str(message_id), senders, house.now)).verdict == Verdict.MAY_GO_NOW
        await house.send()
        named = f"agenda-whatsapp.{message_id.step}.{message_id.contact_id}"
        assert (await why(house.store, named, senders, house.now)).verdict == Verdict.ACCEPTED
        with pytest.raises(NotFoundError, match="não existe"):
            await why(house.store, str(message_id._replace(step=message_id.step + 1000)), senders, house.now)

    asyncio.run(story())


def test_a_report_counts_notices_by_what_they_are(house: House) -> None:
    async def story() -> None:
        await begun(house, K.CONFIRMED, K.REMINDER_1)
        await house.send()
        report = await campaigns.report(house.store, "agenda-whatsapp", house.now)
        counted = {step.template: dict(step.states) for step in report.steps if step.states}
        assert counted == {"confirmed": {"accepted": 1}, "reminder_1": {"accepted": 1}}

    asyncio.run(story())


def test_a_notice_that_failed_is_sent_again_by_order(house: House) -> None:
    async def story() -> None:
        [message_id] = await begun(house, K.CONFIRMED)
        house.provider.failures.append(FailureClass.PERMANENT)
        await house.send()
        [count] = await dead_letters.summary(house.store, "agenda-whatsapp")
        assert (count.step, count.count) == (template_step(K.CONFIRMED), 1)
        assert (await dead_letters.show(house.store, str(message_id))).record.id == message_id

    asyncio.run(story())


def test_the_agenda_is_nobodys_to_write_or_cancel(house: House) -> None:
    async def story() -> None:
        await house.people(1)
        await agenda(house)
        with pytest.raises(TransitionError, match="avisa das reuniões"):
            await campaigns.cancel(house.store, "agenda-whatsapp", house.now)
        with pytest.raises(InputError, match="kind"):
            await house.create(kind="agenda")
        with pytest.raises(InputError, match="agenda-…"):
            await house.create(name="agenda-de-todos")

    asyncio.run(story())
