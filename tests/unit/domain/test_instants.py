from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparo.domain.instants import EPOCH, from_ms, to_ms

YEAR_9999_MS = 253_402_300_799_999


def test_milliseconds_count_from_1970() -> None:
    assert to_ms(EPOCH) == 0
    assert to_ms(datetime(2024, 11, 24, tzinfo=UTC)) == 1_732_406_400_000


def test_the_zone_of_an_instant_does_not_matter() -> None:
    in_sao_paulo = datetime(2024, 11, 23, 21, tzinfo=timezone(timedelta(hours=-3)))
    assert to_ms(in_sao_paulo) == 1_732_406_400_000


def test_parts_of_a_millisecond_are_rounded_down_before_1970_too() -> None:
    assert to_ms(EPOCH + timedelta(microseconds=1_999)) == 1
    assert to_ms(EPOCH - timedelta(microseconds=1)) == -1


def test_a_datetime_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        to_ms(datetime(2024, 11, 24))  # noqa: DTZ001


@given(st.integers(-YEAR_9999_MS // 5, YEAR_9999_MS))
def test_milliseconds_come_back_exactly_and_in_utc(at_ms: int) -> None:
    """Float timestamps would be off by one for some of them."""
    at = from_ms(at_ms)
    assert to_ms(at) == at_ms
    assert at.tzinfo is UTC


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_loses_less_than_a_millisecond(at: datetime) -> None:
    assert timedelta(0) <= at - from_ms(to_ms(at)) < timedelta(milliseconds=1)
