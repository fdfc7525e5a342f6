"""Free times as a page shows them: by day, seven days at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from disparo.domain.agenda.slot import Slot
from disparo.domain.place import Place
from disparo.entrypoints.http.booking.visit import Visit
from disparo.ports.desk import Desk

DAYS_SHOWN = 7
MOST_LOOKED_AHEAD = 5 * DAYS_SHOWN
"""Days without any free time that the first page passes over."""

_STEP = timedelta(days=DAYS_SHOWN)
_YEARS = range(1971, 2999)


@dataclass(frozen=True, slots=True)
class Day:
    """A day and the beginnings that are free on it."""

    name: str
    starts: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days; `before` and `after` are the first days of its neighbours, where there can be times at all."""

    first: str
    last: str
    days: tuple[Day, ...]
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose free times a page shows: those of a type for somebody at a place, or what a meeting can be moved to."""

    type_id: str
    place: Place
    horizon: timedelta
    moving: str | None = None


async def week_of(desk: Desk, asked: Asked, visit: Visit) -> Week:
    """The days that the address asks for with `from`; without it, the first ones on which something is free."""
    today = visit.date_of(visit.now)
    last = visit.date_of(visit.now + asked.horizon)
    told = _date(visit.query.get("from", ""))
    first = today if told is None else min(max(told, today), last)
    slots = await _free(desk, asked, visit, first, DAYS_SHOWN)
    if told is None and not slots:
        # All the others in one call, as each may ask calendars that answer slowly, or not at all.
        ahead = await _free(desk, asked, visit, first + _STEP, min(MOST_LOOKED_AHEAD, (last - first).days))
        if ahead:
            first += (visit.date_of(ahead[0].start_at) - first) // _STEP * _STEP
            slots = [slot for slot in ahead if visit.date_of(slot.start_at) < first + _STEP]
    return _week(slots, visit, first, today, last)


async def free_at(desk: Desk, asked: Asked, visit: Visit, start_at: datetime) -> Slot | None:
    """The free slot that begins then."""
    if not visit.now < start_at <= visit.now + asked.horizon + timedelta(days=1):
        return None
    day = timedelta(days=1)
    slots = await desk.slots(asked.type_id, asked.place, start_at, start_at + day, visit.now, moving=asked.moving)
    return next((slot for slot in slots if slot.start_at == start_at), None)


async def nearest(desk: Desk, asked: Asked, visit: Visit, start_at: datetime, most: int) -> list[datetime]:
    """Free beginnings around an instant that is not free, the earlier first."""
    start = max(visit.now, start_at - timedelta(days=2))
    found = await desk.slots(asked.type_id, asked.place, start, start + timedelta(days=9), visit.now)
    starts = sorted({slot.start_at for slot in found}, key=lambda at: abs(at - start_at))
    return sorted(starts[:most])


def instant(text: str) -> datetime | None:
    """An instant as our links write it (ISO 8601 with its distance from UTC), in UTC; None for anything else.

    So is a year that no meeting has: calendars are asked for weeks around an instant, which must not end before it.
    """
    if not 10 <= len(text) <= 40:
        return None
    try:  # a plus sign that was not escaped arrives as a space
        at = datetime.fromisoformat(text.replace(" ", "+"))
        return None if at.tzinfo is None or at.year not in _YEARS else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def written(at: datetime) -> str:
    """An instant as our links have it: `2026-11-23T17:00Z`."""
    precision = "minutes" if at.second == at.microsecond == 0 else "auto"
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=precision) + "Z"


async def _free(desk: Desk, asked: Asked, visit: Visit, first: date, days: int) -> list[Slot]:
    start, end = max(visit.midnight(first), visit.now), visit.midnight(first + timedelta(days=days))
    return await desk.slots(asked.type_id, asked.place, start, end, visit.now, moving=asked.moving)


def _week(slots: Sequence[Slot], visit: Visit, first: date, today: date, last: date) -> Week:
    by_day: dict[date, set[datetime]] = {}
    for slot in slots:  # hosts beside one another may be free at the same time
        by_day.setdefault(visit.date_of(slot.start_at), set()).add(slot.start_at)
    days = [Day(visit.heading(visit.noon(day)), tuple(sorted(starts))) for day, starts in sorted(by_day.items())]
    return Week(
        visit.day(visit.noon(first)),
        visit.day(visit.noon(first + _STEP - timedelta(days=1))),
        tuple(days),
        max(first - _STEP, today).isoformat() if first > today else None,
        (first + _STEP).isoformat() if first + _STEP <= last else None,
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
