"""Meetings as iCalendar: one to add to a calendar, or all of a host's to subscribe to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

from fastapi import Response

from disparo.domain.agenda.calendar_event import CalendarEvent
from disparo.domain.agenda.event import event_of
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.errors import NotFoundError
from disparo.entrypoints.http.booking.pages import PRIVATE
from disparo.entrypoints.http.booking.subject import found_type, subject_of
from disparo.entrypoints.http.booking.visit import Visit
from disparo.entrypoints.http.installation import Installation
from disparo.ports.agenda import MeetingFilter, hosts_by_id
from disparo.ports.contacts import known_contact
from disparo.ports.links import AgendaLink, LinkPurpose, feed_of

LOOKS_BACK = timedelta(days=30)
"""How far back a feed goes."""

MOST_EVENTS = 2_000
_PAGE = 200
_MEDIA_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"
_TAKES_PLACE = frozenset({MeetingState.CONFIRMED, MeetingState.HELD, MeetingState.NO_SHOW})


class NoEventError(NotFoundError):
    """The meeting has no time that could stand in a calendar."""


async def invite(house: Installation, meeting: Meeting, purpose: LinkPurpose, visit: Visit) -> Response:
    """One meeting as a file for whoever opened its link; NoEventError when no time is agreed."""
    subject = await subject_of(house.store.hosts, meeting)
    if meeting.state not in _TAKES_PLACE or meeting.slot is None or subject.type is None:
        raise NoEventError("a reunião não está marcada")
    hosts = {host.id: host for host in subject.hosts}
    if purpose is LinkPurpose.HOST:
        contact = await known_contact(house.store.contacts, meeting.contact_id)
        event = event_of(meeting, subject.type, hosts, contact, for_host=True)
    else:  # whoever booked on the public page may have typed somebody else's address, and learns nobody's
        unaddressed = {host_id: replace(host, email=None) for host_id, host in hosts.items()}
        event = event_of(meeting, subject.type, unaddressed, None)
    # Published, not an invitation to answer: that one travels by e-mail, to an organizer whose mail we read.
    text = house.invitations.feed(subject.type.title, [event], visit.now)
    more = {"Content-Disposition": 'attachment; filename="agenda.ics"'}
    return Response(text, headers={**PRIVATE, **more}, media_type=_MEDIA_TYPE)


async def feed(house: Installation, link: AgendaLink, visit: Visit) -> Response:
    """A host's agreed meetings from 30 days back on; NotFoundError for a host who is no more, or renewed the link."""
    host_id, number = feed_of(link)
    host = await house.store.hosts.host(host_id)
    if number != host.feed_link:
        raise NotFoundError("este link não é mais o desta agenda")
    events = [event async for event in _events(house, host_id, visit)]
    text = house.invitations.feed(host.name, events, visit.now)
    return Response(text, headers=PRIVATE, media_type=_MEDIA_TYPE)


async def _events(house: Installation, host_id: str, visit: Visit) -> AsyncIterator[CalendarEvent]:
    types: dict[str, MeetingType | None] = {}
    hosts = await hosts_by_id(house.store.hosts)
    async for meeting in _meetings(house, host_id, visit):
        if meeting.type_id not in types:
            types[meeting.type_id] = await found_type(house.store.hosts, meeting.type_id)
        if (kind := types[meeting.type_id]) is None or meeting.slot is None or meeting.agreed is None:
            continue
        contact = await known_contact(house.store.contacts, meeting.contact_id)
        # Without the host's own link: calendars that are subscribed to are shown to others.
        yield event_of(meeting, kind, hosts, contact, for_host=True)


async def _meetings(house: Installation, host_id: str, visit: Visit) -> AsyncIterator[Meeting]:
    wanted = MeetingFilter(states=_TAKES_PLACE, host_id=host_id, from_at=visit.now - LOOKS_BACK)
    after: str | None = None
    for _ in range(MOST_EVENTS // _PAGE):
        page = await house.store.meetings.page(wanted, after, _PAGE)
        for meeting in page:
            yield meeting
        if len(page) < _PAGE:
            return
        after = page[-1].id
