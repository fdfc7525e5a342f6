from __future__ import annotations

from datetime import timedelta

from disparo.entrypoints.time_left import TimeLeft


def test_what_is_left_takes_as_long_as_what_was_done() -> None:
    now = 100.0
    watch = TimeLeft(lambda: now)
    assert watch.at(0.0) is None
    now = 110.0
    assert watch.at(0.1) is None, "nothing was done yet since it began to move"
    now = 120.0
    assert watch.at(0.3) == timedelta(seconds=35)
    assert watch.at(1.0) == timedelta()
    assert watch.at(2.0) == timedelta()
