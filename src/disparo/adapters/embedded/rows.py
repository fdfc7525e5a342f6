"""Rows of the store as values of the domain."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

import apsw

from disparo.domain.contact import Channel, Contact
from disparo.domain.instants import from_ms
from disparo.domain.message import MessageId, MessageRecord, MessageState
from disparo.domain.place import Place

Row = tuple[Any, ...]

CONTACT_COLUMNS = """c.id, l.name, c.source, c.place, c.name, c.phone, c.email, c.other_phones, c.other_emails,
c.document, c.priority, c.variables, c.phone_key, c.email_key"""

MESSAGE_COLUMNS = """m.campaign_id, m.step, m.contact_id, l.channel, l.place, m.state, m.reason, m.priority, m.due_at,
m.fence, m.retries, m.changed_at, m.provider_id"""


def fetch(connection: apsw.Connection, query: str, bindings: apsw.Bindings | None = None) -> list[Row]:
    """All rows of a query."""
    return cast(list[Row], connection.execute(query, bindings).fetchall())


def fetch_one(connection: apsw.Connection, query: str, bindings: apsw.Bindings | None = None) -> Row | None:
    """The first row of a query, or None when it has none."""
    return cast(Row | None, connection.execute(query, bindings).fetchone())


def instant(at_ms: int | None) -> datetime | None:
    """An instant that may be missing."""
    return None if at_ms is None else from_ms(at_ms)


_place = lru_cache(4_096)(Place.parse)


def contact_of(row: Sequence[Any]) -> Contact:
    """A contact from the columns of `CONTACT_COLUMNS`."""
    (contact, list_name, source, place, name, phone, email, phones, emails, document, priority, variables, *keys) = row
    return Contact(
        id=str(contact),
        list_name=list_name,
        source=source,
        place=_place(place) if place else None,
        name=name,
        phone=phone,
        email=email,
        other_phones=() if phones == "[]" else tuple(json.loads(phones)),
        other_emails=() if emails == "[]" else tuple(json.loads(emails)),
        document=document,
        priority=priority,
        variables=json.loads(variables),
        keys=tuple(key for key in keys if key),
    )


def message_of(row: Sequence[Any]) -> MessageRecord:
    """A message from the columns of `MESSAGE_COLUMNS`."""
    campaign, step, contact, channel, place, state, reason, priority, due_at, fence, retries, changed_at, provider = row
    return MessageRecord(
        id=MessageId(str(campaign), step, str(contact)),
        channel=Channel(channel),
        place=_place(place),
        state=MessageState(state),
        reason=reason,
        priority=priority,
        due_at=instant(due_at),
        attempts=fence,
        retries_used=retries,
        changed_at=from_ms(changed_at),
        provider_id=provider,
    )
