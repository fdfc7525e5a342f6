"""What is counted by the hour: arrivals, which are never taken back, where counters by state say what stands now."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import cache

from disparo.domain.instants import from_ms, to_ms
from disparo.domain.message import SENT, MessageState

HOUR_MS = 3_600_000


class HourlyEvent(StrEnum):
    """What happened to a message in an hour; besides these there are the names of noted events, such as `replied`.

    Over all hours, and where no counter was lost: `sent` - `bounced` = messages accepted, delivered or read now;
    `delivered` = those delivered or read; `read` = those read; `failed` + `bounced` + `dead` - `revived` = those
    failed or dead.
    """

    SENT = "sent"
    """The provider took it, whatever was told of it later."""
    DELIVERED = "delivered"
    READ = "read"
    """Which is delivered, too: one that is read without a word of its delivery counts as both."""
    FAILED = "failed"
    """Refused for good before it was taken."""
    BOUNCED = "bounced"
    """Taken by the provider, and refused later."""
    DEAD = "dead"
    REVIVED = "revived"
    """It had failed or was dead, and was made due again, or arrived after all."""


@cache
def happened(before: MessageState, after: MessageState) -> tuple[HourlyEvent, ...]:
    """What a message's way from one state to another is counted as."""
    came = [event for event, states in _REACHED.items() if after in states and before not in states]
    if after is MessageState.FAILED:
        came.append(HourlyEvent.BOUNCED if before in SENT else HourlyEvent.FAILED)
    if before in _GIVEN_UP and after not in _GIVEN_UP:
        came.append(HourlyEvent.REVIVED)
    return tuple(came)


def counted_as(noted: str) -> str:
    """The name under which a noted event is counted: its own, or `noted` where that stands for a change of state.

    A refusal of an earlier copy is noted by its reason (`bounced`), and the message stays what it is.
    """
    return "noted" if noted in _TAKEN else noted


_TAKEN = frozenset(map(str, (*HourlyEvent, *MessageState)))
_REACHED = {
    HourlyEvent.SENT: SENT,
    HourlyEvent.DELIVERED: frozenset({MessageState.DELIVERED, MessageState.READ}),
    HourlyEvent.READ: frozenset({MessageState.READ}),
    HourlyEvent.DEAD: frozenset({MessageState.DEAD}),
}
_GIVEN_UP = frozenset({MessageState.FAILED, MessageState.DEAD})


def hour_of(at_ms: int) -> int:
    """The number of an instant's hour in UTC, counted from 1970-01-01."""
    return at_ms // HOUR_MS


def first_hour(at: datetime) -> int:
    """The number of the first hour that begins at this instant or later."""
    return -(-to_ms(at) // HOUR_MS)


def hour_at(hour: int) -> datetime:
    """When an hour begins."""
    return from_ms(hour * HOUR_MS)
