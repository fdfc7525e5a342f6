"""Hours against an oracle that reads the contact's clock minute by minute; laws of interval arithmetic."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from disparo.domain.instants import to_ms
from disparo.domain.intervals import Interval, intersect, merge, subtract
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import decide, next_open, open_intervals
from disparo.domain.policies.hours_document import HoursError, parse_business_hours

Document = dict[str, object]

# Clock changes of the tz database, in UTC: gaps, folds, skipped and repeated midnights, half hours.
CHANGES = (
    ("America/New_York", "2026-03-08T07:00"),
    ("America/New_York", "2026-11-01T06:00"),
    ("Europe/London", "2026-03-29T01:00"),
    ("Europe/London", "2026-10-25T01:00"),
    ("America/Sao_Paulo", "2018-02-18T02:00"),
    ("America/Sao_Paulo", "2018-11-04T03:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00"),
    ("Australia/Lord_Howe", "2026-10-03T15:30"),
    ("America/Havana", "2026-03-08T05:00"),
    ("America/Havana", "2026-11-01T05:00"),
    ("Africa/Cairo", "2026-04-23T22:00"),
    ("Africa/Cairo", "2026-10-29T21:00"),
    ("Asia/Beirut", "2026-03-28T22:00"),
    ("Asia/Beirut", "2026-10-24T21:00"),
    ("America/Nuuk", "2026-03-29T01:00"),
    ("Pacific/Chatham", "2026-04-04T14:00"),
    ("Pacific/Apia", "2011-12-30T10:00"),
    ("America/Noronha", "2026-06-01T00:00"),
)
CLOCKS = st.integers(0, 1439).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")


@st.composite
def documents(draw: st.DrawFn) -> Document:
    start = draw(CLOCKS)
    end = draw(CLOCKS.filter(lambda clock: clock != start) | st.just("24:00"))
    document: Document = {
        "workingDays": draw(st.lists(st.integers(1, 7), min_size=1, max_size=7)),
        "startTime": start,
        "endTime": end,
        "publicHolidays": False,
    }
    if draw(st.booleans()):
        minutes = minutes_of(end) - minutes_of(start)
        length = minutes if minutes > 0 else minutes + 1440
        begin = draw(st.integers(0, length - 1))
        stop = draw(st.integers(begin + 1, length))
        assume((begin, stop) != (0, length))
        lunch = [(minutes_of(start) + offset) % 1440 for offset in (begin, stop)]
        document["lunchBreak"] = {key: clock_of(minute) for key, minute in zip(("start", "end"), lunch, strict=True)}
    return document


@st.composite
def moments(draw: st.DrawFn) -> tuple[str, datetime]:
    zone, change = draw(st.sampled_from(CHANGES))
    minutes = draw(st.integers(-150, 150) | st.integers(-3 * 1440, 3 * 1440))
    return zone, datetime.fromisoformat(change).replace(tzinfo=UTC) + timedelta(minutes=minutes)


def minutes_of(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def clock_of(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def clock_shows_open(document: Document, zone: str, at: datetime) -> bool:
    """The oracle: UTC to wall time is never ambiguous, so look at the wall and compare."""
    local = at.astimezone(ZoneInfo(zone))
    start, end = minutes_of(str(document["startTime"])), minutes_of(str(document["endTime"]))
    wall = local.hour * 60 + local.minute
    end = end if end > start else end + 1440
    for shift_day, minute in ((local.date(), wall), (local.date() - timedelta(days=1), wall + 1440)):
        if start <= minute < end:
            return begins_on(document, shift_day) and not at_lunch(document, minute % 1440)
    return False


def begins_on(document: Document, day: date) -> bool:
    days, holidays = document["workingDays"], document.get("holidays", [])
    assert isinstance(days, list)
    assert isinstance(holidays, list)
    return day.isoweekday() in days and day.isoformat() not in holidays


def at_lunch(document: Document, minute: int) -> bool:
    lunch = document.get("lunchBreak")
    if not isinstance(lunch, dict):
        return False
    first, last = minutes_of(lunch["start"]), minutes_of(lunch["end"])
    return first <= minute < last if first < last else minute >= first or minute < last


def with_holidays(document: Document, at: datetime, offsets: list[int]) -> Document:
    return document | {"holidays": [(at.date() + timedelta(days=days)).isoformat() for days in offsets]}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), moments(), st.lists(st.integers(-3, 3), max_size=3))
def test_every_minute_of_two_days_agrees_with_the_clock_on_the_wall(
    document: Document, moment: tuple[str, datetime], offsets: list[int]
) -> None:
    zone, at = moment
    document = with_holidays(document, at, offsets)
    hours, place = parse_business_hours(document), Place(zone)
    for minutes in range(0, 2 * 1440, 3):
        now = at + timedelta(minutes=minutes)
        assert decide(hours, place, now).open == clock_shows_open(document, zone, now), now


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), moments(), st.lists(st.integers(-3, 9), max_size=3))
def test_nothing_changes_before_changes_at_and_everything_does_at_it(
    document: Document, moment: tuple[str, datetime], offsets: list[int]
) -> None:
    zone, at = moment
    document = with_holidays(document, at, offsets)
    decision = decide(parse_business_hours(document), Place(zone), at)
    assert (decision.reason == "open") == decision.open
    until = decision.changes_at or at + timedelta(days=400)
    assert until > at
    if decision.changes_at is not None:
        assert clock_shows_open(document, zone, until) != decision.open
    step = timedelta(minutes=1 if until - at < timedelta(days=3) else 13)
    now = at
    while now < min(until, at + timedelta(days=20)):
        assert clock_shows_open(document, zone, now) == decision.open, now
        now += step


@settings(max_examples=300, deadline=None)
@given(documents(), moments())
def test_the_next_opening_is_open_and_none_is_before_it(document: Document, moment: tuple[str, datetime]) -> None:
    zone, at = moment
    hours, place = parse_business_hours(document), Place(zone)
    opens_at = next_open(hours, place, at)
    if opens_at is None:
        return
    assert opens_at >= at
    assert decide(hours, place, opens_at).open
    assert open_intervals(hours, place, at, opens_at) == ()


@settings(max_examples=200, deadline=None)
@given(documents(), moments(), st.integers(0, 5_000))
def test_open_intervals_are_what_decide_says(document: Document, moment: tuple[str, datetime], minutes: int) -> None:
    zone, at = moment
    hours, place = parse_business_hours(document), Place(zone)
    end_at = at + timedelta(minutes=minutes)
    found: list[Interval] = []
    now = at
    while now < end_at:
        decision = decide(hours, place, now)
        until = min(decision.changes_at or end_at, end_at)
        found += [Interval(to_ms(now), to_ms(until))] if decision.open else []
        now = until
    assert open_intervals(hours, place, at, end_at) == tuple(found)


@given(
    documents(),
    st.lists(st.dates(), max_size=4),
    st.sets(st.sampled_from(CHANGES), max_size=3),
    st.booleans(),
)
def test_a_written_document_reads_back_equal(
    document: Document, holidays: list[date], changes: set[tuple[str, str]], optional: bool
) -> None:
    document |= {
        "holidays": [day.isoformat() for day in holidays],
        "optionalHolidays": optional,
        "state": "SP",
    }
    document["timezones"] = {zone: {"workingDays": [1, 7]} for zone, _ in changes}
    hours = parse_business_hours(document)
    assert parse_business_hours(json.loads(json.dumps(hours.to_document()))) == hours


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | CLOCKS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.just("start"), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = (
    "timezone",
    "workingDays",
    "startTime",
    "endTime",
    "lunchBreak",
    "holidays",
    "timezones",
    "country",
    "state",
    "city",
)


@given(st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), JSON_VALUES, max_size=4))
def test_any_document_is_read_or_refused_in_one_line(document: Document) -> None:
    try:
        parse_business_hours(document)
    except HoursError as refused:
        assert str(refused).isprintable()


INTERVALS = st.lists(st.builds(Interval, st.integers(-20, 20), st.integers(-20, 20)), max_size=6)


def points(intervals: list[Interval] | tuple[Interval, ...]) -> set[int]:
    """The oracle of the algebra: a set of integers."""
    return {point for start, end in intervals for point in range(start, end)}


@given(INTERVALS, INTERVALS)
def test_interval_arithmetic_is_set_arithmetic(left: list[Interval], right: list[Interval]) -> None:
    assert points(merge(left)) == points(left)
    assert points(merge([*left, *right])) == points(left) | points(right)
    assert points(intersect(left, right)) == points(left) & points(right)
    assert points(subtract(left, right)) == points(left) - points(right)


@given(INTERVALS, INTERVALS)
def test_every_result_is_in_normal_form(left: list[Interval], right: list[Interval]) -> None:
    for result in (merge(left), intersect(left, right), subtract(left, right)):
        assert merge(result) == result
        assert all(start < end for start, end in result)
        assert all(before.end_ms < after.start_ms for before, after in pairwise(result))
