"""The audit in SQLite, whose table refuses to be changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from secrets import token_hex

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import Row, fetch
from disparo.domain.audit import AuditEntry, AuditFilter, audit_id
from disparo.domain.instants import from_ms, to_ms

APPEND = """
INSERT INTO audit (id, at, actor, name, action, object, outcome, detail, address)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE NOT EXISTS (SELECT 1 FROM audit WHERE id = ?1)
"""

PAGE = """
-- `{index}` is the one that serves what is wanted; ids begin with their instant, so a span is one of ids.
SELECT id, at, actor, name, action, object, outcome, detail, address FROM audit {index}
WHERE id < :after AND id >= :since {conditions} ORDER BY id DESC LIMIT :limit
"""

PRUNE = "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE id < ? ORDER BY id LIMIT ?) RETURNING 1"

_NEWEST = "~"


class SqliteAudit:
    """`Audit` in the table audit."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._turns = count()  # what one process writes in one millisecond stays in its order

    async def append(self, entry: AuditEntry) -> AuditEntry:
        """See `Audit.append`."""
        kept = replace(entry, id=entry.id or audit_id(entry.at, f"{next(self._turns):08x}{token_hex(4)}"))
        await self._db.write(lambda connection: fetch(connection, APPEND, _row(kept)))
        return kept

    async def page(self, wanted: AuditFilter, after: str | None, limit: int) -> Sequence[AuditEntry]:
        """See `Audit.page`."""
        index, conditions = "", []
        if wanted.action is not None:
            conditions.append("AND action >= :action AND action < :action_end")
        for column in ("actor", "object"):
            if getattr(wanted, column) is not None:
                conditions.append(f"AND {column} = :{column}")
                index = f"INDEXED BY audit_of_{column}"
        newest = _NEWEST if wanted.until is None else audit_id(wanted.until, "")
        values = {
            "after": min(after or _NEWEST, newest),
            "since": "" if wanted.since is None else audit_id(wanted.since, ""),
            "actor": wanted.actor,
            "object": wanted.object,
            "action": wanted.action,
            "action_end": _end(wanted.action),
            "limit": limit,
        }
        query = PAGE.format(index=index, conditions=" ".join(conditions))
        return [_entry(row) for row in fetch(self._db.reader, query, values)]

    async def prune(self, before: datetime, limit: int) -> int:
        """See `Audit.prune`."""
        oldest = audit_id(before, "")
        return len(await self._db.write(lambda connection: fetch(connection, PRUNE, (oldest, limit))))


def _end(action: str | None) -> str:
    """What sorts behind every action that is wanted: those that begin with it, or itself alone."""
    if action is None:
        return ""
    return action + "\U0010ffff" if action.endswith(".") else action + "\0"


def _row(entry: AuditEntry) -> tuple[object, ...]:
    detail = json.dumps(dict(entry.detail), ensure_ascii=False)
    who = (entry.actor, entry.name, entry.action, entry.object, entry.outcome)
    return (entry.id, to_ms(entry.at), *who, detail, entry.address)


def _entry(row: Row) -> AuditEntry:
    entry_id, at, actor, name, action, object_, outcome, detail, address = row
    return AuditEntry(from_ms(at), actor, name, action, object_, outcome, json.loads(detail), address, entry_id)
