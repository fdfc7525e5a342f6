"""Where alarms stand, what changed, and who is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from disparo.domain.alarm import AlarmChange, AlarmStanding


class AlarmBook(Protocol):
    """Keeps the standing of each alarm, and what changed in the last `HISTORY_KEPT`."""

    async def standings(self) -> Sequence[AlarmStanding]:
        """Every alarm that was ever looked at, as it was found last, in the order of `AlarmName`."""
        ...

    async def keep(self, standing: AlarmStanding, before: AlarmStanding | None, change: AlarmChange | None) -> bool:
        """Keep a standing and, in the same act, its change.

        False, and nothing kept, when the alarm is no longer in the state (and since the instant) of `before`: another
        process was faster, so that of two that find the same change one keeps it.
        """
        ...

    async def changes(self, after: str | None, limit: int) -> Sequence[AlarmChange]:
        """Changes, the newest first, from behind the id `after`."""
        ...

    async def untold(self, way: str, from_at: datetime) -> Sequence[AlarmChange]:
        """Changes since `from_at` of which nobody was told by this way and somebody should be, the oldest first."""
        ...

    async def told(self, change_id: str, way: str, at: datetime) -> None:
        """Somebody was told by this way; once said it stays so. Of a change that is gone nothing is kept."""
        ...


class TellsAlarms(Protocol):
    """A way by which somebody is told of alarms."""

    name: str
    """As it stands in `AlarmChange.waiting`: stable, lower case."""

    async def tell(self, change: AlarmChange, now: datetime) -> str | None:
        """Tell of a change; None when somebody was told, else why not, as a reason code.

        Never raises for what the other side does. The same change may be told again: it has the same id then.
        """
        ...
