"""What the emulated Calendar API takes in a request, and what part of an answer is asked for.

Parameters and fields: the API's description (discovery document, v3), of the methods that are emulated.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

EVERYWHERE = frozenset({"alt", "fields", "key", "oauth_token", "prettyPrint", "quotaUser", "userIp"})
PARAMETERS: Mapping[str, frozenset[str]] = {
    "events.insert": frozenset(
        {
            "conferenceDataVersion",
            "eventLabelVersion",
            "maxAttendees",
            "sendNotifications",
            "sendUpdates",
            "supportsAttachments",
        }
    ),
    "events.get": frozenset({"alwaysIncludeEmail", "maxAttendees", "timeZone"}),
    "events.delete": frozenset({"sendNotifications", "sendUpdates"}),
    "events.list": frozenset(
        {
            "alwaysIncludeEmail",
            "eventTypes",
            "iCalUID",
            "maxAttendees",
            "maxResults",
            "orderBy",
            "pageToken",
            "privateExtendedProperty",
            "q",
            "sharedExtendedProperty",
            "showDeleted",
            "showHiddenInvitations",
            "singleEvents",
            "syncToken",
            "timeMax",
            "timeMin",
            "timeZone",
            "updatedMin",
        }
    ),
    "freebusy.query": frozenset(),
}
OF_CHANGES = PARAMETERS["events.insert"] | {"alwaysIncludeEmail"}
"""Of events.patch and events.update."""
NOT_WITH_SYNC_TOKEN = frozenset(
    {
        "iCalUID",
        "orderBy",
        "privateExtendedProperty",
        "q",
        "sharedExtendedProperty",
        "timeMin",
        "timeMax",
        "updatedMin",
    }
)
WRITABLE = frozenset(
    {
        "attendees",
        "conferenceData",
        "description",
        "end",
        "extendedProperties",
        "id",
        "location",
        "recurrence",
        "reminders",
        "source",
        "start",
        "status",
        "summary",
        "transparency",
        "visibility",
    }
)
"""Of an event, what this keeps; other fields of the schema are refused rather than lost."""
FREE_BUSY = frozenset({"calendarExpansionMax", "groupExpansionMax", "items", "timeMax", "timeMin", "timeZone"})
_TOKEN = re.compile(r"[A-Za-z]+|[(),/]")


def unknown_parameters(call: str, names: Collection[str]) -> list[str]:
    """Those that a method does not have."""
    known = OF_CHANGES if call in ("events.patch", "events.update") else PARAMETERS[call]
    return sorted(set(names) - known - EVERYWHERE)


def part_of(document: Any, selector: str) -> Any:
    """The part of an answer that `fields` asks for (`items(id,start),nextPageToken`); ValueError for a bad one."""
    tokens = _TOKEN.findall(selector)
    if "".join(tokens) != selector:
        raise ValueError("fields")
    tree = _tree(tokens)
    if tokens:
        raise ValueError("fields")
    return _pick(document, tree)


def _tree(tokens: list[str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    while True:
        if not tokens or not tokens[0].isalpha():
            raise ValueError("fields")
        path = [tokens.pop(0)]
        while tokens and tokens[0] == "/":
            tokens.pop(0)
            path.append(tokens.pop(0))
        inner: dict[str, Any] = {}
        if tokens and tokens[0] == "(":
            tokens.pop(0)
            inner = _tree(tokens)
            if not tokens or tokens.pop(0) != ")":
                raise ValueError("fields")
        for name in reversed(path[1:]):
            inner = {name: inner}
        tree[path[0]] = inner
        if not tokens or tokens[0] != ",":
            return tree
        tokens.pop(0)


def _pick(document: Any, tree: Mapping[str, Any]) -> Any:
    if not tree:
        return document
    if isinstance(document, list):
        return [_pick(one, tree) for one in document]
    return {name: _pick(document[name], inner) for name, inner in tree.items() if name in document}
