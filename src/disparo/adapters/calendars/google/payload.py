"""Our events as Google keeps them, and Google's as we read them.

Shapes: the schemas `Event`, `EventDateTime` and `ConferenceData` of the API's description (discovery document, v3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from html import escape
from typing import Any

from disparo.domain.agenda.calendar_event import CalendarEvent, key_of_uid
from disparo.domain.errors import InputError
from disparo.domain.instants import EPOCH, MILLISECOND, from_ms
from disparo.domain.intervals import first_instant

UID, SEQUENCE, START, END, TEXTS = "disparoUid", "disparoSequence", "disparoStart", "disparoEnd", "disparoTexts"
"""Our private properties: which version was written, for when, and what its texts were."""
KEY = re.compile("[0-9a-f]{64}")
LONGEST_TITLE = 1024
LONGEST_DESCRIPTION = 8192
_LONGEST_URL = 1300
_MOST_GUESTS = 500
_ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e]{1,200}"')
_MEET = "hangoutsMeet"


@dataclass(frozen=True, slots=True)
class Mark:
    """What we wrote last into an event, by its private properties."""

    uid: str
    sequence: int
    start_at: datetime
    end_at: datetime
    texts: str


@dataclass(frozen=True, slots=True)
class Conference:
    """The conference of an event: its link, or whether one is still being made."""

    url: str = ""
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """An event as it stands in the calendar; without `start_at` and `end_at` where it has no times that we can read."""

    id: str
    etag: str
    cancelled: bool
    mark: Mark | None
    start_at: datetime | None
    end_at: datetime | None
    conference: Conference = Conference()
    answers: tuple[str, ...] = ()
    """What each one who is not the calendar's own answered (`needsAction`, `accepted`, `declined`, `tentative`)."""
    guests: tuple[Mapping[str, Any], ...] = ()
    """All attendees, as Google tells them."""
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def moved(self) -> bool:
        """Whether it is not when we wrote that it is."""
        return self.mark is None or not self.at(self.mark.start_at, self.mark.end_at)

    def at(self, start_at: datetime, end_at: datetime) -> bool:
        """Whether this is when it is."""
        return (self.start_at, self.end_at) == (start_at, end_at)


# --- writing


def event_body(event: CalendarEvent, *, shared: bool = False) -> dict[str, Any]:
    """An event of ours, without its id, attendees and conference; every field is told, so that nothing old stays.

    One that is `shared` with attendees shows them its description, so that the host's notes are not in it.
    """
    texts = _texts(event, shared)
    return {
        **texts,
        "start": {"dateTime": rfc3339(event.start_at), "timeZone": event.zone},
        "end": {"dateTime": rfc3339(event.end_at), "timeZone": event.zone},
        "status": "confirmed",
        "transparency": "opaque",
        "extendedProperties": {
            "private": {
                UID: event.uid[:500],
                SEQUENCE: str(event.sequence),
                START: rfc3339(event.start_at),
                END: rfc3339(event.end_at),
                TEXTS: digests(texts),
            }
        },
    }


def attendees(event: CalendarEvent, guests: Sequence[Mapping[str, Any]] = ()) -> list[dict[str, Any]]:
    """Those whom Google can invite, asked anew, and `guests` whom other hands invited, as they are."""
    ours = [{"email": one.email, "displayName": one.name[:200]} for one in event.attendees if one.email]
    known = {str(one["email"]).lower() for one in ours}
    others = [one for one in guests if str(one.get("email", "")).lower() not in known]
    return [*ours, *({name: one[name] for name in _GUEST if name in one} for one in others if one.get("email"))]


_GUEST = ("email", "displayName", "responseStatus", "optional", "comment", "additionalGuests", "resource")
"""What a change may say of an attendee (schema `EventAttendee`); the rest is Google's to say."""


def conference_wish(event: CalendarEvent) -> dict[str, Any]:
    """Asks for a Meet; a repeat of the same request is ignored by Google, another version asks anew."""
    wish = {"requestId": f"{event.key[:40]}-{event.sequence}", "conferenceSolutionKey": {"type": _MEET}}
    return {"createRequest": wish}


def untouched(body: Mapping[str, Any], standing: Standing) -> dict[str, Any]:
    """A body without the texts that other hands changed, or that Google keeps in a form of its own."""
    ours = standing.mark.texts.split(".") if standing.mark is not None else []
    changed = {name for name, text in standing.texts.items() if _digest(name, text) not in ours}
    left = {name: value for name, value in body.items() if name not in changed}
    if changed:
        private = {**left["extendedProperties"]["private"], TEXTS: digests({n: body[n] for n in _NAMES - changed})}
        left["extendedProperties"] = {"private": private}
    return left


_NAMES = frozenset({"summary", "description", "location"})


def digests(texts: Mapping[str, str]) -> str:
    """What tells whether texts are still ours, without keeping them twice."""
    return ".".join(sorted(_digest(name, text) for name, text in texts.items()))


def _digest(name: str, text: str) -> str:
    return sha256(f"{name}:{text.strip()}".encode("utf-8", "replace")).hexdigest()[:16]


def _texts(event: CalendarEvent, shared: bool) -> dict[str, str]:
    """Google reads a description as HTML: what a contact wrote must not become a link in a host's calendar."""
    url = "" if event.url in event.description else event.url
    description = "\n\n".join(filter(None, [event.description, url, "" if shared else event.host_notes]))
    while len(told := escape(description, quote=False)) > LONGEST_DESCRIPTION:
        description = description[: len(description) - max(1, (len(told) - LONGEST_DESCRIPTION) // 5)]
    return {
        "summary": " ".join(event.title.split())[:LONGEST_TITLE],
        "description": told,
        "location": event.location[:LONGEST_TITLE],
    }


def rfc3339(at: datetime) -> str:
    """An instant as the API writes it; whole seconds where it has no smaller part."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


# --- reading


def read_standing(document: Mapping[str, Any], zone: str) -> Standing | None:
    """An event of a `get`, a write or a `list`; None for what is no event. `zone` is that of all-day events."""
    id_, status = document.get("id"), document.get("status")
    if not isinstance(id_, str) or not isinstance(status, str | None):
        return None
    etag = document.get("etag")
    start_at, end_at = times(document, zone) or (None, None)
    guests = _guests(document)
    return Standing(
        id=id_,
        etag=etag if isinstance(etag, str) and _ETAG.fullmatch(etag) else "",
        cancelled=status == "cancelled",
        mark=_mark(document),
        start_at=start_at,
        end_at=end_at,
        conference=_conference(document),
        answers=_answers(guests),
        guests=guests,
        texts={name: text if isinstance(text := document.get(name, ""), str) else "" for name in _NAMES},
    )


def times(document: Mapping[str, Any], zone: str) -> tuple[datetime, datetime] | None:
    """From when until when an event is, all-day ones by the days of `zone`; None when that cannot be read."""
    start_at, end_at = instant(document.get("start"), zone), instant(document.get("end"), zone)
    return None if start_at is None or end_at is None or end_at < start_at else (start_at, end_at)


def instant(told: Any, zone: str) -> datetime | None:
    """An `EventDateTime`; a day begins with the first instant at which the clock of `zone` shows it."""
    if not isinstance(told, dict):
        return None
    if isinstance(text := told.get("dateTime"), str):
        return parse_instant(text)
    if not isinstance(text := told.get("date"), str):
        return None
    try:
        day = date.fromisoformat(text)
        return from_ms(first_instant(zone, (datetime(day.year, day.month, day.day, tzinfo=UTC) - EPOCH) // MILLISECOND))
    except (ValueError, OverflowError, InputError):
        return None


def parse_instant(text: Any) -> datetime | None:
    """An instant with its offset (RFC 3339), in UTC; None for anything else."""
    if not isinstance(text, str) or len(text) > 40:
        return None
    try:
        at = datetime.fromisoformat(text)
        return None if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def is_ours(standing: Standing) -> bool:
    """Whether we wrote it: a copy of an event of ours has its properties, but another id."""
    return standing.mark is not None and key_of_uid(standing.mark.uid) == standing.id


def _mark(document: Mapping[str, Any]) -> Mark | None:
    extended = document.get("extendedProperties")
    private = extended.get("private") if isinstance(extended, dict) else None
    if not isinstance(private, dict):
        return None
    uid, sequence, texts = private.get(UID), private.get(SEQUENCE), private.get(TEXTS, "")
    start_at, end_at = parse_instant(private.get(START)), parse_instant(private.get(END))
    if not isinstance(uid, str) or not isinstance(sequence, str) or not isinstance(texts, str):
        return None
    if not re.fullmatch("[0-9]{1,9}", sequence, re.ASCII) or start_at is None or end_at is None:
        return None
    return Mark(uid, int(sequence), start_at, end_at, texts[:200])


def _conference(document: Mapping[str, Any]) -> Conference:
    data = document.get("conferenceData")
    if not isinstance(data, dict):
        return Conference(_link(document.get("hangoutLink")))
    entries = data.get("entryPoints")
    found = [_link(one.get("uri")) for one in entries if _is_video(one)] if isinstance(entries, list) else []
    url = next(filter(None, found), "") or _link(document.get("hangoutLink"))
    status = data.get("createRequest")
    code = status.get("status") if isinstance(status, dict) else None
    pending = isinstance(code, dict) and code.get("statusCode") == "pending"
    return Conference(url, pending and not url)


def _is_video(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("entryPointType") == "video"


def _link(text: Any) -> str:
    usable = isinstance(text, str) and text.startswith("https://") and len(text) <= _LONGEST_URL
    return text if usable and text.isascii() and text.isprintable() and " " not in text else ""


def _guests(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    told = document.get("attendees")
    return tuple(one for one in told[:_MOST_GUESTS] if isinstance(one, dict)) if isinstance(told, list) else ()


def _answers(guests: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    others = (one for one in guests if not (one.get("self") or one.get("organizer") or one.get("resource")))
    return tuple(answer for one in others if isinstance(answer := one.get("responseStatus"), str))
