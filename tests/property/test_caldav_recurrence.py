"""What repeats in a CalDAV calendar, against an expansion written here day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from disparo.adapters.calendars.caldav.busy import Reading, busy_of
from disparo.domain.instants import to_ms
from disparo.domain.intervals import Interval

ZONES = (
    "America/Sao_Paulo",
    "America/Santiago",  # its days of a clock change have no or two midnights
    "America/New_York",
    "Europe/Lisbon",
    "Africa/Cairo",
    "Australia/Lord_Howe",  # half an hour
    "Asia/Kolkata",
    "UTC",
)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
CHANGES = (
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 4),
    date(2026, 4, 23),
    date(2026, 9, 5),
    date(2026, 10, 25),
)


@dataclass(frozen=True)
class Series:
    """An event that repeats; `at` None is one of whole days, and its length then of days."""

    zone: str
    first: date
    at: time | None
    length: timedelta
    weekly: bool
    interval: int
    weekdays: tuple[int, ...]
    count: int | None
    until: date | None
    until_form: str
    without: frozenset[int]

    def starts(self) -> list[date]:
        """The days of its occurrences, those left out too."""
        found: list[date] = []
        monday = self.first - timedelta(days=self.first.weekday())
        for number in range(500):
            day = self.first + timedelta(days=number)
            if self.weekly:
                weeks = (day - monday).days // 7
                fits = weeks % self.interval == 0 and day.weekday() in self.weekdays
            else:
                fits = number % self.interval == 0
            ended = (self.count is not None and len(found) == self.count) or (
                self.until is not None and day > self.until
            )
            if ended:
                break
            if fits:
                found.append(day)
        return found

    def busy(self) -> set[Interval]:
        kept = [day for number, day in enumerate(self.starts()) if number not in self.without]
        return {self.span(day) for day in kept}

    def span(self, day: date) -> Interval:
        if self.at is None:
            return Interval(self.midnight(day), self.midnight(day + self.length))
        wall = datetime.combine(day, self.at)
        first = to_ms(self.instant(wall))
        return Interval(first, max(to_ms(self.instant(wall + self.length)), first + self.exact_ms()))

    def exact_ms(self) -> int:
        assert self.at is not None
        wall = datetime.combine(self.first, self.at)
        return to_ms(self.instant(wall + self.length)) - to_ms(self.instant(wall))

    def instant(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def midnight(self, day: date) -> int:
        """The first instant at which the zone's clock shows this day, found by looking at each quarter of an hour."""
        at = datetime.combine(day, time(0), UTC) - timedelta(hours=15)
        while at.astimezone(ZoneInfo(self.zone)).date() < day:
            at += timedelta(minutes=15)
        return to_ms(at)

    def text(self) -> str:
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:a", self.property("DTSTART", self.first)]
        if self.at is None:
            lines.append(f"DTEND;VALUE=DATE:{self.first + self.length:%Y%m%d}")
        else:
            lines.append(f"DTEND;TZID={self.zone}:{datetime.combine(self.first, self.at) + self.length:%Y%m%dT%H%M%S}")
        starts = self.starts()
        lines += [self.property("EXDATE", starts[one]) for one in sorted(self.without) if one < len(starts)]
        return "\r\n".join([*lines, f"RRULE:{self.rule()}", "END:VEVENT", "END:VCALENDAR", ""])

    def rule(self) -> str:
        parts = [f"FREQ={'WEEKLY' if self.weekly else 'DAILY'}", f"INTERVAL={self.interval}"]
        if self.weekly:
            parts.append("BYDAY=" + ",".join(DAYS[day] for day in self.weekdays))
        if self.count is not None:
            parts.append(f"COUNT={self.count}")
        if self.until is not None:
            parts.append(f"UNTIL={self.until_text(self.until)}")
        return ";".join(parts)

    def until_text(self, until: date) -> str:
        if self.at is None or self.until_form == "day":
            return f"{until:%Y%m%d}"
        wall = datetime.combine(until, self.at)
        if self.until_form == "clock":
            return f"{wall:%Y%m%dT%H%M%S}"
        return f"{self.instant(wall):%Y%m%dT%H%M%SZ}"

    def property(self, name: str, day: date) -> str:
        if self.at is None:
            return f"{name};VALUE=DATE:{day:%Y%m%d}"
        return f"{name};TZID={self.zone}:{datetime.combine(day, self.at):%Y%m%dT%H%M%S}"


@st.composite
def series(draw: st.DrawFn) -> Series:
    first = draw(st.sampled_from(CHANGES)) + timedelta(days=draw(st.integers(-8, 2)))
    whole_days = draw(st.booleans())
    at = None if whole_days else time(draw(st.integers(0, 23)), draw(st.sampled_from((0, 15, 30))))
    length = timedelta(days=draw(st.integers(1, 3)))
    if not whole_days:
        length = timedelta(minutes=draw(st.sampled_from((15, 60, 95, 600, 26 * 60))))
    weekdays = {first.weekday(), *draw(st.sets(st.integers(0, 6), max_size=3))}
    count = draw(st.none() | st.integers(1, 12))
    until = first + timedelta(days=draw(st.integers(0, 40))) if count is None else None
    return Series(
        zone=draw(st.sampled_from(ZONES)),
        first=first,
        at=at,
        length=length,
        weekly=draw(st.booleans()),
        interval=draw(st.integers(1, 3)),
        weekdays=tuple(sorted(weekdays)),
        count=count,
        until=until,
        until_form=draw(st.sampled_from(("utc", "clock", "day"))),
        without=draw(st.frozensets(st.integers(0, 6), max_size=3)),
    )


def minutes(intervals: set[Interval], window: Interval) -> set[int]:
    """The quarters of an hour within a window that these keep."""
    return {
        at
        for one in intervals
        for at in range(one.start_ms, one.end_ms, 300_000)
        if window.start_ms <= at < window.end_ms
    }


@given(series(), st.integers(0, 11), st.integers(-30 * 4, 30 * 4), st.sampled_from((1, 6, 30, 24 * 9, 24 * 60)))
def test_what_repeats_is_busy_at_each_of_its_times_and_at_no_other(
    one: Series, number: int, quarters: int, hours: int
) -> None:
    # Windows that begin near one of its times, as it is there that something can be missed.
    near = one.span(one.starts()[number % len(one.starts())]).start_ms + quarters * 900_000
    window = Interval(near, near + hours * 3_600_000)
    found = busy_of([one.text()], Reading(window, one.zone))
    assert minutes(set(found), window) == minutes(one.busy(), window)


@given(st.lists(series(), min_size=2, max_size=4))
def test_several_events_are_busy_as_each_of_them_alone(all_of_them: list[Series]) -> None:
    zone = all_of_them[0].zone  # days are those of one calendar
    window = Interval(to_ms(datetime(2026, 1, 1, tzinfo=UTC)), to_ms(datetime(2027, 1, 1, tzinfo=UTC)))
    reading = Reading(window, zone)
    whole = busy_of([one.text() for one in all_of_them], reading)
    apart = [interval for one in all_of_them for interval in busy_of([one.text()], reading)]
    assert minutes(set(whole), window) == minutes(set(apart), window)
