"""What is promised of notices when they leave (I10), and of the whole agenda once everything has come to rest."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from disparo.domain.agenda.calendar_event import key_of_uid
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.notice import NoticeKind, NoticeStep
from disparo.domain.message import SETTLED, UNSENT_ENDS
from disparo.simulation.books import Books
from disparo.simulation.facts import Call, Facts

if TYPE_CHECKING:
    from disparo.simulation.agenda.calendars import Kept, VirtualCalendar
    from disparo.simulation.agenda.facts import AgendaFacts
    from disparo.simulation.agenda.life import AgendaLife

K, S = NoticeKind, MeetingState

A_MOMENT = timedelta(seconds=1)
"""How long after its last look a message leaves at most."""

_OF_THE_AGREED = (
    K.CONFIRMED,
    K.MOVED,
    K.REMINDER_1,
    K.REMINDER_2,
    K.REMINDER_3,
    K.HOST_BOOKED,
    K.HOST_MOVED,
    K.BRIEFING,
)
"""These are void once it is moved or cancelled, and when it has begun."""

_AFTER_THE_AGREED = (K.OUTCOME, K.CALENDAR_FAULT)
_OF_OFFERS = (K.PROPOSAL, K.WHICH)
_OF_ENDS = {
    K.CANCELLED: S.CANCELLED,
    K.HOST_CANCELLED: S.CANCELLED,
    K.DECLINED: S.DECLINED,
    K.EXPIRED: S.EXPIRED,
    K.NO_SHOW_1: S.NO_SHOW,
    K.NO_SHOW_2: S.NO_SHOW,
    K.NO_SHOW_3: S.NO_SHOW,
}
_TO_HOSTS = (K.HOST_BOOKED, K.HOST_MOVED, K.HOST_CANCELLED, K.BRIEFING, K.OUTCOME, K.CALENDAR_FAULT)
_WITH_INVITATION = (K.CONFIRMED, K.MOVED, K.CANCELLED)
"""These go by e-mail too."""

_STAYS = (S.CONFIRMED, S.HELD, S.NO_SHOW)


def notices_hold(facts: Facts, agenda: AgendaFacts, call: Call) -> str | None:
    """I10: a notice belongs to the version that its meeting has when it is looked at last, and no reminder is late."""
    step = NoticeStep.parse(call.id.step)
    if call.frozen or step is None or step.of_a_host or not facts.campaigns[call.id.campaign_id].standing:
        return None
    meeting = agenda.at(step.meeting_id, call.look.order if call.look else call.order)
    if meeting is None:
        return f"{step.kind} of meeting {step.meeting_id}, which is not there"
    if (problem := _void(meeting, step)) is not None:
        return f"{step.kind} of version {step.sequence} of meeting {meeting.id}, {problem}"
    if facts.clock_was_set(call.at_s):
        return None
    over = _over_at(meeting, step)
    if over is not None and call.wall >= over + A_MOMENT:
        return f"{step.kind} of meeting {meeting.id} {call.wall - over} late"
    return None


def _void(meeting: Meeting, step: NoticeStep) -> str | None:
    stands = f"which is {meeting.state}, version {meeting.sequence}"
    if step.kind in (*_OF_THE_AGREED, *_AFTER_THE_AGREED):
        holds = meeting.state is S.CONFIRMED and meeting.agreed == step.sequence
    elif step.kind in _OF_OFFERS:
        holds = meeting.live and bool(meeting.offers) and meeting.offered == step.sequence
    else:
        holds = meeting.sequence == step.sequence and _OF_ENDS.get(step.kind, meeting.state) is meeting.state
    return None if holds else stands


def _over_at(meeting: Meeting, step: NoticeStep) -> datetime | None:
    if step.kind in _OF_THE_AGREED:
        return None if meeting.slot is None else meeting.slot.start_at
    return meeting.offers_until if step.kind in _OF_OFFERS else None


def notices_go_once(facts: Facts, books: Books) -> str | None:
    """I2: each notice of each version goes once to whom it is for; three kinds by e-mail as well."""
    taken: Counter[tuple[NoticeStep, str]] = Counter()
    for message_id in books.rows:
        step = NoticeStep.parse(message_id.step)
        if step is None or not facts.campaigns[message_id.campaign_id].standing:
            continue
        copies = facts.copies_of(message_id)
        own = len(copies) - facts.redriven[message_id] - sum(facts.may_repeat(one.sender.name) for one in copies)
        taken[step, message_id.contact_id] += min(1, max(0, own))
    for (step, contact), count in taken.items():
        if count > 1 + (step.kind in _WITH_INVITATION):
            return f"contact {contact} was told {count} times of {step}"
    return None


def every_meeting_comes_to_rest(life: AgendaLife, _: Books) -> str | None:
    """Meetings: with faults over every offer ends, whoever met is asked about it, and nothing is due for ever."""
    for meeting in life.facts.all():
        if meeting.id in life.facts.left_open:
            continue
        if meeting.wake_at is not None:
            return f"meeting {meeting.id} ({meeting.state}) is to be looked at {meeting.wake_at}, for ever"
        if meeting.state is S.PROPOSED:
            return f"meeting {meeting.id} is proposed for ever"
        if meeting.state is S.CONFIRMED and meeting.asked_at is None:
            return f"nobody was asked what became of meeting {meeting.id}"
        if meeting.told < meeting.sequence:
            return f"nobody was told of version {meeting.sequence} of meeting {meeting.id}"
    return None


def calendars_are_right(life: AgendaLife, _: Books) -> str | None:
    """Calendars: each host's has what is agreed, once and at its time, and nothing else of ours.

    Events that other hands have changed are theirs, as long as the meeting says so.
    """
    wanted = {
        (host, key_of_uid(meeting.uid)): meeting
        for meeting in life.facts.all()
        if meeting.slot is not None and meeting.state in _STAYS and meeting.id not in life.facts.left_open
        for host in meeting.slot.hosts
    }
    names = {key_of_uid(meeting.uid): meeting.id for meeting in life.facts.all()}
    for host, calendar in life.calendars.items():
        for key, kept in calendar.events.items():
            meeting = wanted.pop((host, key), None)
            if names[key] in life.facts.left_open:
                continue
            if key in calendar.touched:
                if (problem := _differs_in_silence(meeting, calendar, kept)) is not None:
                    return problem
                continue
            if meeting is None:
                return f"{host} has meeting {names[key]} at {kept.start_at}, which is not theirs any more"
            assert meeting.slot is not None
            if (kept.start_at, kept.end_at) != (meeting.slot.start_at, meeting.slot.end_at):
                return f"{host} has meeting {meeting.id} at {kept.start_at}, not {meeting.slot.start_at}"
    for (host, key), meeting in wanted.items():
        if key not in life.calendars[host].touched:
            return f"{host} has no meeting {meeting.id} in the calendar"
    return None


def _differs_in_silence(meeting: Meeting | None, calendar: VirtualCalendar, kept: Kept) -> str | None:
    """What somebody moved, and could be read before it began, is followed, written over, or told to a person."""
    host = calendar.host_id
    if meeting is None or meeting.slot is None or kept.start_at == meeting.slot.start_at:
        return None
    told = any(note.host_id == host and note.fault for note in meeting.calendar)
    begins_at, touched_at = min(meeting.slot.start_at, kept.start_at), kept.touched_at or kept.start_at
    # The first look at a calendar is told of nothing that was changed before.
    before = any(at < touched_at for at in calendar.told_at)
    if told or not before or not any(touched_at <= at < begins_at for at in calendar.told_at):
        return None
    return f"{host} has meeting {meeting.id} moved to {kept.start_at}, it is at {meeting.slot.start_at}, nobody knows"


def no_yes_is_lost(life: AgendaLife, _: Books) -> str | None:
    """Meetings: whoever answered a step that offers times with a yes, and has not opted out, was offered some."""
    facts = life.world.facts
    # The same person may be in several lists: a reply is taken as one about the meeting that they have.
    met = {key for meeting in life.facts.all() for key in facts.keys_of(meeting.contact_id)}
    for (contact, campaign), said in life.facts.said_yes.items():
        keys = facts.keys_of(contact)
        if met.isdisjoint(keys) and not any((key, None) in facts.suppressed for key in keys):
            return f"contact {contact} said yes to campaign {campaign} ({said}), and nothing came of it"
    return None


def every_notice_ends(life: AgendaLife, books: Books) -> str | None:
    """I1: every notice has gone, or says why not."""
    for row in books.rows.values():
        if NoticeStep.parse(row.id.step) is None or row.id in life.world.facts.left_open:
            continue
        if row.state not in SETTLED:
            return f"the notice {NoticeStep.parse(row.id.step)} is {row.state} for ever"
        if row.state in UNSENT_ENDS and not row.reason:
            return f"the notice {NoticeStep.parse(row.id.step)} is {row.state} without a reason"
    return None


AGENDA_AT_END = {
    "meetings": (every_meeting_comes_to_rest, no_yes_is_lost),
    "calendars": (calendars_are_right,),
    "I1": (every_notice_ends,),
}
