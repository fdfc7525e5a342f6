"""Weeks and years laid out for the macros of `macros/calendar.html`: what stands in which row and lane."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SLOT_MIN = 15
MOST_LANES = 4
"""Side by side in a day; what would need more lies over the last."""
_DAY_SLOTS = 24 * 60 // SLOT_MIN


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that takes time, in words; `tone` as badges have it, `dashed` while it is not certain."""

    start_at: datetime
    end_at: datetime
    title: str
    detail: str = ""
    href: str = ""
    tone: str = "accent"
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Shade:
    """Time in which nothing takes place; `title` says why."""

    start_at: datetime
    end_at: datetime
    title: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """An occasion in its day: its first row (from 1), how many rows, which of how many lanes."""

    what: Occasion
    row: int
    rows: int
    lane: int
    lanes: int


@dataclass(frozen=True, slots=True)
class Shaded:
    """A shade in its day."""

    row: int
    rows: int
    title: str


@dataclass(frozen=True, slots=True)
class DayColumn:
    """One day: `now_row` is where the present moment is, if it is in it."""

    day: date
    is_today: bool
    occasions: Sequence[Placed]
    shades: Sequence[Shaded]
    now_row: int | None


@dataclass(frozen=True, slots=True)
class Grid:
    """Days side by side, from `first_hour` to `last_hour`, in rows of a quarter of an hour."""

    days: Sequence[DayColumn]
    first_hour: int
    last_hour: int

    @property
    def hours(self) -> range:
        """The hours that are written at the side."""
        return range(self.first_hour, self.last_hour)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return (self.last_hour - self.first_hour) * 60 // SLOT_MIN


def grid(
    days: Sequence[date],
    occasions: Iterable[Occasion],
    shades: Iterable[Shade],
    zone: ZoneInfo,
    now: datetime,
    hours: tuple[int, int] = (7, 20),
) -> Grid:
    """Lay out days; the hours grow to hold every occasion. What goes over midnight is in both days."""
    all_occasions, all_shades = list(occasions), list(shades)
    cut = {day: [(one, *_within(one.start_at, one.end_at, day, zone)) for one in all_occasions] for day in days}
    spans = [(start, end) for entries in cut.values() for _, start, end in entries if start < end]
    per_hour = 60 // SLOT_MIN
    first = min([hours[0], *(start // per_hour for start, _ in spans)])
    last = max([hours[1], *(-(-end // per_hour) for _, end in spans)])
    base, rows = first * per_hour, (last - first) * per_hour
    here = now.astimezone(zone)
    columns = []
    for day in days:
        placed = _placed([(one, start, end) for one, start, end in cut[day] if start < end], base)
        shaded = [
            Shaded(max(start - base, 0) + 1, min(end - base, rows) - max(start - base, 0), one.title)
            for one in all_shades
            for start, end in [_within(one.start_at, one.end_at, day, zone)]
            if max(start, base) < min(end, base + rows)
        ]
        now_row = (here.hour * 60 + here.minute) // SLOT_MIN - base + 1 if here.date() == day else None
        columns.append(
            DayColumn(day, here.date() == day, placed, shaded, now_row if now_row and 1 <= now_row <= rows else None)
        )
    return Grid(columns, first, last)


@dataclass(frozen=True, slots=True)
class YearDay:
    """One day of a year's page; `tone` and `title` say what is the matter with it, empty on a usual day."""

    day: date
    tone: str = ""
    title: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """A month in whole weeks from Monday; None are days of its neighbours."""

    first: date
    weeks: Sequence[Sequence[YearDay | None]]


def year_months(year: int, mark: Callable[[date], YearDay]) -> Sequence[Month]:
    """The twelve months of a year, each day as `mark` has it."""
    weeks = Calendar(firstweekday=0).monthdatescalendar
    return [
        Month(
            date(year, number, 1),
            [[mark(day) if day.month == number else None for day in week] for week in weeks(year, number)],
        )
        for number in range(1, 13)
    ]


def _within(start_at: datetime, end_at: datetime, day: date, zone: ZoneInfo) -> tuple[int, int]:
    """The slots of a day that something covers, by the clock on the wall; begun slots count."""
    start, end = start_at.astimezone(zone), end_at.astimezone(zone)
    if start.date() > day or end <= datetime.combine(day, time(), zone):
        return 0, 0
    first = 0 if start.date() < day else (start.hour * 60 + start.minute) // SLOT_MIN
    last = _DAY_SLOTS if end.date() > day else -(-(end.hour * 60 + end.minute) // SLOT_MIN)
    return first, max(last, first + 1)


def _placed(entries: Sequence[tuple[Occasion, int, int]], base: int) -> list[Placed]:
    """Side by side where they overlap, each group of overlapping ones in as many lanes as it needs."""
    placed: list[Placed] = []
    group: list[tuple[Occasion, int, int, int]] = []
    ends: list[int] = []
    for one, start, end in sorted(entries, key=lambda entry: (entry[1], -entry[2])):
        if ends and start >= max(ends):
            placed += _closed(group, len(ends), base)
            group, ends = [], []
        lane = next((number for number, over in enumerate(ends) if over <= start), len(ends))
        if lane == len(ends):
            ends.append(end)
        else:
            ends[lane] = end
        group.append((one, start, end, lane))
    return placed + _closed(group, len(ends), base)


def _closed(group: Sequence[tuple[Occasion, int, int, int]], lanes: int, base: int) -> list[Placed]:
    most = min(lanes, MOST_LANES)
    return [
        Placed(one, start - base + 1, end - start, min(lane, most - 1) + 1, most) for one, start, end, lane in group
    ]


def week_days(of: date) -> Sequence[date]:
    """Monday to Sunday of a date's week."""
    monday = of - timedelta(days=of.weekday())
    return [monday + timedelta(days=number) for number in range(7)]
