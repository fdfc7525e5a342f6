"""Whatever anybody tries, and when: nobody gets more tries than promised, and nobody is kept out for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from disparo.domain.policies.throttle import OF_ACCOUNT, OF_ADDRESS, OF_CODE, OF_KNOWN_DEVICE, Throttle, Tried

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
seconds = st.floats(0, 200_000).map(lambda value: timedelta(seconds=round(value, 3)))
throttles = st.sampled_from([OF_ACCOUNT, OF_ADDRESS, OF_CODE, OF_KNOWN_DEVICE]) | st.builds(
    lambda free, first, factor, forgets: Throttle(
        free, timedelta(seconds=first), timedelta(seconds=first * factor), timedelta(seconds=first * factor + forgets)
    ),
    st.integers(1, 10),
    st.integers(1, 100),
    st.integers(1, 100),
    st.integers(1, 10_000),
)


@given(throttles, st.lists(seconds, max_size=60))
def test_no_try_passes_before_its_wait_and_each_passes_after_it(throttle: Throttle, gaps: list[timedelta]) -> None:
    tried, at, passed = None, NOW, list[datetime]()
    for gap in gaps:
        at += gap
        wait = throttle.wait(tried, at)
        assert timedelta(0) <= wait <= throttle.longest, "nobody is told to wait for ever"
        assert throttle.wait(tried, at + wait) == timedelta(0), "after the wait it may be tried"
        if wait:
            assert throttle.wait(tried, at + wait / 2) > timedelta(0), "and not before"
            continue
        tried = throttle.taken(tried, at)
        passed.append(at)
    for one, later in zip(passed, passed[throttle.free :], strict=False):
        assert later - one >= throttle.first, "more than the free tries never come at once"


@given(throttles, st.integers(0, 200), st.integers(1, 50))
def test_waits_never_become_shorter_as_more_is_tried(throttle: Throttle, count: int, more: int) -> None:
    assert throttle.wait(Tried(count, NOW), NOW) <= throttle.wait(Tried(count + more, NOW), NOW)


@given(throttles, st.integers(1, 10**9), st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_whatever_the_clock_does_a_wait_is_bounded(throttle: Throttle, count: int, moved: timedelta) -> None:
    """Two longest waits at most: one that a clock set back has added, and one's own."""
    now = NOW + moved
    wait = throttle.wait(Tried(count, NOW), now)
    assert wait <= 2 * throttle.longest
    assert throttle.wait(Tried(count, NOW), now + wait) == timedelta(0)


@given(throttles, st.lists(st.booleans(), max_size=60))
def test_who_always_succeeds_never_waits_even_where_others_fail_a_little(
    throttle: Throttle, outcomes: list[bool]
) -> None:
    """The owner of an address behind which fewer fail than are free."""
    tried, failures = None, 0
    for succeeded in outcomes:
        if not succeeded and failures + 1 >= throttle.free:
            continue
        assert throttle.wait(tried, NOW) == timedelta(0)
        tried = throttle.taken(tried, NOW)
        if succeeded:
            tried = throttle.given_back(tried, NOW)
        else:
            failures += 1
