"""Dates and instants as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from disparo.domain.errors import InputError
from disparo.domain.written_moment import is_date, parse_moment

SAO_PAULO, LISBON = "America/Sao_Paulo", "Europe/Lisbon"


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", ["2026-11-24T14:00", "2026-11-24 14:00", " 2026-11-24T17:00+00:00 ", "2026-11-24T14-03:00"]
)
def test_an_instant_without_an_offset_is_on_the_zones_clock(value) -> None:
    assert parse_moment(value, SAO_PAULO) == at(2026, 11, 24, 17)


def test_a_date_is_its_beginning_or_its_end() -> None:
    assert parse_moment("2026-11-24", SAO_PAULO) == at(2026, 11, 24, 3)
    assert parse_moment(date(2026, 11, 24), SAO_PAULO, last=True) == at(2026, 11, 25, 3)
    assert parse_moment(datetime(2026, 11, 24, 14), SAO_PAULO, last=True) == at(2026, 11, 24, 17)  # noqa: DTZ001


def test_of_a_time_that_the_clock_repeats_it_is_the_first_and_of_one_it_skips_the_end_of_the_gap() -> None:
    assert parse_moment("2026-10-25T01:30", LISBON) == at(2026, 10, 25, 0, 30)
    assert parse_moment("2018-11-04", SAO_PAULO) == at(2018, 11, 4, 3)


@pytest.mark.parametrize(
    "value",
    [
        *("", "amanhã", "2026-02-30", "2026-W48-1", "14:00", 7, None),
        *("9999-12-31T23:00-10:00", "9999-12-30", "0001-01-01T10:00", "1900-01-01"),
    ],
)
def test_anything_else_is_refused(value) -> None:
    with pytest.raises(InputError, match="escreva uma data"):
        parse_moment(value, SAO_PAULO)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(InputError, match="Marte"):
        parse_moment("2026-11-24", "Marte")


def test_a_date_has_no_time() -> None:
    assert [is_date(text) for text in ("2026-11-24", " 2026-11-24 ", "2026-11-24T10:00", "hoje")] == [
        True,
        True,
        False,
        False,
    ]
