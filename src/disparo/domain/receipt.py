"""What comes back after a send: receipts from providers, replies from people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReceiptKind(StrEnum):
    """What a provider says of a message, later."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A provider's later word on one message; `event_id` makes a repeat recognisable within `provider`."""

    provider: str
    event_id: str
    message_id: str
    kind: ReceiptKind
    at: datetime
    provider_id: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a contact answered; `message_id` is the message it answers, when that is known."""

    provider: str
    event_id: str
    message_id: str
    text: str
    at: datetime
