"""Our events as we write them into a calendar, and what has become of them there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from hashlib import blake2b
from typing import Any

from icalendar import Calendar, Component, vCalAddress

from disparo.adapters.calendars.caldav.busy import address_of, attendees_of
from disparo.adapters.calendars.caldav.events import events_of, value_of
from disparo.adapters.calendars.caldav.text import UnreadableError
from disparo.adapters.icalendar import PRODUCT
from disparo.adapters.icalendar.clean import mail_address, name
from disparo.adapters.icalendar.invitations import component
from disparo.domain.agenda.calendar_event import CalendarChange, CalendarEvent, ChangeKind

MARK = "X-DISPARO-WRITTEN"
"""The property in which we note what we wrote: the version, its times, and a digest of what people read of it."""

_MOST_ATTENDEES = 50
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class There:
    """An event of ours as the calendar has it.

    `version` is the sequence that we wrote, None when it is not our writing. It is `intact` while people find in it
    what we wrote; alarms, colours and answers of attendees are the owner's own.
    """

    uid: str
    version: int | None
    intact: bool
    start_at: datetime
    end_at: datetime
    moved: bool
    cancelled: bool
    answers: frozenset[str]

    def changes(self, key: str) -> Iterable[CalendarChange]:
        """What other hands did to it, as far as it can be seen."""
        if self.version is None:
            return
        if self.cancelled and not self.intact:
            yield CalendarChange(key, ChangeKind.REMOVED)
        elif self.moved:
            yield CalendarChange(key, ChangeKind.MOVED, self.start_at, self.end_at)
        elif "DECLINED" in self.answers:
            yield CalendarChange(key, ChangeKind.DECLINED)
        elif "ACCEPTED" in self.answers:
            yield CalendarChange(key, ChangeKind.ACCEPTED)


def written(event: CalendarEvent, now: datetime, *, alone: bool = False) -> bytes:
    """The resource of an event; `alone` without the people in it.

    Servers that invite by themselves are told that we do (RFC 6638, section 7.1). What is for the host's eyes is
    written only where nobody else is in the event: a server that invites all the same would show it to them.
    """
    alone = alone or bool(event.host_notes)
    if alone:
        event = replace(event, description="\n\n".join(filter(None, (event.description, event.host_notes))))
    entry = component(event, now)
    entry.add(MARK, f"{event.sequence} {_times(entry)} {_digest(entry)}")
    if alone:
        entry.pop("ORGANIZER", None)
    else:
        entry["ORGANIZER"].params["SCHEDULE-AGENT"] = "CLIENT"
        for one in event.attendees[:_MOST_ATTENDEES]:
            if (address := mail_address(one.email)) is not None:
                entry.add("ATTENDEE", _attendee(address, one.name), encode=False)
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", PRODUCT)
    calendar.add_component(entry)
    resource: bytes = calendar.to_ical()
    return resource


def _attendee(address: str, shown: str) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{address}")
    attendee.params.update(ROLE="REQ-PARTICIPANT", PARTSTAT="NEEDS-ACTION")
    attendee.params["SCHEDULE-AGENT"] = "CLIENT"
    if cn := name(shown, 100):
        attendee.params["CN"] = cn
    return attendee


def read(text: str, floating: tzinfo) -> There:
    """An event of ours as a resource has it; UnreadableError when it holds none."""
    masters = [event for event in events_of(text, floating) if "RECURRENCE-ID" not in event]
    if len(masters) != 1:
        raise UnreadableError("event_malformed", "no single event")
    [event] = masters
    start_at, end_at = _span(event)
    version, times, digest = _mark(event)
    return There(
        uid=str(event.get("UID", "")),
        version=version,
        intact=version is not None and digest == _digest(event),
        start_at=start_at,
        end_at=end_at,
        moved=version is not None and times != _times(event),
        cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
        answers=_answers(event),
    )


def _mark(event: Component) -> tuple[int | None, str, str]:
    words = str(event.get(MARK, "")).split()
    if len(words) == 3 and words[0].isascii() and words[0].isdecimal() and len(words[0]) < 10:
        return int(words[0]), words[1], words[2]
    return None, "", ""


def _answers(event: Component) -> frozenset[str]:
    """How the attendees answered; the organizer's own word is none."""
    organizer = address_of(event.get("ORGANIZER", ""))
    others = [one for one in attendees_of(event) if address_of(one) != organizer]
    return frozenset(str(one.params.get("PARTSTAT", "")).upper() for one in others)


def _span(event: Component) -> tuple[datetime, datetime]:
    start, end, length = (value_of(event, name) for name in ("DTSTART", "DTEND", "DURATION"))
    last = end if end is not None else start if length is None else start + length
    return _instant(start), _instant(last)


def _instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def _times(event: Component) -> str:
    return "/".join(at.strftime(_TIME) for at in _span(event))


def _digest(event: Component) -> str:
    """A digest of what people read; spaces do not count, as servers fold texts in their own ways."""
    texts = [" ".join(str(event.get(name, "")).split()) for name in ("SUMMARY", "LOCATION", "DESCRIPTION", "STATUS")]
    repeats = any(name in event for name in ("RRULE", "RDATE"))
    whole = "\0".join([_times(event), *texts, str(repeats)])
    return blake2b(whole.encode("utf-8", "replace"), digest_size=12).hexdigest()
