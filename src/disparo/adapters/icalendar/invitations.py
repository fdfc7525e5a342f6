"""Invitations and feeds, written by the package icalendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from disparo.adapters.icalendar import PRODUCT
from disparo.adapters.icalendar.clean import lines, mail_address, name, one_line, web_address
from disparo.domain.agenda.calendar_event import Attendee, CalendarEvent
from disparo.domain.template import Invitation

if TYPE_CHECKING:
    from icalendar import Calendar, Event, vCalAddress

REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"
MOST_ATTENDEES = 50
LONGEST_TITLE = 250
LONGEST_LOCATION = 500
LONGEST_DESCRIPTION = 8_000
LONGEST_NAME = 100
NOBODY: Final = "invalid:nomail"
"""Stands for the organizer of a meeting whose host has no address: there must be one (RFC 5546, section 3.2.2)."""

_REFRESH = timedelta(minutes=15)


class ICalendar:
    """`Invitations` for mail programs: instants in UTC, lines of at most 75 octets that end in CRLF.

    Texts are written in one line where calendars show one, and are cut at the lengths above; what is no web address is
    left out, and so is who has no e-mail address.
    """

    def invitation(self, event: CalendarEvent, now: datetime) -> Invitation:
        """See `Invitations.invitation`."""
        method = CANCEL if event.cancelled else REQUEST
        calendar, entry = _calendar(method), component(event, now)
        for one in event.attendees[:MOST_ATTENDEES]:
            if (invited := _attendee(one, asked=not event.cancelled)) is not None:
                entry.add("attendee", invited)
        calendar.add_component(entry)
        return Invitation(method, _text(calendar))

    def feed(self, name: str, events: Sequence[CalendarEvent], now: datetime) -> str:
        """See `Invitations.feed`; attendees are not in it, as RFC 5546 (section 3.2.1) wants, and nobody is invited."""
        from icalendar import vText

        calendar, title = _calendar(PUBLISH), vText(one_line(name, LONGEST_TITLE))
        calendar.add("name", title)
        calendar.add("x-wr-calname", title)
        calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT15M")
        for event in events:
            calendar.add_component(component(event, now))
        return _text(calendar)


def component(event: CalendarEvent, now: datetime) -> Event:
    """The event alone, without its attendees."""
    from icalendar import Event

    entry = Event()
    entry.add("uid", one_line(event.uid, LONGEST_TITLE))
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", now.astimezone(UTC))
    entry.add("dtstart", event.start_at.astimezone(UTC))
    entry.add("dtend", event.end_at.astimezone(UTC))
    entry.add("summary", one_line(event.title, LONGEST_TITLE))
    entry.add("organizer", _address(event.organizer))
    entry.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    entry.add("transp", "TRANSPARENT" if event.cancelled else "OPAQUE")
    if description := lines(event.description, LONGEST_DESCRIPTION):
        entry.add("description", description)
    if location := one_line(event.location, LONGEST_LOCATION):
        entry.add("location", location)
    if url := web_address(event.url):
        entry.add("url", url)
    return entry


def _calendar(method: str) -> Calendar:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _text(calendar: Calendar) -> str:
    written: bytes = calendar.to_ical()
    return written.decode()


def _attendee(who: Attendee, *, asked: bool) -> vCalAddress | None:
    if mail_address(who.email) is None:
        return None
    address = _address(who)
    address.params["CUTYPE"] = "INDIVIDUAL"
    address.params["ROLE"] = "REQ-PARTICIPANT"
    address.params["PARTSTAT"] = "NEEDS-ACTION"
    if asked:
        address.params["RSVP"] = "TRUE"
    return address


def _address(who: Attendee) -> vCalAddress:
    from icalendar import vCalAddress

    known = mail_address(who.email)
    address = vCalAddress(NOBODY if known is None else f"mailto:{known}")
    if shown := name(who.name, LONGEST_NAME):
        address.params["CN"] = shown
    return address
