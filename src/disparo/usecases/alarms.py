"""Where alarms stand, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from disparo.domain.alarm import STALE_AFTER, AlarmChange, AlarmStanding, AlarmState
from disparo.ports.store import Store


@dataclass(frozen=True, slots=True)
class Alarms:
    """Every alarm as it was found last, at `checked_at`; None before the first look.

    `stale` says that nobody has looked for a while, so that what stands here may be over: no worker is running.
    """

    standings: Sequence[AlarmStanding]
    checked_at: datetime | None
    stale: bool

    @property
    def ringing(self) -> Sequence[AlarmStanding]:
        """Those that are in alarm."""
        return [one for one in self.standings if one.state is AlarmState.ALARM]


async def alarms(store: Store, now: datetime) -> Alarms:
    """Where alarms stand."""
    standings = await store.alarms.standings()
    checked_at = max((one.checked_at for one in standings), default=None)
    return Alarms(standings, checked_at, checked_at is None or now - checked_at > STALE_AFTER)


async def changes(store: Store, after: str | None, limit: int) -> Sequence[AlarmChange]:
    """What changed, newest first, from behind the id `after`."""
    return await store.alarms.changes(after or None, limit)
