from __future__ import annotations

from datetime import UTC, datetime

import pytest

from disparo.domain.errors import InputError
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.intervals import (
    DAY_MS,
    MINUTE_MS,
    Interval,
    first_instant,
    instants_of,
    intersect,
    merge,
    subtract,
    wall_ms,
    zone_named,
)


def spans(*pairs: tuple[int, int]) -> tuple[Interval, ...]:
    return tuple(Interval(*pair) for pair in pairs)


def wall(text: str) -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=UTC))


def utc(ms: int) -> str:
    return from_ms(ms).strftime("%Y-%m-%d %H:%M")


def test_merge_orders_joins_what_touches_and_drops_what_is_empty() -> None:
    assert merge(spans((5, 7), (1, 3), (3, 4), (9, 9), (8, 6), (6, 8))) == spans((1, 4), (5, 8))


def test_a_contained_interval_does_not_shorten_its_container() -> None:
    assert merge(spans((1, 9), (2, 3))) == spans((1, 9))


def test_touching_intervals_have_nothing_in_common() -> None:
    assert intersect(spans((1, 3), (5, 9)), spans((3, 5), (6, 7), (8, 12))) == spans((6, 7), (8, 9))


def test_subtracting_cuts_holes_and_edges() -> None:
    assert subtract(spans((0, 10), (20, 30)), spans((-5, 1), (4, 6), (9, 25))) == spans((1, 4), (6, 9), (25, 30))


def test_subtracting_something_outside_changes_nothing() -> None:
    assert subtract(spans((5, 6)), spans((0, 2), (8, 9))) == spans((5, 6))
    assert subtract((), spans((0, 2))) == ()


def test_milliseconds_are_rounded_down_also_before_1970() -> None:
    assert to_ms(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1
    assert from_ms(to_ms(datetime(2026, 9, 7, 1, 2, 3, 4_000, tzinfo=UTC))) == datetime(
        2026, 9, 7, 1, 2, 3, 4_000, tzinfo=UTC
    )


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(TypeError):
        to_ms(datetime(2026, 9, 7))  # noqa: DTZ001


@pytest.mark.parametrize("name", ["", "America", "America/Curitiba", "../etc/passwd", "a\0b"])
def test_a_zone_that_does_not_exist_is_named(name: str) -> None:
    with pytest.raises(InputError, match="desconhecido"):
        zone_named(name)


# Transitions below are facts of the tz database (2026).
@pytest.mark.parametrize(
    ("zone", "shown", "expected"),
    [
        pytest.param("America/New_York", "2026-03-08 02:30", "2026-03-08 07:00", id="gap 02:00 -> 03:00"),
        pytest.param("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30", id="fold: first of two"),
        pytest.param("America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 03:00", id="midnight is skipped"),
        pytest.param("Australia/Lord_Howe", "2026-10-04 02:10", "2026-10-03 15:30", id="half-hour gap"),
        pytest.param("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00", id="a date that never was"),
        pytest.param("Asia/Kathmandu", "2026-05-01 05:45", "2026-05-01 00:00", id="no change at all"),
    ],
)
def test_the_first_instant_of_a_wall_time(zone: str, shown: str, expected: str) -> None:
    assert utc(first_instant(zone, wall(shown))) == expected


def test_a_wall_span_inside_a_gap_has_no_instant() -> None:
    start = wall("2026-03-29 01:10")
    assert instants_of("Europe/London", start, start + 40 * MINUTE_MS) == ()


def test_a_repeated_edge_makes_two_intervals() -> None:
    found = instants_of("Europe/London", wall("2026-10-25 00:00"), wall("2026-10-25 01:30"))
    assert [(utc(a), utc(b)) for a, b in found] == [
        ("2026-10-24 23:00", "2026-10-25 00:30"),
        ("2026-10-25 01:00", "2026-10-25 01:30"),
    ]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", "2026-03-08", 23.0),
        ("America/New_York", "2026-11-01", 25.0),
        ("America/Sao_Paulo", "2018-11-04", 23.0),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Pacific/Apia", "2011-12-30", 0.0),
        ("America/Recife", "2026-11-01", 24.0),
    ],
)
def test_the_length_of_a_local_day(zone: str, day: str, hours: float) -> None:
    midnight = wall(day)
    found = instants_of(zone, midnight, midnight + DAY_MS)
    assert sum(end - start for start, end in found) == hours * 60 * MINUTE_MS


def test_wall_time_jumps_at_the_transition() -> None:
    change = wall("2026-03-08 07:00")
    assert utc(wall_ms("America/New_York", change - 1)) == "2026-03-08 01:59"
    assert utc(wall_ms("America/New_York", change)) == "2026-03-08 03:00"
