"""Tries to sign in, in SQLite."""

from __future__ import annotations

from datetime import datetime, timedelta

import apsw

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import fetch_one
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.policies.throttle import Throttle, Tried

TRIED = "SELECT count, last_at FROM sign_in_try WHERE name = ?"

KEEP = """
INSERT INTO sign_in_try (name, count, last_at) VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET count = excluded.count, last_at = excluded.last_at
"""

FORGET = "DELETE FROM sign_in_try WHERE name = ?"

PRUNE = "DELETE FROM sign_in_try WHERE last_at < ?"


class SqliteTries:
    """`Tries` in the table sign_in_try; looking and counting are one transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def take(self, name: str, throttle: Throttle, now: datetime) -> timedelta:
        """See `Tries.take`."""

        def take(connection: apsw.Connection) -> timedelta:
            tried = _tried(connection, name)
            if wait := throttle.wait(tried, now):
                return wait
            _keep(connection, name, throttle.taken(tried, now))
            return wait

        return await self._db.write(take)

    async def give_back(self, name: str, throttle: Throttle, now: datetime) -> None:
        """See `Tries.give_back`."""
        await self._db.write(
            lambda connection: _keep(connection, name, throttle.given_back(_tried(connection, name), now))
        )

    async def forget(self, name: str) -> None:
        """See `Tries.forget`."""
        await self._db.write(lambda connection: _keep(connection, name, None))

    async def prune(self, before: datetime) -> int:
        """See `Tries.prune`."""

        def prune(connection: apsw.Connection) -> int:
            connection.execute(PRUNE, (to_ms(before),))
            return int(connection.changes())

        return await self._db.write(prune)


def _tried(connection: apsw.Connection, name: str) -> Tried | None:
    row = fetch_one(connection, TRIED, (name,))
    return None if row is None else Tried(row[0], from_ms(row[1]))


def _keep(connection: apsw.Connection, name: str, tried: Tried | None) -> None:
    if tried is None:
        connection.execute(FORGET, (name,))
    else:
        connection.execute(KEEP, (name, tried.count, to_ms(tried.last_at)))
