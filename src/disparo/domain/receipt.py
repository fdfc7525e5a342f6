"""What comes back after a send: receipts from providers, replies from people, notices about the account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from disparo.domain.contact import Channel


class ReceiptKind(StrEnum):
    """What a provider says of a message, later."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    NOTED = "noted"
    """Something that is kept in the message's history and moves nothing: deferred, opened by a machine, unknown."""


class SuppressionCause(StrEnum):
    """Why an address must not be messaged any more, as a provider says it."""

    OPTED_OUT = "opted_out"
    COMPLAINED = "complained"
    BOUNCED = "bounced"


class FromProvider:
    """What a provider tells us: `event_id` makes a repeat recognisable within `provider`."""

    __slots__ = ()
    provider: str
    event_id: str

    @property
    def event(self) -> str:
        """Its event's id, unique over all providers."""
        return f"{self.provider}:{self.event_id}"


@dataclass(frozen=True, slots=True)
class Receipt(FromProvider):
    """A provider's later word on one message; `event_id` makes a repeat recognisable within `provider`.

    `message_id` is ours, as it travelled with the message. `reason` is a short code of ours for a failure or a note
    (`bounced`, `window_closed`, `deferred`), `detail` the provider's code and words. With `suppress` the address that
    the message went to is not messaged any more: a bounce on its own channel, an opt-out or a complaint on any.
    `user_id` is the provider's own name of the recipient, where it has one that may come back without the number.
    """

    provider: str
    event_id: str
    message_id: str
    kind: ReceiptKind
    at: datetime
    provider_id: str | None = None
    detail: str = ""
    reason: str = ""
    suppress: SuppressionCause | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reply(FromProvider):
    """What a person wrote to us, or a button that they pressed.

    Who it is and what it answers are given as far as the provider tells: `message_id` is our message, `answers` the
    provider's id of it, `address` the person's number (E.164) or e-mail, `user_id` the provider's own name of the
    person. `sender` is our own account, number or address that it came to, as the provider names it. `choice` is the id
    of a button or list row; `opted_out` says that the provider itself understood it as an opt-out, `answered` that it
    has confirmed that to the person already.
    """

    provider: str
    event_id: str
    message_id: str | None
    text: str
    at: datetime
    channel: Channel | None = None
    address: str | None = None
    user_id: str | None = None
    answers: str | None = None
    sender: str | None = None
    choice: str | None = None
    opted_out: bool = False
    answered: bool = False
    meeting: str | None = None
    """The uid of the meeting that a calendar program answers (RFC 5546, REPLY)."""
    meeting_version: int | None = None
    """Which version of it (SEQUENCE), where the program says so: an answer to an earlier one is no word on a later."""


@dataclass(frozen=True, slots=True)
class Notice(FromProvider):
    """What a provider says of our account, our templates or of something we do not know: kept for the operator.

    `kind` is the provider's own name of the event, `detail` its JSON as text, at most 8,000 characters.
    """

    provider: str
    event_id: str
    kind: str
    at: datetime
    detail: str
