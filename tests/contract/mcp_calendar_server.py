"""Calendars behind an MCP server made with the official SDK, and other hands in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mcp.server import Server
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult, ListToolsResult, TextContent, Tool

from disparo.adapters.calendars.mcp.calendar import McpCalendar
from disparo.adapters.calendars.mcp.credentials import parse
from disparo.adapters.credentials import Credentials
from disparo.domain.agenda.host import CalendarKind, CalendarRef, Host
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from tests.contract.calendar_suite import AllDay, Daily, Kept, Timed
from tests.contract.mcp_stage import Gate, Given

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


def _object(required: Mapping[str, Any], **optional: Any) -> dict[str, Any]:
    properties = {**required, **optional}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


TOOLS = {
    "list_busy": _object({"calendar": TEXT, "from": TEXT, "to": TEXT}),
    "save_event": _object(
        {"event": TEXT, "sequence": NUMBER, "title": TEXT, "start": TEXT, "end": TEXT},
        etag=TEXT,
        location=TEXT,
        attendees={"type": "array", "items": TEXT},
    ),
    "delete_event": _object({"event": TEXT}, etag=TEXT, sequence=NUMBER),
    "create-event": _object({"calendarId": TEXT, "eventId": TEXT, "summary": TEXT, "start": TEXT, "end": TEXT}),
    "update-event": _object({"calendarId": TEXT, "eventId": TEXT, "summary": TEXT, "start": TEXT, "end": TEXT}),
    "delete-event": _object({"calendarId": TEXT, "eventId": TEXT}),
    "get-freebusy": _object({"calendars": {"type": "array"}, "timeMin": TEXT, "timeMax": TEXT}),
}
"""Three of a server of our own, and four as `@cocal/google-calendar-mcp` has them: a new event under an id that is
there already is an error there, and a change a tool of its own.
"""


@dataclass(frozen=True)
class Saved:
    """An event there; times are instants (RFC 3339) or days."""

    start: str
    end: str
    title: str = "Outra"
    sequence: int = 0
    version: int = 1
    free: bool = False
    edited: bool = False


@dataclass
class Calendars:
    """The server: what it keeps, what it was asked, and what it says instead of an answer when told to."""

    events: dict[str, Saved] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    says: dict[str, CallToolResult | MCPError] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.server: Server[Any] = Server("calendars", version="1", on_list_tools=self._list, on_call_tool=self._call)

    async def _list(self, *_: Any) -> ListToolsResult:
        return ListToolsResult(tools=[Tool(name=name, input_schema=schema) for name, schema in TOOLS.items()])

    async def _call(self, _: Any, params: Any) -> CallToolResult:
        name, given = params.name, dict(params.arguments or {})
        self.calls.append((name, given))
        told = self.says.get(name)
        if isinstance(told, MCPError):
            raise told
        if told is not None:
            return told
        tool = self._delete_event_ if name == "delete-event" else getattr(self, "_" + name.replace("-", "_"))
        return tool(**{key.replace("from", "from_"): value for key, value in given.items()})

    def _list_busy(self, calendar: str, from_: str, to: str) -> CallToolResult:
        entries = [
            {"id": key, "from": one.start, "till": one.end, "show": "free" if one.free else "busy"}
            for key, one in self.events.items()
        ]
        return structured({"calendars": {calendar: entries}})

    def _save_event(
        self, event: str, sequence: int, title: str, start: str, end: str, etag: str = "", **_: Any
    ) -> CallToolResult:
        there = self.events.get(event)
        if there is None and etag:
            return failed("no such event")
        if there is not None:
            if there.sequence > sequence:
                return failed("a newer version is there")
            if there.edited and etag != f"v{there.version}":
                return failed("changed by other hands")
            if there.sequence == sequence:
                return structured({"etag": f"v{there.version}", "link": "https://meet.example.com/1"})
        version = 1 if there is None else there.version + 1
        self.events[event] = Saved(start, end, title, sequence, version)
        return structured({"etag": f"v{version}", "link": "https://meet.example.com/1"})

    def _delete_event(self, event: str, etag: str = "", sequence: int = 0) -> CallToolResult:
        there = self.events.get(event)
        if there is None:
            return failed("no such event")
        if there.edited and etag != f"v{there.version}":
            return failed("changed by other hands")
        del self.events[event]
        return structured({"ok": True})

    def _create_event(self, calendarId: str, eventId: str, summary: str, start: str, end: str) -> CallToolResult:  # noqa: N803
        if eventId in self.events:
            return failed(f"Event with ID '{eventId}' already exists.")
        self.events[eventId] = Saved(start, end, summary)
        return said({"event": {"id": eventId, "htmlLink": "https://calendar.example.com/1"}})

    def _update_event(self, calendarId: str, eventId: str, summary: str, start: str, end: str) -> CallToolResult:  # noqa: N803
        if eventId not in self.events:
            return failed("Not Found")
        self.events[eventId] = Saved(start, end, summary)
        return said({"event": {"id": eventId}})

    def _delete_event_(self, calendarId: str, eventId: str) -> CallToolResult:  # noqa: N803
        return said({"success": True}) if self.events.pop(eventId, None) else failed("Resource has been deleted")

    def _get_freebusy(self, calendars: list[dict[str, str]], timeMin: str, timeMax: str) -> CallToolResult:  # noqa: N803
        busy = [{"start": one.start, "end": one.end} for one in self.events.values()]
        return said({"calendars": {calendars[0]["id"]: {"busy": busy}}})


def structured(document: dict[str, Any]) -> CallToolResult:
    content = [TextContent(type="text", text="see the structured content")]
    return CallToolResult(content=content, structured_content=document)  # type: ignore[arg-type]


def said(document: Any) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=json.dumps(document))])


def failed(words: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=words)], is_error=True)


OWN: dict[str, Any] = {
    "busy": {
        "tool": "list_busy",
        "arguments": {"calendar": "{calendar}", "from": "{start}", "to": "{end}"},
        "list": "/calendars/{calendar}",
        "start": "/from",
        "end": "/till",
        "key": "/id",
        "free": {"pointer": "/show", "equals": "free"},
    },
    "put": {
        "tool": "save_event",
        "arguments": {
            "event": "{key}",
            "sequence": "{sequence}",
            "title": "{title}",
            "start": "{start}",
            "end": "{end}",
            "etag": "{etag}",
            "location": "{location}",
            "attendees": "{attendee_emails}",
        },
        "missing": "^no such event$",
        "changed": "^(changed by other hands|a newer version)",
        "etag": "/etag",
        "join_url": "/link",
        "invites": True,
    },
    "remove": {
        "tool": "delete_event",
        "arguments": {"event": "{key}", "etag": "{etag}"},
        "missing": "^no such event$",
        "changed": "^changed by other hands",
    },
}

COCAL: dict[str, Any] = {
    "busy": {
        "tool": "get-freebusy",
        "arguments": {"calendars": [{"id": "{calendar}"}], "timeMin": "{start_local}", "timeMax": "{end_local}"},
        "list": "/calendars/{calendar}/busy",
    },
    "put": {
        "tool": "create-event",
        "arguments": {
            "calendarId": "{calendar}",
            "eventId": "{key}",
            "summary": "{title}",
            "start": "{start}",
            "end": "{end}",
        },
        "exists": "already exists",
    },
    "update": {
        "tool": "update-event",
        "arguments": {
            "calendarId": "{calendar}",
            "eventId": "{key}",
            "summary": "{title}",
            "start": "{start}",
            "end": "{end}",
        },
        "missing": "Not Found",
    },
    "remove": {
        "tool": "delete-event",
        "arguments": {"calendarId": "{calendar}", "eventId": "{key}"},
        "missing": "Not Found|deleted",
    },
}


def secret(url: str, mapping: Mapping[str, Any] = OWN, **fields: str) -> dict[str, str]:
    server = {"url": url, "headers": {"Authorization": "Bearer a-secret-of-the-server"}}
    return {"server": json.dumps(server), **{name: json.dumps(value) for name, value in mapping.items()}, **fields}


def a_host(name: str = "agenda/da~ana", zone: str = "America/Santiago") -> Host:
    ref = CalendarRef(CalendarKind.MCP, "mcp-calendar", name)
    return Host("ana", "Ana", Place(zone), BusinessHours(), email="ana@example.com", calendar=ref)


def a_calendar(given: Mapping[str, str] | Given, timeout_s: float = 20.0) -> McpCalendar:
    secrets = given if isinstance(given, Given) else Given(given)
    return McpCalendar(Credentials(secrets, "mcp-calendar", parse), timeout_s=timeout_s)


class McpCalendarStage:
    """`CalendarStage` on such a server; the zone of whole days is the host's."""

    def __init__(self, server: Calendars, gate: Gate, url: str) -> None:
        self._server, self._gate = server, gate
        self.host = a_host()
        self.zone = self.host.place.zone
        self.calendar = a_calendar(secret(url))

    async def add(self, foreign: Timed | AllDay | Daily) -> None:
        for start, end in _times(foreign):
            free = not isinstance(foreign, Daily) and foreign.free
            self._server.events[f"foreign-{len(self._server.events)}"] = Saved(start, end, free=free)

    async def move(self, key: str, start_at: datetime, end_at: datetime) -> None:
        there = self._server.events[key]
        version = there.version + 1
        moved = replace(there, start=_text(start_at), end=_text(end_at), version=version, edited=True)
        self._server.events[key] = moved

    async def take_away(self, key: str) -> None:
        del self._server.events[key]

    async def kept(self, key: str) -> Kept | None:
        there = self._server.events.get(key)
        if there is None:
            return None
        return Kept(datetime.fromisoformat(there.start), datetime.fromisoformat(there.end), there.title)

    async def break_off(self) -> None:
        self._gate.statuses["tools/call"] = 503

    async def repair(self) -> None:
        self._gate.statuses.clear()


def _times(foreign: Timed | AllDay | Daily) -> list[tuple[str, str]]:
    if isinstance(foreign, Timed):
        return [(_text(foreign.start_at), _text(foreign.end_at))]
    if isinstance(foreign, AllDay):
        return [(f"{foreign.first:%Y-%m-%d}", f"{foreign.first + timedelta(days=foreign.days):%Y-%m-%d}")]
    starts = [foreign.first + timedelta(days=number) for number in range(foreign.times)]
    instants = [start.replace(tzinfo=ZoneInfo(foreign.zone)).astimezone(UTC) for start in starts]
    return [(_text(at), _text(at + foreign.length)) for at in instants]


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
