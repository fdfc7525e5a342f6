"""Alarms in SQLite."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

import apsw

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import Row, fetch, fetch_one
from disparo.domain.alarm import HISTORY_KEPT, AlarmChange, AlarmName, AlarmStanding
from disparo.domain.alarm_document import change_document, parse_change, parse_standing, standing_document
from disparo.domain.instants import from_ms, to_ms

STANDINGS = "SELECT document FROM alarm"

STANDING = "SELECT document FROM alarm WHERE name = ?"

KEEP = """
INSERT INTO alarm VALUES (:name, :state, :document)
ON CONFLICT (name) DO UPDATE SET state = excluded.state, document = excluded.document
"""

KEEP_CHANGE = "INSERT INTO alarm_change (id, document, waiting) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING"

PRUNE = "DELETE FROM alarm_change WHERE id < ?"

CHANGES = """
SELECT document, waiting, told FROM alarm_change WHERE (:after IS NULL OR id < :after) ORDER BY id DESC LIMIT :limit
"""

UNTOLD = """
SELECT document, waiting, told FROM alarm_change
WHERE id >= ? AND instr(waiting, ' ' || ? || ' ') > 0 ORDER BY id
"""

TOLD = """
UPDATE alarm_change SET waiting = replace(waiting, ' ' || :way || ' ', ' '),
                        told = json_set(told, '$."' || :way || '"', :at)
WHERE id = :id AND instr(waiting, ' ' || :way || ' ') > 0
"""


class SqliteAlarms:
    """`AlarmBook` in the tables alarm and alarm_change."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def standings(self) -> Sequence[AlarmStanding]:
        """See `AlarmBook.standings`."""
        found = (parse_standing(json.loads(document)) for (document,) in fetch(self._db.reader, STANDINGS))
        return sorted((one for one in found if one is not None), key=lambda one: tuple(AlarmName).index(one.name))

    async def keep(self, standing: AlarmStanding, before: AlarmStanding | None, change: AlarmChange | None) -> bool:
        """See `AlarmBook.keep`."""

        def keep(connection: apsw.Connection) -> bool:
            if _known(connection, standing.name) != _mark(before):
                return False
            document = json.dumps(standing_document(standing))
            connection.execute(KEEP, {"name": standing.name, "state": standing.state, "document": document})
            if change is not None:
                ways = "".join(f" {way} " for way in sorted(change.waiting))
                connection.execute(KEEP_CHANGE, (change.id, json.dumps(change_document(change)), ways))
                connection.execute(PRUNE, (f"{to_ms(standing.checked_at - HISTORY_KEPT):013}",))
            return True

        return await self._db.write(keep)

    async def changes(self, after: str | None, limit: int) -> Sequence[AlarmChange]:
        """See `AlarmBook.changes`."""
        return _changes(fetch(self._db.reader, CHANGES, {"after": after, "limit": limit}))

    async def untold(self, way: str, from_at: datetime) -> Sequence[AlarmChange]:
        """See `AlarmBook.untold`."""
        return _changes(fetch(self._db.reader, UNTOLD, (f"{to_ms(from_at):013}", way)))

    async def told(self, change_id: str, way: str, at: datetime) -> None:
        """See `AlarmBook.told`."""
        values = {"id": change_id, "way": way, "at": to_ms(at)}
        await self._db.write(lambda connection: connection.execute(TOLD, values))


def _known(connection: apsw.Connection, name: AlarmName) -> tuple[str, int] | None:
    row = fetch_one(connection, STANDING, (name,))
    return None if row is None else _mark(parse_standing(json.loads(row[0])))


def _mark(standing: AlarmStanding | None) -> tuple[str, int] | None:
    return None if standing is None else (str(standing.state), to_ms(standing.since))


def _changes(rows: Iterable[Row]) -> list[AlarmChange]:
    found = [
        parse_change(
            json.loads(document),
            frozenset(waiting.split()),
            {way: from_ms(at) for way, at in json.loads(told).items()},
        )
        for document, waiting, told in rows
    ]
    return [one for one in found if one is not None]
