"""The ledger of a world as it stands, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from disparo.domain.message import MessageId, MessageState


@dataclass(frozen=True, slots=True)
class Row:
    """A ledger row as the store has it."""

    id: MessageId
    state: MessageState
    reason: str
    fence: int
    retries: int
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Books:
    """The ledger as it stands: rows, and its counters by campaign, step, state and reason."""

    rows: Mapping[MessageId, Row]
    tallies: Mapping[tuple[str, int, str, str], int] | None = None
    """None where nothing is promised of them: after a kill that fell between a row and its counter."""
    launched: frozenset[str] = frozenset()
    sent_together: bool = False
    """Whether counters may confuse a message that was accepted with one that was delivered or read: where they are
    written behind the rows, a receipt that comes in the moment in which its campaign ends may be counted twice."""
    unentered: frozenset[MessageId] = frozenset()
    """Rows that are written, but behind which the launch's cursor has not moved: they may be taken back."""
    hours: Mapping[tuple[str, int, str], int] | None = None
    """What was counted by the hour, over all hours, by campaign, step and event; None as with `tallies`."""
    noted: Mapping[tuple[str, int, str], int] = field(default_factory=dict)
    """Where `hours` are told: the counters of what was noted on messages, by campaign, step and event."""
