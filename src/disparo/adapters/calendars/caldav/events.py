"""Events as a calendar has them, with every time in a zone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, tzinfo
from typing import Any

from icalendar import Calendar, Component, Event, vDDDLists, vDDDTypes

from disparo.adapters.calendars.caldav.text import TIMES, ZONE_PARAMETER, UnreadableError, parts_of
from disparo.adapters.calendars.caldav.zones import Zones


def events_of(text: str, floating: tzinfo, wanted: Collection[str] | None = None) -> list[Event]:
    """The events of a resource, those that replace an occurrence among them; UnreadableError.

    A time without a zone is one of `floating`. Of each event only the properties that are `wanted`, None for all.
    """
    parts = parts_of(text, wanted)
    zones = Zones(parts.zones, floating)
    events = [_parsed(lines) for lines in parts.events]
    for event in events:
        for name in TIMES:
            for value in _each(event.get(name)):
                _put_in_zone(value, zones)
    return events


def value_of(event: Component, name: str) -> Any:
    """A day, instant or length of time of an event; None when it has none."""
    found: Any = event.get(name)
    return None if found is None else found.dt


def _parsed(lines: list[str]) -> Event:
    whole = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    try:
        event = Calendar.from_ical("\r\n".join(whole)).walk("VEVENT")[0]
    except Exception as error:  # a library's, for whatever a calendar may hold
        raise UnreadableError("event_malformed", type(error).__name__) from None
    # The library goes on without what it does not understand.
    if not isinstance(event, Event) or event.errors:
        raise UnreadableError("event_malformed", _names(event.errors))
    if not isinstance(event.get("DTSTART"), vDDDTypes) or isinstance(event.get("DTEND"), list):
        raise UnreadableError("event_malformed", "DTSTART")
    return event


def _names(errors: list[tuple[str | None, str]]) -> str:
    return ", ".join(sorted({name or "?" for name, _ in errors}))


def _put_in_zone(value: object, zones: Zones) -> None:
    if isinstance(value, vDDDLists):
        tzid = _tzid(value.params)
        for one in value.dts:
            one.dt = _in_zone(one.dt, tzid, zones)
    elif isinstance(value, vDDDTypes):
        value.dt = _in_zone(value.dt, _tzid(value.params), zones)
    else:
        raise UnreadableError("event_malformed")


def _tzid(parameters: Any) -> str | None:
    found = parameters.get(ZONE_PARAMETER)
    if found is not None and not isinstance(found, str):
        raise UnreadableError("event_malformed", "TZID")
    return found


def _in_zone(value: Any, tzid: str | None, zones: Zones) -> Any:
    """A time in its zone; days and lengths of time stay what they are, as do times that are UTC already."""
    if isinstance(value, tuple):
        return tuple(_in_zone(one, tzid, zones) for one in value)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=zones.of(tzid))
    return value


def _each(value: object) -> Iterator[object]:
    if isinstance(value, list):
        yield from value
    elif value is not None:
        yield value
