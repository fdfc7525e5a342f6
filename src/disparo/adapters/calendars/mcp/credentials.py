"""The secret of calendars behind an MCP server: which tools, how they are called, what they answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from disparo.adapters.calendars.mcp.intervals import Condition, Intervals
from disparo.adapters.calendars.mcp.payload import KEYS, OF_EVENT, OF_WINDOW
from disparo.adapters.mcp.answers import NO_ERROR, Failure, Success
from disparo.adapters.mcp.arguments import placeholders
from disparo.adapters.mcp.connection import Server
from disparo.adapters.mcp.secret import SecretReader, hidden_of

RESERVED = frozenset(("server", "busy", "put", "update", "remove", "failures", "at_once"))
_TOOL = {"tool", "arguments", "success"}
_BUSY = {*_TOOL, "list", "start", "end", "key", "free"}
_WRITE = {*_TOOL, "exists", "missing", "changed", "etag", "join_url", "invites"}


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, its arguments, and what its answers show.

    `exists`, `missing` and `changed` are its words for an event that is there already, that is not there, and that
    somebody changed or that is newer; `etag` and `join_url` point at these in an answer. With `invites` it invites the
    attendees itself.
    """

    name: str
    arguments: Mapping[str, Any] = field(repr=False)
    success: Success = NO_ERROR
    exists: re.Pattern[str] | None = None
    missing: re.Pattern[str] | None = None
    changed: re.Pattern[str] | None = None
    etag: str | None = None
    join_url: str | None = None
    invites: bool = False


@dataclass(frozen=True, slots=True)
class McpCalendarCredentials:
    """Which server, and which of its tools read and write calendars; `update` is there where `put` only makes new ones.

    `extras` are the secret's other texts, by which placeholders name them.
    """

    server: Server
    busy: Tool
    intervals: Intervals
    put: Tool
    remove: Tool
    update: Tool | None = None
    failures: tuple[Failure, ...] = ()
    at_once: int = 4
    extras: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def hidden(self) -> tuple[str, ...]:
        """The texts that no error may hold."""
        return (*hidden_of(self.server), *self.extras.values())


def parse(name: str, secret: Mapping[str, str]) -> McpCalendarCredentials:
    """Read the secret `name`; InputError that says which field is wrong and how, and never what it holds."""
    given = {key: text.strip() for key, text in secret.items() if text.strip()}
    reader = SecretReader(name, given)
    extras = {key: text for key, text in given.items() if key not in RESERVED}
    busy = reader.document("busy", allowed=_BUSY)
    update = _writer(reader, "update", extras) if "update" in given else None
    put = _writer(reader, "put", extras)
    if put.exists is not None and update is None:
        raise reader.wrong("put.exists", "diz que o evento já existe, mas falta update para escrever por cima")
    return McpCalendarCredentials(
        reader.server(),
        _tool(reader, "busy", busy, OF_WINDOW | extras.keys()),
        _intervals(reader, busy),
        put,
        _writer(reader, "remove", extras),
        update,
        reader.failures() if "failures" in given else (),
        reader.at_once() if "at_once" in given else 4,
        extras,
    )


def _tool(reader: SecretReader, name: str, document: Mapping[str, Any], known: frozenset[str]) -> Tool:
    arguments = document.get("arguments")
    if not isinstance(arguments, dict) or not arguments:
        raise reader.wrong(f"{name}.arguments", "quer um objeto com os argumentos da ferramenta")
    for used in placeholders(arguments):
        if used not in known:
            raise reader.wrong(f"{name}.arguments", f"usa {{{used}}}, que não existe ali")
    success = document.get("success", {})
    if not isinstance(success, dict):
        raise reader.wrong(f"{name}.success", "quer um objeto")
    return Tool(
        reader.word(f"{name}.tool", document.get("tool")),
        arguments,
        reader.success(f"{name}.success", success),
        reader.pattern(f"{name}.exists", document.get("exists")),
        reader.pattern(f"{name}.missing", document.get("missing")),
        reader.pattern(f"{name}.changed", document.get("changed")),
        reader.pointer(name, document, "etag"),
        reader.pointer(name, document, "join_url"),
        document.get("invites") is True,
    )


def _writer(reader: SecretReader, name: str, extras: Mapping[str, str]) -> Tool:
    """A tool that writes: it must be told the event's key, or a call that is repeated would make a second event."""
    document = reader.document(name, allowed=_WRITE)
    tool = _tool(reader, name, document, OF_EVENT | extras.keys())
    if not KEYS & set(placeholders(tool.arguments)):
        raise reader.wrong(f"{name}.arguments", "não leva {key} nem {uid}; sem isso uma repetição faria outro evento")
    return tool


def _intervals(reader: SecretReader, document: Mapping[str, Any]) -> Intervals:
    free = document.get("free", [])
    conditions = [free] if isinstance(free, dict) else free
    if not isinstance(conditions, list) or not all(isinstance(one, dict) for one in conditions):
        raise reader.wrong("busy.free", 'quer {"pointer", "equals"}, ou uma lista deles')
    return Intervals(
        reader.pointer("busy", document, "list") or "",
        reader.pointer("busy", document, "start") or "/start",
        reader.pointer("busy", document, "end") or "/end",
        reader.pointer("busy", document, "key"),
        tuple(_condition(reader, one) for one in conditions),
    )


def _condition(reader: SecretReader, document: Mapping[str, Any]) -> Condition:
    reader.only("busy.free", document, {"pointer", "equals"})
    pointer = reader.pointer("busy.free", document)
    if pointer is None:
        raise reader.wrong("busy.free", "quer um pointer")
    return Condition(pointer, document.get("equals", True))
