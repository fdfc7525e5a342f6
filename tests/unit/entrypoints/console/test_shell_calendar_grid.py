"""Weeks and years laid out."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from disparo.entrypoints.console.calendar_grid import (
    MOST_LANES,
    Grid,
    Occasion,
    Shade,
    YearDay,
    grid,
    week_days,
    year_months,
)

ZONE = ZoneInfo("America/Sao_Paulo")
MONDAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=ZONE)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 23 + day, hour, minute, tzinfo=ZONE)


def laid(*occasions: Occasion, shades: tuple[Shade, ...] = ()) -> Grid:
    return grid(week_days(MONDAY), occasions, shades, ZONE, NOON, (8, 18))


def test_what_begins_at_nine_stands_four_rows_below_eight() -> None:
    (one,) = laid(Occasion(at(0, 9), at(0, 9, 30), "a")).days[0].occasions
    assert (one.row, one.rows, one.lane, one.lanes) == (5, 2, 1, 1)


def test_what_overlaps_stands_side_by_side_and_what_follows_alone() -> None:
    days = laid(
        Occasion(at(0, 9), at(0, 11), "a"), Occasion(at(0, 10), at(0, 12), "b"), Occasion(at(0, 13), at(0, 14), "c")
    ).days
    assert [(one.what.title, one.lane, one.lanes) for one in days[0].occasions] == [
        ("a", 1, 2),
        ("b", 2, 2),
        ("c", 1, 1),
    ]


def test_the_hours_grow_to_hold_everything() -> None:
    week = laid(Occasion(at(0, 6, 30), at(0, 7), "early"), Occasion(at(6, 21), at(6, 21, 10), "late"))
    assert (week.first_hour, week.last_hour, week.rows) == (6, 22, 64)
    assert week.hours[0] == 6


def test_what_goes_over_midnight_is_in_both_days() -> None:
    week = laid(Occasion(at(0, 23), at(1, 1), "night"))
    first, second = week.days[0].occasions[0], week.days[1].occasions[0]
    assert (week.first_hour, week.last_hour) == (0, 24)
    assert (first.row, first.rows, second.row, second.rows) == (93, 4, 1, 4)


def test_shades_are_cut_to_the_hours_shown_and_now_is_marked() -> None:
    week = laid(shades=(Shade(at(0, 0), at(0, 9), "cedo"), Shade(at(3, 0), at(3, 5))))
    assert [(one.row, one.rows, one.title) for one in week.days[0].shades] == [(1, 4, "cedo")]
    assert not week.days[3].shades
    assert [column.now_row for column in week.days] == [None, 17, None, None, None, None, None]
    assert [column.is_today for column in week.days].index(True) == 1


@given(st.lists(st.tuples(st.integers(0, 7 * 96 - 1), st.integers(1, 60)), max_size=30))
def test_everything_has_a_place_in_the_grid_and_no_two_share_one(spans: list[tuple[int, int]]) -> None:
    occasions = [Occasion(_slot(start), _slot(start + length), "x") for start, length in spans]
    week = grid(week_days(MONDAY), occasions, (), ZONE, NOON)
    for column in week.days:
        taken: set[tuple[int, int]] = set()
        for one in column.occasions:
            assert one.row >= 1 and one.row + one.rows - 1 <= week.rows
            assert 1 <= one.lane <= one.lanes <= MOST_LANES
            cells = {(row, one.lane) for row in range(one.row, one.row + one.rows)}
            if one.lane < MOST_LANES:
                assert not cells & taken
            taken |= cells


def test_a_year_has_its_days_in_whole_weeks() -> None:
    months = year_months(2028, YearDay)
    days = [one for month in months for week in month.weeks for one in week if one]
    assert len(months) == 12
    assert [one.day for one in days] == sorted(one.day for one in days)
    assert len(days) == 366
    assert all(len(week) == 7 for month in months for week in month.weeks)


def _slot(number: int) -> datetime:
    day, slot = divmod(number, 96)
    return at(day, slot // 4, slot % 4 * 15)
