"""When a meeting may begin: the same rules list the bookable times and say why another time is not one of them (I12).

`docs/availability.md` tells the rules. Instants are integers of UTC milliseconds inside; a listing costs about the sum
of what is busy, not hosts times beginnings times busy times.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from disparo.domain.agenda.meeting_type import Assignment, MeetingType
from disparo.domain.agenda.slot import Slot, week_of
from disparo.domain.agenda.slot_grid import is_line, lines
from disparo.domain.agenda.slot_rules import (
    Forbidden,
    HostTimes,
    Question,
    SlotReason,
    Span,
    ceil_ms,
    detail_of,
    forbidden_to_all,
    forbidden_to_host,
)
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.intervals import DAY_MS, Interval, merge
from disparo.domain.place import Place

__all__ = ["HostTimes", "Openings", "SlotDecision", "SlotReason", "decide_slot", "free_slots"]

_LOOKED_AHEAD = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class SlotDecision:
    """Whether a meeting may begin at an instant with one host: FREE, or the first rule that refuses it.

    `detail` says more, by reason: the reason of business hours and its detail (`lunch_break 12:00-13:00`), a holiday's
    name, a block's label, the limit, the other meeting's id, the calendar's fault. `until` is the first later instant
    that this rule would not refuse (others may), None when that is not within 31 days.
    """

    reason: SlotReason
    detail: str = ""
    host_id: str = ""
    until: datetime | None = None


def free_slots(
    meeting_type: MeetingType,
    hosts: Sequence[HostTimes],
    contact: Place | None,
    now: datetime,
    start_at: datetime,
    end_at: datetime,
) -> list[Slot]:
    """All bookable beginnings from `start_at` on and before `end_at`, in order, each once.

    With a round robin or any host the slot has the one whom the type's rule gives it; together, all of them. `contact`
    None leaves the contact's rules out. Raises TypeError for naive datetimes, InputError for unknown zones.
    """
    openings = Openings(meeting_type, hosts, contact, now, start_at, end_at)
    return [openings.slot(start_ms) for start_ms in openings.beginnings(openings.window)]


def decide_slot(
    meeting_type: MeetingType,
    hosts: Sequence[HostTimes],
    contact: Place | None,
    now: datetime,
    start_at: datetime,
    passing: Collection[SlotReason] = (),
) -> list[SlotDecision]:
    """For each host, in the order of the type's, which rule refuses a meeting that starts at this instant, if any.

    Any instant may be asked about, whether on the grid or not. A meeting together is free when all of them are FREE; a
    host of it of whom nothing was given is HOST_INACTIVE. The rules of `passing` are not asked.
    """
    question = Question(meeting_type, contact, now)
    window = Interval(to_ms(start_at), to_ms(start_at + _LOOKED_AHEAD))
    to_all = forbidden_to_all(question, window)
    missing = [SlotDecision(SlotReason.HOST_INACTIVE, "unknown", name) for name in _missing(meeting_type, hosts)]
    asked = [reason for reason in SlotReason if reason not in passing]
    known = _in_order(meeting_type, hosts)
    return [_decision(question, times, to_all, window, start_at, asked) for times in known] + missing


class Openings:
    """The bookable beginnings between two instants; worked out for each host once, then looked up part by part."""

    __slots__ = ("_free", "_hosts", "_incomplete", "_loads", "_question", "window")

    def __init__(
        self,
        meeting_type: MeetingType,
        hosts: Sequence[HostTimes],
        contact: Place | None,
        now: datetime,
        start_at: datetime,
        end_at: datetime,
    ) -> None:
        question = Question(meeting_type, contact, now)
        bookable = question.bookable
        start_ms, end_ms = max(ceil_ms(start_at), bookable.start_ms), min(ceil_ms(end_at), bookable.end_ms)
        self.window = Interval(start_ms, max(start_ms, end_ms))
        self._question, self._hosts = question, _in_order(meeting_type, hosts)
        self._loads: dict[tuple[int, int], int] = {}
        self._incomplete = bool(_missing(meeting_type, hosts))
        to_all = list(chain.from_iterable(forbidden_to_all(question, self.window).values()))
        self._free = [
            _gaps(self.window, to_all, *forbidden_to_host(question, times, self.window).values())
            for times in self._hosts
        ]

    def beginnings(self, within: Interval) -> list[int]:
        """The beginnings of a part of the window, in order."""
        if self._incomplete or not self._hosts:
            return []
        found = [self._beginnings_of(number, within) for number in range(len(self._hosts))]
        together = self._question.meeting_type.assignment is Assignment.TOGETHER
        return sorted(set(found[0]).intersection(*found[1:]) if together else set().union(*found))

    def slot(self, start_ms: int) -> Slot:
        """The slot of one of the beginnings, with its hosts."""
        kind = self._question.meeting_type
        start_at = from_ms(start_ms)
        return Slot(self._hosts_at(start_ms), start_at, start_at + kind.duration)

    def _beginnings_of(self, number: int, within: Interval) -> list[int]:
        free = self._free[number]
        on_grid = lines(self._hosts[number].host.place.zone, self._question.grid_ms, within)
        found: list[int] = []
        first = max(bisect_left(free, (within.start_ms + 1, 0)) - 1, 0)
        for start_ms, end_ms in free[first : bisect_left(free, (within.end_ms, 0))]:
            found += on_grid[bisect_left(on_grid, start_ms) : bisect_left(on_grid, end_ms)]
        return found

    def _hosts_at(self, start_ms: int) -> tuple[str, ...]:
        kind = self._question.meeting_type
        if kind.assignment is Assignment.TOGETHER:
            return tuple(times.host.id for times in self._hosts)
        zones = {times.host.place.zone for times in self._hosts}
        weeks = {zone: week_of(zone, start_ms) for zone in zones if is_line(zone, self._question.grid_ms, start_ms)}
        free = [
            (number, weeks[times.host.place.zone])
            for number, times in enumerate(self._hosts)
            if times.host.place.zone in weeks and _holds(self._free[number], start_ms)
        ]
        if kind.assignment is Assignment.ROUND_ROBIN:
            free.sort(key=lambda one: self._load(*one))
        return (self._hosts[free[0][0]].host.id,)

    def _load(self, number: int, week: Interval) -> int:
        """How many meetings a host has in a week."""
        known = self._loads.get((number, week.start_ms))
        if known is None:
            times = self._hosts[number]
            mine = (one for one in times.kept if one.host_id == times.host.id)
            known = len({one.meeting_id for one in mine if week.start_ms <= one.starts_ms < week.end_ms})
            self._loads[number, week.start_ms] = known
        return known


def _holds(free: Sequence[Span], at_ms: int) -> bool:
    place = bisect_left(free, (at_ms + 1, 0)) - 1
    return place >= 0 and at_ms < free[place][1]


def _gaps(window: Interval, *forbidden: Iterable[Span]) -> list[Span]:
    """What spans leave of a window. In one pass over them all: a team's times are gone through at each question."""
    edge = window.start_ms
    found: list[Span] = []
    for start_ms, end_ms in sorted(chain.from_iterable(forbidden)):
        if end_ms <= edge or end_ms <= start_ms:
            continue
        if start_ms > edge:
            found.append((edge, min(start_ms, window.end_ms)))
        edge = end_ms
        if edge >= window.end_ms:
            return found
    return [*found, (edge, window.end_ms)]


def _in_order(meeting_type: MeetingType, hosts: Sequence[HostTimes]) -> list[HostTimes]:
    """As the type lists them; one that it does not list (a meeting is handed over) comes last."""
    places = {name: place for place, name in enumerate(meeting_type.hosts)}
    return sorted(hosts, key=lambda times: places.get(times.host.id, len(places)))


def _missing(meeting_type: MeetingType, hosts: Sequence[HostTimes]) -> list[str]:
    """Those without whom there is no meeting together, and of whom nothing is known."""
    if meeting_type.assignment is not Assignment.TOGETHER:
        return []
    given = {times.host.id for times in hosts}
    return [name for name in meeting_type.hosts if name not in given]


def _decision(
    question: Question,
    times: HostTimes,
    to_all: Forbidden,
    window: Interval,
    start_at: datetime,
    asked: Iterable[SlotReason],
) -> SlotDecision:
    forbidden = {**to_all, **forbidden_to_host(question, times, window)}
    forbidden[SlotReason.OFF_GRID] = _off_grid(question, times, start_at)
    at_ms = to_ms(start_at)
    for reason in asked:
        for span in merge(Interval(*span) for span in forbidden.get(reason, ())):
            if span.start_ms <= at_ms < span.end_ms:
                until = from_ms(span.end_ms) if span.end_ms < window.end_ms else None
                return SlotDecision(reason, detail_of(reason, question, times, start_at), times.host.id, until)
    return SlotDecision(SlotReason.FREE, host_id=times.host.id)


def _off_grid(question: Question, times: HostTimes, start_at: datetime) -> list[Interval]:
    zone, at_ms = times.host.place.zone, to_ms(start_at)
    if from_ms(at_ms) == start_at and is_line(zone, question.grid_ms, at_ms):
        return []
    later = lines(zone, question.grid_ms, Interval(at_ms + 1, at_ms + 4 * DAY_MS))
    return [Interval(at_ms, later[0])]
