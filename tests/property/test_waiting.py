from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours, is_working_day
from disparo.domain.waiting import Wait, WaitUnit, parse_wait

HOURS = BusinessHours()
PLACES = st.sampled_from(
    [
        Place("America/Sao_Paulo", "BR-SP"),
        Place("America/Recife", "BR-PE"),
        Place("America/New_York", "US-NY"),
        Place("Europe/London"),
        Place("Australia/Lord_Howe"),
        Place("Africa/Cairo"),
    ]
)
# Whole seconds: a wait in days is exact to the millisecond.
MOMENTS = st.integers(0, 3 * 366 * 86_400).map(lambda s: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
WAITS = st.builds(Wait, st.integers(0, 60), st.sampled_from(WaitUnit))
DATED = st.sampled_from([WaitUnit.DAYS, WaitUnit.BUSINESS_DAYS])


@given(st.builds(Wait, st.integers(0, 3_650), st.sampled_from(WaitUnit)))
def test_the_textual_form_reads_back_equal(wait: Wait) -> None:
    assert parse_wait(str(wait)) == wait


@settings(deadline=None)
@given(WAITS, MOMENTS, PLACES)
def test_a_longer_wait_ends_later_and_none_ends_before_it_begins(wait: Wait, at: datetime, place: Place) -> None:
    longer = Wait(wait.amount + 1, wait.unit)
    assert at <= wait.after(at, HOURS, place) < longer.after(at, HOURS, place)


@given(st.integers(0, 5_000), MOMENTS, PLACES)
def test_hours_and_minutes_are_elapsed_time(amount: int, at: datetime, place: Place) -> None:
    assert Wait(amount, WaitUnit.MINUTES).after(at, HOURS, place) - at == timedelta(minutes=amount)
    assert Wait(amount, WaitUnit.HOURS).after(at, HOURS, place) - at == timedelta(hours=amount)


@settings(deadline=None)
@given(st.integers(1, 40), DATED, MOMENTS, PLACES)
def test_dated_waits_keep_the_time_of_the_wall_clock(amount: int, unit: WaitUnit, at: datetime, place: Place) -> None:
    zone = ZoneInfo(place.zone)
    ended_at = Wait(amount, unit).after(at, HOURS, place)
    wanted, found = at.astimezone(zone), ended_at.astimezone(zone)
    if found.time() != wanted.time():
        # Only at the end of a gap that skips the wanted time.
        before = (ended_at - timedelta(microseconds=1)).astimezone(zone)
        assert before.replace(tzinfo=None) < datetime.combine(before, wanted.time()) < found.replace(tzinfo=None)


@settings(deadline=None)
@given(st.integers(1, 30), MOMENTS, PLACES)
def test_business_days_land_on_a_working_day_and_count_those_passed(amount: int, at: datetime, place: Place) -> None:
    zone = ZoneInfo(place.zone)
    first = at.astimezone(zone).date()
    last = Wait(amount, WaitUnit.BUSINESS_DAYS).after(at, HOURS, place).astimezone(zone).date()
    assert is_working_day(HOURS, place, last)
    passed = [first + timedelta(days=day + 1) for day in range((last - first).days)]
    assert sum(is_working_day(HOURS, place, day) for day in passed) == amount


@settings(deadline=None)
@given(st.integers(0, 60), MOMENTS, MOMENTS)
def test_who_begins_later_ends_no_earlier_where_the_clock_never_changes(
    amount: int, one_at: datetime, other_at: datetime
) -> None:
    place = Place("America/Sao_Paulo", "BR-SP")
    early, late = sorted([one_at, other_at])
    # From days off, business days keep the time of day: Saturday evening ends after Sunday morning.
    begun = [at.astimezone(ZoneInfo(place.zone)).date() for at in (early, late)]
    on_working_days = all(is_working_day(HOURS, place, day) for day in begun)
    for unit in set(WaitUnit) - (set() if on_working_days else {WaitUnit.BUSINESS_DAYS}):
        wait = Wait(amount, unit)
        assert wait.after(early, HOURS, place) <= wait.after(late, HOURS, place)
