"""What decides at the desk whether a time can be agreed: asked of every host right now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from disparo.domain.agenda.availability import SlotReason, decide_slot, free_slots
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.meeting_type import Assignment, MeetingType
from disparo.domain.agenda.slot import Slot
from disparo.ports.desk import Said
from disparo.usecases.agenda.times import Times

A_MOMENT = timedelta(milliseconds=1)
"""A span in which one beginning has its place."""

_OF_AN_OFFER = frozenset(
    {
        SlotReason.MIN_NOTICE,
        SlotReason.BEYOND_HORIZON,
        SlotReason.OFF_GRID,
        SlotReason.CONTACT_HOURS,
        SlotReason.CONTACT_HOLIDAY,
        SlotReason.TYPE_INACTIVE,
        SlotReason.HOST_INACTIVE,
    }
)
"""What does not take back a time that was offered: it was right when it was."""


def agreed_at(meeting: Meeting, start_at: datetime) -> bool:
    """Whether it is agreed for this time already."""
    return meeting.state is MeetingState.CONFIRMED and meeting.slot is not None and meeting.slot.start_at == start_at


def refused_change(meeting: Meeting, meeting_type: MeetingType, now: datetime, by: str) -> Said | None:
    """Why a contact may not move what is agreed, or None; others may."""
    if meeting.slot is None or by != "contact":
        return None
    if now >= meeting.slot.start_at - meeting_type.latest_change:
        return Said.TOO_LATE
    return Said.TOO_MANY if meeting.reschedules >= meeting_type.max_reschedules else None


def look(times: Times, meeting: Meeting, slot: Slot, now: datetime) -> Said | None:
    """Why a time that was offered cannot be agreed any more, asked of every host right now; None when it can."""
    # The meeting is as long as it was offered, whatever its type says by now.
    offered = replace(
        times.type,
        hosts=slot.hosts,
        duration=slot.end_at - slot.start_at,
        buffer_before=meeting.buffer_before,
        buffer_after=meeting.buffer_after,
    )
    if {one.host.id for one in times.hosts} != set(slot.hosts):
        return Said.TAKEN_MEANWHILE
    # They are not asked at all: a rule that passes must not hide one behind it that does not.
    decisions = decide_slot(offered, times.hosts, meeting.place, now, slot.start_at, _OF_AN_OFFER)
    reasons = {one.reason for one in decisions} - {SlotReason.FREE}
    if SlotReason.CALENDAR_UNREADABLE in reasons:
        return Said.UNREADABLE
    return Said.TAKEN_MEANWHILE if reasons else None


def free_at(times: Times, meeting: Meeting, start_at: datetime, now: datetime, by: str) -> Slot | None:
    """A free time that begins then, with the hosts that the meeting has if they can."""
    end_at = start_at + A_MOMENT
    slots = free_slots(times.type, times.hosts, meeting.place, now, start_at, end_at)
    if slots and len(meeting.hosts) == 1:
        same = [one for one in times.hosts if one.host.id in meeting.hosts]
        slots = free_slots(times.type, same, meeting.place, now, start_at, end_at) or slots
    if slots or by == "contact":
        return slots[0] if slots else None
    return _anyhow_at(times, meeting, start_at, now)


def _anyhow_at(times: Times, meeting: Meeting, start_at: datetime, now: datetime) -> Slot | None:
    """For hosts and operators, who may agree any time that nobody else has: on their own grid, at short notice."""
    hosts = meeting.hosts
    length = meeting.slot.end_at - meeting.slot.start_at if meeting.slot is not None else times.type.duration
    slot = Slot(hosts, start_at, start_at + length)
    own = Times(times.type, [one for one in times.hosts if one.host.id in hosts])
    return slot if hosts and start_at > now and look(own, meeting, slot, now) is None else None


def only_unreadable(times: Times) -> bool:
    """Whether nobody who could give the meeting has a calendar that can be read."""
    least = 1 if times.type.assignment is Assignment.TOGETHER else len(times.hosts)
    return bool(times.hosts) and len(times.unreadable) >= least
