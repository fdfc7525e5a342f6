"""What is promised of each change of a meeting when it is written: I8, I9 and I11, told a second time.

Padding, days and weeks are reckoned here anew, with the wall clock of the host's zone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.slot import Slot
from disparo.domain.instants import to_ms
from disparo.simulation.agenda.facts import AgendaFacts, Revision

_KEPT = (MeetingState.CONFIRMED, MeetingState.HELD, MeetingState.NO_SHOW)
_OPEN = (MeetingState.PROPOSED, MeetingState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Time:
    """A host's time that a meeting takes, with its buffers, in milliseconds; `until_ms` when it is only held."""

    meeting: str
    host: str
    start_ms: int
    end_ms: int
    begins_at: datetime
    until_ms: int | None

    def meets(self, other: Time) -> bool:
        """Whether nobody could give both."""
        return self.host == other.host and self.start_ms < other.end_ms and other.start_ms < self.end_ms

    def told(self) -> str:
        """For people."""
        held = "" if self.until_ms is None else " held"
        return f"meeting {self.meeting}{held} at {self.begins_at} with {self.host}"


def times_of(facts: AgendaFacts, meeting: Meeting) -> list[Time]:
    """The time that a meeting takes, agreed and held."""
    kind = facts.types[meeting.type_id]

    def time(host: str, slot: Slot, until_ms: int | None) -> Time:
        start, end = slot.start_at - kind.buffer_before, slot.end_at + kind.buffer_after
        return Time(meeting.id, host, to_ms(start), to_ms(end), slot.start_at, until_ms)

    found: list[Time] = []
    if meeting.slot is not None and meeting.state in _KEPT:
        found += [time(host, meeting.slot, None) for host in meeting.slot.hosts]
    if meeting.state in _OPEN and meeting.offers_until is not None:
        until_ms = to_ms(meeting.offers_until)
        found += [time(host, offer, until_ms) for offer in meeting.offers for host in offer.hosts]
    return found


def nobody_is_booked_twice(facts: AgendaFacts, new: Revision, before: Meeting | None) -> str | None:
    """I8: what is agreed or held anew meets nothing that is, and is within the limits of its host's day and week.

    Holds count as long as they last by the writer's clock.
    """
    now_ms = to_ms(new.now)
    kept = set() if before is None else set(times_of(facts, before))
    fresh = [
        one
        for one in times_of(facts, new.meeting)
        if one not in kept and (one.until_ms is None or one.until_ms > now_ms)
    ]
    if not fresh:
        return None
    others = [
        one
        for meeting in facts.all()
        if meeting.id != new.meeting.id
        for one in times_of(facts, meeting)
        if one.until_ms is None or one.until_ms > now_ms
    ]
    for one in fresh:
        if (other := next((other for other in others if one.meets(other)), None)) is not None:
            return f"{one.told()} meets {other.told()} ({new.act})"
        if problem := _too_many(facts, one, others):
            return f"{problem} ({new.act})"
    return None


def _too_many(facts: AgendaFacts, one: Time, others: Iterable[Time]) -> str | None:
    host = facts.hosts[one.host]
    zone = ZoneInfo(host.place.zone)
    day = one.begins_at.astimezone(zone).date()
    beside = [(other.meeting, other.begins_at.astimezone(zone).date()) for other in others if other.host == one.host]
    in_day = {meeting for meeting, on in beside if on == day}
    in_week = {meeting for meeting, on in beside if on.isocalendar()[:2] == day.isocalendar()[:2]}
    for name, most, found in (("day", host.limits.per_day, in_day), ("week", host.limits.per_week, in_week)):
        if most is not None and len(found) >= most:
            return f"{one.told()} is above the {most} of its {name}, beside {sorted(found)}"
    return None


def only_what_was_seen_free(facts: AgendaFacts, new: Revision, before: Meeting | None) -> str | None:
    """I9: what is offered or agreed anew was looked at for this, in calendars that could be read and had it free."""
    meeting = new.meeting
    slots: list[Slot] = []
    if meeting.slot is not None and meeting.agreed != (before.agreed if before else None):
        slots.append(meeting.slot)
    if meeting.offers and meeting.offered != (before.offered if before else None):
        slots += meeting.offers
    for slot in slots:
        for host in slot.hosts:
            if problem := _unseen(facts, new, slot, host):
                return f"meeting {meeting.id} at {slot.start_at} with {host} {problem} ({new.act})"
    return None


def _unseen(facts: AgendaFacts, new: Revision, slot: Slot, host: str) -> str | None:
    kind = facts.types[new.meeting.type_id]
    start_at, end_at = slot.start_at - kind.buffer_before, slot.end_at + kind.buffer_after
    look = None if new.act is None else new.act.looks.get(host)
    if look is None or look.start_at > start_at or look.end_at < end_at:
        return "was not looked at"
    if look.fault:
        return f"although its calendar answered {look.fault}"
    start_ms, end_ms = to_ms(start_at), to_ms(end_at)
    if any(busy.start_ms < end_ms and start_ms < busy.end_ms for busy in look.busy):
        return "although its calendar showed it as taken"
    return None


def nothing_is_done_twice(facts: AgendaFacts, new: Revision, before: Meeting | None) -> str | None:
    """I11: a reply changes a meeting once, however often it comes, and nothing is moved to where it is."""
    meeting = new.meeting
    agreed_anew = before is not None and before.agreed is not None and meeting.agreed != before.agreed
    if agreed_anew and before is not None and (meeting.slot, meeting.state) == (before.slot, before.state):
        return f"meeting {meeting.id} is moved to where it is ({new.act})"
    if new.act is None or new.said is None or (before is not None and not _differs(before, meeting)):
        return None
    facts.done_by[new.said].append(new)
    if len(done := facts.done_by[new.said]) > 1:
        told = [f"{one.act} of {one.meeting.id} at {one.at_s:.1f} s: {_stands(one.meeting)}" for one in done]
        return f"the reply {new.said} changed more than once: {told}"
    return None


def _differs(before: Meeting, after: Meeting) -> bool:
    said = (before.sequence, before.offers, before.attendance_at)
    return said != (after.sequence, after.offers, after.attendance_at)


def _stands(meeting: Meeting) -> str:
    return f"{meeting.state} version {meeting.sequence}, {len(meeting.offers)} offers"


AT_COMMIT = {
    "I8": nobody_is_booked_twice,
    "I9": only_what_was_seen_free,
    "I11": nothing_is_done_twice,
}
