"""The audit: who did what when to which object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from disparo.domain.instants import from_ms, to_ms

LONGEST_DETAIL = 500
"""Characters of one detail; what is longer is cut."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that somebody did, or was refused.

    `actor` is a principal's (`user:3`, `key:7`, `local:local`), `name` what they were called then. `action` is
    `<resource>.<verb>`, `object` what it was done to, as `campaign 12`. `detail` holds ids and codes: no texts of
    people, no addresses, no secrets.
    """

    at: datetime
    actor: str
    name: str
    action: str
    object: str
    outcome: str = "done"
    """`done` or `refused`."""
    detail: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    """From where on the network it was asked."""
    id: str = ""
    """Ids sort by when entries were written; empty before that."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries to list; None is any. `since` inclusive, `until` exclusive."""

    actor: str | None = None
    action: str | None = None
    """The whole of it, or with a `.` at its end everything of a resource."""
    object: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def holds(self, entry: AuditEntry) -> bool:
        """Whether an entry is among those that are wanted."""
        return (
            self.actor in (None, entry.actor)
            and self.object in (None, entry.object)
            and (self.action is None or _is_of(entry.action, self.action))
            and (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at < self.until)
        )


def _is_of(action: str, wanted: str) -> bool:
    return action.startswith(wanted) if wanted.endswith(".") else action == wanted


def audit_id(at: datetime, token: str) -> str:
    """The id of what is written at this instant; `token` tells it from others of the same millisecond."""
    return f"{to_ms(at):015d}-{token}"


def written_at(entry_id: str) -> datetime:
    """When the entry of an id was written."""
    return from_ms(int(entry_id.partition("-")[0]))


def clipped(detail: Mapping[str, object]) -> dict[str, str]:
    """Details as they are kept: texts, none of them long."""
    return {name: str(value)[:LONGEST_DETAIL] for name, value in detail.items()}
