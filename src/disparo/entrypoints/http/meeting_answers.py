"""Meetings as the API tells them, and what the desk answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus

from fastapi import Response
from pydantic import BaseModel, Field

from disparo.domain.agenda.keeping import hosts_of
from disparo.domain.agenda.meeting import CalendarNote, Meeting, MeetingState
from disparo.domain.agenda.notice import NoticeKind
from disparo.domain.agenda.notice_plan import Planned
from disparo.domain.contact import Channel, Contact
from disparo.domain.message import MessageState
from disparo.entrypoints.http.problems import KINDS, Kind, problem
from disparo.entrypoints.http.slots import SlotOut, slot_out
from disparo.entrypoints.words.agenda_sentences import NOTICES, REFUSALS, SAID
from disparo.ports.agenda import SlotTakenError
from disparo.ports.contacts import name_of
from disparo.ports.desk import Answer, Said
from disparo.usecases.agenda.history import SentNotice
from disparo.usecases.agenda.story import Happened, Happening


class MeetingOut(BaseModel):
    """A meeting."""

    id: str = Field(examples=["12"])
    state: MeetingState
    type: str = Field(examples=["demonstracao"])
    contact_id: str
    contact: str = Field(description="The contact's name, else the address; empty when erased.")
    channel: Channel = Field(description="By what the contact is told of it.")
    place: str = Field(description="Where the contact is: the zone, and the region where it is known.")
    language: str
    campaign_id: str | None
    message_id: str | None
    hosts: Sequence[str] = Field(description="Of what is agreed, else of what is offered.")
    start_at: datetime | None = Field(description="Of what is agreed; null before.")
    end_at: datetime | None
    offers: Sequence[SlotOut] = Field(description="Times that are offered and held now, beside what is agreed.")
    offers_until: datetime | None
    proposed_at: datetime
    confirmed_at: datetime | None
    attendance_at: datetime | None = Field(description="When the contact said that they will come.")
    changed_at: datetime | None
    by: str = Field(description="Who changed it last: `contact`, `host`, `operator`, `calendar` or `system`.")
    reason: str
    proposals: int
    reschedules: int
    urgent: bool
    notes: str
    join_url: str
    version: int = Field(description="Rises with whatever people are told of.")
    revision: int = Field(description="Rises with each change; for `If-Match`.")


class NoticeOut(BaseModel):
    """A message about a meeting: sent, waiting, or ended without going."""

    id: str | None = Field(description="Of the message, for `/messages/{id}/why`; null while it is not entered yet.")
    kind: NoticeKind
    text: str = Field(description="What it says, in a few Portuguese words.")
    version: int
    to: str
    channel: Channel | None
    state: MessageState | None
    reason: str = Field(description="Why it ended, or why it will not go although it waits; empty otherwise.")
    due_at: datetime | None
    changed_at: datetime | None


class CalendarNoteOut(BaseModel):
    """What is known of a meeting in one host's calendar."""

    host: str
    written: int | None = Field(description="The version that the calendar has; null when nothing is there.")
    pending: bool = Field(description="Whether something is left to write.")
    attempts: int
    due_at: datetime | None = Field(description="When that is tried next.")
    fault: str
    faulty_since: datetime | None


class HappeningOut(BaseModel):
    """One line of a meeting's past."""

    at: datetime
    what: Happened
    by: str
    detail: str
    notice: NoticeKind | None


class MeetingDetail(MeetingOut):
    """A meeting with everything that belongs to it."""

    title: str | None = Field(description="Of its type; null when that is gone.")
    uid: str = Field(description="Its name in calendars.")
    guest_url: str | None = Field(description="The contact's own page of it.")
    notices: Sequence[NoticeOut]
    calendar: Sequence[CalendarNoteOut]
    history: Sequence[HappeningOut]


class AnswerOut(BaseModel):
    """What was done, and the meeting as it is now."""

    said: Said
    text: str = Field(description="The same for a person, in Portuguese.")
    meeting: MeetingOut


def meeting_fields(meeting: Meeting, contact: Contact | None) -> dict[str, object]:
    """The fields of a `MeetingOut`."""
    slot, offers = meeting.slot, meeting.offers if meeting.live else ()
    plain = (
        *("id", "state", "contact_id", "channel", "language", "campaign_id", "message_id", "proposed_at"),
        *("confirmed_at", "attendance_at", "changed_at", "by", "reason", "proposals", "reschedules", "urgent"),
        *("notes", "join_url", "revision"),
    )
    return {
        **{name: getattr(meeting, name) for name in plain},
        "type": meeting.type_id,
        "contact": name_of(contact),
        "place": str(meeting.place),
        "hosts": hosts_of(meeting),
        "start_at": None if slot is None else slot.start_at,
        "end_at": None if slot is None else slot.end_at,
        "offers": [slot_out(one) for one in offers],
        "offers_until": meeting.offers_until if offers else None,
        "version": meeting.sequence,
    }


def notice_out(notice: SentNotice, void: str | None) -> NoticeOut:
    """A notice that was entered."""
    row = notice.row
    return NoticeOut(
        id=str(row.id),
        kind=notice.step.kind,
        text=NOTICES[notice.step.kind],
        version=notice.step.sequence,
        to=name_of(notice.contact),
        channel=row.channel,
        state=row.state,
        reason=void or row.reason,
        due_at=row.due_at,
        changed_at=row.changed_at,
    )


def planned_out(planned: Planned) -> NoticeOut:
    """A notice that nobody entered yet."""
    kind = planned.step.kind
    return NoticeOut(
        id=None,
        kind=kind,
        text=NOTICES[kind],
        version=planned.step.sequence,
        to="",
        channel=None,
        state=None,
        reason="",
        due_at=planned.due_at,
        changed_at=None,
    )


def note_out(note: CalendarNote) -> CalendarNoteOut:
    """What is known of one calendar."""
    return CalendarNoteOut(
        host=note.host_id,
        written=note.written,
        pending=note.due_at is not None,
        attempts=note.attempts,
        due_at=note.due_at,
        fault=note.fault,
        faulty_since=note.faulty_since,
    )


def happening_out(one: Happening) -> HappeningOut:
    """A line of the past."""
    kind = None if one.notice is None else one.notice.step.kind
    return HappeningOut(at=one.at, what=one.what, by=one.by, detail=one.detail, notice=kind)


_TAKEN = KINDS[SlotTakenError]
_REFUSED = Kind(HTTPStatus.CONFLICT, "meeting", "The meeting does not allow that")
_UNREADABLE = Kind(HTTPStatus.CONFLICT, "calendar-unreadable", "A calendar cannot be read now")
_KINDS: Mapping[Said, Kind] = {
    Said.TAKEN_MEANWHILE: _TAKEN,
    Said.NOT_OFFERED: _TAKEN,
    Said.NO_TIMES: Kind(HTTPStatus.CONFLICT, "no-times", "There is no time to offer"),
    Said.UNREADABLE: _UNREADABLE,
    Said.TOO_LATE: Kind(HTTPStatus.CONFLICT, "too-late", "It is too late for that"),
    Said.TOO_EARLY: Kind(HTTPStatus.CONFLICT, "too-early", "It is too early for that"),
    Said.TOO_MANY: Kind(HTTPStatus.CONFLICT, "too-many-changes", "It was changed or offered too often"),
}
_RETRY_S = 60


def told(answer: Answer, contact: Contact | None) -> AnswerOut | Response:
    """What the desk answered: what was done, or the problem of what it refused."""
    if answer.said in REFUSALS or answer.meeting is None:
        kind = _KINDS.get(answer.said, _REFUSED)
        headers = {"Retry-After": str(_RETRY_S)} if kind is _UNREADABLE else None
        whose = "" if answer.meeting is None else f"reunião {answer.meeting.id}: "
        return problem(kind, f"{whose}{SAID[answer.said]}", headers=headers)
    meeting = MeetingOut.model_validate(meeting_fields(answer.meeting, contact))
    return AnswerOut(said=answer.said, text=SAID[answer.said], meeting=meeting)
