"""One-time links in SQLite."""

from __future__ import annotations

import apsw

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import fetch_one
from disparo.domain.instants import from_ms, to_ms
from disparo.ports.one_time_links import OneTimeLink

PUT = """
INSERT INTO one_time_link (subject, secret, expires_at) VALUES (?, ?, ?)
ON CONFLICT (subject) DO UPDATE SET secret = excluded.secret, expires_at = excluded.expires_at
"""

FIND = "SELECT subject, secret, expires_at FROM one_time_link WHERE subject = ?"

TAKE = "DELETE FROM one_time_link WHERE subject = ? AND secret = ?"

DROP = "DELETE FROM one_time_link WHERE subject = ?"


class SqliteOneTimeLinks:
    """`OneTimeLinks` in the table one_time_link."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def put(self, link: OneTimeLink) -> None:
        """See `OneTimeLinks.put`."""
        values = (link.subject, link.secret, to_ms(link.expires_at))
        await self._db.write(lambda connection: connection.execute(PUT, values))

    async def find(self, subject: str) -> OneTimeLink | None:
        """See `OneTimeLinks.find`."""
        row = fetch_one(self._db.reader, FIND, (subject,))
        return None if row is None else OneTimeLink(row[0], row[1], from_ms(row[2]))

    async def take(self, subject: str, secret: str) -> bool:
        """See `OneTimeLinks.take`."""

        def take(connection: apsw.Connection) -> bool:
            connection.execute(TAKE, (subject, secret))
            return bool(connection.changes())

        return await self._db.write(take)

    async def drop(self, subject: str) -> None:
        """See `OneTimeLinks.drop`."""
        await self._db.write(lambda connection: connection.execute(DROP, (subject,)))
