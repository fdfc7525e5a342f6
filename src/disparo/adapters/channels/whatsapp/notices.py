"""Events that concern no message of ours, kept for the operator without the people in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from disparo.adapters.channels.whatsapp.fields import PROVIDER, TEXT_LIMIT, clean, id_or_none, instant_in
from disparo.domain.receipt import Notice

_PEOPLE: Final = frozenset(
    {
        *("from", "from_user_id", "from_parent_user_id", "to", "to_user_id", "wa_id", "user_id", "parent_user_id"),
        *("recipient_id", "recipient_user_id", "parent_recipient_user_id", "recipient_participant_id"),
        *("recipient_identity_key_hash", "input", "profile", "username", "phone", "phones", "contacts"),
        *("body", "text", "caption", "subject", "emoji", "filename", "address", "latitude", "longitude"),
        *("added_participants", "removed_participants", "participants", "messages", "history"),
        *("message_echoes", "state_sync"),
    }
)
"""Keys under which Meta writes who somebody is or what they wrote: a notice is no place for that."""
_KIND_LIMIT: Final = 100


def notice(kind: str, event_id: str, at: datetime, event: object) -> Notice:
    """A notice of this event."""
    detail = json.dumps(_without_people(event), ensure_ascii=False, sort_keys=True)
    return Notice(PROVIDER, event_id, clean(kind)[:_KIND_LIMIT], at, clean(detail)[:TEXT_LIMIT])


def notice_of_change(kind: str, entry: Mapping[str, Any], event: object, now: datetime) -> Notice:
    """A notice of an event that has no id of its own: its content and its entry's instant stand for one."""
    account = id_or_none(entry, "id") or ""
    try:
        at = instant_in(entry, "time")
    except ValueError:
        at = now
    return notice(kind, digest(account, entry.get("time"), kind, event), at, event)


def digest(*parts: object) -> str:
    """An id for what has none, the same whenever it comes again."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, default=str)
    return blake2b(text.encode(), digest_size=20).hexdigest()


def _without_people(event: object) -> object:
    if isinstance(event, dict):
        return {key: "…" if key in _PEOPLE else _without_people(value) for key, value in event.items()}
    if isinstance(event, list):
        return [_without_people(one) for one in event]
    return event
