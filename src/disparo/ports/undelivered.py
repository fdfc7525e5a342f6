"""What the functions could not do, as it lies in a dead-letter queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from disparo.domain.message import MessageId
from disparo.domain.ticket import Ticket


class UndeliveredKind(StrEnum):
    """What it is."""

    TICKET = "ticket"
    """A function failed with it; the message itself is due again, or in doubt, when the claim's lease is over."""
    DEAD_LETTER = "dead_letter"
    """A pointer to a message that was given up; the ledger knows more."""
    INVOCATION = "invocation"
    """A timed task that failed; the next minute has done it again."""
    POISON = "poison"
    """Something that is none of ours."""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """One entry; `handle` is for dropping it, as long as this listing is fresh."""

    kind: UndeliveredKind
    handle: str
    ticket: Ticket | None = None
    message_id: MessageId | None = None
    reason: str = ""


class DeadLetterQueue(Protocol):
    """A queue that only people empty. Entries come at least once: there may be several for one message."""

    async def look(self, limit: int) -> Sequence[Undelivered]:
        """Up to about `limit` entries, in no order; they are hidden from other lookers for half a minute."""
        ...

    async def drop(self, entries: Sequence[Undelivered]) -> None:
        """Take entries out for good; one that is gone already is as it should be."""
        ...

    async def leave(self, entries: Sequence[Undelivered]) -> None:
        """Let others see them again at once."""
        ...
