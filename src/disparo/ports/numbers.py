"""Where counts of sending and meetings are kept, for numbers and alarms."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from disparo.domain.figure import Counts

KEPT_FOR = timedelta(hours=25)
"""How long minutes can be told apart: a day and its first hour."""


class Numbers(Protocol):
    """Counts by minute for a day, and their totals for ever. They are for people to look at and decide no sending.

    Any number of processes add at the same time. A kill loses what was not added yet; an answer that was lost may make
    a store add twice.
    """

    async def add(self, counts: Counts, now: datetime) -> None:
        """Add to the minute of `now` and to the totals; of minutes older than `KEPT_FOR` nothing is kept."""
        ...

    async def between(self, from_at: datetime, to_at: datetime) -> Counts:
        """The sums of the minutes that begin at `from_at` or later and before `to_at`."""
        ...

    async def ever(self) -> Counts:
        """The totals."""
        ...

    async def beat(self, worker: str, now: datetime) -> None:
        """A worker is at work at `now`."""
        ...

    async def last_beat(self) -> datetime | None:
        """When a worker last said so; None before the first."""
        ...
