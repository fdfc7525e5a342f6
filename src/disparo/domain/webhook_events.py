"""What is told of messages, campaigns, replies and meetings: ids, codes and instants; docs/webhooks.md shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from disparo.domain.agenda.meeting import WRITTEN, Meeting, MeetingNews, is_code
from disparo.domain.agenda.slot import Slot
from disparo.domain.campaign import CAMPAIGN_LIFECYCLE, Campaign, CampaignEvent
from disparo.domain.inbox_entry import event_digest, kept_text
from disparo.domain.message import MessageEvent, MessageId, MessageRecord, MessageState
from disparo.domain.person_document import iso
from disparo.domain.receipt import Reply
from disparo.domain.reply_intent import Intent
from disparo.domain.webhook import Event, EventType, Proof, ProofKind

OF_MESSAGES: Mapping[MessageEvent, EventType] = {
    MessageEvent.ACCEPT: EventType.MESSAGE_ACCEPTED,
    MessageEvent.DELIVER: EventType.MESSAGE_DELIVERED,
    MessageEvent.READ: EventType.MESSAGE_READ,
    MessageEvent.REJECT: EventType.MESSAGE_FAILED,
    MessageEvent.EXHAUST: EventType.MESSAGE_DEAD,
    MessageEvent.HOLD: EventType.MESSAGE_DEAD,
    MessageEvent.DOUBT: EventType.MESSAGE_IN_DOUBT,
}

_ENDS: Mapping[MessageEvent, MessageState] = {
    MessageEvent.REJECT: MessageState.FAILED,
    MessageEvent.EXHAUST: MessageState.DEAD,
    MessageEvent.HOLD: MessageState.DEAD,
    MessageEvent.DOUBT: MessageState.IN_DOUBT,
}

OF_CAMPAIGNS: Mapping[CampaignEvent, EventType] = {
    CampaignEvent.START: EventType.CAMPAIGN_STARTED,
    CampaignEvent.PAUSE: EventType.CAMPAIGN_PAUSED,
    CampaignEvent.RESUME: EventType.CAMPAIGN_RESUMED,
    CampaignEvent.REOPEN: EventType.CAMPAIGN_RESUMED,
    CampaignEvent.COMPLETE: EventType.CAMPAIGN_COMPLETED,
    CampaignEvent.CANCEL: EventType.CAMPAIGN_CANCELLED,
}


def message_event(
    message_id: MessageId, event: MessageEvent, attempt: int, reason: str, now: datetime, *, proven: bool = False
) -> Event:
    """What is told of a message; one attempt comes to one end once, whoever says so and how often."""
    data = {
        "message_id": str(message_id),
        "campaign_id": message_id.campaign_id,
        "contact_id": message_id.contact_id,
        "step": message_id.step,
        "attempt": attempt,
        "reason": reason,
    }
    proof = None if proven else Proof(ProofKind.MESSAGE, str(message_id), str(event), attempt)
    key = (str(message_id), str(attempt))
    return Event.of(OF_MESSAGES[event], now, data, key=key, contact_id=message_id.contact_id, proof=proof)


def came_to(record: MessageRecord, event: MessageEvent, attempt: int) -> bool:
    """Whether a message stands where this event of this attempt would have brought it; not for what is evidence."""
    return record.state is _ENDS[event] and record.attempts == attempt


def campaign_event(campaign: Campaign, event: CampaignEvent, now: datetime) -> Event:
    """What is told of a campaign that is moved from where it stands, in the same write."""
    number, state = campaign.revision + 1, CAMPAIGN_LIFECYCLE.after(campaign.state, event)
    data = {"campaign_id": campaign.id, "campaign": campaign.name, "state": str(state), "event": str(event)}
    return Event.of(OF_CAMPAIGNS[event], now, {**data, "revision": number}, key=(campaign.id, str(number)))


def reply_event(
    reply: Reply, intent: Intent, channel: str, contact_id: str | None, message_id: MessageId | None, key: str
) -> Event:
    """What is told of a reply; its text, and who wrote when nobody knows them, only to endpoints that asked."""
    data = {
        "reply_id": event_digest(reply.event),
        "channel": channel,
        "intent": str(intent),
        "contact_id": contact_id,
        "message_id": None if message_id is None else str(message_id),
        "campaign_id": None if message_id is None else message_id.campaign_id,
    }
    personal = {"text": kept_text(reply.text), **({} if contact_id else {"from": key})}
    return Event.of(
        EventType.REPLY_RECEIVED, reply.at, data, key=(reply.event,), personal=personal, contact_id=contact_id
    )


def opt_out_event(
    contact_id: str | None, via: str, message_id: MessageId | None, key: str, at: datetime, channel: str | None = None
) -> Event:
    """What is told of somebody who wants no more messages; `key` is that of what they said or did."""
    data = {
        "contact_id": contact_id,
        "via": via,
        "channel": channel,
        "message_id": None if message_id is None else str(message_id),
    }
    return Event.of(EventType.CONTACT_OPTED_OUT, at, data, key=(key,), contact_id=contact_id)


def meeting_event(meeting: Meeting, news: MeetingNews) -> Event:
    """What is told of one change of a meeting, as it was then."""
    data: dict[str, Any] = {
        "meeting_id": meeting.id,
        "uid": meeting.uid,
        "type": meeting.type_id,
        "contact_id": meeting.contact_id,
        "campaign_id": meeting.campaign_id,
        "version": news.sequence,
        "by": news.by,
        "reason": news.reason if is_code(news.reason) else WRITTEN,
        "slot": None if news.slot is None else _slot(news.slot),
        "offers": [_slot(one) for one in news.offers],
    }
    kind, key = EventType(f"meeting.{news.what}"), (meeting.uid, str(news.sequence))
    personal = {} if is_code(news.reason) else {"reason": kept_text(news.reason)}
    return Event.of(kind, news.at, data, key=key, personal=personal, contact_id=meeting.contact_id)


def _slot(slot: Slot) -> dict[str, Any]:
    return {"start_at": iso(slot.start_at), "end_at": iso(slot.end_at), "hosts": list(slot.hosts)}
