"""What happened to a meeting and what is still to come, in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.notice_plan import Planned, plan, void_reason
from disparo.domain.message import MessageState
from disparo.domain.policies.business_hours import BusinessHours
from disparo.usecases.agenda.history import MeetingHistory, SentNotice


class Happened(StrEnum):
    """What can be told of a meeting's past."""

    PROPOSED = "proposed"
    """It came to be: times were offered, or one was agreed at once."""
    CONFIRMED = "confirmed"
    """A time was agreed for the first time."""
    ATTENDING = "attending"
    """The contact said that they will come."""
    CHANGED = "changed"
    """The last change that people are told of."""
    ASKED = "asked"
    """Its hosts were asked how it went."""
    NOTICE = "notice"
    """A notice went, or ended without going."""
    CALENDAR = "calendar"
    """A host's calendar began to fail."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a meeting's past; `by` is who changed it, `detail` a reason or fault, `notice` what was said."""

    at: datetime
    what: Happened
    by: str = ""
    detail: str = ""
    notice: SentNotice | None = None


def story(found: MeetingHistory) -> Sequence[Happening]:
    """What is known of a meeting's past, the earliest first; of several changes of its time only the last one."""
    return sorted(_happenings(found), key=lambda one: one.at)


def _happenings(found: MeetingHistory) -> Iterator[Happening]:
    meeting = found.meeting
    yield Happening(meeting.proposed_at, Happened.PROPOSED)
    if meeting.confirmed_at is not None and meeting.confirmed_at > meeting.proposed_at:
        yield Happening(meeting.confirmed_at, Happened.CONFIRMED)
    if meeting.attendance_at is not None:
        yield Happening(meeting.attendance_at, Happened.ATTENDING, "contact")
    if meeting.changed_at is not None and meeting.changed_at not in (meeting.proposed_at, meeting.confirmed_at):
        yield Happening(meeting.changed_at, Happened.CHANGED, meeting.by, meeting.reason)
    if meeting.asked_at is not None:
        yield Happening(meeting.asked_at, Happened.ASKED)
    for note in meeting.calendar:
        if note.faulty_since is not None:
            yield Happening(note.faulty_since, Happened.CALENDAR, note.host_id, note.fault)
    for notice in found.notices:
        if notice.row.state is not MessageState.DUE:
            yield Happening(notice.row.changed_at, Happened.NOTICE, "", notice.row.reason, notice)


def to_come(found: MeetingHistory, hours: BusinessHours, now: datetime) -> Sequence[Planned]:
    """The notices that the meeting's present version means and nobody has entered yet; a worker enters them at once.

    `hours` are those in which contacts are messaged.
    """
    meeting = found.meeting
    if found.type is None or meeting.told >= meeting.sequence:
        return ()
    entered = {one.step for one in found.notices}
    return [one for one in plan(meeting, found.type, hours, now) if one.step not in entered]


def why_void(meeting: Meeting, notice: SentNotice, now: datetime) -> str | None:
    """Why a notice that waits will not go, or None: it will be cancelled in the last look before it goes (I10)."""
    return void_reason(meeting, notice.step, now) if notice.row.state is MessageState.DUE else None
