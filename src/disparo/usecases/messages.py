"""Looking at messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from disparo.domain.campaign import Campaign
from disparo.domain.contact import Contact
from disparo.domain.message import MessageId, MessageRecord
from disparo.ports.ledger import JournalEntry, MessageFilter
from disparo.ports.store import Store


@dataclass(frozen=True, slots=True)
class MessageHistory:
    """All that is known of one message; of an erased contact only the empty shell is left."""

    record: MessageRecord
    campaign: Campaign
    contact: Contact
    journal: Sequence[JournalEntry]
    """What happened to it, oldest first."""


async def page(store: Store, wanted: MessageFilter, after: str | None, limit: int) -> Sequence[MessageRecord]:
    """Up to `limit` messages in order of campaign, contact and step, from behind the message id `after`.

    The id of the last one asks for the next page. NotFoundError when `after` is no message id.
    """
    return await store.ledger.page(wanted, None if after is None else MessageId.parse(after), limit)


async def history(store: Store, message_id: str) -> MessageHistory:
    """One message with its campaign, contact and journal; NotFoundError when there is none."""
    record = await store.ledger.get(MessageId.parse(message_id))
    return MessageHistory(
        record,
        await store.campaigns.get(record.id.campaign_id),
        await store.contacts.get(record.id.contact_id),
        await store.ledger.journal(record.id),
    )
