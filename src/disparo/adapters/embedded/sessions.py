"""Sessions in SQLite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import apsw

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import Row, fetch, fetch_one
from disparo.domain.account import Account
from disparo.domain.account_document import parse_account
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.session import Session

BEGIN = """
INSERT INTO session (id, account_id, began_at, seen_at, ends_at, device, address) VALUES (?, ?, ?, ?, ?, ?, ?)
"""

FIND = """
SELECT s.id, s.account_id, s.began_at, s.seen_at, s.ends_at, s.device, s.address, a.document, a.revision
FROM session s JOIN account a ON a.id = s.account_id WHERE s.id = ? AND s.account_id = ?
"""

SEEN = "UPDATE session SET seen_at = :now WHERE id = :id AND seen_at < :now"

OF_ACCOUNT = """
SELECT id, account_id, began_at, seen_at, ends_at, device, address FROM session WHERE account_id = ?
ORDER BY seen_at DESC, id
"""

END = "DELETE FROM session WHERE id = ? AND account_id = ?"

END_ALL = "DELETE FROM session WHERE account_id = ? AND id IS NOT ?"

PRUNE = "DELETE FROM session WHERE ends_at <= ?"


class SqliteSessions:
    """`Sessions` in the table session."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def begin(self, session: Session) -> None:
        """See `Sessions.begin`."""
        values = (
            *(session.id, session.account_id),
            *(to_ms(at) for at in (session.began_at, session.seen_at, session.ends_at)),
            *(session.device, session.address),
        )
        await self._db.write(lambda connection: connection.execute(BEGIN, values))

    async def find(self, account_id: str, session_id: str) -> tuple[Session, Account] | None:
        """See `Sessions.find`."""
        row = fetch_one(self._db.reader, FIND, (session_id, account_id))
        return None if row is None else (_session(row[:7]), parse_account(json.loads(row[7]), row[8]))

    async def seen(self, session: Session, now: datetime) -> None:
        """See `Sessions.seen`."""
        values = {"id": session.id, "now": to_ms(now)}
        await self._db.write(lambda connection: connection.execute(SEEN, values))

    async def of_account(self, account_id: str) -> Sequence[Session]:
        """See `Sessions.of_account`."""
        return [_session(row) for row in fetch(self._db.reader, OF_ACCOUNT, (account_id,))]

    async def end(self, account_id: str, session_id: str) -> None:
        """See `Sessions.end`."""
        await self._db.write(lambda connection: connection.execute(END, (session_id, account_id)))

    async def end_all(self, account_id: str, *, but: str | None = None) -> int:
        """See `Sessions.end_all`."""
        return await self._db.write(lambda connection: _count(connection, END_ALL, (account_id, but)))

    async def prune(self, now: datetime) -> int:
        """See `Sessions.prune`."""
        return await self._db.write(lambda connection: _count(connection, PRUNE, (to_ms(now),)))


def _count(connection: apsw.Connection, statement: str, values: apsw.Bindings) -> int:
    connection.execute(statement, values)
    return int(connection.changes())


def _session(row: Row) -> Session:
    session_id, account_id, began_at, seen_at, ends_at, device, address = row
    return Session(session_id, account_id, from_ms(began_at), from_ms(seen_at), from_ms(ends_at), device, address)
