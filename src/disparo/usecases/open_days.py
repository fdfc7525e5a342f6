"""The days of a year as somebody at a place finds them: open, closed, holidays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from disparo.domain import holiday_calendar
from disparo.domain.area_codes import STATE_NAMES, state_zone
from disparo.domain.errors import InputError
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours, HoursReason, closed_day, holiday_on

FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Years that are shown; for later ones the package of holidays knows nothing of Brazil."""


@dataclass(frozen=True, slots=True)
class OpenDay:
    """One day: whether messages go out on it, and why not; `holiday` is its name, also on a day off."""

    day: date
    open: bool
    reason: HoursReason
    holiday: str | None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A place by its code, and the hours as they would be there; `city` only counts when the document names it."""

    code: str
    place: Place
    hours: BusinessHours


def places(hours: BusinessHours) -> Sequence[str]:
    """The codes of the places that can be asked for: states and cities with holidays of their own, of the country."""
    return [f"{hours.country}-{name}" for name in holiday_calendar.subdivisions(hours.country)]


def whereabouts(hours: BusinessHours, code: str | None) -> Whereabouts:
    """A place by its code, `BR-SP` or `BR-São Paulo Capital`; without one, a contact of whom nothing is known.

    InputError for a code that is not among `places`.
    """
    if not code:
        return Whereabouts("", Place(hours.zone), hours)
    if code not in places(hours):
        raise InputError(f'place: "{code[:60]}" não é um lugar com feriados conhecidos; escreva um estado, como BR-SP')
    country, _, name = code.partition("-")
    if country == "BR" and name in STATE_NAMES:
        return Whereabouts(code, Place(state_zone(name), code), hours)
    if len(name) > 3:
        return Whereabouts(code, Place(hours.zone), replace(hours, city=name))
    return Whereabouts(code, Place(hours.zone, code), hours)


def year_of(where: Whereabouts, year: int) -> Sequence[OpenDay]:
    """Every day of a year there."""
    first = date(year, 1, 1)
    days = (first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days))
    return [_day(where, day) for day in days]


def _day(where: Whereabouts, day: date) -> OpenDay:
    closed = closed_day(where.hours, where.place, day)
    reason = HoursReason.OPEN if closed is None else closed[0]
    return OpenDay(day, closed is None, reason, holiday_on(where.hours, where.place, day))
