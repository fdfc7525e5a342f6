"""The grid on which meetings begin: every so many minutes of the wall clock, counted from each midnight.

A midnight that a gap skips is counted from all the same: the lines are times that clocks show, so a time that a gap
skips is no line, and one that a fold repeats is two.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache

from disparo.domain.intervals import DAY_MS, Interval, instants_of


def lines(zone: str, grid_ms: int, window: Interval) -> tuple[int, ...]:
    """The lines of a window, ordered."""
    days = range(window.start_ms // DAY_MS, -(-window.end_ms // DAY_MS))
    found = [line for day in days for line in _lines_of_utc_day(zone, grid_ms, day)]
    return tuple(found[bisect_left(found, window.start_ms) : bisect_left(found, window.end_ms)])


def is_line(zone: str, grid_ms: int, at_ms: int) -> bool:
    """Whether a meeting may begin at this instant."""
    found = _lines_of_utc_day(zone, grid_ms, at_ms // DAY_MS)
    place = bisect_left(found, at_ms)
    return place < len(found) and found[place] == at_ms


@lru_cache(maxsize=16_384)
def _lines_of_utc_day(zone: str, grid_ms: int, utc_day: int) -> tuple[int, ...]:
    near = [line for day in range(utc_day - 1, utc_day + 2) for line in _lines_of_wall_day(zone, grid_ms, day)]
    return tuple(sorted(line for line in near if line // DAY_MS == utc_day))


def _lines_of_wall_day(zone: str, grid_ms: int, day: int) -> list[int]:
    first, end = day * DAY_MS, (day + 1) * DAY_MS
    spans = instants_of(zone, first, end)
    if len(spans) == 1 and spans[0].end_ms - spans[0].start_ms == DAY_MS:
        return list(range(*spans[0], grid_ms))
    return [span.start_ms for wall in range(first, end, grid_ms) for span in instants_of(zone, wall, wall + 1)]
