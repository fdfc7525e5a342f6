"""A channel takes messages to a provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from disparo.domain.message import MessageId, Outcome
from disparo.domain.receipt import Notice, Receipt, Reply
from disparo.domain.template import Content, Template


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message ready for its provider. `id` travels with it and comes back in every receipt."""

    id: MessageId
    address: str
    content: Content
    window_open: bool = False
    """Whether the person wrote to this sender less than 24 hours ago, so that WhatsApp takes a free text."""
    unsubscribe_url: str | None = None
    """Where the person can ask for no more messages with one click (RFC 8058); of e-mail, where we can be reached."""


class SendChannel(Protocol):
    """Hands messages to one provider.

    `send` never raises for what a provider does: each answer, refusal or silence is an Outcome, within the channel's
    own timeout. Cancelling it leaves the outcome unknown.
    """

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        """Hand over one message; called again with the same id only after a release, a retry or a resend."""
        ...


@runtime_checkable
class SendsMany(Protocol):
    """A channel whose provider takes many messages in one request."""

    most_at_once: int

    async def send_many(self, messages: Sequence[Outgoing], now: datetime) -> Sequence[Outcome]:
        """As `SendChannel.send`, for up to `most_at_once` messages: one outcome each, in their order."""
        ...


@runtime_checkable
class Inspects(Protocol):
    """A channel that cannot carry every template."""

    def problem(self, template: Template) -> str | None:
        """Why its provider would refuse messages of this template, in words for the operator; None when it takes them.

        Asked before a campaign starts.
        """
        ...


@runtime_checkable
class HasAccount(Protocol):
    """A channel whose provider names our account in what comes back (`Reply.sender`)."""

    async def account(self) -> str | None:
        """Our number's or address's id as the provider names it; None when it is not known (no secret, no such id)."""
        ...


@runtime_checkable
class Closes(Protocol):
    """A channel that keeps connections."""

    async def close(self) -> None:
        """Let go of every connection; the next send opens new ones. Nothing may be under way."""
        ...


@runtime_checkable
class LooksUp(Protocol):
    """A channel whose provider can be asked what became of a message."""

    knows_after: timedelta
    """How long after a send an absent message was surely never taken."""

    async def look_up(self, message_id: MessageId, attempt_at: datetime, now: datetime) -> Receipt | None:
        """The provider's word on the attempt that began at `attempt_at`, or None when it knows of none.

        ConnectionError when it cannot be asked now.
        """
        ...


@dataclass(frozen=True, slots=True)
class Collected:
    """What has come back, and when to ask again (None: nothing more is expected)."""

    receipts: Sequence[Receipt]
    replies: Sequence[Reply]
    next_at: datetime | None
    notices: Sequence[Notice] = ()


@runtime_checkable
class Collects(Protocol):
    """A channel that is asked for what came back, rather than called by its provider."""

    async def collect(self, now: datetime) -> Collected:
        """Receipts and replies up to `now`; to ask again says that those given before are written down.

        The same ones may be given again after a restart.
        """
        ...
