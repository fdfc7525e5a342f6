from __future__ import annotations

from datetime import UTC, datetime, timedelta

from disparo.domain.policies.throttle import OF_ACCOUNT, Throttle, Tried

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
THROTTLE = Throttle(3, timedelta(seconds=10), timedelta(minutes=1), timedelta(hours=1))
NONE = timedelta(0)


def _seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


def test_the_first_tries_are_free() -> None:
    assert [THROTTLE.wait(tried, NOW) for tried in (None, Tried(1, NOW), Tried(2, NOW))] == [NONE] * 3


def test_each_further_try_waits_twice_as_long_up_to_the_longest() -> None:
    waits = [THROTTLE.wait(Tried(count, NOW), NOW).total_seconds() for count in (3, 4, 5, 6, 7, 1_000_000)]
    assert waits == [10, 20, 40, 60, 60, 60]


def test_a_wait_passes_with_the_time() -> None:
    assert THROTTLE.wait(Tried(4, NOW), NOW + _seconds(15)) == _seconds(5)
    assert THROTTLE.wait(Tried(4, NOW), NOW + _seconds(20)) == NONE


def test_after_an_hour_without_a_try_all_is_forgotten() -> None:
    assert THROTTLE.taken(Tried(9, NOW), NOW + timedelta(hours=1)) == Tried(1, NOW + timedelta(hours=1))
    assert THROTTLE.taken(Tried(9, NOW), NOW + timedelta(minutes=59)).count == 10


def test_a_try_that_succeeded_does_not_count_and_those_before_it_do() -> None:
    assert THROTTLE.given_back(Tried(5, NOW), NOW) == Tried(4, NOW)
    assert THROTTLE.given_back(Tried(1, NOW), NOW) is None
    assert THROTTLE.given_back(None, NOW) is None


def test_a_clock_that_was_set_back_by_a_day_keeps_nobody_out_for_a_day() -> None:
    assert THROTTLE.wait(Tried(9, NOW + timedelta(days=1)), NOW) == NONE


def test_a_hundred_tries_for_one_address_take_hours() -> None:
    tried, at = None, NOW
    for _ in range(100):
        at += OF_ACCOUNT.wait(tried, at)
        tried = OF_ACCOUNT.taken(tried, at)
    assert at - NOW > timedelta(hours=7)
