"""What every ledger does with notices: single rows, several of them to a contact; each check gets an empty scene."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from disparo.domain.agenda.notice import NoticeKind, NoticeStep, template_step
from disparo.domain.campaign import Campaign, CampaignEvent, CampaignKind
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.contact import Channel
from disparo.domain.message import MessageEvent, MessageId, MessageState
from disparo.domain.settlement import Settlement
from disparo.domain.suppression import Suppression
from disparo.ports.ledger import MessageFilter, NewMessage
from tests.contract.scene import HOME, HOUR, MINUTE, NOW, WHATSAPP, Scene, later_word, phone_of, speaks_of

MEETING = "123456789012"
"""The longest id that a meeting's number may have."""

K = NoticeKind


async def agenda(scene: Scene) -> Campaign:
    """A campaign of notices, running."""
    steps = [{"channel": "whatsapp", "text": kind.value, "name": kind.value, "stop_on_reply": False} for kind in K]
    document = {"name": "agenda-whatsapp", "list": "-", "steps": steps, "kind": "agenda"}
    campaign = await scene.store.campaigns.add(parse_campaign(document, created_at=NOW))
    return await scene.store.campaigns.apply(campaign.id, CampaignEvent.START, NOW)


def number(kind: NoticeKind, sequence: int = 0, meeting: str = MEETING) -> int:
    return NoticeStep(meeting, sequence, kind).number()


def due(contact: str, step: int, at: datetime = NOW) -> NewMessage:
    return NewMessage(contact, step, Channel.WHATSAPP, HOME, MessageState.DUE, 0, at)


async def entered(scene: Scene, campaign: Campaign, *rows: NewMessage) -> list[bool]:
    return [*await scene.store.ledger.enter(campaign, rows, NOW)]


async def steps_of(scene: Scene, campaign: Campaign, contact: str) -> list[int]:
    return [row.id.step for row in await scene.store.ledger.rows_of(campaign.id, contact)]


async def claimed(scene: Scene, at: datetime = NOW, count: int = 100) -> list[MessageId]:
    return [message.id for message in (await scene.claim(count, at)).messages]


async def check_a_contact_gets_several_rows_at_once_and_more_later(scene: Scene) -> None:
    ana, bia = await scene.people(2, "quem")
    campaign = await agenda(scene)
    first, second, third = (number(kind) for kind in (K.CONFIRMED, K.REMINDER_1, K.REMINDER_2))
    assert await entered(scene, campaign, due(ana, second), due(ana, first), due(bia, first)) == [True] * 3
    assert await entered(scene, campaign, due(ana, third), due(bia, number(K.PROPOSAL, meeting="1"))) == [True] * 2
    assert await steps_of(scene, campaign, ana) == [first, second, third]
    assert await steps_of(scene, campaign, bia) == [number(K.PROPOSAL, meeting="1"), first]
    assert {*await claimed(scene)} == {row.id for row in await scene.rows(campaign)}
    assert len(await scene.rows(campaign)) == 5


async def check_a_row_entered_again_stays_as_it_is(scene: Scene) -> None:
    [ana] = await scene.people(1, "quem")
    campaign = await agenda(scene)
    first, second = number(K.CONFIRMED), number(K.REMINDER_1)
    assert await entered(scene, campaign, due(ana, first), due(ana, first), due(ana, second, NOW + HOUR)) == [
        True,
        False,
        True,
    ]
    await scene.settle(speaks_of(await scene.one(), MessageEvent.ACCEPT))
    before = await scene.rows(campaign)
    again = [due(ana, first), due(ana, second), due(ana, number(K.REMINDER_2), NOW + 2 * HOUR)]
    assert [*await scene.other.ledger.enter(campaign, again, NOW + MINUTE)] == [False, False, True]
    assert (await scene.rows(campaign))[:2] == before
    assert await claimed(scene, NOW + MINUTE) == []


async def check_rows_of_a_contact_are_claimed_when_they_are_due_and_in_their_order(scene: Scene) -> None:
    [ana] = await scene.people(1, "quem")
    campaign = await agenda(scene)
    # Their instants run against the numbers of their steps.
    kinds = (K.CONFIRMED, K.MOVED, K.REMINDER_1, K.REMINDER_2, K.BRIEFING)
    rows = [due(ana, number(kind), NOW + (5 - at) * HOUR) for at, kind in enumerate(kinds)]
    await entered(scene, campaign, *rows[:3])
    await entered(scene, campaign, *rows[3:])
    nothing = await scene.claim(10, NOW)
    assert (nothing.messages, nothing.next_at) == ([], NOW + HOUR)
    assert [one.step for one in await claimed(scene, NOW + 2 * HOUR)] == [rows[4].step, rows[3].step]
    assert (await scene.claim(10, NOW + 2 * HOUR)).next_at == NOW + 3 * HOUR
    assert [one.step for one in await claimed(scene, NOW + 9 * HOUR, 2)] == [rows[2].step, rows[1].step]
    assert [one.step for one in await claimed(scene, NOW + 9 * HOUR)] == [rows[0].step]


async def check_rows_are_cancelled_one_by_one_with_their_reason(scene: Scene) -> None:
    [ana] = await scene.people(1, "quem")
    campaign = await agenda(scene)
    rows = [due(ana, number(kind), NOW + HOUR) for kind in (K.REMINDER_1, K.REMINDER_2, K.REMINDER_3)]
    await entered(scene, campaign, *rows)
    gone = [Settlement(MessageId(campaign.id, one.step, ana), MessageEvent.CANCEL, reason="moved") for one in rows[:2]]
    assert await scene.settle(*gone) == [True, True]
    found = await scene.store.ledger.rows_of(campaign.id, ana)
    assert [(row.state, row.reason) for row in found] == [
        (MessageState.CANCELLED, "moved"),
        (MessageState.CANCELLED, "moved"),
        (MessageState.DUE, ""),
    ]
    assert [one.step for one in await claimed(scene, NOW + HOUR)] == [rows[2].step]
    assert await entered(scene, campaign, rows[0]) == [False]


async def check_an_opt_out_cancels_notices_that_were_not_sent(scene: Scene) -> None:
    ana, bia = await scene.people(2, "quem")
    campaign = await agenda(scene)
    kinds = (K.CONFIRMED, K.REMINDER_1, K.REMINDER_2)
    await entered(scene, campaign, *(due(who, number(kind)) for who in (ana, bia) for kind in kinds))
    message = await scene.one()
    await scene.settle(speaks_of(message, MessageEvent.ACCEPT))
    await scene.store.suppressions.add([Suppression(phone_of(0), None, "opted_out", "test", NOW)])
    told = [(row.state, row.reason) for row in await scene.store.ledger.rows_of(campaign.id, ana)]
    assert sorted(told) == [
        (MessageState.ACCEPTED, ""),
        (MessageState.CANCELLED, "opted_out"),
        (MessageState.CANCELLED, "opted_out"),
    ]
    await entered(scene, campaign, due(ana, number(K.CANCELLED, 1)))
    [late] = [one for one in (await scene.claim()).messages if one.id.contact_id == ana]
    assert await scene.store.ledger.clear_to_send(late, WHATSAPP, NOW) == "opted_out"


async def check_a_reply_promotes_and_cancels_no_notice(scene: Scene) -> None:
    [ana] = await scene.people(1, "quem")
    campaign = await agenda(scene)
    rows = [due(ana, number(K.PROPOSAL)), due(ana, number(K.REMINDER_1), NOW + HOUR)]
    await entered(scene, campaign, *rows)
    message = await scene.one()
    await scene.settle(speaks_of(message, MessageEvent.ACCEPT))
    assert await scene.store.ledger.note(message.id, "replied", "sim", "e1", NOW)
    states = [(row.state, row.due_at) for row in await scene.store.ledger.rows_of(campaign.id, ana)]
    assert states == [(MessageState.ACCEPTED, None), (MessageState.DUE, NOW + HOUR)]
    line = (await scene.store.ledger.journal(message.id))[-1]
    assert (line.event, line.detail) == ("replied", "sim")


async def check_counters_do_not_grow_with_meetings(scene: Scene) -> None:
    [ana] = await scene.people(1, "quem")
    campaign = await agenda(scene)
    rows = [due(ana, number(K.CONFIRMED, meeting=str(meeting))) for meeting in range(1, 8)]
    await entered(scene, campaign, *rows)
    await scene.settle(speaks_of(await scene.one(), MessageEvent.ACCEPT))
    tally = {(one.step, one.state): one.count for one in await scene.store.campaigns.tally(campaign.id)}
    assert tally == {(template_step(K.CONFIRMED), "due"): 6, (template_step(K.CONFIRMED), "accepted"): 1}


async def check_notices_are_listed_by_what_they_are_or_exactly(scene: Scene) -> None:
    people = await scene.people(40, "quem")
    campaign = await agenda(scene)
    kinds = (K.CONFIRMED, K.REMINDER_1)
    await entered(scene, campaign, *(due(who, number(kind)) for who in people for kind in kinds))
    everything = await scene.rows(campaign)
    assert [(row.id.contact_id, row.id.step) for row in everything] == [
        (who, number(kind)) for who in people for kind in kinds
    ]

    async def listed(wanted: MessageFilter) -> Sequence[MessageId]:
        found = []
        while page := await scene.store.ledger.page(wanted, found[-1] if found else None, 7):
            found += [row.id for row in page]
        return found

    reminders = [row.id for row in everything if row.id.step == number(K.REMINDER_1)]
    assert await listed(MessageFilter(campaign.id)) == [row.id for row in everything]
    assert await listed(MessageFilter(step=template_step(K.REMINDER_1))) == reminders
    assert await listed(MessageFilter(campaign.id, step=number(K.REMINDER_1))) == reminders
    assert await listed(MessageFilter(contact_id=people[3], step=template_step(K.CONFIRMED))) == [
        MessageId(campaign.id, number(K.CONFIRMED), people[3])
    ]
    assert await listed(MessageFilter(step=template_step(K.BRIEFING))) == []


async def check_a_notice_has_its_history_and_takes_receipts(scene: Scene) -> None:
    [ana] = await scene.people(1, "quem")
    campaign = await agenda(scene)
    await entered(scene, campaign, due(ana, number(K.CONFIRMED)), due(ana, number(K.REMINDER_1), NOW + HOUR))
    message = await scene.one()
    assert str(message.id) == f"{campaign.id}.{number(K.CONFIRMED)}.{ana}"
    assert MessageId.parse(str(message.id)) == message.id
    await scene.settle(speaks_of(message, MessageEvent.ACCEPT, provider_id="p1"))
    assert await scene.settle(later_word(message.id, MessageEvent.DELIVER, "e1")) == [True]
    assert await scene.settle(later_word(message.id, MessageEvent.DELIVER, "e1")) == [False]
    row = await scene.store.ledger.get(message.id)
    assert (row.state, row.provider_id) == (MessageState.DELIVERED, "p1")
    assert [line.event for line in await scene.store.ledger.journal(message.id)] == ["accept", "deliver"]


async def check_a_campaign_of_notices_never_ends(scene: Scene) -> None:
    [ana] = await scene.people(1, "quem")
    campaign = await agenda(scene)
    await entered(scene, campaign, due(ana, number(K.CONFIRMED)))
    await scene.settle(speaks_of(await scene.one(), MessageEvent.ACCEPT))
    assert not await scene.store.campaigns.conclude(campaign.id, NOW + HOUR)
    kept = await scene.store.campaigns.get(campaign.name)
    assert (kept.kind, kept.expires_at, kept.ended_at) == (CampaignKind.AGENDA, None, None)


async def check_a_hundred_and_fifty_rows_of_one_contact(scene: Scene) -> None:
    """A host of many meetings: more rows at once than one transaction takes."""
    [ana] = await scene.people(1, "quem")
    campaign = await agenda(scene)
    rows = [due(ana, number(K.BRIEFING, meeting=str(meeting)), NOW + meeting * MINUTE) for meeting in range(1, 151)]
    assert await entered(scene, campaign, *rows) == [True] * 150
    assert await entered(scene, campaign, *rows) == [False] * 150
    messages = (await scene.claim(100, NOW + 120 * MINUTE)).messages
    assert [one.id.step for one in messages] == [one.step for one in rows[:100]]
    while await scene.store.ledger.lapse(NOW + 130 * MINUTE, 100):
        pass
    doubts = await scene.store.ledger.doubts(NOW + 130 * MINUTE, 200)
    assert {one.record.id for one in doubts} == {one.id for one in messages}
    await scene.settle(*(later_word(one.id, MessageEvent.DELIVER) for one in messages), at=NOW + 131 * MINUTE)
    assert await scene.store.ledger.doubts(NOW + 200 * MINUTE, 200) == []
    assert await scene.store.ledger.next_watch() is None
    await entered(scene, campaign, *(due(ana, number(K.OUTCOME, meeting=str(one)), NOW) for one in range(1, 101)))
    await scene.store.suppressions.add([Suppression(phone_of(0), None, "opted_out", "test", NOW)])
    states = [row.state for row in await scene.rows(campaign)]
    assert (states.count(MessageState.DELIVERED), states.count(MessageState.CANCELLED)) == (100, 150)
    claim = await scene.claim(100, NOW + 500 * MINUTE)
    assert (claim.messages, claim.next_at) == ([], None)
    states = [row.state for row in await scene.store.ledger.rows_of(campaign.id, ana)]
    assert len(states) == 250


CHECKS = tuple(check for name, check in globals().items() if name.startswith("check_"))
