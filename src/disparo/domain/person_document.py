"""What is known of a person as JSON values (LGPD, Lei 13.709/2018, art. 18, II)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from disparo.domain.contact import Contact
from disparo.domain.inbox_entry import InboxEntry
from disparo.domain.suppression import Suppression


def contact_document(contact: Contact, erased_at: datetime | None) -> dict[str, Any]:
    """A contact, and when it was erased."""
    return {
        "id": contact.id,
        "list": contact.list_name,
        "source": contact.source,
        "place": str(contact.place) if contact.place else None,
        "name": contact.name,
        "phone": contact.phone,
        "email": contact.email,
        "other_phones": list(contact.other_phones),
        "other_emails": list(contact.other_emails),
        "document": contact.document,
        "priority": contact.priority,
        "variables": dict(contact.variables),
        "erased_at": iso(erased_at),
    }


def suppression_document(suppression: Suppression) -> dict[str, Any]:
    """A suppression; its `channel` is null when it holds on every one."""
    return {
        "key": suppression.key,
        "channel": suppression.channel,
        "reason": suppression.reason,
        "source": suppression.source,
        "at": iso(suppression.at),
    }


def reply_document(entry: InboxEntry) -> dict[str, Any]:
    """Something that the person wrote, as it is kept."""
    heard = entry.heard
    return {
        "id": entry.id,
        "at": iso(heard.at),
        "channel": heard.channel,
        "sender": heard.sender,
        "key": heard.key,
        "message_id": heard.message_id,
        "text": heard.text,
        "intent": heard.intent,
        "handled_at": iso(entry.handled_at),
        "outcome": entry.outcome,
    }


def iso(at: datetime | None) -> str | None:
    """An instant in ISO 8601 with milliseconds."""
    return None if at is None else at.isoformat(timespec="milliseconds")
