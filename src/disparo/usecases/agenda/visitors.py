"""Booking by somebody who came to a public page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from disparo.domain.agenda.meeting import Meeting
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.email_address import EmailAddress
from disparo.domain.errors import InputError
from disparo.domain.phone_number import PhoneNumber
from disparo.domain.place import Place
from disparo.ports.desk import Answer, Desk, Said, Wish
from disparo.ports.store import Store

LIST = "agenda"
"""The list of those who booked on a page."""

MOST_OPEN = 3
"""Meetings of one type that are open with one visitor at once: with somebody else's address a stranger could take every
time there is, and have a message sent for each."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who books, as they told it themselves; at least one of `email` and `phone` is there."""

    name: str
    email: EmailAddress | None
    phone: PhoneNumber | None
    place: Place
    language: str
    note: str = ""


async def book_visitor(
    store: Store, desk: Desk, type_id: str, visitor: Visitor, start_at: datetime, key: str, now: datetime
) -> Answer:
    """Agree a time with a visitor, who becomes a contact of the list `agenda`; the same `key` again books nothing more.

    Who gives an e-mail is known by it alone, and the number is kept as a note: put together by a stranger, they would
    send somebody's messages to somebody else. Whoever is in that list already stays as kept there. TOO_MANY, and
    nothing is booked, for who has `MOST_OPEN` other meetings of the type that are open. InputError without any address.
    """
    if visitor.email is None and visitor.phone is None:
        raise InputError("escreva um e-mail ou um telefone")
    phone = visitor.phone if visitor.email is None else None
    draft = ContactDraft(
        source=f"agenda:{type_id}",
        place=visitor.place,
        name=visitor.name,
        phone=phone.e164 if phone is not None else None,
        phone_key=phone.key if phone is not None else None,
        email=visitor.email.address if visitor.email is not None else None,
        email_key=visitor.email.key if visitor.email is not None else None,
    )
    [folded] = await store.contacts.fold(LIST, [draft])
    # One at this very time may be this one, sent twice.
    known = await store.meetings.of_contacts([folded.contact_id])
    if sum(one.live and one.type_id == type_id and not _is_at(one, start_at, now) for one in known) >= MOST_OPEN:
        return Answer(Said.TOO_MANY, None)
    channel = Channel.EMAIL if visitor.email is not None else Channel.WHATSAPP
    wish = Wish(
        type_id=type_id,
        contact_id=folded.contact_id,
        channel=channel,
        place=visitor.place,
        key=key,
        language=visitor.language,
        notes=_notes(visitor),
    )
    return await desk.book(wish, start_at, now, "contact")


def _is_at(meeting: Meeting, start_at: datetime, now: datetime) -> bool:
    """Whether it is at that time, or over, as nobody may have said yet what became of it."""
    return meeting.slot is not None and (meeting.slot.start_at == start_at or meeting.slot.end_at <= now)


def _notes(visitor: Visitor) -> str:
    number = "" if visitor.phone is None or visitor.email is None else f"Tel.: {visitor.phone.e164}"
    return "\n".join(filter(None, [visitor.note, number]))
