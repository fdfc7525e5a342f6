"""The rules that decide when a meeting may begin, each as the beginnings that it forbids.

A rule's answer is a list of spans of instants at which no meeting may begin. Lists of bookable times are what no span
covers; an explanation is the first rule, in the order of `SlotReason`, one of whose spans holds the instant. Both
read the same spans, so they cannot disagree (I12). The grid alone is no list of spans: see `slot_grid`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from disparo.domain.agenda.calendar_event import BusyTimes
from disparo.domain.agenda.host import DayLimits, Host
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.slot import Occupation, bounds_of, day_number, day_span, full, monday_of
from disparo.domain.durations import duration_text
from disparo.domain.instants import EPOCH, MILLISECOND, from_ms, to_ms
from disparo.domain.intervals import DAY_MS, Interval
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import DAY_MIN, BusinessHours, DailyHours, decide, open_intervals

Span = tuple[int, int]
"""An Interval, or the same without names: there are many of them, and names take a third of the time."""

_EVERY_DAY = DailyHours(frozenset(range(1, 8)), start_min=0, end_min=DAY_MIN, lunch=None)


class SlotReason(StrEnum):
    """Why a meeting may not begin at an instant; the first that holds is told."""

    FREE = "free"
    TYPE_INACTIVE = "type_inactive"
    HOST_INACTIVE = "host_inactive"
    CALENDAR_UNREADABLE = "calendar_unreadable"
    """The host's calendar could not be read, so that nothing is known to be free (I9)."""
    PAST = "past"
    MIN_NOTICE = "min_notice"
    BEYOND_HORIZON = "beyond_horizon"
    OFF_GRID = "off_grid"
    HOST_HOURS = "host_hours"
    """The meeting itself, without buffers, is not inside one stretch of the host's hours."""
    BLOCKED = "blocked"
    BUSY = "busy"
    """The host's own calendar is taken."""
    TAKEN = "taken"
    """Another meeting or hold of ours keeps the time, buffers included."""
    DAY_FULL = "day_full"
    WEEK_FULL = "week_full"
    CONTACT_HOURS = "contact_hours"
    CONTACT_HOLIDAY = "contact_holiday"


@dataclass(frozen=True, slots=True)
class HostTimes:
    """What is known of one host's time.

    `kept` are occupations that live, without those of a meeting that is being moved. Limits and round robin count them,
    so they reach from the beginning of the window's first week to the end of its last one, in the host's zone.
    """

    host: Host
    busy: BusyTimes
    kept: Sequence[Occupation]


@dataclass(frozen=True, slots=True)
class Question:
    """A meeting of which type, for a contact where (None: anywhere), asked when."""

    meeting_type: MeetingType
    contact: Place | None
    now: datetime

    @property
    def duration_ms(self) -> int:
        """How long the meeting is."""
        return self.meeting_type.duration // MILLISECOND

    @property
    def grid_ms(self) -> int:
        """How far apart beginnings are."""
        return self.meeting_type.grid // MILLISECOND

    @property
    def bookable(self) -> Interval:
        """The beginnings that minimum notice and horizon leave."""
        earliest = ceil_ms(self.now + max(self.meeting_type.min_notice, timedelta(0)))
        return Interval(earliest, to_ms(self.now + self.meeting_type.horizon) + 1)

    def beside(self, taken: Iterable[Span]) -> list[Span]:
        """The beginnings at which a meeting with its buffers would overlap time that is taken."""
        before = self.meeting_type.buffer_before // MILLISECOND
        reach = self.duration_ms + self.meeting_type.buffer_after // MILLISECOND - 1
        return [(start - reach, end + before) for start, end in taken if start < end]


Forbidden = dict[SlotReason, Sequence[Span]]


def ceil_ms(at: datetime) -> int:
    """The first millisecond that is not before an instant."""
    return -((EPOCH - at) // MILLISECOND)


def forbidden_to_all(question: Question, window: Interval) -> Forbidden:
    """What type, time and contact forbid within a window, whoever the host is."""
    kind, bookable = question.meeting_type, question.bookable
    found: Forbidden = {
        SlotReason.TYPE_INACTIVE: () if kind.active else (window,),
        SlotReason.PAST: (Interval(window.start_ms, ceil_ms(question.now)),),
        SlotReason.MIN_NOTICE: (Interval(window.start_ms, bookable.start_ms),),
        SlotReason.BEYOND_HORIZON: (Interval(bookable.end_ms, window.end_ms),),
    }
    if question.contact is not None:
        found[SlotReason.CONTACT_HOURS] = _outside(kind.contact_hours, question.contact, question, window)
        if kind.contact_holidays:
            found[SlotReason.CONTACT_HOLIDAY] = _outside(_without_holidays(kind), question.contact, question, window)
    return found


def forbidden_to_host(question: Question, times: HostTimes, window: Interval) -> Forbidden:
    """What one host's own time forbids within a window."""
    host = times.host
    blocks = (Interval(to_ms(block.start_at), ceil_ms(block.end_at)) for block in host.blocks)
    kept = [one for one in times.kept if one.host_id == host.id]
    return {
        SlotReason.HOST_INACTIVE: () if host.active else (window,),
        SlotReason.CALENDAR_UNREADABLE: () if times.busy.readable else (window,),
        SlotReason.HOST_HOURS: _outside(host.hours, host.place, question, window),
        SlotReason.BLOCKED: question.beside(blocks),
        SlotReason.BUSY: question.beside(times.busy.busy),
        SlotReason.TAKEN: question.beside(one.span for one in kept),
        **_full_days(host, kept, window),
    }


def detail_of(reason: SlotReason, question: Question, times: HostTimes, at: datetime) -> str:
    """More about a refusal: a reason of the hours, a block's label, a holiday, a limit, a meeting's id, a fault."""
    kind, host, contact = question.meeting_type, times.host, question.contact
    match reason:
        case SlotReason.CALENDAR_UNREADABLE:
            return f"{times.busy.fault} {times.busy.detail}".strip()
        case SlotReason.MIN_NOTICE:
            return duration_text(kind.min_notice)
        case SlotReason.BEYOND_HORIZON:
            return duration_text(kind.horizon)
        case SlotReason.OFF_GRID:
            return duration_text(kind.grid)
        case SlotReason.HOST_HOURS:
            return _why_outside(host.hours, host.place, at)
        case SlotReason.DAY_FULL | SlotReason.WEEK_FULL:
            return str(host.limits.per_day if reason is SlotReason.DAY_FULL else host.limits.per_week)
        case SlotReason.CONTACT_HOURS if contact:
            return _why_outside(kind.contact_hours, contact, at)
        case SlotReason.CONTACT_HOLIDAY if contact:
            return _why_outside(_without_holidays(kind), contact, at).removeprefix("holiday ")
        case SlotReason.BLOCKED | SlotReason.TAKEN:
            return _in_the_way(reason, question, times, to_ms(at))
        case _:
            return ""


def _in_the_way(reason: SlotReason, question: Question, times: HostTimes, at_ms: int) -> str:
    blocks = [(Interval(to_ms(one.start_at), ceil_ms(one.end_at)), one.label) for one in times.host.blocks]
    kept = [(one.span, one.meeting_id) for one in times.kept if one.host_id == times.host.id]
    named = blocks if reason is SlotReason.BLOCKED else kept
    return next((name for taken, name in named for start, end in question.beside([taken]) if start <= at_ms < end), "")


def _outside(hours: BusinessHours, place: Place, question: Question, window: Interval) -> Sequence[Span]:
    """The beginnings of a window whose meeting is not inside one open stretch."""
    first, last = window.start_ms // DAY_MS, (window.end_ms + question.duration_ms) // DAY_MS
    return _not_inside(hours, place, question.duration_ms, first, last)


@lru_cache(maxsize=512)
def _not_inside(hours: BusinessHours, place: Place, duration_ms: int, first: int, last: int) -> Sequence[Span]:
    """Over whole days of UTC, so that a question asked again a moment later finds its answer."""
    edge, end_ms = first * DAY_MS, (last + 1) * DAY_MS
    found: list[Span] = []
    for stretch in open_intervals(hours, place, from_ms(edge), from_ms(end_ms)):
        found.append((edge, stretch.start_ms))
        edge = stretch.end_ms - duration_ms + 1  # before its start when it is too short: then the next span covers it
    return (*found, (edge, end_ms))


def _why_outside(hours: BusinessHours, place: Place, at: datetime) -> str:
    decision = decide(hours, place, at)
    if decision.open and decision.changes_at is not None:
        decision = decide(hours, place, decision.changes_at)
    return f"{decision.reason} {decision.detail}".strip()


def _without_holidays(kind: MeetingType) -> BusinessHours:
    """Every hour of every day that is no public holiday, as the type's contact hours count countries and states."""
    return replace(
        kind.contact_hours,
        default=_EVERY_DAY,
        zones=(),
        holidays=frozenset(),
        public_holidays=True,
        regional_holidays=True,
        optional_holidays=True,
    )


def _full_days(host: Host, kept: Sequence[Occupation], window: Interval) -> Forbidden:
    """The days at which a host's limits are reached, by the rule of the stores."""
    found: dict[SlotReason, list[Span]] = {SlotReason.DAY_FULL: [], SlotReason.WEEK_FULL: []}
    if host.limits == DayLimits() or window.start_ms >= window.end_ms:
        return {**found}
    bound, zone = bounds_of(host.place, host.limits), host.place.zone
    starts = [(day_number(zone, one.starts_ms), one) for one in kept]
    by_day, by_week = Counter(day for day, _ in starts), Counter(monday_of(day) for day, _ in starts)
    for day in range(day_number(zone, window.start_ms), day_number(zone, window.end_ms - 1) + 1):
        monday = monday_of(day)
        # Counted roughly first (a meeting may keep several times), as most days are far from full.
        if _below(by_day[day], host.limits.per_day) and _below(by_week[monday], host.limits.per_week):
            continue
        span = day_span(zone, day)
        reason = full(bound, span.start_ms, [one for on, one in starts if monday <= on < monday + 7])
        if reason and span.start_ms < span.end_ms:
            found[SlotReason(reason)].append(span)
    return {**found}


def _below(count: int, limit: int | None) -> bool:
    return limit is None or count < limit
