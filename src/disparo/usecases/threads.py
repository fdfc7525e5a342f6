"""Conversations: what somebody wrote and what they were sent, in one line of time, and what may be answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.notice import NoticeStep
from disparo.domain.campaign import Campaign, CampaignKind
from disparo.domain.contact import Channel, Contact
from disparo.domain.hand_message import HandMessage, hand_number
from disparo.domain.inbox_entry import InboxEntry, ReplyOutcome
from disparo.domain.message import MessageRecord, MessageState
from disparo.domain.policies.eligibility import eligible
from disparo.domain.suppression import Suppression
from disparo.domain.template import UNSUBSCRIBE_LINK, RenderError
from disparo.ports.contacts import known_contact
from disparo.ports.inbox import SERVICE_WINDOW, Conversation
from disparo.ports.ledger import MessageFilter
from disparo.ports.renderer import Renderer
from disparo.ports.store import Store
from disparo.usecases.carriers import Carrier
from disparo.usecases.inbox import entry_of

MOST_LINES = 200
"""Of each kind, the newest of what is heard and written by hand."""
_SHOWN = frozenset(MessageState) - {MessageState.WAITING, MessageState.CANCELLED, MessageState.EXPIRED}


class LineKind(StrEnum):
    """Who said it."""

    HEARD = "heard"
    CAMPAIGN = "campaign"
    NOTICE = "notice"
    BY_HAND = "by_hand"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was said. `text` is as the template gives it today; for a notice it is its kind's code.

    `entry` is there for what was heard, `row` for what was sent or waits to be; `source` is the campaign's name, or
    who wrote it by hand.
    """

    kind: LineKind
    at: datetime
    channel: Channel
    text: str
    source: str = ""
    entry: InboxEntry | None = None
    row: MessageRecord | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """Whether a person may be answered by a channel: until when freely, or why not.

    `closes_at` is the end of the time in which an answer goes at once; None when it is over, so that what is written
    waits for their hours, and on WhatsApp needs an approved template.
    """

    channel: Channel
    open: bool
    refusal: str
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Thread:
    """Everything that was said between one person and us, oldest first. `contact` is None for somebody unknown."""

    owner: str
    contact: Contact | None
    conversation: Conversation | None
    lines: Sequence[Line]
    ways: Sequence[Way]
    suppressions: Sequence[Suppression]
    meetings: Sequence[Meeting]

    @property
    def unhandled(self) -> Sequence[InboxEntry]:
        """What nobody has dealt with, oldest first."""
        return [one.entry for one in self.lines if one.entry is not None and one.entry.handled_at is None]


async def threads(
    store: Store, after: str | None, limit: int, *, unhandled: bool = False
) -> Sequence[tuple[Conversation, Contact | None]]:
    """Conversations with whom they are with, the latest first, from behind `after` (the id of a latest entry)."""
    found = await store.inbox.conversations(after, limit, unhandled=unhandled)
    return [(one, await known_contact(store.contacts, one.contact_id) if one.contact_id else None) for one in found]


async def thread(store: Store, owner: str, renderer: Renderer, carriers: Sequence[Carrier], now: datetime) -> Thread:
    """The conversation with a contact (its id), or with somebody unknown (the key of who wrote).

    A contact who wrote nothing has one, too. NotFoundError for an owner that is neither.
    """
    conversation = await store.inbox.conversation(owner)
    contact = await (store.contacts.get(owner) if conversation is None else known_contact(store.contacts, owner))
    heard = await store.inbox.page(None, MOST_LINES, contact_id=owner)
    lines = [_heard(entry) for entry in heard]
    if contact is None:
        return Thread(owner, None, conversation, lines[::-1], (), (), ())
    suppressions = await store.suppressions.matching(contact.keys)
    lines += await _sent(store, contact, renderer)
    return Thread(
        owner,
        contact,
        conversation,
        sorted(lines, key=lambda one: one.at),
        [await _way(store, contact, channel, suppressions, carriers, now) for channel in Channel],
        suppressions,
        await store.meetings.of_contacts([contact.id]),
    )


async def settle(store: Store, entry_ids: Sequence[str], outcome: ReplyOutcome, by: str, now: datetime) -> int:
    """Note what came of what somebody wrote; how many entries that is new for.

    Who wants no more messages, or is somebody else, is suppressed before anything is noted (I5). NotFoundError at the
    first entry that is not there.
    """
    new = 0
    for entry_id in dict.fromkeys(entry_ids):
        if outcome in (ReplyOutcome.OPTED_OUT, ReplyOutcome.WRONG_PERSON):
            await _suppress(store, entry_id, outcome, by, now)
        new += await store.inbox.handle(entry_id, now, outcome)
    return new


async def pending(store: Store, owner: str) -> list[str]:
    """Ids of what this owner wrote and nobody has dealt with, the newest first."""
    return [one.id for one in await store.inbox.page(None, MOST_LINES, contact_id=owner, unhandled=True)]


async def _suppress(store: Store, entry_id: str, outcome: ReplyOutcome, by: str, now: datetime) -> None:
    heard = (await entry_of(store, entry_id)).heard
    contact = await known_contact(store.contacts, heard.contact_id) if heard.contact_id else None
    keys = [heard.key] if outcome is ReplyOutcome.WRONG_PERSON or contact is None else contact.keys
    reason = "opted_out" if outcome is ReplyOutcome.OPTED_OUT else "by_hand"
    await store.suppressions.add([Suppression(key, None, reason, by, now) for key in keys])


def _heard(entry: InboxEntry) -> Line:
    heard = entry.heard
    return Line(LineKind.HEARD, heard.at, heard.channel, heard.text, heard.sender, entry)


async def _sent(store: Store, contact: Contact, renderer: Renderer) -> list[Line]:
    rows = await store.ledger.page(MessageFilter(contact_id=contact.id), None, MOST_LINES)
    by_hand = {one.number: one for one in await store.hand_messages.of(contact.id, MOST_LINES)}
    campaigns: dict[str, Campaign] = {}
    lines = []
    for row in rows:
        if row.state not in _SHOWN and row.attempts == 0:
            continue
        if (campaign := campaigns.get(row.id.campaign_id)) is None:
            campaign = campaigns[row.id.campaign_id] = await store.campaigns.get(row.id.campaign_id)
        if row.state is MessageState.DUE and campaign.kind is not CampaignKind.HAND:
            continue
        lines.append(_line(row, campaign, contact, by_hand, renderer))
    return lines


def _line(
    row: MessageRecord,
    campaign: Campaign,
    contact: Contact,
    by_hand: Mapping[int, HandMessage],
    renderer: Renderer,
) -> Line:
    if campaign.kind is CampaignKind.AGENDA:
        notice = NoticeStep.parse(row.id.step)
        return Line(LineKind.NOTICE, row.changed_at, row.channel, notice.kind if notice else "", campaign.name, row=row)
    number = hand_number(row.id.step)
    if number is not None:
        text = by_hand.get(number)
        said = "" if text is None else text.variables.get("texto") or text.template.text
        at, who = (row.changed_at, "") if text is None else (text.at, text.by)
        return Line(LineKind.BY_HAND, at, row.channel, said, who, row=row)
    kind = LineKind.ANSWER if campaign.kind is CampaignKind.SERVICE else LineKind.CAMPAIGN
    return Line(kind, row.changed_at, row.channel, _text(campaign, row, contact, renderer), campaign.name, row=row)


def _text(campaign: Campaign, row: MessageRecord, contact: Contact, renderer: Renderer) -> str:
    """What a message said, as its contact's data are now; its template's name where they do not fill it."""
    template = campaign.step(row.id.step).template
    try:
        variables = {UNSUBSCRIBE_LINK: "…", **campaign.variables_for(contact.variables)}
        return renderer.compile(template).render(variables).text
    except RenderError:
        return template.name


async def _way(
    store: Store,
    contact: Contact,
    channel: Channel,
    suppressions: Sequence[Suppression],
    carriers: Sequence[Carrier],
    now: datetime,
) -> Way:
    found = eligible(channel, phone=contact.phone, email=contact.email, keys=contact.keys, suppressions=suppressions)
    senders = [sender.name for sender, _ in carriers if sender.channel is channel]
    if not found.ok or not senders:
        return Way(channel, False, found.reason if not found.ok else "no_sender", None)
    heard = [await store.inbox.last_heard(channel, name, contact.keys) for name in senders]
    latest = max((at for at in heard if at is not None), default=None)
    closes_at = None if latest is None or now >= latest + SERVICE_WINDOW else latest + SERVICE_WINDOW
    return Way(channel, True, "", closes_at)
