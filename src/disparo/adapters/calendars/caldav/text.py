"""iCalendar text (RFC 5545) taken apart before it is parsed: events without alarms, and zones by their names.

A library that parses the whole would keep one calendar's zones for all others, follow rules without an end and fail for
what we need not know.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

LONGEST = 1024 * 1024
"""Characters of one resource."""

ZONE_PARAMETER = "X-DISPARO-TZID"
"""What TZID is called in what we parse, so that a time keeps what its clock shows until we know its zone."""

_NAME = re.compile(r"[A-Za-z0-9-]+")
_TZID = re.compile(r';TZID=("[^"]*"|[^;:,"]*)', re.I)


class UnreadableError(Exception):
    """A resource that cannot be understood: `code` says why."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


@dataclass(slots=True)
class Parts:
    """The events of a resource, each as its lines, and the definitions of its zones by their TZID."""

    events: list[list[str]] = field(default_factory=list)
    zones: dict[str, list[str]] = field(default_factory=dict)


def parts_of(text: str, wanted: Collection[str] | None = None) -> Parts:
    """Take a resource apart; of events only the properties that are `wanted`, None for all.

    UnreadableError (`event_malformed`, `event_too_large`).
    """
    if len(text) > LONGEST:
        raise UnreadableError("event_too_large")
    parts, path, block, ended = Parts(), list[str](), list[str](), False
    for line in _unfolded(text):
        name, value = _name(line), line.partition(":")[2].strip().upper()
        if name == "BEGIN":
            path.append(value)
            block = [] if len(path) == 2 else block
        if ended or path[:1] != ["VCALENDAR"]:
            raise UnreadableError("event_malformed", "no VCALENDAR")
        if _kept(name, path, wanted):
            block.append(_as_shown(line) if name in TIMES else line)
        if name == "END":
            if path.pop() != value:
                raise UnreadableError("event_malformed", "END without BEGIN")
            ended = not path
            if len(path) == 1:
                _put_away(parts, value, block)
    if not ended:
        raise UnreadableError("event_malformed", "no END")
    return parts


TIMES = frozenset(("DTSTART", "DTEND", "RDATE", "EXDATE", "RECURRENCE-ID"))
"""Properties that may have a TZID."""


def _kept(name: str, path: list[str], wanted: Collection[str] | None) -> bool:
    kind = path[1] if len(path) > 1 else ""
    if kind == "VTIMEZONE":
        return True
    return kind == "VEVENT" and len(path) == 2 and name not in ("BEGIN", "END") and (wanted is None or name in wanted)


def _put_away(parts: Parts, kind: str, block: list[str]) -> None:
    if kind == "VEVENT":
        parts.events.append(block)
    elif kind == "VTIMEZONE":
        named = [line.partition(":")[2].strip() for line in block if _name(line) == "TZID"]
        if len(named) != 1:
            raise UnreadableError("zone_malformed")
        parts.zones[named[0]] = block


def _unfolded(text: str) -> Iterator[str]:
    """Content lines (RFC 5545, section 3.1); line ends are told by CR LF or LF alone."""
    held = ""
    for line in text.replace("\r\n", "\n").split("\n"):
        if line[:1] in (" ", "\t"):
            held += line[1:]
            continue
        if held.strip():
            yield held
        held = line
    if held.strip():
        yield held


def _name(line: str) -> str:
    found = _NAME.match(line)
    if found is None or line[found.end() : found.end() + 1] not in (";", ":"):
        raise UnreadableError("event_malformed", "a line that is no property")
    return found[0].upper()


def _as_shown(line: str) -> str:
    return _TZID.sub(rf";{ZONE_PARAMETER}=\1", line)
