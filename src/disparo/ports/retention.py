"""What is old: found and forgotten in small steps, each of which may be the last thing that a process does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class Retention(Protocol):
    """Knows since when contacts are there, and remembers how far the sweeps of what is old have come.

    Contacts do not say when they were added, and need not: their ids rise, so one number for each day tells it.
    """

    async def note_newest(self, now: datetime) -> None:
        """Note the newest contact of this day (UTC), once; what was added later on it counts for the next."""
        ...

    async def newest_by(self, at: datetime) -> int:
        """The highest id that was noted on the day of this instant, or before; 0 when none was."""
        ...

    async def contacts(self, after: int, until: int, limit: int) -> tuple[Sequence[str], int | None]:
        """Ids of contacts behind `after` and up to `until` who were not erased, in order, at most `limit`.

        And behind which id to go on, None at the end: it looks at so many ids only, however many of them were erased.
        """
        ...

    async def scrub(self, campaign_id: str, after: str, limit: int) -> str | None:
        """Take providers' words and ids out of the histories of about `limit` contacts of a campaign.

        Begins behind `after` ("" is the beginning); where to go on, or None at the end. Twice is as once.
        """
        ...

    async def position(self, sweep: str) -> str:
        """Where a sweep stands; "" for one that has not begun."""
        ...

    async def keep_position(self, sweep: str, position: str) -> None:
        """Remember where a sweep stands."""
        ...
