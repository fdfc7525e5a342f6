"""Kept answers in SQLite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import apsw

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.forgotten import is_gone
from disparo.adapters.embedded.rows import fetch_one
from disparo.domain.instants import to_ms
from disparo.ports.idempotency import (
    IN_FLIGHT_FOR,
    KEPT_FOR,
    Begun,
    InFlight,
    KeptAnswer,
    OtherRequest,
    Replay,
    Standing,
)

TAKE = """
INSERT INTO request (key, fingerprint, token, free_at) VALUES (:key, :fingerprint, :token, :free_at)
ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, token = excluded.token,
                                free_at = excluded.free_at, status = NULL, headers = NULL, body = NULL,
                                about = NULL
WHERE free_at <= :now
RETURNING 1
"""

HELD = "SELECT fingerprint, status, headers, body FROM request WHERE key = ?"

KEEP = """
UPDATE request SET status = :status, headers = :headers, body = :body, free_at = :free_at, about = :about
WHERE key = :key AND token = :token AND status IS NULL
"""

RELEASE = "DELETE FROM request WHERE key = ? AND token = ? AND status IS NULL"

FORGET = "DELETE FROM request WHERE about = ?"

PRUNE = "DELETE FROM request WHERE free_at <= ?"


class SqliteIdempotency:
    """`Idempotency` in the table request."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def begin(self, key: str, fingerprint: str, token: str, now: datetime) -> Standing:
        """See `Idempotency.begin`."""
        wanted = {"key": key, "fingerprint": fingerprint, "token": token, "now": to_ms(now)}

        def take(connection: apsw.Connection) -> Standing:
            if connection.execute(TAKE, {**wanted, "free_at": to_ms(now + IN_FLIGHT_FOR)}).fetchall():
                return Begun(token)
            return _standing(connection, key, fingerprint)

        return await self._db.write(take)

    async def finish(self, key: str, token: str, answer: KeptAnswer, now: datetime) -> None:
        """See `Idempotency.finish`."""
        values = {
            "key": key,
            "token": token,
            "status": answer.status,
            "headers": json.dumps(dict(answer.headers)),
            "body": answer.body,
            "free_at": to_ms(now + KEPT_FOR),
            "about": answer.about,
        }

        def finish(connection: apsw.Connection) -> None:
            if is_gone(connection, answer.about):
                connection.execute(RELEASE, (key, token))
            else:
                connection.execute(KEEP, values)

        await self._db.write(finish)

    async def release(self, key: str, token: str) -> None:
        """See `Idempotency.release`."""
        await self._db.write(lambda connection: connection.execute(RELEASE, (key, token)))

    async def forget_person(self, contact_id: str, keys: Sequence[str]) -> int:  # noqa: ARG002
        """See `Idempotency.forget_person`."""

        def forget(connection: apsw.Connection) -> int:
            connection.execute(FORGET, (contact_id,))
            return int(connection.changes())

        return await self._db.write(forget)

    async def prune(self, now: datetime) -> int:
        """See `Idempotency.prune`."""

        def forget(connection: apsw.Connection) -> int:
            connection.execute(PRUNE, (to_ms(now),))
            return int(connection.changes())

        return await self._db.write(forget)


def _standing(connection: apsw.Connection, key: str, fingerprint: str) -> Standing:
    row = fetch_one(connection, HELD, (key,))
    assert row is not None  # it could not be taken, so it is there
    held, status, headers, body = row
    if held != fingerprint:
        return OtherRequest()
    return InFlight() if status is None else Replay(KeptAnswer(status, body, json.loads(headers)))
