"""What people wrote to us: how it is named, and how much of it is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

from disparo.domain.contact import Channel
from disparo.domain.instants import from_ms, to_ms

LONGEST_TEXT = 8_000
"""Characters of a reply or a notice that are kept; providers carry 4,096 (WhatsApp), 1,600 (SMS), mail much more."""

_ENTRY_ID = re.compile(r"([0-9]{15})-([0-9a-f]{32})")


class ReplyOutcome(StrEnum):
    """What came of what somebody wrote."""

    DONE = "done"
    """Answered, or nothing to do."""
    INTERESTED = "interested"
    NOT_INTERESTED = "not_interested"
    OPTED_OUT = "opted_out"
    """They want no more messages, whatever our rules made of it: then they are suppressed."""
    WRONG_PERSON = "wrong_person"
    """The address is somebody else's: then it is suppressed."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that a person wrote: `event_id` is unique in all (`<provider>:<its own>`).

    `key` is the phone key or e-mail key of whoever wrote, or `user:<provider>:<id>` where only that is known.
    `contact_id` and `message_id` (which message it answers) are None where nobody of ours was recognised. `sender` is
    ours that it came to. `intent` is what it was understood as (`domain/reply_intent.py`), `at` the provider's instant.
    """

    event_id: str
    channel: Channel
    sender: str
    key: str
    contact_id: str | None
    message_id: str | None
    text: str
    intent: str
    at: datetime


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """What was heard and, when a person has dealt with it, since when that is so. `id` sorts by when it was taken.

    `outcome` is what came of it, as that person saw it (`ReplyOutcome`), or empty.
    """

    id: str
    heard: Heard
    handled_at: datetime | None
    outcome: str = ""


def event_digest(event_id: str) -> str:
    """What makes an event known without saying which it was: providers' ids may hold a number (`wamid.`)."""
    return blake2b(event_id.encode("utf-8", "replace"), digest_size=16).hexdigest()


def entry_id(event_id: str, now: datetime) -> str:
    """The id of what is kept at this instant; ids sort by it."""
    return f"{to_ms(now):015d}-{event_digest(event_id)}"


def split_entry_id(text: str) -> tuple[datetime, str] | None:
    """When an entry was kept and the digest of its event, or None for what is no such id."""
    found = _ENTRY_ID.fullmatch(text)
    return (from_ms(int(found[1])), found[2]) if found else None


def kept_text(text: str) -> str:
    """A text as it is kept: clipped, and with a replacement for half a surrogate pair, which no store takes."""
    return text[:LONGEST_TEXT].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
