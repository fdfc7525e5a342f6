"""What people may ask of us: who is known, who is left alone, who is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from disparo.domain.agenda.meeting import MeetingEvent
from disparo.domain.agenda.meeting_changes import end
from disparo.domain.agenda.meeting_document import told_meeting
from disparo.domain.contact import Channel, Contact
from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.errors import InputError
from disparo.domain.message import SETTLED, MessageRecord
from disparo.domain.phone_number import PhoneError, parse_phone
from disparo.domain.suppression import Suppression, read_hash
from disparo.ports.agenda import MeetingChangedError
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


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """What an erasure did (LGPD, Lei 13.709/2018, art. 18, VI).

    `cancelled` messages had not begun; those `under_way` (message ids) were with a provider already. `kept` rows stay
    without any personal data, so that what was sent can be counted. Suppressions stay, so that who asked not to be
    messaged is not messaged after a later import either. `same_person` are contacts (ids) of other lists with the same
    number or e-mail: they are still there.
    """

    contact_id: str
    list_name: str
    erased_at: datetime
    cancelled: int
    kept: int
    under_way: Sequence[str]
    suppressions: int
    same_person: Sequence[str]


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
    return await store.suppressions.add([Suppression(_key(address), channel, reason, source, now)])


async def unsuppress(store: Store, address: str) -> bool:
    """Lift every suppression of a number or e-mail, its hash's too; False when there was none.

    What was cancelled stays so. A hash may be given as well. InputError when it is neither a number nor an e-mail.
    """
    return await store.suppressions.remove(_key(address))


async def erase(store: Store, contact_id: str, now: datetime) -> ErasureReceipt:
    """Forget a person: name, addresses, document and variables, for good. Twice is as once; NotFoundError when unknown.

    What was not sent is cancelled as `erased`, and so are meetings that are still to come. Those that were stay without
    their notes, so that they can be counted.
    """
    known = await store.contacts.everything(contact_id)
    await _call_off(store, contact_id, now)
    await store.meetings.forget(contact_id)
    await store.contacts.erase(contact_id, now)
    rows = await _rows(store, contact_id)
    return ErasureReceipt(
        contact_id=contact_id,
        list_name=known["contact"]["list"],
        erased_at=now,
        cancelled=sum(row.reason == "erased" for row in rows),
        kept=len(rows),
        under_way=[str(row.id) for row in rows if row.state not in SETTLED],
        suppressions=len(known["suppressions"]),
        same_person=known["same_person"],
    )


async def _call_off(store: Store, contact_id: str, now: datetime) -> None:
    """End what is offered to a contact, or agreed and not over; their hosts are told."""
    for one in await store.meetings.of_contacts([contact_id]):
        meeting = one
        while meeting.live and (meeting.slot is None or now < meeting.slot.end_at):
            try:
                await store.meetings.replace(end(meeting, MeetingEvent.CANCEL, now, "system", "erased"), {}, now)
                break
            except MeetingChangedError:
                meeting = await store.meetings.get(meeting.id)


async def export(store: Store, contact_id: str) -> dict[str, Any]:
    """All that is known of a person as JSON values (LGPD, art. 18, II): `Contacts.everything`, and their `meetings`.

    NotFoundError when there is none.
    """
    known = await store.contacts.everything(contact_id)
    return {**known, "meetings": [told_meeting(one) for one in await store.meetings.of_contacts([contact_id])]}


async def _rows(store: Store, contact_id: str) -> list[MessageRecord]:
    campaigns = await store.campaigns.all()
    return [row for campaign in reversed(campaigns) for row in await store.ledger.rows_of(campaign.id, contact_id)]


def _key(address: str) -> str:
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
