"""The calendars of the emulated Google Calendar, their events and what became of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from disparo.simulation.emulators.google_calendar_times import (
    busy_spans,
    check_recurrence,
    instances,
    moment,
    span_of,
)

Event: TypeAlias = dict[str, Any]

LONGEST_FREE_BUSY = timedelta(days=90)
_ID = re.compile(r"[0-9a-v]{5,1024}")
_EPOCH_OF_ETAGS = 3_500_000_000_000_000


class RefusedCallError(Exception):
    """What a call is answered with: a status, and a reason and words for its body."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(reason)
        self.status, self.reason, self.message = status, reason, message


@dataclass
class KeptCalendar:
    """One calendar. Each change has a number; sync tokens of before `forgotten` have run out."""

    id: str
    zone: str
    events: dict[str, Event] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    forgotten: int = 0


@dataclass(frozen=True, slots=True)
class Way:
    """How a change is asked for: whether Google may invite, whether conferences are made, which version it is of."""

    delegated: bool = True
    conferences: bool = False
    etag: str = ""


class CalendarBook:
    """Calendars by their ids. What Google does on its own happens when a test says so (`finish_conferences`)."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._calendars: dict[str, KeptCalendar] = {}
        self._number = 0
        self.conferences_refused = False
        self.conferences_pending = True
        self.mails: list[tuple[str, str]] = []
        """Whom Google sent mail about which event."""

    def open(self, calendar_id: str, zone: str) -> KeptCalendar:
        """A new calendar that is shared with the service account."""
        self._calendars[calendar_id] = KeptCalendar(calendar_id, zone)
        return self._calendars[calendar_id]

    def close(self, calendar_id: str) -> None:
        """It is no longer shared."""
        del self._calendars[calendar_id]

    def calendar(self, calendar_id: str) -> KeptCalendar:
        """One that is shared."""
        if calendar_id not in self._calendars:
            raise RefusedCallError(404, "notFound", "Not Found")
        return self._calendars[calendar_id]

    # --- methods

    def insert(self, calendar_id: str, body: Event, way: Way) -> Event:
        """events.insert"""
        calendar = self.calendar(calendar_id)
        id_ = body.get("id") or f"{self._number:026d}"
        if not isinstance(id_, str) or not _ID.fullmatch(id_):
            raise RefusedCallError(400, "invalid", "Invalid resource id value.")
        if id_ in calendar.events:
            raise RefusedCallError(409, "duplicate", "The requested identifier already exists.")
        now = _written(self._clock())
        email = calendar_id if "@" in calendar_id else "service@example.com"
        event = {
            "kind": "calendar#event",
            "status": "confirmed",
            "created": now,
            "creator": {"email": email},
            "organizer": {"email": email, "self": True},
            "iCalUID": f"{id_}@google.com",
            "sequence": 0,
            "eventType": "default",
            "htmlLink": f"https://www.google.com/calendar/event?eid={id_[:20]}",
        }
        return self._keep(calendar, event | body | {"id": id_}, body, way)

    def get(self, calendar_id: str, event_id: str) -> Event:
        """events.get: a deleted one, too"""
        events = self.calendar(calendar_id).events
        if event_id not in events:
            raise RefusedCallError(404, "notFound", "Not Found")
        return events[event_id]

    def patch(self, calendar_id: str, event_id: str, body: Event, way: Way) -> Event:
        """events.patch: fields that are told are replaced, properties are merged."""
        event = self._version(calendar_id, event_id, way.etag)
        merged = event | body
        if "extendedProperties" in body:
            old, new = (one.get("extendedProperties", {}).get("private", {}) for one in (event, body))
            merged["extendedProperties"] = {"private": old | new}
        return self._keep(self.calendar(calendar_id), merged, body, way)

    def update(self, calendar_id: str, event_id: str, body: Event, way: Way) -> Event:
        """events.update: what is not told is gone."""
        event = self._version(calendar_id, event_id, way.etag)
        own = ("kind", "id", "created", "creator", "organizer", "iCalUID", "sequence", "eventType", "htmlLink")
        kept = {name: event[name] for name in (*own, "status") if name in event}
        if not way.conferences and "conferenceData" in event:
            kept["conferenceData"] = event["conferenceData"]
        return self._keep(self.calendar(calendar_id), kept | body, body, way)

    def delete(self, calendar_id: str, event_id: str, etag: str = "") -> None:
        """events.delete: it stays, as cancelled, and its id with it."""
        event = self.get(calendar_id, event_id)
        if event["status"] == "cancelled":
            raise RefusedCallError(410, "deleted", "Resource has been deleted")
        self._version(calendar_id, event_id, etag)
        self._note(self.calendar(calendar_id), event | {"status": "cancelled"})

    def listed(self, calendar_id: str, query: Mapping[str, str]) -> list[Event]:
        """events.list without a sync token: what is in the window, in order of their beginning."""
        calendar = self.calendar(calendar_id)
        deleted = query.get("showDeleted") == "true"
        events: Sequence[Event] = [one for one in calendar.events.values() if deleted or one["status"] != "cancelled"]
        if query.get("singleEvents") == "true":
            events = [one for event in events for one in instances(event, calendar.zone)]
        after = _instant(query["timeMin"]) if "timeMin" in query else None
        before = _instant(query["timeMax"]) if "timeMax" in query else None
        if after is not None and before is not None and before <= after:
            raise RefusedCallError(400, "timeRangeEmpty", "The specified time range is empty.")
        spans = [(span_of(event, calendar.zone), event) for event in events]
        found = [
            (span, event)
            for span, event in spans
            if (before is None or span[0] < before) and (after is None or span[1] > after)
        ]
        return [event for _, event in sorted(found, key=lambda one: (one[0], one[1]["id"]))]

    def changed_since(self, calendar_id: str, token: str) -> list[Event]:
        """events.list by a sync token: what changed since, of deleted ones the id only."""
        calendar = self.calendar(calendar_id)
        if not re.fullmatch(r"CN[0-9]{1,12}==", token):
            raise RefusedCallError(400, "invalid", "Invalid sync token value.")
        since = int(token[2:-2])
        if since < calendar.forgotten:
            raise RefusedCallError(410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.")
        ids = sorted((number, id_) for id_, number in calendar.changed.items() if number > since)
        return [_stub(calendar.events[id_]) for _, id_ in ids]

    def sync_token(self) -> str:
        """For what changes from now on."""
        return f"CN{self._number}=="

    def expire_sync_tokens(self, calendar_id: str) -> None:
        """Those given before are too old from now on."""
        self._number += 1
        self.calendar(calendar_id).forgotten = self._number

    def free_busy(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """freebusy.query"""
        start, end = (_instant(body.get(name)) for name in ("timeMin", "timeMax"))
        if end <= start:
            raise RefusedCallError(400, "timeRangeEmpty", "The specified time range is empty.")
        if end - start > LONGEST_FREE_BUSY:
            raise RefusedCallError(400, "timeRangeTooLong", "The requested time range is too long.")
        told: dict[str, Any] = {}
        for item in body.get("items", []):
            calendar = self._calendars.get(item["id"])
            if calendar is None:
                told[item["id"]] = {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
                continue
            spans = busy_spans(calendar.events.values(), calendar.zone, (start, end))
            told[item["id"]] = {"busy": [{"start": _written(one), "end": _written(other)} for one, other in spans]}
        return {"kind": "calendar#freeBusy", "timeMin": _written(start), "timeMax": _written(end), "calendars": told}

    def finish_conferences(self, succeed: bool = True) -> None:
        """Every conference that is being made is there now, or could not be made."""
        for calendar in self._calendars.values():
            for event in [one for one in calendar.events.values() if _is_pending(one)]:
                data = _made(event["conferenceData"]) if succeed else _failed(event["conferenceData"])
                self._note(calendar, event | {"conferenceData": data})

    # --- keeping

    def _version(self, calendar_id: str, event_id: str, etag: str) -> Event:
        event = self.get(calendar_id, event_id)
        if etag not in ("", "*", event["etag"]):
            raise RefusedCallError(412, "conditionNotMet", "Precondition Failed")
        return event

    def _keep(self, calendar: KeptCalendar, event: Event, body: Event, way: Way) -> Event:
        try:
            start, end = span_of(event, calendar.zone)
            check_recurrence(event)
        except (KeyError, ValueError, TypeError, OSError):
            raise RefusedCallError(400, "required", "Missing or malformed start or end time.") from None
        if end < start or (end == start and "date" in event["start"]):
            raise RefusedCallError(400, "timeRangeEmpty", "The specified time range is empty.")
        if body.get("attendees"):
            if not way.delegated:
                words = "Service accounts cannot invite attendees without Domain-Wide Delegation of Authority."
                raise RefusedCallError(403, "forbiddenForServiceAccounts", words)
            event["attendees"] = [{"responseStatus": "needsAction"} | one for one in body["attendees"]]
        self._confer(event, calendar.events.get(event["id"], {}), body, way)
        return self._note(calendar, event)

    def _confer(self, event: Event, before: Event, body: Event, way: Way) -> None:
        wish = (body.get("conferenceData") or {}).get("createRequest")
        if not way.conferences or wish is None:
            event.pop("conferenceData", None)
            if "conferenceData" in before:
                event["conferenceData"] = before["conferenceData"]
            return
        if self.conferences_refused:
            raise RefusedCallError(400, "invalid", "Invalid conference type value.")
        known = before.get("conferenceData", {})
        if known.get("createRequest", {}).get("requestId") == wish["requestId"]:
            event["conferenceData"] = known
            return
        data = {"createRequest": wish | {"status": {"statusCode": "pending"}}}
        event["conferenceData"] = data if self.conferences_pending else _made(data)

    def _note(self, calendar: KeptCalendar, event: Event) -> Event:
        self._number += 1
        etag = f'"{_EPOCH_OF_ETAGS + self._number}"'
        kept = event | {"etag": etag, "updated": _written(self._clock())}
        calendar.events[event["id"]] = kept
        calendar.changed[event["id"]] = self._number
        return kept


def _stub(event: Event) -> Event:
    if event["status"] != "cancelled":
        return event
    return {name: event[name] for name in ("kind", "etag", "id", "status")}


def _is_pending(event: Event) -> bool:
    wish = event.get("conferenceData", {}).get("createRequest", {})
    return bool(wish.get("status", {}).get("statusCode") == "pending")


def _made(data: dict[str, Any]) -> dict[str, Any]:
    uri = "https://meet.google.com/abc-defg-hij"
    return {
        "createRequest": data["createRequest"] | {"status": {"statusCode": "success"}},
        "entryPoints": [
            {"entryPointType": "video", "uri": uri, "label": uri.removeprefix("https://")},
            {"entryPointType": "more", "uri": "https://tel.meet/abc-defg-hij?pin=1", "pin": "1"},
        ],
        "conferenceSolution": {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"},
        "conferenceId": "abc-defg-hij",
    }


def _failed(data: dict[str, Any]) -> dict[str, Any]:
    return {"createRequest": data["createRequest"] | {"status": {"statusCode": "failure"}}}


def _instant(text: Any) -> datetime:
    """An instant with its offset, its part below a second ignored where it bounds a list."""
    try:
        if not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is None:
            raise ValueError("offset")
        return moment({"dateTime": text}, "UTC")
    except ValueError:
        raise RefusedCallError(400, "badRequest", "Bad Request") from None


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="auto").replace("+00:00", "Z")
