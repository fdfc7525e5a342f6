"""How long to wait before the next step: minutes, hours, days or business days."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import count, islice

from disparo.domain.errors import InputError
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.intervals import DAY_MS, first_instant, wall_ms
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours, is_working_day

_TEXT = re.compile(r"(\d{1,9})(m|h|d|bd|du)", re.ASCII)
_LONGEST = timedelta(days=3_650)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


class WaitUnit(StrEnum):
    """In what a wait is counted."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    BUSINESS_DAYS = "business_days"


_LETTERS = {"m": WaitUnit.MINUTES, "h": WaitUnit.HOURS, "d": WaitUnit.DAYS, "bd": WaitUnit.BUSINESS_DAYS}
_ONE = {
    WaitUnit.MINUTES: timedelta(minutes=1),
    WaitUnit.HOURS: timedelta(hours=1),
    WaitUnit.DAYS: timedelta(days=1),
    WaitUnit.BUSINESS_DAYS: timedelta(days=1),
}


@dataclass(frozen=True, slots=True)
class Wait:
    """An amount of one unit, from 0 to ten years; written `30m`, `48h`, `3d` or `2bd`.

    `str` writes that form and `parse_wait` reads it back. Raises InputError for an amount outside of the
    range.
    """

    amount: int
    unit: WaitUnit

    def __post_init__(self) -> None:
        if not 0 <= self.amount <= _LONGEST // _ONE[self.unit]:
            raise InputError(f'espera "{self}": escreva de 0 a {_LONGEST // _ONE[self.unit]} nesta unidade')

    def __str__(self) -> str:
        letter = next(letter for letter, unit in _LETTERS.items() if unit is self.unit)
        return f"{self.amount}{letter}"

    def after(self, at: datetime, hours: BusinessHours, place: Place) -> datetime:
        """The instant at which a wait that begins at `at` is over, for a contact at this place.

        Minutes and hours are elapsed time. Days and business days end at the same time of the place's clock,
        that many dates or working days (no holiday, a shift begins on it) later: at the end of the gap when
        the clock skips that time, at the first of two, and to the millisecond. Zero is at once in every unit.
        The result may be outside of opening hours.
        """
        if self.amount == 0 or self.unit in (WaitUnit.MINUTES, WaitUnit.HOURS):
            return at.astimezone(UTC) + self.amount * _ONE[self.unit]
        day, time_ms = divmod(wall_ms(place.zone, to_ms(at)), DAY_MS)
        if self.unit is WaitUnit.DAYS:
            target = day + self.amount
        else:
            target = next(islice(_working_days_after(day, hours, place), self.amount - 1, None))
        return from_ms(first_instant(place.zone, target * DAY_MS + time_ms))


def parse_wait(text: str) -> Wait:
    """Read `30m`, `48h`, `3d` or `2bd` (business days; `2du`, dias úteis, is the same).

    Raises InputError, naming the text, for anything else: no unit, a fraction, a sign, capitals, more than
    ten years.
    """
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        raise InputError(
            f"espera {json.dumps(text, ensure_ascii=False)}: escreva um número inteiro e a unidade, "
            'como "30m" (minutos), "48h" (horas), "3d" (dias corridos) ou "2du" (dias úteis)'
        )
    unit = WaitUnit.BUSINESS_DAYS if found[2] == "du" else _LETTERS[found[2]]
    return Wait(int(found[1]), unit)


def _working_days_after(day: int, hours: BusinessHours, place: Place) -> Iterator[int]:
    return (later for later in count(day + 1) if is_working_day(hours, place, date.fromordinal(later + _EPOCH_ORDINAL)))
