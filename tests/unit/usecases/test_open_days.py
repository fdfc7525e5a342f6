"""The days of a year."""

from __future__ import annotations

from datetime import date

import pytest

from disparo.domain.errors import InputError
from disparo.domain.policies.business_hours import BusinessHours, HoursReason
from disparo.usecases.open_days import places, whereabouts, year_of

HOURS = BusinessHours()


def _days(code: str | None, year: int = 2026, hours: BusinessHours = HOURS):
    return {one.day: one for one in year_of(whereabouts(hours, code), year)}


def test_a_year_has_all_its_days() -> None:
    assert len(_days(None)) == 365
    assert len(_days(None, 2028)) == 366


def test_a_holiday_of_a_state_closes_there_alone() -> None:
    day = date(2026, 7, 9)
    there, elsewhere = _days("BR-SP")[day], _days("BR-RJ")[day]
    assert (there.open, there.reason, there.holiday) == (False, HoursReason.HOLIDAY, "Revolução Constitucionalista")
    assert (elsewhere.open, elsewhere.holiday) == (True, None)


def test_a_holiday_on_a_day_off_has_its_name_all_the_same() -> None:
    one = _days(None)[date(2026, 11, 15)]
    assert (one.open, one.reason, one.holiday) == (False, HoursReason.DAY_OFF, "Proclamação da República")


def test_a_city_is_shown_as_if_the_hours_named_it() -> None:
    day = date(2027, 1, 25)
    assert _days("BR-São Paulo Capital", 2027)[day].holiday == "Aniversário da Cidade de São Paulo"
    assert _days("BR-SP", 2027)[day].open


def test_a_date_that_only_the_hours_list_is_a_holiday() -> None:
    day = date(2026, 12, 23)
    hours = BusinessHours(holidays=frozenset({day}))
    one = _days("BR-PR", hours=hours)[day]
    assert (one.open, one.holiday) == (False, "2026-12-23")


def test_states_have_their_own_clock() -> None:
    assert whereabouts(HOURS, "BR-AM").place.zone == "America/Manaus"
    assert whereabouts(HOURS, None).place.zone == HOURS.zone


def test_every_place_that_is_offered_can_be_asked_for_and_no_other() -> None:
    assert len(places(HOURS)) >= 27
    for code in places(HOURS):
        assert whereabouts(HOURS, code).code == code
    for code in ("BR-XX", "US-CA", "x" * 500, "BR-"):
        with pytest.raises(InputError):
            whereabouts(HOURS, code)
