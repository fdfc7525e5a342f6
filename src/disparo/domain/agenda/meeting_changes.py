"""What each event makes of a meeting; pure, the desk decides and the store keeps.

Each raises TransitionError for an event that is none from the meeting's state.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from disparo.domain.agenda.meeting import (
    KEEPS_TIME,
    MEETING_LIFECYCLE,
    CalendarNote,
    Meeting,
    MeetingEvent,
    MeetingNews,
    MeetingState,
)
from disparo.domain.agenda.notice import MOST_SEQUENCES
from disparo.domain.agenda.slot import Slot
from disparo.domain.errors import TransitionError

MOST_REFUSED = 30
"""Beginnings that are remembered as offered and not taken."""


def offer(meeting: Meeting, offers: tuple[Slot, ...], until: datetime, now: datetime, by: str) -> Meeting:
    """Hold these times in place of those offered before, until this instant."""
    changed = _newer(meeting, MeetingEvent.OFFER, now, by)
    return _with_news(
        replace(
            changed,
            offers=offers,
            offers_until=until,
            offered=changed.sequence,
            offered_hosts=_once(meeting.offered_hosts, offers),
            refused=(*meeting.refused, *(one.start_at for one in meeting.offers))[-MOST_REFUSED:],
            proposals=meeting.proposals + 1,
            reason="",
        ),
        "proposed",
        now,
    )


def _once(known: tuple[str, ...], offers: tuple[Slot, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*known, *(host for slot in offers for host in slot.hosts)]))


def agree(meeting: Meeting, slot: Slot, now: datetime, by: str, *, counts: bool = True) -> Meeting:
    """Agree a time, whether offered or not; of one that was agreed before, move it. Offers are released.

    `counts` says whether it is one of the moves that a contact has.
    """
    moving = meeting.state is MeetingState.CONFIRMED
    changed = _newer(meeting, MeetingEvent.MOVE if moving else MeetingEvent.TAKE, now, by)
    agreed = _with_errands(
        replace(
            changed,
            slot=slot,
            agreed=changed.sequence,
            first_agreed=changed.sequence if meeting.first_agreed is None else meeting.first_agreed,
            offers=(),
            offers_until=None,
            confirmed_at=meeting.confirmed_at or now,
            reschedules=meeting.reschedules + (moving and counts),
            attendance_at=None,
            asked_at=None,
            join_url="" if moving else meeting.join_url,
            reason="",
        ),
        now,
    )
    return _with_news(agreed, "moved" if moving else "agreed", now)


def end(meeting: Meeting, event: MeetingEvent, now: datetime, by: str, reason: str = "") -> Meeting:
    """DECLINE, EXPIRE or CANCEL it: nobody's time is kept any more."""
    changed = _newer(meeting, event, now, by)
    ended = _with_errands(replace(changed, offers=(), offers_until=None, reason=reason), now)
    return _with_news(ended, str(ended.state), now)


def note_outcome(meeting: Meeting, held: bool, now: datetime, by: str) -> Meeting:
    """HOLD or MISS it."""
    changed = _newer(meeting, MeetingEvent.HOLD if held else MeetingEvent.MISS, now, by)
    noted = replace(changed, offers=(), offers_until=None, asked_at=meeting.asked_at or now)
    return _with_news(noted, str(noted.state), now)


def withdraw(meeting: Meeting) -> Meeting:
    """Let go of offers beside what is agreed; nobody is told, what is agreed stands as it is."""
    MEETING_LIFECYCLE.after(meeting.state, MeetingEvent.WITHDRAW)
    return replace(meeting, offers=(), offers_until=None)


def postpone(meeting: Meeting, until: datetime) -> Meeting:
    """Let go of offers and look again at this instant, as no other ones could be found just now."""
    return replace(meeting, offers=(), offers_until=until)


def _newer(meeting: Meeting, event: MeetingEvent, now: datetime, by: str) -> Meeting:
    state = MEETING_LIFECYCLE.after(meeting.state, event)
    # The last numbers are not given to changes, so that a meeting can always be ended.
    most = MOST_SEQUENCES - (10 if state is meeting.state else 2)
    if meeting.sequence + 1 >= most:
        raise TransitionError("a reunião já mudou vezes demais; cancele-a e marque outra")
    return replace(meeting, state=state, sequence=meeting.sequence + 1, changed_at=now, by=by)


def _with_news(meeting: Meeting, what: str, now: datetime) -> Meeting:
    """Other programs are to be told of what has just become of it."""
    news = MeetingNews(what, meeting.sequence, now, meeting.by, meeting.reason, meeting.slot, meeting.offers)
    return replace(meeting, unannounced=(*meeting.unannounced, news))


def _with_errands(meeting: Meeting, now: datetime) -> Meeting:
    """Every calendar that has it, or is to have it, is to be written at once."""
    known = {note.host_id: note for note in meeting.calendar}
    hosts = meeting.hosts if meeting.state in KEEPS_TIME else ()
    notes = [known.get(host) or CalendarNote(host) for host in hosts]
    # Whether a first write arrived may not be known yet: what was ever tried is taken away again.
    left = [note for host, note in known.items() if host not in hosts]
    return replace(meeting, calendar=tuple(replace(note, attempts=0, due_at=now) for note in (*notes, *left)))


def wants_event(meeting: Meeting, host_id: str) -> bool:
    """Whether this host's calendar is to have the meeting."""
    return meeting.state in KEEPS_TIME and host_id in meeting.hosts and not meeting.erased
