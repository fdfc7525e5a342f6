"""What comes back: receipts settle messages, replies stop sequences, an opt-out suppresses the person."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from disparo.domain.agenda.meeting import Meeting
from disparo.domain.campaign import Campaign, CampaignEvent, CampaignState
from disparo.domain.contact import Contact
from disparo.domain.errors import TransitionError
from disparo.domain.forgotten import is_forgotten
from disparo.domain.inbox_entry import kept_text
from disparo.domain.message import SENT, MessageEvent, MessageId, MessageRecord, MessageState
from disparo.domain.receipt import Receipt, ReceiptKind, Reply, SuppressionCause
from disparo.domain.reply_intent import Intent, Understood, classify
from disparo.domain.settlement import BY_TEMPLATE, FollowUp, Settlement
from disparo.domain.suppression import CONCEALED, Suppression, hashed_key
from disparo.domain.webhook_events import opt_out_event, reply_event
from disparo.engine.agenda.replies import MeetingReplies
from disparo.engine.answers import Answers
from disparo.engine.follow_up import follow_ups, stop_sequence
from disparo.engine.lane_book import LaneBook
from disparo.engine.recognition import Recognised, Recognition
from disparo.ports.callback import News
from disparo.ports.channel import Collected, Collects
from disparo.ports.contacts import known_contact
from disparo.ports.events import Events, NoEvents
from disparo.ports.inbox import Heard
from disparo.ports.intents import IntentClassifier
from disparo.ports.store import Store

EVENTS: Mapping[ReceiptKind, MessageEvent] = {
    ReceiptKind.ACCEPTED: MessageEvent.ACCEPT,
    ReceiptKind.DELIVERED: MessageEvent.DELIVER,
    ReceiptKind.READ: MessageEvent.READ,
    ReceiptKind.FAILED: MessageEvent.REJECT,
}

WINDOW_CLOSED = "window_closed"
"""Reason of a free text that was refused because the person had not written for 24 hours (WhatsApp 131047)."""


class Inbound:
    """Acts on receipts, replies and notices, whoever brings them: a webhook, a poll, a look-up.

    They may come early, late, twice and in any order. A receipt that speaks of no message of ours is left alone; a
    reply of somebody unknown is kept, and an opt-out of theirs holds.
    """

    def __init__(
        self,
        store: Store,
        lanes: LaneBook,
        recognition: Recognition,
        answers: Answers,
        classifier: IntentClassifier,
        meetings: MeetingReplies | None = None,
        events: Events | None = None,
    ) -> None:
        self._store, self._ledger, self._lanes = store, store.ledger, lanes
        self._recognition, self._answers, self._classifier = recognition, answers, classifier
        self._meetings, self._events = meetings, events or NoEvents()
        self._learnt: dict[tuple[str, str], str] = {}

    async def take(self, news: News, now: datetime) -> None:
        """Act on everything that came at once; the same again changes nothing."""
        await self.take_receipts(news.receipts, now)
        for reply in news.replies:
            await self.take_reply(reply, now)
        for notice in news.notices:
            await self._store.inbox.keep_notice(notice, now)

    async def take_receipts(self, receipts: Sequence[Receipt], now: datetime) -> int:
        """Settle messages by what their providers say; how many moved."""
        settlements: list[Settlement] = []
        # All are looked up first: what one says of the person must not change what the others find.
        found = [(receipt, await self._recognition.record(receipt.message_id)) for receipt in receipts]
        for receipt, record in found:
            if record is None:
                continue
            if receipt.suppress is not None or receipt.user_id is not None:
                await self._about_the_person(receipt, record, now)
            if receipt.kind is ReceiptKind.NOTED or _is_of_an_earlier_copy(receipt, record):
                await self._ledger.note(record.id, receipt.reason or "noted", receipt.detail, receipt.event, now)
            else:
                settlements += await self._settlements(receipt, record, now)
        moved = await self._ledger.settle(settlements, now) if settlements else ()
        for one in settlements:
            if one.event is MessageEvent.REDRIVE:
                await self._go_on(one.id, now)
        return sum(moved)

    async def _settlements(self, receipt: Receipt, record: MessageRecord, now: datetime) -> list[Settlement]:
        event = EVENTS[receipt.kind]
        failed = receipt.kind is ReceiptKind.FAILED
        follow: Sequence[FollowUp] = ()
        if failed and receipt.reason == WINDOW_CLOSED and (again := await self._by_template(receipt, record, now)):
            return again
        if failed or record.state not in SENT:
            campaign = await self._lanes.campaign(record.id.campaign_id)
            follow = follow_ups(campaign, record.id.step, sent=not failed, now=now, place=record.place)
        return [
            Settlement(
                record.id,
                event,
                reason=(receipt.reason or "refused_later") if failed else "",
                detail=receipt.detail,
                provider_id=receipt.provider_id,
                event_id=receipt.event,
                follow_ups=follow,
            )
        ]

    async def _by_template(self, receipt: Receipt, record: MessageRecord, now: datetime) -> list[Settlement]:
        """A free text that the provider took and refused later goes once more, as the approved template of its step.

        Once for each message, whatever is said of it how often (I2). Nothing when the step has none or its campaign
        was cancelled: then a person decides.
        """
        once = f"by_template:{record.id}"
        if await self._ledger.seen(record.id, once):
            await self._go_on(record.id, now)  # unless a kill was faster
            return []
        campaign = await self._store.campaigns.get(record.id.campaign_id)
        template = campaign.step(record.id.step).template
        if template.approved is None or campaign.state is CampaignState.CANCELLED:
            return []
        if not await self._ledger.seen(record.id, receipt.event):  # since a repeat the person may have written
            if (contact := await self._recognition.contact(record)) is None:
                return []
            for sender in self._recognition.senders_of(record.channel):
                await self._store.inbox.shut(record.channel, sender, contact.keys)
        refused = Settlement(
            record.id, MessageEvent.REJECT, None, WINDOW_CLOSED, receipt.detail, None, event_id=receipt.event
        )
        again = Settlement(record.id, MessageEvent.REDRIVE, None, BY_TEMPLATE, due_at=now, event_id=once)
        return [refused, again]

    async def _go_on(self, message_id: MessageId, now: datetime) -> None:
        """A campaign that had ended goes on for a message that goes once more, unless it was cancelled meanwhile.

        Asked of the message as it is now: a repeat finds it settled, and what a kill left open is found open.
        """
        if (await self._ledger.get(message_id)).state is not MessageState.DUE:
            return
        campaign = await self._store.campaigns.get(message_id.campaign_id)
        if campaign.state is CampaignState.COMPLETED:
            with suppress(TransitionError):  # somebody else did
                await self._store.campaigns.apply(campaign.id, CampaignEvent.REOPEN, now)
        elif campaign.state is CampaignState.CANCELLED:
            cancel = Settlement(message_id, MessageEvent.CANCEL, reason="campaign_cancelled")
            await self._ledger.settle([cancel], now)

    async def _about_the_person(self, receipt: Receipt, record: MessageRecord, now: datetime) -> None:
        if (contact := await self._recognition.contact(record)) is None:
            return
        own = contact.keys_on(record.channel)
        if receipt.user_id is not None and own:
            await self._learn(receipt.provider, receipt.user_id, own[0], contact.id)
        # A repeat must not put back what an operator has lifted since.
        if receipt.suppress is None or await self._ledger.seen(record.id, receipt.event):
            return
        source = f"{receipt.provider} {record.id}"
        if receipt.suppress is SuppressionCause.BOUNCED:
            gone = [Suppression(key, record.channel, receipt.suppress, source, now) for key in own]
        else:
            gone = [Suppression(key, None, receipt.suppress, source, now) for key in contact.keys]
            told = opt_out_event(contact.id, receipt.suppress, record.id, receipt.event, now, record.channel)
            await self._events.publish([told], now)
        await self._store.suppressions.add(gone)
        await self._conceal_if_erased(contact)

    async def _learn(self, provider: str, user_id: str, key: str, contact_id: str) -> None:
        if self._learnt.get((provider, user_id)) == key:
            return
        if await self._store.inbox.key_of(provider, user_id) != key:
            await self._store.inbox.learn(provider, user_id, key, contact_id)
        if len(self._learnt) >= _MOST_LEARNT:
            self._learnt.clear()
        self._learnt[provider, user_id] = key

    async def take_reply(self, reply: Reply, now: datetime) -> bool:
        """Keep a reply, stop the sequence that it answers, suppress the person who asks so; False for a repeat."""
        if await self._store.inbox.knows(reply.event):
            return False
        who = await self._recognition.of(reply)
        if who is None:
            return False
        if is_forgotten([who.key], await self._store.contacts.forgotten(reply.at)):
            return await self._of_somebody_forgotten(who, reply)
        meeting = None if self._meetings is None else await self._meetings.meeting_of(who, reply)
        # One that was acted upon before a kill is understood as it was then: its "cancelar" meant the meeting.
        is_open = meeting is not None and (meeting.live or meeting.has_heard(reply.event))
        understood = await self._understood(reply, is_open)
        intent = understood.intent
        if intent is Intent.OPT_OUT:
            await self._suppress(who, reply, now)
        if who.record is not None:
            await self._stop(who.record, intent, reply, now)
        if self._meetings is not None:
            await self._on_the_agenda(self._meetings, meeting, who, reply, understood, now)
        if intent is Intent.OPT_OUT and who.contact is not None and who.sender and not reply.answered:
            await self._answers.confirm_opt_out(who.contact, who.channel, who.sender, now)
        await self._announce(who, reply, intent, now)
        # Kept last: after a kill in between, the reply is taken again from the start, which changes nothing more.
        return await self._store.inbox.keep(_heard(reply, who, intent), now)

    async def _of_somebody_forgotten(self, who: Recognised, reply: Reply) -> bool:
        """What a person wrote before they were erased, and comes late, is kept no more; their "stop" holds all the same
        (I5), as a hash.
        """
        if reply.opted_out or classify(reply.text, reply.choice, meeting_open=False).intent is Intent.OPT_OUT:
            hidden = [hashed_key(key) for key in who.keys]
            gone = [Suppression(key, None, "opted_out", CONCEALED, reply.at) for key in hidden]
            await self._store.suppressions.add(gone)
        return False

    async def _conceal_if_erased(self, contact: Contact) -> None:
        """Hide what was just suppressed of somebody who was erased meanwhile, as their erasure hides it."""
        now = await known_contact(self._store.contacts, contact.id)
        if now is None or not now.keys:
            await self._store.suppressions.conceal(contact.keys)

    async def _announce(self, who: Recognised, reply: Reply, intent: Intent, now: datetime) -> None:
        """Other programs are told before the reply is kept, so that after a kill it comes again and they are told."""
        contact_id = None if who.contact is None else who.contact.id
        message_id = None if who.record is None else who.record.id
        told = [reply_event(reply, intent, who.channel, contact_id, message_id, who.key)]
        if intent is Intent.OPT_OUT:
            told.append(opt_out_event(contact_id, "reply", message_id, reply.event, reply.at, who.channel))
        await self._events.publish(told, now)

    async def _on_the_agenda(
        self,
        meetings: MeetingReplies,
        meeting: Meeting | None,
        who: Recognised,
        reply: Reply,
        understood: Understood,
        now: datetime,
    ) -> None:
        """What a reply means for a meeting, or for one that is to come of it."""
        if meeting is not None:
            await meetings.act(meeting, who, reply, understood, now)
        elif who.record is not None:
            campaign = await self._lanes.campaign(who.record.id.campaign_id)
            await meetings.invite(campaign, who, reply, understood, now)

    async def _understood(self, reply: Reply, meeting_open: bool) -> Understood:
        """What a reply means; an opt-out that the provider or our rules see is one, whatever a classifier says (I5)."""
        by_rule = classify(reply.text, reply.choice, meeting_open=meeting_open)
        if reply.opted_out or by_rule.intent is Intent.OPT_OUT:
            return Understood(Intent.OPT_OUT, rule=by_rule.rule)
        try:
            return await self._classifier.classify(reply.text, reply.choice, meeting_open=meeting_open)
        except Exception:  # whatever breaks there, no reply is lost by it
            logging.getLogger(__name__).exception("classifier_failed")
            return by_rule

    async def _suppress(self, who: Recognised, reply: Reply, now: datetime) -> None:
        source = f"{reply.provider} {who.record.id}" if who.record is not None else reply.provider
        await self._store.suppressions.add([Suppression(key, None, "opted_out", source, now) for key in who.keys])

    async def _stop(self, record: MessageRecord, intent: Intent, reply: Reply, now: datetime) -> None:
        campaign: Campaign = await self._lanes.campaign(record.id.campaign_id)
        reason = _NOTED.get(intent, "replied")
        if intent is not Intent.AUTO:  # an absence note says nothing for the person
            await stop_sequence(self._ledger, campaign, record.id.contact_id, reason, now)
        await self._ledger.note(record.id, reason, kept_text(reply.text), reply.event, now)


_MOST_LEARNT = 10_000
_NOTED = {Intent.OPT_OUT: "opted_out", Intent.AUTO: "auto_reply"}


def _is_of_an_earlier_copy(receipt: Receipt, record: MessageRecord) -> bool:
    """Whether a failure speaks of a copy before the one that counts: its own id is another, or not known yet."""
    if receipt.kind is not ReceiptKind.FAILED or receipt.provider_id is None or record.provider_id is None:
        return False
    unknown = record.state in (MessageState.SENDING, MessageState.IN_DOUBT)
    return unknown or receipt.provider_id != record.provider_id


def _heard(reply: Reply, who: Recognised, intent: Intent) -> Heard:
    contact: Contact | None = who.contact
    return Heard(
        event_id=reply.event,
        channel=who.channel,
        sender=who.sender,
        key=who.key,
        contact_id=contact.id if contact is not None else None,
        message_id=str(who.record.id) if who.record is not None else None,
        text=reply.text,
        intent=intent,
        at=reply.at,
    )


class Collect:
    """Asks the channels that do not call us what has come back.

    To ask a channel again says that what it gave before is written down, so what could not be taken is tried again
    before it is asked for more.
    """

    def __init__(self, inbound: Inbound, channels: Sequence[Collects]) -> None:
        self._inbound, self._channels = inbound, channels
        self._untaken: dict[int, Collected] = {}

    async def run(self, now: datetime) -> datetime | None:
        """Take what has come back; `now` when there was something, else when it is expected."""
        soonest: datetime | None = None
        for number, channel in enumerate(self._channels):
            collected = self._untaken[number] = self._untaken.get(number) or await channel.collect(now)
            await self._inbound.take(collected, now)
            del self._untaken[number]
            if collected.receipts or collected.replies or collected.notices:
                return now
            if collected.next_at is not None:
                soonest = min(soonest or collected.next_at, collected.next_at)
        return soonest
