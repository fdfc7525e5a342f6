"""What is old, in SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import apsw

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import fetch, fetch_one

NOTE = """
INSERT INTO newest_contact SELECT ?, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'contact'), 0)
WHERE true ON CONFLICT DO NOTHING
"""

IS_NOTED = "SELECT 1 FROM newest_contact WHERE day = ?"

NOTED = "SELECT contact FROM newest_contact WHERE day <= ? ORDER BY day DESC LIMIT 1"

CONTACTS = "SELECT id FROM contact WHERE id > ? AND id <= ? AND erased_at IS NULL ORDER BY id LIMIT ?"

ENROLLED = """
SELECT DISTINCT contact_id FROM message WHERE campaign_id = ? AND contact_id > ? ORDER BY contact_id LIMIT ?
"""

SCRUB = (
    """
    UPDATE message SET provider_id = NULL
    WHERE campaign_id = :campaign AND contact_id > :after AND contact_id <= :last AND provider_id IS NOT NULL
    """,
    """
    UPDATE journal SET detail = '', provider_id = NULL
    WHERE campaign_id = :campaign AND contact_id > :after AND contact_id <= :last
    """,
)

LOOKED_AT = 20_000
"""Ids of one step."""

POSITION = "SELECT position FROM sweep WHERE name = ?"

KEEP_POSITION = "INSERT INTO sweep VALUES (?, ?) ON CONFLICT DO UPDATE SET position = excluded.position"


class SqliteRetention:
    """`Retention` in the tables newest_contact, sweep, contact, message and journal."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def note_newest(self, now: datetime) -> None:
        """See `Retention.note_newest`."""
        if fetch_one(self._db.reader, IS_NOTED, (_day(now),)) is None:
            await self._db.write(lambda connection: connection.execute(NOTE, (_day(now),)).fetchall())

    async def newest_by(self, at: datetime) -> int:
        """See `Retention.newest_by`."""
        row = fetch_one(self._db.reader, NOTED, (_day(at),))
        return 0 if row is None else int(row[0])

    async def contacts(self, after: int, until: int, limit: int) -> tuple[Sequence[str], int | None]:
        """See `Retention.contacts`."""
        last = min(until, after + LOOKED_AT)
        found = [number for (number,) in fetch(self._db.reader, CONTACTS, (after, last, limit))]
        if len(found) == limit:
            last = found[-1]
        return [str(number) for number in found], None if last >= until else last

    async def scrub(self, campaign_id: str, after: str, limit: int) -> str | None:
        """See `Retention.scrub`; the position is a contact's id."""
        begin = int(after or 0)
        found = fetch(self._db.reader, ENROLLED, (int(campaign_id), begin, limit))
        if not found:
            return None
        bounds = {"campaign": int(campaign_id), "after": begin, "last": found[-1][0]}

        def clean(connection: apsw.Connection) -> None:
            for statement in SCRUB:
                connection.execute(statement, bounds)

        await self._db.write(clean)
        return str(found[-1][0])

    async def position(self, sweep: str) -> str:
        """See `Retention.position`."""
        row = fetch_one(self._db.reader, POSITION, (sweep,))
        return "" if row is None else str(row[0])

    async def keep_position(self, sweep: str, position: str) -> None:
        """See `Retention.keep_position`."""
        await self._db.write(lambda connection: connection.execute(KEEP_POSITION, (sweep, position)).fetchall())


def _day(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()
