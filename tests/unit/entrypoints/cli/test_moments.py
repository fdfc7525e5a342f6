"""Instants as people type and read them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from disparo.domain.errors import InputError
from disparo.entrypoints.cli.moments import dated, parse_edge, parse_instant

LISBON = "Europe/Lisbon"


def test_what_is_typed_is_on_the_clock_of_the_zone_unless_it_has_an_offset() -> None:
    assert parse_instant("2026-11-24T14:00", "America/Manaus", "TIME") == datetime(2026, 11, 24, 18, tzinfo=UTC)
    assert parse_instant("2026-11-24 14:00", LISBON, "TIME") == datetime(2026, 11, 24, 14, tzinfo=UTC)
    assert parse_instant("2026-11-24T14:00-03:00", LISBON, "TIME") == datetime(2026, 11, 24, 17, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-11-24", "14:00", "20261124T1400x", "amanhã às 14h", ""])
def test_date_and_hour_are_needed(text) -> None:
    with pytest.raises(InputError, match=r"TIME .*escreva data e hora"):
        parse_instant(text, LISBON, "TIME")


def test_an_hour_that_the_clock_skips_is_refused_unless_it_has_an_offset() -> None:
    with pytest.raises(InputError, match="não existe no relógio de Europe/Lisbon"):
        parse_instant("2027-03-28T01:30", LISBON, "TIME")
    assert parse_instant("2027-03-28T01:30+00:00", LISBON, "TIME") == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def test_an_hour_that_the_clock_repeats_is_its_first() -> None:
    assert parse_instant("2026-10-25T01:30", LISBON, "TIME") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_last_date_of_a_span_is_in_it() -> None:
    assert parse_edge("2026-11-24", "UTC", "--from") == datetime(2026, 11, 24, tzinfo=UTC)
    assert parse_edge("2026-11-24", "UTC", "--to", last=True) == datetime(2026, 11, 25, tzinfo=UTC)
    assert parse_edge(None, "UTC", "--to") is None
    with pytest.raises(InputError, match='--to "ontem"'):
        parse_edge("ontem", "UTC", "--to")


def test_a_date_is_shown_with_its_weekday() -> None:
    at = datetime(2026, 11, 24, 17, tzinfo=UTC)
    assert dated(at.astimezone(ZoneInfo("America/Sao_Paulo"))) == "ter 24/11/2026 14:00"
