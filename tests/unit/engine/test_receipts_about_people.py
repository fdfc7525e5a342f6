"""Receipts that say something of the person: bounces, complaints, opt-outs, and a window that was closed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from disparo.domain.campaign import CampaignState
from disparo.domain.contact import Channel
from disparo.domain.message import MessageId, MessageState, Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import Notice, Receipt, ReceiptKind, Reply, SuppressionCause
from disparo.ports.callback import Told
from disparo.usecases import campaigns, people
from tests.unit.usecases.conftest import House

EMAIL = {"channel": "email", "subject": "Oi", "text": "Oi"}
APPROVED = {"channel": "whatsapp", "text": "Oi {{ nome }}", "approved": {"name": "oi", "language": "pt_BR"}}


async def sent(house: House, channel: Channel = Channel.EMAIL, step: dict[str, Any] = EMAIL) -> MessageId:
    await house.begin(1, steps=[step, {**step, "wait": "1d"}])
    [message_id] = await house.send(channel)
    return message_id


async def take(house: House, message_id: MessageId, kind: ReceiptKind, event: str = "e1", **keys: Any) -> int:
    known = (await house.store.ledger.get(message_id)).provider_id
    receipt = Receipt("prov", event, str(message_id), kind, house.now, known, **keys)
    return await house.engine.inbound.take_receipts([receipt], house.now)


async def suppressed(house: House, message_id: MessageId) -> set[tuple[str, Channel | None, str]]:
    contact = await house.store.contacts.get(message_id.contact_id)
    return {(one.key, one.channel, one.reason) for one in await house.store.suppressions.matching(contact.keys)}


async def states(house: House, message_id: MessageId) -> list[str]:
    return [str(row.state) for row in await house.store.ledger.rows_of(message_id.campaign_id, message_id.contact_id)]


def test_a_hard_bounce_suppresses_the_address_on_its_channel(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house)
        await take(house, message_id, ReceiptKind.FAILED, reason="bounced", suppress=SuppressionCause.BOUNCED)
        assert await suppressed(house, message_id) == {("p0@example.com", Channel.EMAIL, "bounced")}
        assert await states(house, message_id) == ["failed", "cancelled"]
        row = await house.store.ledger.get(message_id)
        assert row.reason == "bounced"

    asyncio.run(story())


@pytest.mark.parametrize("cause", [SuppressionCause.COMPLAINED, SuppressionCause.OPTED_OUT])
def test_a_complaint_and_an_opt_out_suppress_the_person_on_every_channel(house: House, cause: SuppressionCause) -> None:
    async def story() -> None:
        message_id = await sent(house)
        await take(house, message_id, ReceiptKind.NOTED, reason="spamreport", suppress=cause)
        assert {(channel, reason) for _, channel, reason in await suppressed(house, message_id)} == {(None, str(cause))}
        assert len(await suppressed(house, message_id)) == 2
        assert await states(house, message_id) == ["accepted", "cancelled"]

    asyncio.run(story())


def test_a_replayed_bounce_does_not_undo_what_an_operator_lifted(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house)
        await take(house, message_id, ReceiptKind.FAILED, suppress=SuppressionCause.BOUNCED)
        assert await people.unsuppress(house.store, "p0@example.com")
        await take(house, message_id, ReceiptKind.FAILED, suppress=SuppressionCause.BOUNCED)
        assert not await suppressed(house, message_id)

    asyncio.run(story())


def test_what_is_only_noted_is_a_line_and_moves_nothing(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house)
        for _ in range(2):
            assert await take(house, message_id, ReceiptKind.NOTED, reason="deferred", detail="450 greylisted") == 0
        journal = await house.store.ledger.journal(message_id)
        assert [(line.event, line.detail) for line in journal if line.event == "deferred"] == [
            ("deferred", "450 greylisted")
        ]
        assert (await states(house, message_id))[0] == "accepted"

    asyncio.run(story())


async def heard_lately(house: House, message_id: MessageId) -> None:
    reply = Reply("prov", "r1", str(message_id), "oi", house.now, Channel.WHATSAPP)
    await house.engine.inbound.take_reply(reply, house.now)


def test_a_text_refused_after_its_window_goes_once_more_as_the_approved_template(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house, Channel.WHATSAPP, {**APPROVED, "stop_on_reply": False})
        await heard_lately(house, message_id)
        house.now += timedelta(hours=1)
        refused = {"reason": "window_closed", "detail": "131047"}
        await take(house, message_id, ReceiptKind.FAILED, **refused)
        assert (await house.store.ledger.get(message_id)).state is MessageState.DUE
        assert await house.send() == {message_id}
        assert not house.provider.taken[-1].window_open
        await take(house, message_id, ReceiptKind.FAILED, **refused)  # the same word again
        assert (await house.store.ledger.get(message_id)).state is MessageState.ACCEPTED

    asyncio.run(story())


def test_without_a_template_or_with_its_campaign_over_it_stays_failed(house: House) -> None:
    async def story() -> None:
        message_id = await sent(house, Channel.WHATSAPP, {"channel": "whatsapp", "text": "Oi"})
        await take(house, message_id, ReceiptKind.FAILED, reason="window_closed")
        assert (await house.store.ledger.get(message_id)).state is MessageState.FAILED
        await house.create(name="outra", steps=[APPROVED])
        await campaigns.start(house.store, "outra", house.now)
        await house.launch()
        [other] = await house.send()
        await campaigns.cancel(house.store, "outra", house.now)
        await take(house, other, ReceiptKind.FAILED, "e2", reason="window_closed")
        assert (await house.store.ledger.get(other)).state is MessageState.FAILED

    asyncio.run(story())


def test_a_campaign_that_had_ended_goes_on_for_it(house: House) -> None:
    async def story() -> None:
        await house.begin(1, steps=[APPROVED])
        [message_id] = await house.send()
        await house.tidy()
        assert (await house.store.campaigns.get("camp")).state is CampaignState.COMPLETED
        await take(house, message_id, ReceiptKind.FAILED, reason="window_closed")
        assert await house.send() == {message_id}
        await house.tidy()
        assert (await house.store.campaigns.get("camp")).state is CampaignState.COMPLETED

    asyncio.run(story())


def test_a_free_text_may_go_for_a_day_after_the_person_wrote(house: House) -> None:
    async def story() -> None:
        await house.people(1)
        await house.begin(0, steps=[{**APPROVED, "stop_on_reply": False}, {**APPROVED, "wait": "2d"}])
        [message_id] = await house.send()
        assert not house.provider.taken[-1].window_open
        house.now += timedelta(days=1, hours=23)
        await heard_lately(house, message_id)
        assert await house.store.inbox.last_heard(Channel.WHATSAPP, "whatsapp", ["+5541988880000"]) == house.now

    asyncio.run(story())


def test_a_notice_is_kept_once(house: House) -> None:
    async def story() -> None:
        notice = Notice("prov", "n1", "template_paused", house.now, "{}")
        await house.engine.inbound.take(Told(notices=[notice, notice]), house.now)
        assert len(await house.store.inbox.notices(None, 10)) == 1

    asyncio.run(story())


def test_a_provider_that_knows_of_an_opt_out_when_it_is_asked_to_send_is_believed(house: House) -> None:
    async def story() -> None:
        await house.begin(1)
        [message] = await house.claim()
        refused = Outcome(False, failure=FailureClass.RECIPIENT, reason="opted_out", detail="21610")
        settlement = await house.engine.dispatch.conclude(message, refused, house.now)
        await house.engine.dispatch.record([settlement], house.now)
        assert (await house.store.ledger.get(message.id)).state is MessageState.FAILED
        assert {reason for _, _, reason in await suppressed(house, message.id)} == {"opted_out"}

    asyncio.run(story())
