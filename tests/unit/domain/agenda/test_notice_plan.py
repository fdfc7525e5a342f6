"""Which notices hold in which state of a meeting, and when reminders go (I10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.agenda import meeting_changes as change
from disparo.domain.agenda.meeting import Meeting, MeetingEvent
from disparo.domain.agenda.meeting_type import MeetingType, OutsideHours
from disparo.domain.agenda.notice import NO_SHOWS, REMINDERS, NoticeKind, NoticeStep
from disparo.domain.agenda.notice_plan import Planned, plan, void_reason
from disparo.domain.agenda.slot import Slot
from disparo.domain.contact import Channel
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours

K = NoticeKind
PLACE = Place("America/Sao_Paulo", "BR-SP")
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""09:00 in São Paulo."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TYPE = MeetingType("demo", "Demonstração", ("ana",), no_show_after=(HOUR,))


def slot(at: datetime) -> Slot:
    return Slot(("ana",), at, at + HOUR)


def proposed() -> Meeting:
    made = Meeting("7", "demo", "1", Channel.WHATSAPP, PLACE, "pt", "uid", MONDAY)
    return change.offer(made, (slot(MONDAY + 2 * DAY), slot(MONDAY + 3 * DAY)), MONDAY + DAY, MONDAY, "system")


def confirmed(at: datetime = MONDAY + 2 * DAY) -> Meeting:
    return change.agree(proposed(), slot(at), MONDAY, "contact")


def beside() -> Meeting:
    return change.offer(confirmed(), (slot(MONDAY + 4 * DAY),), MONDAY + DAY, MONDAY, "contact")


STATES: dict[str, Meeting] = {
    "proposed": proposed(),
    "confirmed": confirmed(),
    "beside": beside(),
    "declined": change.end(proposed(), MeetingEvent.DECLINE, MONDAY, "contact"),
    "expired": change.end(proposed(), MeetingEvent.EXPIRE, MONDAY, "system"),
    "cancelled": change.end(confirmed(), MeetingEvent.CANCEL, MONDAY, "contact"),
    "held": change.note_outcome(confirmed(), True, MONDAY, "host"),
    "no_show": change.note_outcome(confirmed(), False, MONDAY, "host"),
}

OF_THE_AGREED = (K.CONFIRMED, K.MOVED, *REMINDERS, K.HOST_BOOKED, K.HOST_MOVED, K.BRIEFING, K.OUTCOME, K.CALENDAR_FAULT)
HOLD_IN: dict[NoticeKind, set[str]] = {
    **{key: {"confirmed", "beside"} for key in OF_THE_AGREED},
    **{key: {"proposed", "beside"} for key in (K.PROPOSAL, K.WHICH)},
    **{key: {"cancelled"} for key in (K.CANCELLED, K.HOST_CANCELLED)},
    K.DECLINED: {"declined"},
    K.EXPIRED: {"expired"},
    **{key: {"no_show"} for key in NO_SHOWS},
    **{key: set(STATES) for key in (K.NO_TIMES, K.NOT_OPEN, K.TOO_LATE, K.TOO_MANY, K.LATER)},
}


def version_of(meeting: Meeting, kind: NoticeKind) -> int:
    """The version that a notice of this kind would speak of."""
    told = meeting.agreed if kind in OF_THE_AGREED else meeting.offered if kind in (K.PROPOSAL, K.WHICH) else None
    return meeting.sequence if told is None else told


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("state", STATES)
def test_a_notice_holds_in_its_own_states_only(kind: NoticeKind, state: str) -> None:
    meeting = STATES[state]
    reason = void_reason(meeting, NoticeStep("7", version_of(meeting, kind), kind), MONDAY)
    assert (reason is None) == (state in HOLD_IN[kind]), reason


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("state", STATES)
def test_no_notice_holds_of_another_version(kind: NoticeKind, state: str) -> None:
    meeting = STATES[state]
    for other in set(range(meeting.sequence + 2)) - {version_of(meeting, kind)}:
        assert void_reason(meeting, NoticeStep("7", other, kind), MONDAY) is not None


@pytest.mark.parametrize("kind", [one for one in OF_THE_AGREED if one not in (K.OUTCOME, K.CALENDAR_FAULT)])
def test_what_is_said_before_a_meeting_is_not_said_once_it_has_begun(kind: NoticeKind) -> None:
    meeting = confirmed()
    assert meeting.slot is not None and meeting.agreed is not None
    step = NoticeStep("7", meeting.agreed, kind)
    assert void_reason(meeting, step, meeting.slot.start_at - timedelta(milliseconds=1)) is None
    assert void_reason(meeting, step, meeting.slot.start_at) == "too_late"


def test_offers_are_told_of_as_long_as_they_are_held() -> None:
    meeting = proposed()
    assert meeting.offers_until is not None and meeting.offered is not None
    step = NoticeStep("7", meeting.offered, K.PROPOSAL)
    assert void_reason(meeting, step, meeting.offers_until) == "offers_gone"


def reminders(start_at: datetime, rule: OutsideHours, now: datetime = MONDAY) -> list[Planned]:
    kind = replace(TYPE, reminders=(24 * HOUR, HOUR), reminder_outside=rule)
    return [one for one in plan(confirmed(start_at), kind, BusinessHours(), now) if one.step.kind in REMINDERS]


def test_reminders_that_would_have_gone_before_it_was_agreed_never_go() -> None:
    found = reminders(MONDAY + 5 * HOUR, OutsideHours.ALLOW)
    assert [(one.step.kind, one.due_at) for one in found] == [(K.REMINDER_2, MONDAY + 4 * HOUR)]
    assert reminders(MONDAY + HOUR, OutsideHours.ALLOW) == []


@pytest.mark.parametrize(
    ("rule", "count"), [(OutsideHours.ALLOW, 1), (OutsideHours.EARLIER, 1), (OutsideHours.DROP, 0)]
)
def test_a_reminder_outside_of_hours_goes_as_its_type_says_and_never_before_it_was_agreed(
    rule: OutsideHours, count: int
) -> None:
    # At 08:00 on Tuesday: an hour before, nobody is messaged.
    start_at = MONDAY + DAY - HOUR
    now = MONDAY + 8 * HOUR + HOUR / 2  # 17:30 on Monday: its last half hour
    found = reminders(start_at, rule, now)
    assert len(found) == count
    for one in found:
        assert now <= one.due_at <= start_at - HOUR
    if rule is OutsideHours.EARLIER:
        assert found[0].due_at < MONDAY + 9 * HOUR and not found[0].prompt
