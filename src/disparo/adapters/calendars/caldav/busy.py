"""When a calendar's events keep their owner busy."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import recurring_ical_events
from icalendar import Calendar, Component, Event

from disparo.adapters.calendars.caldav.events import events_of, value_of
from disparo.adapters.calendars.caldav.rules import Effort, make_fit, many_a_day
from disparo.adapters.calendars.caldav.text import UnreadableError
from disparo.domain.agenda.calendar_event import key_of_uid
from disparo.domain.instants import EPOCH, MILLISECOND, from_ms, to_ms
from disparo.domain.intervals import DAY_MS, Interval, first_instant, intersect, zone_named

AROUND = timedelta(hours=36)
"""How much wider than wanted a calendar is asked: servers take days and times without a zone for those of UTC."""

WANTED = frozenset(
    (
        *("UID", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"),
        *("STATUS", "TRANSP", "ATTENDEE"),
    )
)
"""The properties that decide; what others hold can be as broken as it likes."""

_LENGTH = "X-DISPARO-LENGTH"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a calendar is read: when, the zone of its days and of times that name none, and whose it is.

    `besides` are keys (`key_of_uid`) of events that do not count, `owner` are the owner's e-mail addresses in lower
    case. `until_s` is when reading ends unfinished, on the clock of `time.monotonic`.
    """

    window: Interval
    zone: str
    besides: Collection[str] = ()
    owner: Collection[str] = ()
    until_s: float = float("inf")


def busy_of(texts: Iterable[str], reading: Reading) -> tuple[Interval, ...]:
    """When the owner is busy by these resources; UnreadableError for any that is not understood (I9).

    Transparent and cancelled events do not count, nor those that the owner declined; tentative ones do. A time that a
    clock change leaves out is taken by the offset before it, and of a length that can be read in two ways over such a
    change the longer one counts.
    """
    effort, found = Effort(), list[Interval]()
    for text in texts:
        if time.monotonic() > reading.until_s:
            raise UnreadableError("calendar_too_large", "no time left")
        found += _of_resource(text, reading, effort)
    return intersect(found, [reading.window])


def _of_resource(text: str, reading: Reading, effort: Effort) -> Iterator[Interval]:
    events = events_of(text, zone_named(reading.zone), WANTED)
    events = [event for event in events if key_of_uid(str(event.get("UID", ""))) not in reading.besides]
    try:
        for occurrence in _occurrences(events, reading.window, effort):
            if _counts(occurrence, reading.owner):
                yield _span(occurrence, reading.zone)
    except UnreadableError:
        raise
    except Exception as error:  # a library's, for whatever a calendar may hold
        raise UnreadableError("event_malformed", type(error).__name__) from None


def _occurrences(events: list[Event], window: Interval, effort: Effort) -> Iterator[Component]:
    start_at, end_at = from_ms(window.start_ms) - AROUND, from_ms(window.end_ms) + AROUND
    for event in events:
        make_fit(event, end_at, effort)
        _note_length(event)
    for calendar in _apart(events):
        yield from recurring_ical_events.of(calendar).between(start_at, end_at)


def _apart(events: list[Event]) -> Iterator[Calendar]:
    """Events that are followed together: a series with what replaces its occurrences.

    Of one that happens many times a day nothing is left out and nothing replaced: it is busy at all its times.
    """
    together = Calendar()
    dense = {event.get("UID") for event in events if many_a_day(event)}
    for event in events:
        if event.get("UID") not in dense:
            together.add_component(event)
            continue
        alone = Calendar()
        for name in ("EXDATE", "RECURRENCE-ID"):
            event.pop(name, None)
        alone.add_component(event)
        yield alone
    yield together


def _note_length(event: Event) -> None:
    """Keep how long it is by the clock that nobody sets: the library adds on the one that hangs on the wall."""
    start, end, length = (value_of(event, name) for name in ("DTSTART", "DTEND", "DURATION"))
    if not isinstance(start, datetime):
        return
    exact = length if end is None else timedelta(0)
    if isinstance(end, datetime):
        exact = end.astimezone(UTC) - start.astimezone(UTC)
    event[_LENGTH] = str((exact or timedelta(0)) // MILLISECOND)


def _counts(occurrence: Component, owner: Collection[str]) -> bool:
    if _word(occurrence, "TRANSP") == "TRANSPARENT" or _word(occurrence, "STATUS") == "CANCELLED":
        return False
    return not any(
        address_of(attendee) in owner and str(attendee.params.get("PARTSTAT", "")).upper() == "DECLINED"
        for attendee in attendees_of(occurrence)
    )


def _word(component: Component, name: str) -> str:
    return str(component.get(name, "")).strip().upper()


def attendees_of(component: Component) -> list[Any]:
    """The attendees of an event."""
    found = component.get("ATTENDEE")
    return [] if found is None else found if isinstance(found, list) else [found]


def address_of(attendee: Any) -> str:
    """The e-mail address of an attendee in lower case."""
    return str(attendee).strip().lower().removeprefix("mailto:")


def _span(occurrence: Component, zone: str) -> Interval:
    start, end = value_of(occurrence, "DTSTART"), value_of(occurrence, "DTEND")
    start_ms = _ms(start, zone)
    if not isinstance(start, datetime):
        return Interval(start_ms, max(_ms(end, zone), _ms(start + _DAY, zone)))
    return Interval(start_ms, max(_ms(end, zone), start_ms + int(str(occurrence.get(_LENGTH, 0)))))


def _ms(value: date, zone: str) -> int:
    """An instant; of a day the first one in its zone."""
    if isinstance(value, datetime):
        return to_ms(value.astimezone(UTC))
    midnight = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return first_instant(zone, (midnight - EPOCH) // _DAY * DAY_MS)
