"""Slots and occupations: when a meeting may be, and what keeps hosts' time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from disparo.domain.agenda.host import DayLimits
from disparo.domain.instants import to_ms
from disparo.domain.intervals import DAY_MS, Interval, first_instant, wall_ms
from disparo.domain.place import Place

_WEEKDAY_OF_EPOCH = 3
"""1970-01-01 was a Thursday; Monday is 0."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A time of a meeting, with the hosts who give it; buffers are not part of it."""

    hosts: tuple[str, ...]
    start_at: datetime
    end_at: datetime

    @property
    def span(self) -> Interval:
        """From its start to its end, in milliseconds of UTC."""
        return Interval(to_ms(self.start_at), to_ms(self.end_at))


@dataclass(frozen=True, slots=True)
class Occupation:
    """A host's time that a meeting keeps, buffers included; a hold keeps it until `until_ms`, an agreed one (None) on.

    Two occupations of one host by different meetings never overlap (I8).
    """

    host_id: str
    span: Interval
    meeting_id: str
    starts_ms: int
    """When the meeting itself begins, which decides on which day it counts."""
    until_ms: int | None = None

    def lives(self, now_ms: int) -> bool:
        """Whether it still keeps its time."""
        return self.until_ms is None or now_ms < self.until_ms


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a host's time cannot be kept: `taken`, `day_full` or `week_full`."""

    host_id: str
    reason: str
    span: Interval


@dataclass(frozen=True, slots=True)
class HostBounds:
    """What a store must know of a host to refuse what is too much."""

    limits: DayLimits
    zone: str


def looked_at(wanted: Iterable[Occupation], bounds: Mapping[str, HostBounds]) -> dict[str, Interval]:
    """For each host the span of time whose occupations decide whether the wanted ones may be."""
    spans: dict[str, Interval] = {}
    for one in wanted:
        bound = bounds[one.host_id]
        week = week_of(bound.zone, one.starts_ms) if bound.limits != DayLimits() else one.span
        start, end = min(week.start_ms, one.span.start_ms), max(week.end_ms, one.span.end_ms)
        known = spans.get(one.host_id, Interval(start, end))
        spans[one.host_id] = Interval(min(known.start_ms, start), max(known.end_ms, end))
    return spans


def refusal(
    wanted: Sequence[Occupation], kept: Iterable[Occupation], bounds: Mapping[str, HostBounds], now_ms: int
) -> Refusal | None:
    """The first reason why a meeting may not keep this time, or None; the rule by which stores refuse (I8).

    `kept` are occupations of these hosts; those of the same meeting and holds that ran out do not count.
    """
    own = {one.meeting_id for one in wanted}
    others = [one for one in kept if one.lives(now_ms) and one.meeting_id not in own]
    for one in wanted:
        beside = [other for other in others if other.host_id == one.host_id]
        if any(other.span.start_ms < one.span.end_ms and one.span.start_ms < other.span.end_ms for other in beside):
            return Refusal(one.host_id, "taken", one.span)
        if reason := full(bounds[one.host_id], one.starts_ms, beside):
            return Refusal(one.host_id, reason, one.span)
    return None


def full(bound: HostBounds, starts_ms: int, others: Sequence[Occupation]) -> str | None:
    """`day_full` or `week_full` when another meeting that starts then would be above a host's limits, else None."""
    limits = bound.limits
    if limits.per_day is not None and _count(others, day_of(bound.zone, starts_ms)) >= limits.per_day:
        return "day_full"
    if limits.per_week is not None and _count(others, week_of(bound.zone, starts_ms)) >= limits.per_week:
        return "week_full"
    return None


def _count(others: Iterable[Occupation], within: Interval) -> int:
    return len({one.meeting_id for one in others if within.start_ms <= one.starts_ms < within.end_ms})


def day_of(zone: str, at_ms: int) -> Interval:
    """The calendar day of a zone in which this instant lies; a midnight that is skipped is the end of the gap."""
    return day_span(zone, day_number(zone, at_ms))


def week_of(zone: str, at_ms: int) -> Interval:
    """The week of a zone, from Monday, in which this instant lies."""
    monday = monday_of(day_number(zone, at_ms))
    return Interval(midnight(zone, monday), midnight(zone, monday + 7))


def day_number(zone: str, at_ms: int) -> int:
    """The day of a zone in which this instant lies, counted from 1970-01-01."""
    day = wall_ms(zone, at_ms) // DAY_MS
    # Clocks that were set back over midnight show yesterday again; a day that has begun stays.
    return day + 1 if at_ms >= midnight(zone, day + 1) else day


def day_span(zone: str, day: int) -> Interval:
    """From a day's first instant to the next day's; empty for a day that a zone left out."""
    return Interval(midnight(zone, day), midnight(zone, day + 1))


def monday_of(day: int) -> int:
    """The day from which the week of this day counts."""
    return day - (day + _WEEKDAY_OF_EPOCH) % 7


@lru_cache(maxsize=65_536)
def midnight(zone: str, day: int) -> int:
    """The first instant of a day."""
    return first_instant(zone, day * DAY_MS)


def bounds_of(place: Place, limits: DayLimits) -> HostBounds:
    """What a store must know of a host at this place."""
    return HostBounds(limits, place.zone)
