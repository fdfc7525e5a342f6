"""Spans of time as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from disparo.domain.durations import duration_text, parse_duration
from disparo.domain.errors import InputError


@pytest.mark.parametrize(
    ("text", "minutes"), [("30m", 30), ("90m", 90), ("2h", 120), ("1d", 1440), ("0m", 0), ("0d", 0)]
)
def test_minutes_hours_and_days_are_read(text, minutes) -> None:
    assert parse_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("minutes", "text"), [(0, "0m"), (90, "90m"), (120, "2h"), (1440, "1d"), (1500, "25h")])
def test_the_largest_unit_that_fits_is_written_and_read_back(minutes, text) -> None:
    assert duration_text(timedelta(minutes=minutes)) == text
    assert parse_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["2du", "2bd", "1.5h", "-1h", "h", "", "1s"])
def test_anything_else_is_refused(text) -> None:
    with pytest.raises(InputError):
        parse_duration(text)


def test_seconds_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="whole minutes"):
        duration_text(timedelta(seconds=90))
