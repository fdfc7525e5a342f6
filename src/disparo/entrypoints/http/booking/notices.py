"""What the desk answered, as the page says it after the answer's redirect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from disparo.domain.agenda.meeting import MeetingState
from disparo.entrypoints.http.booking.subject import Subject
from disparo.entrypoints.http.booking.visit import Visit
from disparo.ports.desk import Said

KEPT, FAILED = "kept", "failed"
"""Answers of the pages' own: offers beside what is agreed were let go of; somebody else was faster to change it."""

ANSWERS = frozenset({*(said.value for said in Said), KEPT, FAILED})


@dataclass(frozen=True, slots=True)
class Notice:
    """A line at the head of a page; `tone` is `good`, `plain` or `bad`."""

    text: str
    tone: str


def notice_of(visit: Visit, subject: Subject | None) -> Notice | None:
    """What the address says was answered; nothing where the meeting tells otherwise, as addresses are kept and sent."""
    said = visit.query.get("said", "")
    if said not in ANSWERS:
        return None
    text = visit.words[f"said_{said}"]
    if said not in _TRUE_IF:
        return Notice(text, "plain" if said in (Said.ALREADY, Said.WHICH) else "bad")
    return Notice(text, "good") if subject is not None and _holds(said, subject, visit.now) else None


_TRUE_IF = {
    Said.CONFIRMED.value: {MeetingState.CONFIRMED},
    Said.MOVED.value: {MeetingState.CONFIRMED},
    Said.ATTENDING.value: {MeetingState.CONFIRMED},
    Said.OFFERED.value: {MeetingState.PROPOSED, MeetingState.CONFIRMED},
    Said.CANCELLED.value: {MeetingState.CANCELLED},
    Said.DECLINED.value: {MeetingState.DECLINED},
    Said.OUTCOME.value: {MeetingState.HELD, MeetingState.NO_SHOW},
    KEPT: {MeetingState.CONFIRMED},
}


def _holds(said: str, subject: Subject, now: datetime) -> bool:
    meeting = subject.meeting
    if said == Said.ATTENDING.value and meeting.attendance_at is None:
        return False
    if said == Said.OFFERED.value and not subject.offers(now):
        return False
    return meeting.state in _TRUE_IF[said]
