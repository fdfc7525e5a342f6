"""When a contact may be messaged: working days, hours, lunch and holidays of the place where the contact is.

How they are written is told in `hours_document`.

An `endTime` up to the `startTime` is on the next day, and that shift belongs to the day on which it begins:
its working day and holiday decide. Hours are open exactly at the instants at which the contact's clock shows
a time inside them. So a start that a DST gap skips is the end of the gap, and of an hour that a fold repeats
both passes are judged by the clock.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

from disparo.domain import holiday_calendar
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.intervals import (
    DAY_MS,
    MINUTE_MS,
    Interval,
    instants_of,
    intersect,
    merge,
    wall_ms,
    zone_named,
)
from disparo.domain.place import Place

HORIZON_DAYS = 400
DAY_MIN = 1_440
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
HOLIDAY_FLAGS = ("publicHolidays", "regionalHolidays", "optionalHolidays")


class HoursReason(StrEnum):
    """Why hours are open or closed at an instant."""

    OPEN = "open"
    BEFORE_HOURS = "before_hours"
    AFTER_HOURS = "after_hours"
    LUNCH_BREAK = "lunch_break"
    DAY_OFF = "day_off"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class HoursDecision:
    """Open or closed, until when, and why.

    `changes_at` is the instant at which `open` becomes the other one: the closing edge (touching shifts are
    one) or the next opening; None when that is not within 400 days. `detail`, by reason: the holiday's name,
    or its date when only the document lists it; the date of the day off; the start, the end, or `start-end`
    of the lunch, as `HH:MM`; "" when open.
    """

    open: bool
    changes_at: datetime | None
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class DailyHours:
    """The shift of a working day; minutes count from its midnight, above 1,440 on the next day."""

    working_days: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    start_min: int = 8 * 60
    end_min: int = 18 * 60
    lunch: tuple[int, int] | None = (12 * 60, 13 * 60)

    def open_minutes(self) -> tuple[tuple[int, int], ...]:
        """The parts of the shift: one, or the two around lunch (either may be empty)."""
        if self.lunch is None:
            return ((self.start_min, self.end_min),)
        return (self.start_min, self.lunch[0]), (self.lunch[1], self.end_min)

    def to_document(self) -> dict[str, object]:
        """The four keys of a day, all written out."""
        lunch = self.lunch and {"start": clock_text(self.lunch[0] % DAY_MIN), "end": clock_text(self.lunch[1])}
        return {
            "workingDays": sorted(self.working_days),
            "startTime": clock_text(self.start_min),
            "endTime": clock_text(self.end_min),
            "lunchBreak": lunch,
        }


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """The hours of a campaign, for contacts anywhere; `BusinessHours()` is what an empty document means.

    Equal hours are equal values. Build them with `parse_business_hours`, which checks them.
    """

    zone: str = "America/Sao_Paulo"
    default: DailyHours = DailyHours()
    zones: tuple[tuple[str, DailyHours], ...] = ()
    holidays: frozenset[date] = frozenset()
    country: str = "BR"
    state: str | None = None
    city: str | None = None
    public_holidays: bool = True
    regional_holidays: bool = True
    optional_holidays: bool = True

    def daily_in(self, zone: str) -> DailyHours:
        """The shift that holds in this zone."""
        return dict(self.zones).get(zone, self.default)

    def to_document(self) -> dict[str, object]:
        """The JSON document, every default written out; `parse_business_hours` reads back an equal value."""
        document: dict[str, object] = {"timezone": self.zone, **self.default.to_document()}
        document["holidays"] = [day.isoformat() for day in sorted(self.holidays)]
        document["timezones"] = {zone: daily.to_document() for zone, daily in self.zones}
        document["country"] = self.country
        document.update({key: name for key, name in (("state", self.state), ("city", self.city)) if name})
        flags = (self.public_holidays, self.regional_holidays, self.optional_holidays)
        return document | dict(zip(HOLIDAY_FLAGS, flags, strict=True))


def decide(hours: BusinessHours, place: Place, at: datetime) -> HoursDecision:
    """Whether hours are open at this instant for a contact at this place, why, and until when.

    The decision of every stretch of a day is kept, so that asking again about the same day is a look-up.
    Raises InputError for a zone that does not exist, TypeError for a naive datetime.
    """
    return _calendar(hours, place).decision(to_ms(at))


def next_open(hours: BusinessHours, place: Place, at: datetime) -> datetime | None:
    """The first open instant from `at` on: `at` itself when open, None when nothing opens within 400 days."""
    decision = decide(hours, place, at)
    return at if decision.open else decision.changes_at


def open_intervals(hours: BusinessHours, place: Place, start_at: datetime, end_at: datetime) -> tuple[Interval, ...]:
    """The open parts of `[start_at, end_at)` in UTC milliseconds, ordered, touching ones joined."""
    calendar, whole = _calendar(hours, place), Interval(to_ms(start_at), to_ms(end_at))
    days = range(whole.start_ms // DAY_MS, -(-whole.end_ms // DAY_MS))
    return intersect((whole,), (part for day in days for part in calendar.open_on(day)))


def is_working_day(hours: BusinessHours, place: Place, day: date) -> bool:
    """Whether a shift begins on this date of the place's calendar: a working day that is no holiday."""
    return closed_day(hours, place, day) is None


def closed_day(hours: BusinessHours, place: Place, day: date) -> tuple[HoursReason, str] | None:
    """Why no shift begins on this date, with the `detail` of a decision; None on a working day."""
    return _calendar(hours, place).closure(day.toordinal() - _EPOCH_ORDINAL)


def holiday_on(hours: BusinessHours, place: Place, day: date) -> str | None:
    """The name of the holiday that this date is at the place, whatever day of the week; None when it is none."""
    return _calendar(hours, place).holiday(day)


class _PlaceCalendar:
    """Open intervals and decisions of one place, worked out per day and kept; days count from 1970-01-01."""

    __slots__ = ("_country", "_daily", "_decisions", "_hours", "_open", "_regions", "_wall_days", "_zone")

    def __init__(self, hours: BusinessHours, place: Place) -> None:
        zone_named(place.zone)
        self._hours = hours
        self._zone = place.zone
        self._daily = hours.daily_in(place.zone)
        self._country, self._regions = _holiday_regions(hours, place)
        self._wall_days: dict[int, tuple[tuple[Interval, ...], frozenset[int]]] = {}
        self._open: dict[int, tuple[Interval, ...]] = {}
        self._decisions: dict[int, tuple[list[int], list[HoursDecision]]] = {}

    def decision(self, at_ms: int) -> HoursDecision:
        utc_day = at_ms // DAY_MS
        known = self._decisions.get(utc_day)
        if known is None:
            known = self._decisions[utc_day] = self._decisions_on(utc_day)
        starts, decisions = known
        return decisions[bisect_right(starts, at_ms) - 1]

    def open_on(self, utc_day: int) -> tuple[Interval, ...]:
        """The open parts of one UTC day, in normal form."""
        known = self._open.get(utc_day)
        if known is None:
            whole = Interval(utc_day * DAY_MS, (utc_day + 1) * DAY_MS)
            parts = (part for day in _wall_days_near(utc_day) for part in self._wall_day(day)[0])
            known = self._open[utc_day] = intersect((whole,), parts)
        return known

    def closure(self, day: int) -> tuple[HoursReason, str] | None:
        """Why no shift begins on this day, or None when one does."""
        on = date.fromordinal(day + _EPOCH_ORDINAL)
        if on.isoweekday() not in self._daily.working_days:
            return HoursReason.DAY_OFF, on.isoformat()
        name = self.holiday(on)
        return None if name is None else (HoursReason.HOLIDAY, name)

    def holiday(self, on: date) -> str | None:
        """The name of the holiday that this date is, its date when only the document lists it, None when it is none."""
        for region in self._regions:
            optional = self._hours.optional_holidays
            name = holiday_calendar.public_holidays(self._country, region, on.year, optional).get(on)
            if name is not None:
                return name
        return on.isoformat() if on in self._hours.holidays else None

    def _wall_day(self, day: int) -> tuple[tuple[Interval, ...], frozenset[int]]:
        """The open instants of the shift that begins on this day, and all instants where reasons change."""
        known = self._wall_days.get(day)
        if known is None:
            parts = [part for minutes in self._daily.open_minutes() for part in self._instants(day, *minutes)]
            whole_day = self._instants(day, 0, DAY_MIN)
            shift = self._instants(day, self._daily.start_min, self._daily.end_min)
            edges = frozenset(edge for interval in (*parts, *whole_day, *shift) for edge in interval)
            known = self._wall_days[day] = (merge(parts) if self.closure(day) is None else (), edges)
        return known

    def _instants(self, day: int, start_min: int, end_min: int) -> tuple[Interval, ...]:
        midnight = day * DAY_MS
        return instants_of(self._zone, midnight + start_min * MINUTE_MS, midnight + end_min * MINUTE_MS)

    def _decisions_on(self, utc_day: int) -> tuple[list[int], list[HoursDecision]]:
        first, last = utc_day * DAY_MS, (utc_day + 1) * DAY_MS
        edges = {edge for day in _wall_days_near(utc_day) for edge in self._wall_day(day)[1]}
        starts = sorted({first} | {edge for edge in edges if first < edge < last})
        return starts, [self._judge(start) for start in starts]

    def _judge(self, at_ms: int) -> HoursDecision:
        if any(start <= at_ms < end for start, end in self.open_on(at_ms // DAY_MS)):
            return HoursDecision(True, self._closing(at_ms), HoursReason.OPEN, "")
        reason, detail = self._why_closed(at_ms)
        return HoursDecision(False, self._opening(at_ms), reason, detail)

    def _closing(self, at_ms: int) -> datetime | None:
        first = at_ms // DAY_MS
        for day in range(first, first + HORIZON_DAYS + 1):
            edge = max(at_ms, day * DAY_MS)
            end_ms = next((end for start, end in self.open_on(day) if start <= edge < end), edge)
            if end_ms < (day + 1) * DAY_MS:
                return _within_horizon(at_ms, end_ms)
        return None

    def _opening(self, at_ms: int) -> datetime | None:
        first = at_ms // DAY_MS
        for day in range(first, first + HORIZON_DAYS + 1):
            for start_ms, _ in self.open_on(day):
                if start_ms > at_ms:
                    return _within_horizon(at_ms, start_ms)
        return None

    def _why_closed(self, at_ms: int) -> tuple[HoursReason, str]:
        wall, daily = wall_ms(self._zone, at_ms), self._daily
        today = wall // DAY_MS
        for day in (today - 1, today):
            if daily.start_min <= (wall - day * DAY_MS) // MINUTE_MS < daily.end_min:
                start, end = daily.lunch or (daily.start_min, daily.end_min)
                lunch = f"{clock_text(start % DAY_MIN)}-{clock_text(end)}"
                return self.closure(day) or (HoursReason.LUNCH_BREAK, lunch)
        if closure := self.closure(today):
            return closure
        if wall % DAY_MS < daily.start_min * MINUTE_MS:
            return HoursReason.BEFORE_HOURS, clock_text(daily.start_min)
        return HoursReason.AFTER_HOURS, clock_text(daily.end_min)


@lru_cache(maxsize=1_024)
def _calendar(hours: BusinessHours, place: Place) -> _PlaceCalendar:
    return _PlaceCalendar(hours, place)


def _wall_days_near(utc_day: int) -> range:
    """The days whose shift can touch a UTC day in any zone: its neighbours, and one before for the nights."""
    return range(utc_day - 2, utc_day + 2)


def _within_horizon(at_ms: int, change_ms: int) -> datetime | None:
    return from_ms(change_ms) if change_ms - at_ms <= HORIZON_DAYS * DAY_MS else None


def _holiday_regions(hours: BusinessHours, place: Place) -> tuple[str, tuple[str | None, ...]]:
    """The country and subdivisions whose holidays hold; the document's country for a zone of none."""
    if not hours.public_holidays:
        return hours.country, ()
    of_region, _, state = (place.region or "").partition("-")
    country = of_region or holiday_calendar.country_of_zone(place.zone) or hours.country
    regions: list[str | None] = [None]
    if country == hours.country:
        city = hours.city and holiday_calendar.city_subdivision(country, hours.city)
        regions += [region for region in (hours.state, city) if region]
    if hours.regional_holidays and state and state not in regions:
        regions.append(state)
    return country, tuple(regions)


def clock_text(minute: int) -> str:
    """A minute after midnight as `HH:MM`; the end of the day is 24:00, and what lies beyond is on the next day."""
    hour, rest = divmod(minute if minute == DAY_MIN else minute % DAY_MIN, 60)
    return f"{hour:02}:{rest:02}"
