"""A meeting as it stands in calendars."""

from __future__ import annotations

from collections.abc import Mapping

from disparo.domain.agenda.calendar_event import Attendee, CalendarEvent
from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.contact import Contact

_ENDED = frozenset({MeetingState.CANCELLED, MeetingState.DECLINED, MeetingState.EXPIRED})


def event_of(
    meeting: Meeting,
    meeting_type: MeetingType,
    hosts: Mapping[str, Host],
    contact: Contact | None,
    *,
    for_host: bool = False,
    host_notes: str = "",
    url: str = "",
) -> CalendarEvent:
    """What is agreed as an event, for its guest or `for_host`; ValueError when nothing ever was.

    The first host organises it. Of a contact who was erased only the time is left.
    """
    if meeting.slot is None or meeting.agreed is None:
        raise ValueError("no time was agreed")
    with_them = [hosts[name] for name in meeting.slot.hosts if name in hosts]
    organizer = with_them[0] if with_them else None
    names = ", ".join(host.name for host in with_them)
    guest = (contact.name if contact is not None else "") or "?"
    others = [Attendee(host.name, host.email) for host in with_them[1:]]
    attendee = [] if contact is None else [Attendee(contact.name, contact.email)]
    cancelled = meeting.state in _ENDED
    return CalendarEvent(
        uid=meeting.uid,
        sequence=meeting.sequence if cancelled else meeting.agreed,
        title=f"{meeting_type.title}: {guest if for_host else names}",
        start_at=meeting.slot.start_at,
        end_at=meeting.slot.end_at,
        zone=organizer.place.zone if for_host and organizer is not None else meeting.place.zone,
        organizer=Attendee(organizer.name, organizer.email) if organizer is not None else Attendee(names),
        attendees=tuple([*attendee, *others]),
        description=meeting_type.description,
        host_notes=host_notes,
        location=meeting.join_url or meeting_type.location,
        url=url,
        online=meeting_type.online,
        cancelled=cancelled,
    )
