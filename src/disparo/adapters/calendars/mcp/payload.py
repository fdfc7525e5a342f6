"""What a calendar's tools are told: a window of time, or an event of ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from disparo.adapters.mcp.arguments import Value
from disparo.domain.agenda.calendar_event import CalendarEvent
from disparo.domain.agenda.host import Host
from disparo.domain.intervals import zone_named


def window_fields(host: Host, start_at: datetime, end_at: datetime, extras: Mapping[str, str]) -> dict[str, Value]:
    """What placeholders stand for when a tool is asked what is busy; None is what there is nothing for."""
    return {
        **extras,
        **_of_host(host),
        **_span(start_at, end_at, host.place.zone),
        "zone": host.place.zone,
    }


def event_fields(host: Host, event: CalendarEvent, etag: str, extras: Mapping[str, str]) -> dict[str, Value]:
    """What placeholders stand for when an event is written or removed; None is what this event has not."""
    emails: list[object] = [one.email for one in event.attendees if one.email]
    people: list[object] = [
        {"email": one.email, "displayName": one.name} if one.name else {"email": one.email}
        for one in event.attendees
        if one.email
    ]
    return {
        **extras,
        **_of_host(host),
        **_span(event.start_at, event.end_at, event.zone),
        "zone": event.zone,
        "key": event.key,
        "uid": event.uid,
        "sequence": event.sequence,
        "etag": etag or None,
        "title": event.title,
        "description": event.description or None,
        "host_notes": event.host_notes or None,
        "location": event.location or None,
        "url": event.url or None,
        "online": event.online,
        "organizer_name": event.organizer.name or None,
        "organizer_email": event.organizer.email,
        "attendees": people or None,
        "attendee_emails": emails or None,
        "attendee_names": ", ".join(one.name for one in event.attendees) or None,
    }


_HOST = frozenset(("calendar", "host_id", "host_name", "host_email"))
_SPAN = frozenset(("start", "end", "start_local", "end_local", "start_s", "end_s", "zone"))
OF_WINDOW = _HOST | _SPAN
"""The names of `window_fields`, without those that a secret adds."""

OF_EVENT = OF_WINDOW | {
    *("key", "uid", "sequence", "etag", "title", "description", "host_notes", "location", "url", "online"),
    *("organizer_name", "organizer_email", "attendees", "attendee_emails", "attendee_names"),
}
"""The names of `event_fields`, without those that a secret adds."""

KEYS = frozenset(("key", "uid"))
"""By one of these a tool knows an event again, so that writing it twice makes one."""


def _of_host(host: Host) -> dict[str, Value]:
    return {
        "calendar": host.calendar.name or None,
        "host_id": host.id,
        "host_name": host.name,
        "host_email": host.email,
    }


def _span(start_at: datetime, end_at: datetime, zone: str) -> dict[str, Value]:
    """Two instants in UTC (RFC 3339), as the zone's clock shows them, and as seconds since 1970."""
    found: dict[str, Value] = {}
    for name, at in (("start", start_at), ("end", end_at)):
        found[name] = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        found[f"{name}_local"] = f"{at.astimezone(zone_named(zone)):%Y-%m-%dT%H:%M:%S}"
        found[f"{name}_s"] = int(at.timestamp())
    return found
