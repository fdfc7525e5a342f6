"""Google Calendar's API v3 and its token address, emulated: what an adapter asks for, and what goes wrong.

Shapes: the API's description (discovery document, v3); errors: its guide "Handle API errors". What Google documents
nowhere is in `docs/calendars/google.md`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from disparo.simulation.emulators.faults import FaultKind
from disparo.simulation.emulators.google_calendar_book import CalendarBook, Event, RefusedCallError, Way
from disparo.simulation.emulators.google_calendar_fields import (
    FREE_BUSY,
    NOT_WITH_SYNC_TOKEN,
    WRITABLE,
    part_of,
    unknown_parameters,
)
from disparo.simulation.emulators.google_calendar_tokens import SCOPE, Granted, RefusedGrantError, ServiceAccount

if TYPE_CHECKING:
    from aiohttp import web

Serving: TypeAlias = "Callable[[web.Request], Awaitable[web.StreamResponse]]"

API, TOKEN = "/google/calendar/v3", "/google/token"
SECRET_NAME = "mcp-calendar"
"""Named like the other secrets of the source document."""
CALENDAR_ID = "vendas@example.com"
SUBJECT = "ana@example.com"
KEPT_CALLS = 10_000
_EVENTS = f"{API}/calendars/{{calendarId}}/events"
_SCOPES = {"freebusy.query": {"calendar", "calendar.freebusy"}}
_EVENT_SCOPES = {"calendar", "calendar.events"}
_DOMAINS = {
    "authError": "global",
    "rateLimitExceeded": "usageLimits",
    "userRateLimitExceeded": "usageLimits",
    "quotaExceeded": "usageLimits",
    "forbiddenForServiceAccounts": "calendar",
    "timeRangeEmpty": "calendar",
    "updatedMinTooLongAgo": "calendar",
    "fullSyncRequired": "calendar",
}


@dataclass(frozen=True, slots=True)
class CalendarFault:
    """A fault of the next `times` calls (0: until cleared) of one method (`events.insert`, `token`), or of all.

    Kinds are those of the other emulators that make sense here: ERROR, ERROR_AFTER_TAKING, DROP_BEFORE, DROP_AFTER,
    SLOW (`seconds`). `body` is answered as it stands, with `status`.
    """

    kind: FaultKind = FaultKind.ERROR
    call: str | None = None
    status: int = 503
    reason: str = "backendError"
    body: str | None = None
    headers: Mapping[str, str] | None = None
    seconds: float = 0.0
    times: int = 1


@dataclass(frozen=True, slots=True)
class Call:
    """One request and its answer, None where it got none."""

    name: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    status: int = 0
    answer: Any = None


class GoogleCalendarEmulator:
    """One service account and its calendars, `CALENDAR_ID` being one of them.

    With `delegated` it may act for `SUBJECT`, and its secret says so.
    """

    def __init__(
        self,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        zone: str = "America/Sao_Paulo",
        delegated: bool = False,
    ) -> None:
        self.book = CalendarBook(clock)
        self.book.open(CALENDAR_ID, zone)
        people = frozenset({SUBJECT}) if delegated else frozenset[str]()
        self.account = ServiceAccount(clock, "agenda@projeto.iam.gserviceaccount.com", people)
        self.calls: list[Call] = []
        """The last `KEPT_CALLS` at least."""
        self._faults: list[CalendarFault] = []

    def order(self, *faults: CalendarFault) -> None:
        """Ask for faults."""
        self._faults.extend(faults)

    def clear(self) -> None:
        """Forget those that have not happened."""
        self._faults.clear()

    def secret(self, origin: str) -> dict[str, str]:
        """The secret by which a sender uses it, in the source document's structure ("MCP Calendar")."""
        return {
            "endpoint": f"{origin}{API}",
            "api_key": "not-used",
            "calendar_id": CALENDAR_ID,
            "service_account_email": self.account.email,
            "private_key": self.account.private_key,
            "token_uri": f"{origin}{TOKEN}",
            **({"subject": SUBJECT} if self.account.delegated else {}),
        }

    def routes(self) -> list[web.RouteDef]:
        """Its paths."""
        from aiohttp import web

        one = f"{_EVENTS}/{{eventId}}"
        return [
            web.post(TOKEN, self._served("token", self._token)),
            web.post(f"{API}/freeBusy", self._served("freebusy.query", self._free_busy)),
            web.get(_EVENTS, self._served("events.list", self._list), allow_head=False),
            web.post(_EVENTS, self._served("events.insert", self._insert)),
            web.get(one, self._served("events.get", self._get), allow_head=False),
            web.patch(one, self._served("events.patch", self._patch)),
            web.put(one, self._served("events.update", self._update)),
            web.delete(one, self._served("events.delete", self._delete)),
        ]

    # --- methods

    def _token(self, call: Call, request: web.Request) -> tuple[int, Any]:
        try:
            return 200, self.account.grant(call.body, f"http://{request.host}{TOKEN}")
        except RefusedGrantError as refused:
            return refused.status, refused.document

    def _free_busy(self, call: Call, request: web.Request) -> tuple[int, Any]:  # noqa: ARG002
        _refuse_unknown(call.body, FREE_BUSY)
        return 200, self.book.free_busy(call.body)

    def _insert(self, call: Call, request: web.Request) -> tuple[int, Any]:
        _refuse_unknown(call.body, WRITABLE)
        event = self.book.insert(request.match_info["calendarId"], call.body, self._way(call, request))
        return 200, self._mailed(call, event)

    def _get(self, call: Call, request: web.Request) -> tuple[int, Any]:  # noqa: ARG002
        return 200, self.book.get(request.match_info["calendarId"], request.match_info["eventId"])

    def _patch(self, call: Call, request: web.Request) -> tuple[int, Any]:
        _refuse_unknown(call.body, WRITABLE)
        place = request.match_info["calendarId"], request.match_info["eventId"]
        return 200, self._mailed(call, self.book.patch(*place, call.body, self._way(call, request)))

    def _update(self, call: Call, request: web.Request) -> tuple[int, Any]:
        _refuse_unknown(call.body, WRITABLE)
        place = request.match_info["calendarId"], request.match_info["eventId"]
        return 200, self._mailed(call, self.book.update(*place, call.body, self._way(call, request)))

    def _delete(self, call: Call, request: web.Request) -> tuple[int, Any]:
        place = request.match_info["calendarId"], request.match_info["eventId"]
        event = self.book.get(*place)
        self.book.delete(*place, call.headers.get("If-Match", ""))
        self._mailed(call, event)
        return 204, None

    def _list(self, call: Call, request: web.Request) -> tuple[int, Any]:
        calendar_id, query = request.match_info["calendarId"], call.query
        calendar, token = self.book.calendar(calendar_id), query.get("syncToken")
        if token is not None and NOT_WITH_SYNC_TOKEN & set(query):
            raise RefusedCallError(400, "badRequest", "Sync token cannot be used with these parameters.")
        book = self.book
        events = book.listed(calendar_id, query) if token is None else book.changed_since(calendar_id, token)
        begin, size = _number("pageToken", query.get("pageToken", "P0")[1:]), _size(query)
        document: dict[str, Any] = {
            "kind": "calendar#events",
            "etag": f'"{self.book.sync_token()}"',
            "summary": calendar_id,
            "updated": "2026-11-22T10:00:00.000Z",
            "timeZone": calendar.zone,
            "accessRole": "writer",
            "defaultReminders": [],
            "items": [_fewer(one, query) for one in events[begin : begin + size]],
        }
        if begin + size < len(events):
            document["nextPageToken"] = f"P{begin + size}"
        else:
            document["nextSyncToken"] = self.book.sync_token()
        return 200, document

    def _way(self, call: Call, request: web.Request) -> Way:
        granted = self._granted(request)
        conferences = call.query.get("conferenceDataVersion") == "1"
        return Way(granted.subject is not None, conferences, call.headers.get("If-Match", ""))

    def _mailed(self, call: Call, event: Event) -> Event:
        if call.query.get("sendUpdates") == "all":
            self.book.mails += [(one["email"], event["id"]) for one in event.get("attendees", [])]
        return event

    # --- serving

    def _served(self, name: str, answer: Callable[[Call, web.Request], tuple[int, Any]]) -> Serving:
        async def serve(request: web.Request) -> web.StreamResponse:
            call = await _call(name, request)
            fault = self._fault(name)
            if fault is not None and fault.kind is FaultKind.DROP_BEFORE:
                return self._dropped(request, call)
            if fault is not None and fault.kind is FaultKind.ERROR:
                return self._noted(call, _of_fault(fault))
            status, document = self._answer(call, request, answer)
            if fault is not None and fault.kind is FaultKind.DROP_AFTER:
                return self._dropped(request, call)
            if fault is not None and fault.kind is FaultKind.SLOW:
                await asyncio.sleep(fault.seconds)
            if fault is not None and fault.kind is FaultKind.ERROR_AFTER_TAKING:
                return self._noted(call, _of_fault(fault))
            return self._noted(call, _json(status, document))

        return serve

    def _answer(
        self, call: Call, request: web.Request, answer: Callable[[Call, web.Request], tuple[int, Any]]
    ) -> tuple[int, Any]:
        try:
            if call.name != "token":
                self._granted(request)
                self._check(call)
            status, document = answer(call, request)
            return status, part_of(document, call.query["fields"]) if "fields" in call.query else document
        except RefusedCallError as refused:
            return refused.status, error_body(refused.status, refused.reason, refused.message)
        except (KeyError, TypeError, ValueError, AttributeError):  # a body of another shape
            return 400, error_body(400, "badRequest", "Bad Request")

    def _granted(self, request: web.Request) -> Granted:
        granted = self.account.granted(request.headers.get("Authorization", ""))
        if granted is None:
            raise RefusedCallError(401, "authError", "Invalid Credentials")
        return granted

    def _check(self, call: Call) -> None:
        granted = self.account.granted(call.headers.get("Authorization", ""))
        wanted = {f"{SCOPE}{name}" for name in _SCOPES.get(call.name, _EVENT_SCOPES)}
        if granted is not None and not wanted & granted.scopes:
            words = "Request had insufficient authentication scopes."
            raise RefusedCallError(403, "insufficientPermissions", words)
        if unknown := unknown_parameters(call.name, call.query):
            raise RefusedCallError(400, "invalidParameter", f"Unknown parameter {unknown[0]}")
        if call.method in ("POST", "PUT", "PATCH") and not isinstance(call.body, dict):
            raise RefusedCallError(400, "parseError", "Parse Error")

    def _fault(self, name: str) -> CalendarFault | None:
        for place, fault in enumerate(self._faults):
            if fault.call in (None, name) and (fault.call is not None or name != "token"):
                if fault.times == 1:
                    del self._faults[place]
                elif fault.times > 1:
                    self._faults[place] = replace(fault, times=fault.times - 1)
                return fault
        return None

    def _keep(self, call: Call) -> None:
        self.calls.append(call)
        if len(self.calls) > 2 * KEPT_CALLS:
            del self.calls[:KEPT_CALLS]

    def _dropped(self, request: web.Request, call: Call) -> web.StreamResponse:
        self._keep(call)
        if request.transport is not None:
            request.transport.abort()
        return _json(500, None)

    def _noted(self, call: Call, response: web.Response) -> web.Response:
        body = response.body if isinstance(response.body, bytes) else b""
        try:
            document = json.loads(body) if body else None
        except ValueError:
            document = body
        self._keep(replace(call, status=response.status, answer=document))
        return response


def error_body(status: int, reason: str, message: str = "Error") -> dict[str, Any]:
    """An error as the API writes it."""
    entry = {"domain": _DOMAINS.get(reason, "global"), "reason": reason, "message": message}
    return {"error": {"errors": [entry], "code": status, "message": message}}


@asynccontextmanager
async def google_calendar(emulator: GoogleCalendarEmulator, *, port: int = 0) -> AsyncIterator[str]:
    """The emulator alone, on this machine, until the block ends; its origin. On a free port when `port` is 0."""
    from aiohttp import web

    application = web.Application(client_max_size=1024 * 1024)
    application.add_routes(emulator.routes())
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _call(name: str, request: web.Request) -> Call:
    content = await request.read()
    body: Any = None
    if request.content_type == "application/json" and content:
        try:
            body = json.loads(content)
        except ValueError:
            body = None
    elif request.content_type == "application/x-www-form-urlencoded":
        body = {key: str(value) for key, value in (await request.post()).items()}
    return Call(name, request.method, request.rel_url.raw_path, dict(request.query), request.headers, body)


def _refuse_unknown(body: Mapping[str, Any], known: frozenset[str]) -> None:
    if unknown := sorted(set(body) - known):
        raise RefusedCallError(400, "invalid", f'Invalid JSON payload received. Unknown name "{unknown[0]}"')


def _fewer(event: Event, query: Mapping[str, str]) -> Event:
    """More attendees than `maxAttendees`: the calendar's own only."""
    people = event.get("attendees", [])
    if len(people) <= _number("maxAttendees", query.get("maxAttendees", "1000")):
        return event
    return event | {"attendees": [one for one in people if one.get("self")], "attendeesOmitted": True}


def _size(query: Mapping[str, str]) -> int:
    return max(1, min(_number("maxResults", query.get("maxResults", "250")), 2500))


def _number(name: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise RefusedCallError(400, "invalid", f"Invalid value for {name}.")
    return int(text)


def _of_fault(fault: CalendarFault) -> web.Response:
    from aiohttp import web

    if fault.body is not None:
        return web.Response(status=fault.status, text=fault.body, headers=fault.headers)
    return _json(fault.status, error_body(fault.status, fault.reason), fault.headers)


def _json(status: int, document: Any, headers: Mapping[str, str] | None = None) -> web.Response:
    from aiohttp import web

    if document is None:
        return web.Response(status=status, headers=headers)
    text = json.dumps(document, ensure_ascii=False)
    return web.Response(status=status, text=text, content_type="application/json", headers=headers)
