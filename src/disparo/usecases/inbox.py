"""What people wrote to us, for the person who answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from disparo.domain.contact import Contact
from disparo.domain.errors import NotFoundError
from disparo.domain.inbox_entry import InboxEntry
from disparo.ports.contacts import known_contact
from disparo.ports.store import Store
from disparo.usecases import people
from disparo.usecases.messages import MessageHistory

_BEHIND = "~"
"""Sorts behind everything that an id goes on with."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """An entry, who wrote it (None when nobody of ours was recognised), what else they wrote, and what we sent them.

    `heard` are their entries, newest first, `entry` among them when it is new enough; `messages` are all of theirs.
    """

    entry: InboxEntry
    contact: Contact | None
    heard: Sequence[InboxEntry]
    messages: Sequence[MessageHistory]


async def authors(store: Store, entries: Sequence[InboxEntry]) -> Mapping[str, Contact]:
    """The contacts of these entries by their ids; those that are no more are left out."""
    found: dict[str, Contact] = {}
    for contact_id in {one.heard.contact_id for one in entries if one.heard.contact_id is not None}:
        if (contact := await known_contact(store.contacts, contact_id)) is not None:
            found[contact_id] = contact
    return found


async def entry_of(store: Store, entry_id: str) -> InboxEntry:
    """One entry; NotFoundError when there is none."""
    found = await store.inbox.page(entry_id + _BEHIND, 1)
    if not found or found[0].id != entry_id:
        raise NotFoundError(f"a entrada {entry_id!r} não existe (veja: disparo inbox list)")
    return found[0]


async def conversation(store: Store, entry_id: str, limit: int) -> Conversation:
    """An entry in its conversation, of which at most `limit` entries are told; NotFoundError when there is none."""
    entry = await entry_of(store, entry_id)
    if entry.heard.contact_id is None:
        return Conversation(entry, None, [entry], ())
    history = await people.show(store, entry.heard.contact_id)
    heard = await store.inbox.page(None, limit, contact_id=history.contact.id)
    return Conversation(entry, history.contact, heard, history.messages)


async def handle(store: Store, entry_ids: Sequence[str], now: datetime) -> Mapping[str, bool]:
    """Note that a person has dealt with these; for each whether that is new. NotFoundError at the first unknown one."""
    return {entry_id: await store.inbox.handle(entry_id, now) for entry_id in dict.fromkeys(entry_ids)}
