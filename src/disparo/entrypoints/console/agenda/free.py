"""Free times by day, on the clock of whoever is to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from zoneinfo import ZoneInfo

from disparo.domain.agenda.slot import Slot


@dataclass(frozen=True, slots=True)
class OneTime:
    """A time to choose: `clock` as it is told."""

    slot: Slot
    clock: str


@dataclass(frozen=True, slots=True)
class DayOfTimes:
    """The times of one day."""

    day: date
    times: Sequence[OneTime]


def days_of(slots: Sequence[Slot], zone: str) -> Sequence[DayOfTimes]:
    """Times in order, by the days of this zone."""
    clock = ZoneInfo(zone)
    times = [(one.start_at.astimezone(clock), one) for one in slots]
    return [
        DayOfTimes(day, [OneTime(slot, f"{at:%H:%M}") for at, slot in group])
        for day, group in groupby(times, key=lambda one: one[0].date())
    ]
