"""What all stores of meetings share: what a change of one changes in the time that it keeps, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from disparo.domain.agenda.host import DayLimits
from disparo.domain.agenda.meeting import WRITTEN, Meeting, is_code
from disparo.domain.agenda.meeting_type import LONGEST, LONGEST_BUFFER
from disparo.domain.agenda.slot import HostBounds, Occupation
from disparo.domain.errors import InputError
from disparo.domain.instants import MILLISECOND

LONGEST_OCCUPATION_MS = (LONGEST + 2 * LONGEST_BUFFER) // MILLISECOND
"""What is longer is refused, so that stores need not look farther back for what reaches into a span."""

DIGITS_OF_ID = 15


def no_bounds(meeting: Meeting) -> dict[str, HostBounds]:
    """What a store is told of the hosts of a meeting that is to keep no new time, so that no limit is asked about."""
    return {one.host_id: HostBounds(DayLimits(), "UTC") for one in meeting.occupations()}


@dataclass(frozen=True, slots=True)
class TimeChange:
    """What is to be kept now and was not, which `slot.refusal` decides on, and what is to be kept no more.

    What stays as it was is in neither: it was decided on when it came to be, and a host whose limits are lower since
    then does not stop the meeting's other changes.
    """

    fresh: tuple[Occupation, ...]
    gone: tuple[Occupation, ...]


def time_change(before: Meeting | None, after: Meeting, now_ms: int) -> TimeChange:
    """The change of time from one revision (None is before the first) to the next.

    Offers whose hold has run out keep nothing. InputError for a time that is longer than any meeting may be.
    """
    kept = () if before is None else before.occupations()
    wanted = dict.fromkeys(after.occupations())
    fresh = [one for one in wanted if one not in kept and one.lives(now_ms)]
    if any(one.span.end_ms - one.span.start_ms > LONGEST_OCCUPATION_MS for one in fresh):
        hours = LONGEST_OCCUPATION_MS // 3_600_000
        raise InputError(f"uma reunião com seus intervalos não passa de {hours} horas: escolha um fim mais cedo")
    return TimeChange(tuple(fresh), tuple(one for one in dict.fromkeys(kept) if one not in wanted))


def hosts_of(meeting: Meeting) -> tuple[str, ...]:
    """Whose meeting it is: the hosts of what is agreed, else those of what is offered."""
    if meeting.slot is not None:
        return meeting.slot.hosts
    return tuple(dict.fromkeys(host for offer in meeting.offers for host in offer.hosts))


def forgotten(meeting: Meeting) -> Meeting:
    """A meeting without what it says of the person: notes, reasons in their words, the provider's id of what they said.

    Ids of some providers hold the person's number (WhatsApp's do, in base64 behind `wamid.`). Other programs are still
    told of its changes, without what somebody wrote about them. Calendars that have the
    meeting are due, at an instant that is past, so that it is taken out of them.
    """
    calendar = tuple(
        note if note.written is None else replace(note, attempts=0, due_at=note.due_at or meeting.proposed_at)
        for note in meeting.calendar
    )
    erased = meeting.erased or calendar != meeting.calendar
    unannounced = tuple(one if is_code(one.reason) else replace(one, reason=WRITTEN) for one in meeting.unannounced)
    reason = meeting.reason if is_code(meeting.reason) else WRITTEN
    return replace(
        meeting, notes="", heard="", reason=reason, calendar=calendar, unannounced=unannounced, erased=erased
    )


def meeting_number(meeting_id: str) -> int | None:
    """The number that a meeting's id is; None for what is no id of a meeting."""
    if not meeting_id.isascii() or not meeting_id.isdecimal() or len(meeting_id) > DIGITS_OF_ID:
        return None
    return int(meeting_id) if meeting_id == str(int(meeting_id)) else None
