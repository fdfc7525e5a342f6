"""A channel takes messages to a provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from disparo.domain.message import MessageId, Outcome
from disparo.domain.receipt import Receipt, Reply
from disparo.domain.template import Content


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message ready for its provider. `id` travels with it and comes back in every receipt."""

    id: MessageId
    address: str
    content: Content


class SendChannel(Protocol):
    """Hands messages to one provider.

    `send` never raises for what a provider does: each answer, refusal or silence is an Outcome, within the channel's
    own timeout. Cancelling it leaves the outcome unknown.
    """

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        """Hand over one message; called again with the same id only after a release, a retry or a resend."""
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


@runtime_checkable
class Collects(Protocol):
    """A channel that is asked for what came back, rather than called by its provider."""

    async def collect(self, now: datetime) -> Collected:
        """Receipts and replies up to `now`. The same ones may be given again after a restart."""
        ...
