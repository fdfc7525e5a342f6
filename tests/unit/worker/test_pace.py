"""The pace: what went lately, known soon after a beginning and forgotten after a pause."""

from __future__ import annotations

from datetime import timedelta

import pytest

from disparo.worker.pace import Pace


class Stopwatch:
    """A clock of which only the elapsed time is asked."""

    def __init__(self) -> None:
        self.ms = 0

    def elapsed(self) -> timedelta:
        """See `Clock.elapsed`."""
        return timedelta(milliseconds=self.ms)


SECOND = timedelta(seconds=1)


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch()


def going(watch: Stopwatch, pace: Pace, per_second: int, for_ms: int) -> None:
    """So many a second, written down every ten milliseconds."""
    for _ in range(for_ms // 10):
        watch.ms += 10
        pace.count(per_second // 100)


def test_nothing_is_known_at_the_start(watch: Stopwatch) -> None:
    pace = Pace(watch)  # type: ignore[arg-type]
    assert pace.in_time(SECOND) == 0
    watch.ms = 50
    pace.count(40)
    assert pace.in_time(SECOND) == 0, "too short to tell"


def test_a_tenth_of_a_second_is_enough_to_know(watch: Stopwatch) -> None:
    pace = Pace(watch)  # type: ignore[arg-type]
    going(watch, pace, 2000, 100)
    assert pace.in_time(SECOND) == 2000
    assert pace.in_time(SECOND / 5) == 400


def test_a_steady_pace_is_told_as_it_is(watch: Stopwatch) -> None:
    pace = Pace(watch)  # type: ignore[arg-type]
    for _ in range(100):
        going(watch, pace, 1000, 70)
        assert watch.ms < 100 or 900 <= pace.in_time(SECOND) <= 1100


def test_a_pause_is_noticed_after_a_second(watch: Stopwatch) -> None:
    pace = Pace(watch)  # type: ignore[arg-type]
    going(watch, pace, 1000, 990)
    watch.ms += 510
    assert pace.in_time(SECOND) < 1000
    watch.ms += 500
    assert pace.in_time(SECOND) == 0
