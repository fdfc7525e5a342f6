"""Which of the bookable times are offered: few, apart, on different days and parts of the day.

`docs/availability.md` tells the rule. It is the same for a list of slots and for times that are only looked up day by
day, which is what makes a proposal for a team cheap.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from disparo.domain.agenda.availability import HostTimes, Openings
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.slot import Slot, day_number, day_span
from disparo.domain.instants import MILLISECOND, to_ms
from disparo.domain.intervals import DAY_MS, MINUTE_MS, Interval, wall_ms
from disparo.domain.place import Place

_NOON_MIN = 12 * 60
_ORDINARY_MIN = (10 * 60, 15 * 60)
"""The times of a morning and of an afternoon that suit most people; the nearer, the better."""

_HALF_HOUR_COSTS_MIN, _ODD_MINUTE_COSTS_MIN = 10, 40
_DAYS_APART = 2
_OTHER_PERIOD_WITHIN_DAYS = 7
"""So long a morning is waited for when the last offer is an afternoon, and the other way round."""


class _Beginning(NamedTuple):
    """A time that could be offered, as the contact's clock shows it; `period` is 0 before noon and 1 from then on."""

    start_ms: int
    end_ms: int
    day: int
    minute: int

    @property
    def period(self) -> int:
        """Before noon or after it."""
        return int(self.minute >= _NOON_MIN)

    @property
    def oddness(self) -> tuple[int, int]:
        """How far from an ordinary time; of two alike the earlier."""
        odd = 0 if self.minute % 60 == 0 else _HALF_HOUR_COSTS_MIN if self.minute % 30 == 0 else _ODD_MINUTE_COSTS_MIN
        return abs(self.minute - _ORDINARY_MIN[self.period]) + odd, self.start_ms


def choose(
    slots: Sequence[Slot],
    count: int,
    contact: Place,
    *,
    urgent: bool,
    avoid: Collection[datetime] = (),
    gap: timedelta = timedelta(0),
) -> tuple[Slot, ...]:
    """Up to `count` slots in order of their beginnings, at least `gap` apart; the same from the same slots.

    On different days of the contact's zone, mornings and afternoons in turn, at ordinary times, the first on the first
    day that there is; `urgent`: the earliest of all, then the next parts of days. `avoid` are beginnings that are not
    offered again, nor their days (urgent: parts of days) unless others are too few. Fewer when no more fit beside one
    another. Of slots that begin together the first counts.
    """
    known = {slot.span.start_ms: slot for slot in reversed(slots)}
    by_day: dict[int, list[Interval]] = {}
    for start_ms in sorted(known):
        by_day.setdefault(day_number(contact.zone, start_ms), []).append(known[start_ms].span)
    days = _Days(sorted(by_day), lambda day: by_day[day], contact.zone, avoid)
    return tuple(known[one.start_ms] for one in _chosen(days, count, gap // MILLISECOND, urgent))


def propose(
    meeting_type: MeetingType,
    hosts: Sequence[HostTimes],
    contact: Place,
    now: datetime,
    count: int,
    urgent: bool,
    avoid: Collection[datetime] = (),
    start_at: datetime | None = None,
    end_at: datetime | None = None,
    skip: Callable[[int], bool] | None = None,
) -> tuple[Slot, ...]:
    """What `choose` would of all `free_slots` between two instants (None: now and the horizon), without listing them.

    Offers are apart by both buffers, so that all could be held at once. `skip` leaves out beginnings (in milliseconds).
    """
    first_at, last_at = start_at or now, end_at or now + meeting_type.horizon + MILLISECOND
    openings = Openings(meeting_type, hosts, contact, now, first_at, last_at)
    window, length_ms = openings.window, meeting_type.duration // MILLISECOND

    def spans_on(day: int) -> list[Interval]:
        span = day_span(contact.zone, day)
        within = Interval(max(span.start_ms, window.start_ms), min(span.end_ms, window.end_ms))
        found = openings.beginnings(within)
        return [Interval(at_ms, at_ms + length_ms) for at_ms in found if skip is None or not skip(at_ms)]

    first, last = (day_number(contact.zone, edge) for edge in window)
    days = _Days(range(first, last + 1), spans_on, contact.zone, avoid)
    gap = meeting_type.buffer_before + meeting_type.buffer_after
    return tuple(openings.slot(one.start_ms) for one in _chosen(days, count, gap // MILLISECOND, urgent))


class _Days:
    """The days of a contact and the times on them, looked up when first asked for."""

    def __init__(
        self, numbers: Sequence[int], spans_on: Callable[[int], list[Interval]], zone: str, avoid: Collection[datetime]
    ) -> None:
        self._numbers, self._spans_on, self._zone = numbers, spans_on, zone
        self._avoid = {to_ms(at) for at in avoid}
        self._seen = {(day_number(zone, at_ms), self._minute(at_ms) >= _NOON_MIN) for at_ms in self._avoid}
        self._known: dict[int, list[_Beginning]] = {}

    def fresh_from(self, first: int) -> Iterator[list[_Beginning]]:
        """The times of each day from this one on, of which nothing was offered before."""
        seen = {day for day, _ in self._seen}
        return (found for day in self._numbers if day >= first and day not in seen and (found := self._on(day)))

    def is_fresh(self, one: _Beginning) -> bool:
        """Whether nothing of its morning or afternoon was offered before."""
        return (one.day, one.period) not in self._seen

    def all(self) -> Iterator[list[_Beginning]]:
        """The times of every day."""
        return (found for day in self._numbers if (found := self._on(day)))

    def _on(self, day: int) -> list[_Beginning]:
        known = self._known.get(day)
        if known is None:
            spans = (span for span in self._spans_on(day) if span.start_ms not in self._avoid)
            known = self._known[day] = [_Beginning(*span, day, self._minute(span.start_ms)) for span in spans]
        return known

    def _minute(self, at_ms: int) -> int:
        return wall_ms(self._zone, at_ms) % DAY_MS // MINUTE_MS


class _Choice:
    """What is chosen so far."""

    def __init__(self, count: int, gap_ms: int) -> None:
        self.ones: list[_Beginning] = []
        self._count, self._gap_ms = count, gap_ms

    @property
    def full(self) -> bool:
        return len(self.ones) >= self._count

    def fitting(self, ones: Iterable[_Beginning]) -> list[_Beginning]:
        """Those that overlap none of the chosen."""
        gap = self._gap_ms
        return [
            one
            for one in ones
            if all(one.end_ms + gap <= other.start_ms or other.end_ms + gap <= one.start_ms for other in self.ones)
        ]

    @property
    def worth(self) -> tuple[int, int, int]:
        """How many, on how many days, on how many parts of the day."""
        return len(self.ones), len({one.day for one in self.ones}), len({one.period for one in self.ones})


def _chosen(days: _Days, count: int, gap_ms: int, urgent: bool) -> list[_Beginning]:
    """The choice, in order; when what is spread well is too few, whatever fits most."""
    if urgent:
        choices = [_nearest(days, _Choice(count, gap_ms))]
    else:
        choices = [_spread(days, _Choice(count, gap_ms), first_period) for first_period in (0, 1)]
    if not any(choice.full for choice in choices):
        choices.append(_densest(days, _Choice(count, gap_ms)))
    return sorted(max(choices, key=lambda choice: choice.worth).ones)


def _spread(days: _Days, choice: _Choice, first_period: int) -> _Choice:
    """Days some apart, mornings and afternoons in turn; then the days between, then other times of the same days."""
    first, period = 0, first_period
    while not choice.full and (one := _next(days, choice, first, period, within=0 if not choice.ones else None)):
        choice.ones.append(one)
        first, period = one.day + _DAYS_APART, 1 - one.period
    return _fill(days, choice)


def _next(days: _Days, choice: _Choice, first: int, period: int, within: int | None) -> _Beginning | None:
    """The most ordinary time of a period from a day on, of any period when that one is too far away."""
    reach = _OTHER_PERIOD_WITHIN_DAYS if within is None else within
    found: _Beginning | None = None
    for ones in days.fresh_from(first):
        fitting = choice.fitting(ones)
        if found is not None and ones[0].day > found.day + reach:
            break
        if wanted := [one for one in fitting if one.period == period]:
            return min(wanted, key=lambda one: one.oddness)
        if found is None and fitting:
            found = min(fitting, key=lambda one: one.oddness)
    return found


def _nearest(days: _Days, choice: _Choice) -> _Choice:
    """The earliest of all, then an ordinary time of each next morning or afternoon."""
    for ones in days.all():
        for period in (0, 1):
            if choice.full:
                return choice
            if wanted := choice.fitting(one for one in ones if one.period == period and days.is_fresh(one)):
                choice.ones.append(min(wanted, key=lambda one: one.oddness) if choice.ones else wanted[0])
    return _fill(days, choice)


def _fill(days: _Days, choice: _Choice) -> _Choice:
    """More on days that have none, then on parts of days that have none, then wherever it is farthest from others."""
    for ones in () if choice.full else days.all():
        if not choice.full and ones[0].day not in {one.day for one in choice.ones}:
            _add_ordinary(choice, ones)
    for ones in () if choice.full else days.all():
        taken = {(one.day, one.period) for one in choice.ones}
        if not choice.full:
            _add_ordinary(choice, [one for one in ones if (one.day, one.period) not in taken])
    while not choice.full and (rest := choice.fitting(one for ones in days.all() for one in ones)):
        choice.ones.append(max(rest, key=lambda one: (_distance(one, choice), -one.start_ms)))
    return choice


def _add_ordinary(choice: _Choice, ones: Iterable[_Beginning]) -> None:
    """One more time, of the period that was chosen less."""
    afternoons = sum(one.period for one in choice.ones)
    rarer = int(afternoons * 2 < len(choice.ones))
    if fitting := choice.fitting(ones):
        choice.ones.append(min(fitting, key=lambda one: (one.period != rarer, one.oddness)))


def _distance(one: _Beginning, choice: _Choice) -> int:
    return min((abs(one.start_ms - other.start_ms) for other in choice.ones), default=0)


def _densest(days: _Days, choice: _Choice) -> _Choice:
    """As many as fit: whatever ends first, again and again."""
    for one in sorted((one for ones in days.all() for one in ones), key=lambda one: (one.end_ms, one.start_ms)):
        if not choice.full and choice.fitting([one]):
            choice.ones.append(one)
    return choice
