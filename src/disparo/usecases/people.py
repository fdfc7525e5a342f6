"""What people may ask of us: who is known, who is left alone, who is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from disparo.domain.agenda.meeting_document import told_meeting
from disparo.domain.contact import Channel, Contact
from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.errors import InputError
from disparo.domain.phone_number import PhoneError, parse_phone
from disparo.domain.suppression import Suppression, read_hash
from disparo.ports.store import Store
from disparo.usecases.messages import MessageHistory


@dataclass(frozen=True, slots=True)
class Person:
    """A contact and what forbids messaging it."""

    contact: Contact
    suppressions: Sequence[Suppression]


@dataclass(frozen=True, slots=True)
class PersonHistory:
    """A contact, what forbids messaging it, and its messages in order of campaign and step, with their journals."""

    contact: Contact
    suppressions: Sequence[Suppression]
    messages: Sequence[MessageHistory]


async def find(store: Store, text: str, limit: int) -> Sequence[Person]:
    """Contacts of all lists with this number or e-mail (however written), or whose name begins with the text."""
    contacts = await store.contacts.find(text, limit)
    found = await store.suppressions.matching([key for contact in contacts for key in contact.keys])
    return [Person(contact, [one for one in found if one.key in contact.keys]) for contact in contacts]


async def show(store: Store, contact_id: str) -> PersonHistory:
    """Everything known of one contact; NotFoundError when there is none, an empty shell when it was erased."""
    contact = await store.contacts.get(contact_id)
    suppressions = await store.suppressions.matching(contact.keys)
    messages = [
        MessageHistory(row, campaign, contact, await store.ledger.journal(row.id))
        for campaign in reversed(await store.campaigns.all())
        for row in await store.ledger.rows_of(campaign.id, contact.id)
    ]
    return PersonHistory(contact, suppressions, messages)


async def suppress(
    store: Store,
    address: str,
    channel: Channel | None,
    *,
    source: str,
    now: datetime,
    reason: str = "by_hand",
) -> int:
    """Message a number or e-mail no more, on one channel or (None) on any; how many messages were cancelled at once.

    The address is read however it is written and need not be a contact's yet. It holds for every contact that has it,
    on that contact's other addresses too (I5). Steps on other channels go on: a due message before such a step is
    cancelled when its turn comes, and the step follows. Doing it twice is as once. InputError when it is neither a
    number nor an e-mail.
    """
    return await store.suppressions.add([Suppression(address_key(address), channel, reason, source, now)])


async def unsuppress(store: Store, address: str) -> bool:
    """Lift every suppression of a number or e-mail, its hash's too; False when there was none.

    What was cancelled stays so. A hash may be given as well. InputError when it is neither a number nor an e-mail.
    """
    return await store.suppressions.remove(address_key(address))


async def export(store: Store, contact_id: str) -> dict[str, Any]:
    """All that is known of a person as JSON values (LGPD, art. 18, II): `Contacts.everything`, and their `meetings`.

    NotFoundError when there is none.
    """
    known = await store.contacts.everything(contact_id)
    return {**known, "meetings": [told_meeting(one) for one in await store.meetings.of_contacts([contact_id])]}


def address_key(address: str) -> str:
    """The key of a number, an e-mail or a hash, however written; InputError when it is none of them."""
    if (hashed := read_hash(address)) is not None:
        return hashed
    try:
        return parse_phone(address).key
    except PhoneError:
        pass
    try:
        return parse_email(address).key
    except EmailError:
        raise InputError(
            f'"{address}" não é um telefone nem um e-mail; escreva como +55 41 98888-7777 ou nome@exemplo.com.br'
        ) from None
