"""Half-open spans of time, and what a wall clock's span is in them.

An interval is `[start_ms, end_ms)` in integer milliseconds of UTC since 1970. Integers, because arithmetic of
two datetimes of one zone is wall-clock arithmetic (a day with a DST change comes out an hour wrong,
silently), and because comparing and subtracting integers is exact and several times cheaper.

Wall-clock time ("wall ms") is what a clock on the wall shows, counted as if it were UTC. A wall span becomes
the set of instants at which the clock shows a time inside it: a time that a DST gap skips has no instant, a
time that a fold repeats has two.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from disparo.domain.errors import InputError
from disparo.domain.instants import MILLISECOND, from_ms

MINUTE_MS = 60_000
DAY_MS = 86_400_000
_SECOND_MS = 1_000
_WIDEST_OFFSET_MS = 16 * 3_600_000  # tz database: -15:56 (Manila) to +15:13 (Metlakatla), both long ago


class Interval(NamedTuple):
    """The instants from `start_ms` (inside) to `end_ms` (outside); nothing when end <= start."""

    start_ms: int
    end_ms: int


def merge(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The union in normal form: ordered, apart (touching ones become one), none empty."""
    merged: list[Interval] = []
    for interval in sorted(intervals):
        if interval.end_ms <= interval.start_ms:
            continue
        if merged and interval.start_ms <= merged[-1].end_ms:
            merged[-1] = Interval(merged[-1].start_ms, max(merged[-1].end_ms, interval.end_ms))
        else:
            merged.append(interval)
    return tuple(merged)


def intersect(left: Iterable[Interval], right: Iterable[Interval]) -> tuple[Interval, ...]:
    """The instants that are in both, in normal form."""
    ours, theirs = merge(left), merge(right)
    common: list[Interval] = []
    i = j = 0
    while i < len(ours) and j < len(theirs):
        start_ms = max(ours[i].start_ms, theirs[j].start_ms)
        end_ms = min(ours[i].end_ms, theirs[j].end_ms)
        if start_ms < end_ms:
            common.append(Interval(start_ms, end_ms))
        if ours[i].end_ms < theirs[j].end_ms:
            i += 1
        else:
            j += 1
    return tuple(common)


def subtract(left: Iterable[Interval], right: Iterable[Interval]) -> tuple[Interval, ...]:
    """The instants of `left` that are not in `right`, in normal form."""
    ours, taken = merge(left), merge(right)
    if not ours:
        return ()
    edges = [ours[0].start_ms, *(edge for interval in taken for edge in interval), ours[-1].end_ms]
    gaps = [Interval(edges[i], edges[i + 1]) for i in range(0, len(edges), 2)]
    return intersect(ours, gaps)


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of this name; raises InputError for a name that is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; malformed; a folder of the database such as "America"
        raise InputError(
            f"fuso {json.dumps(name, ensure_ascii=False)} desconhecido: "
            'escreva um nome da base IANA, como "America/Sao_Paulo"'
        ) from None


def wall_ms(zone: str, at_ms: int) -> int:
    """What the clock of this zone shows at this instant."""
    for span, offset_ms in _offsets_of_day(zone, at_ms // DAY_MS):
        if at_ms < span.end_ms:
            return at_ms + offset_ms
    raise AssertionError("the spans of a day cover it")


def instants_of(zone: str, start_wall_ms: int, end_wall_ms: int) -> tuple[Interval, ...]:
    """Every instant at which the clock shows a time of `[start_wall_ms, end_wall_ms)`, in normal form.

    Mostly one interval; none when a gap skips the whole span, two when a fold repeats a part of it that holds
    an edge.
    """
    return merge(
        Interval(
            max(span.start_ms, start_wall_ms - offset_ms),
            min(span.end_ms, end_wall_ms - offset_ms),
        )
        for span, offset_ms in _offsets_around(zone, start_wall_ms, end_wall_ms)
    )


def first_instant(zone: str, at_wall_ms: int) -> int:
    """The first instant at which the clock shows this time: the first of two in a fold, the end of a gap."""
    for span, offset_ms in _offsets_around(zone, at_wall_ms, at_wall_ms):
        if at_wall_ms - offset_ms < span.end_ms:
            return max(span.start_ms, at_wall_ms - offset_ms)
    raise AssertionError("no offset is wider than the widest")


def _offsets_around(zone: str, start_wall_ms: int, end_wall_ms: int) -> list[tuple[Interval, int]]:
    first_day = (start_wall_ms - _WIDEST_OFFSET_MS) // DAY_MS
    last_day = (end_wall_ms + _WIDEST_OFFSET_MS) // DAY_MS
    return [piece for day in range(first_day, last_day + 1) for piece in _offsets_of_day(zone, day)]


@lru_cache(maxsize=65_536)
def _offsets_of_day(zone: str, utc_day: int) -> tuple[tuple[Interval, int], ...]:
    """The offsets from UTC during one UTC day; no zone has two changes within one."""
    day = Interval(utc_day * DAY_MS, (utc_day + 1) * DAY_MS)
    before, after = _offset_ms(zone, day.start_ms), _offset_ms(zone, day.end_ms - _SECOND_MS)
    if before == after:
        return ((day, before),)
    same_s, changed_s = day.start_ms // _SECOND_MS, day.end_ms // _SECOND_MS - 1
    while changed_s - same_s > 1:
        middle_s = (same_s + changed_s) // 2
        if _offset_ms(zone, middle_s * _SECOND_MS) == before:
            same_s = middle_s
        else:
            changed_s = middle_s
    change_ms = changed_s * _SECOND_MS
    return (Interval(day.start_ms, change_ms), before), (Interval(change_ms, day.end_ms), after)


def _offset_ms(zone: str, at_ms: int) -> int:
    offset = from_ms(at_ms).astimezone(zone_named(zone)).utcoffset()
    assert offset is not None, "a ZoneInfo has an offset at every instant"
    return offset // MILLISECOND
