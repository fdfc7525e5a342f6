"""Every message of a campaign with its contact, slice by slice, so that what is sent meanwhile is not held up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from disparo.domain.contact import Contact
from disparo.domain.message import MessageId, MessageRecord
from disparo.ports.contacts import known_contact
from disparo.ports.ledger import MessageFilter
from disparo.ports.store import Store

SLICE = 200


@dataclass(frozen=True, slots=True)
class ExportedMessage:
    """A message; `contact` is None when it is not known any more."""

    record: MessageRecord
    contact: Contact | None


async def messages(store: Store, wanted: MessageFilter) -> AsyncIterator[Sequence[ExportedMessage]]:
    """Slices in order of campaign, contact and step. What changes meanwhile is told as it is when its slice comes."""
    after: MessageId | None = None
    while page := await store.ledger.page(wanted, after, SLICE):
        ids = dict.fromkeys(record.id.contact_id for record in page)
        contacts = {one: await known_contact(store.contacts, one) for one in ids}
        yield [ExportedMessage(record, contacts[record.id.contact_id]) for record in page]
        after = page[-1].id
