"""Which notices a version of a meeting means, when each goes, and whether one still holds (I10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.meeting_type import MeetingType, OutsideHours
from disparo.domain.agenda.notice import NO_SHOWS, REMINDERS, NoticeKind, NoticeStep
from disparo.domain.instants import from_ms
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours, decide, open_intervals

K = NoticeKind

BEFORE_CLOSING = timedelta(minutes=30)
"""How long before hours close a reminder goes that is moved earlier: it has its way to go."""

_OF_THE_AGREED = frozenset(
    {K.CONFIRMED, K.MOVED, *REMINDERS, K.HOST_BOOKED, K.HOST_MOVED, K.BRIEFING, K.OUTCOME, K.CALENDAR_FAULT}
)
_OF_THE_OFFERS = frozenset({K.PROPOSAL, K.WHICH})
_BEFORE_IT_BEGINS = frozenset({K.CONFIRMED, K.MOVED, *REMINDERS, K.HOST_BOOKED, K.HOST_MOVED, K.BRIEFING})
_OF_A_STATE = {
    K.CANCELLED: MeetingState.CANCELLED,
    K.HOST_CANCELLED: MeetingState.CANCELLED,
    K.DECLINED: MeetingState.DECLINED,
    K.EXPIRED: MeetingState.EXPIRED,
    **dict.fromkeys(NO_SHOWS, MeetingState.NO_SHOW),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """A notice to enter: due at `due_at`; `prompt` ones go at any hour, as somebody has just acted or agreed to it."""

    step: NoticeStep
    due_at: datetime
    prompt: bool


def plan(meeting: Meeting, meeting_type: MeetingType, hours: BusinessHours, now: datetime) -> list[Planned]:
    """Every notice of a meeting's present version, in the order in which they are due.

    `hours` are those in which contacts are messaged; they decide about reminders by the type's rule.
    """
    prompt = meeting.by == "contact"
    found = [*_to_contact(meeting, meeting_type, hours, now, prompt), *_to_hosts(meeting, meeting_type, now)]
    return sorted(found, key=lambda one: one.due_at)


def _to_contact(
    meeting: Meeting, meeting_type: MeetingType, hours: BusinessHours, now: datetime, prompt: bool
) -> Iterator[Planned]:
    agreed, offered = _untold(meeting, meeting.agreed), _untold(meeting, meeting.offered)
    if meeting.state is MeetingState.CONFIRMED and agreed is not None:
        yield _planned(meeting, agreed, _agreement(meeting), now, prompt)
        yield from _reminders(meeting, agreed, meeting_type, hours, now)
    if meeting.live and meeting.offers and offered is not None:
        yield _planned(meeting, offered, K.PROPOSAL, now, prompt)
    if (kind := _ENDS.get(meeting.state)) is not None:
        nothing = kind is K.EXPIRED and meeting.offered is None
        yield _planned(meeting, meeting.sequence, K.NO_TIMES if nothing else kind, now, prompt)
    if meeting.state is MeetingState.NO_SHOW:
        for kind, after in zip(NO_SHOWS, meeting_type.no_show_after, strict=False):
            yield _planned(meeting, meeting.sequence, kind, (meeting.changed_at or now) + after, False)


_ENDS = {
    MeetingState.DECLINED: K.DECLINED,
    MeetingState.EXPIRED: K.EXPIRED,
    MeetingState.CANCELLED: K.CANCELLED,
}


def _untold(meeting: Meeting, version: int | None) -> int | None:
    """A version of which notices were not entered yet."""
    return version if version is not None and version > meeting.told else None


def _agreement(meeting: Meeting) -> NoticeKind:
    return K.MOVED if _was_agreed_before(meeting) else K.CONFIRMED


def _was_agreed_before(meeting: Meeting) -> bool:
    return meeting.agreed != meeting.first_agreed


def _reminders(
    meeting: Meeting, agreed: int, meeting_type: MeetingType, hours: BusinessHours, now: datetime
) -> Iterator[Planned]:
    assert meeting.slot is not None, "what is agreed has a time"
    for kind, before in zip(REMINDERS, meeting_type.reminders, strict=False):
        due_at = meeting.slot.start_at - before
        if due_at <= now:  # it was agreed later than this reminder would have been
            continue
        rule = meeting_type.reminder_outside
        moment = reminder_at(due_at, rule, hours, meeting.place, now)
        if moment is not None:
            yield _planned(meeting, agreed, kind, moment, rule is OutsideHours.ALLOW)


def reminder_at(
    due_at: datetime, rule: OutsideHours, hours: BusinessHours, place: Place, now: datetime
) -> datetime | None:
    """When a reminder goes whose moment is `due_at`: then, earlier, or (None) not at all."""
    if rule is OutsideHours.ALLOW or decide(hours, place, due_at).open:
        return due_at
    if rule is OutsideHours.DROP:
        return None
    stretches = open_intervals(hours, place, now, due_at)
    if not stretches:
        return None
    last = stretches[-1]
    return max(from_ms(last.start_ms), from_ms(last.end_ms) - BEFORE_CLOSING)


def _to_hosts(meeting: Meeting, meeting_type: MeetingType, now: datetime) -> Iterator[Planned]:
    if meeting.slot is None or meeting.agreed is None:
        return
    agreed = _untold(meeting, meeting.agreed)
    for number in range(len(meeting.slot.hosts)):
        if meeting.state is MeetingState.CONFIRMED and agreed is not None:
            kind = K.HOST_MOVED if _was_agreed_before(meeting) else K.HOST_BOOKED
            yield _planned(meeting, agreed, kind, now, True, number)
            briefed_at = max(now, meeting.slot.start_at - meeting_type.briefing_before)
            yield _planned(meeting, agreed, K.BRIEFING, briefed_at, True, number)
        elif meeting.state is MeetingState.CANCELLED and meeting.by != "host":
            yield _planned(meeting, meeting.sequence, K.HOST_CANCELLED, now, True, number)


def _planned(
    meeting: Meeting, version: int, kind: NoticeKind, due_at: datetime, prompt: bool, host: int = 0
) -> Planned:
    return Planned(NoticeStep(meeting.id, version, kind, host), due_at, prompt)


def void_reason(meeting: Meeting, step: NoticeStep, now: datetime) -> str | None:
    """Why a notice must not go any more, or None; asked in the last look before it goes (I10).

    `meeting_moved`, `meeting_cancelled`, `meeting_over`, `offers_gone` or `too_late`.
    """
    if (reason := _of_its_version(meeting, step)) is not None:
        return reason
    if step.kind in _BEFORE_IT_BEGINS and meeting.slot is not None and now >= meeting.slot.start_at:
        return "too_late"
    if step.kind in _OF_THE_OFFERS and (meeting.offers_until is None or now >= meeting.offers_until):
        return "offers_gone"
    return None


def _of_its_version(meeting: Meeting, step: NoticeStep) -> str | None:
    if step.kind in _OF_THE_AGREED:
        standing = meeting.state is MeetingState.CONFIRMED
        if standing and step.sequence == meeting.agreed:
            return None
        return _fate(meeting)
    if step.kind in _OF_THE_OFFERS:
        if meeting.live and meeting.offers and step.sequence == meeting.offered:
            return None
        return "offers_gone" if meeting.live else _fate(meeting)
    wanted = _OF_A_STATE.get(step.kind, meeting.state)
    if meeting.state is wanted and step.sequence == meeting.sequence:
        return None
    return _fate(meeting)


def _fate(meeting: Meeting) -> str:
    if meeting.state is MeetingState.CANCELLED:
        return "meeting_cancelled"
    return "meeting_moved" if meeting.live else "meeting_over"
