"""API keys in SQLite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import apsw

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import Row, fetch, fetch_one, instant
from disparo.domain.api_key import ApiKey
from disparo.domain.errors import NotFoundError
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.principal import Role

ADD = """
INSERT INTO api_key (id, name, role, secret, resources, created_by, created_at, expires_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""

FIND = """
SELECT id, name, role, secret, resources, created_by, created_at, expires_at, used_at, revoked_at
FROM api_key WHERE id = ?
"""

ALL = """
SELECT id, name, role, secret, resources, created_by, created_at, expires_at, used_at, revoked_at
FROM api_key ORDER BY created_at DESC, id
"""

USED = "UPDATE api_key SET used_at = :now WHERE id = :id AND (used_at IS NULL OR used_at < :now)"

REVOKE = "UPDATE api_key SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL"


class SqliteApiKeys:
    """`ApiKeys` in the table api_key."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(self, key: ApiKey) -> None:
        """See `ApiKeys.add`."""
        resources, expires = json.dumps(sorted(key.resources)), key.expires_at
        values = (
            *(key.id, key.name, str(key.role), key.secret, resources, key.created_by, to_ms(key.created_at)),
            None if expires is None else to_ms(expires),
        )
        await self._db.write(lambda connection: connection.execute(ADD, values))

    async def find(self, key_id: str) -> ApiKey | None:
        """See `ApiKeys.find`."""
        row = fetch_one(self._db.reader, FIND, (key_id,))
        return None if row is None else _key(row)

    async def all(self) -> Sequence[ApiKey]:
        """See `ApiKeys.all`."""
        return [_key(row) for row in fetch(self._db.reader, ALL)]

    async def used(self, key_id: str, now: datetime) -> None:
        """See `ApiKeys.used`."""
        values = {"id": key_id, "now": to_ms(now)}
        await self._db.write(lambda connection: connection.execute(USED, values))

    async def revoke(self, key_id: str, now: datetime) -> ApiKey:
        """See `ApiKeys.revoke`."""

        def revoke(connection: apsw.Connection) -> ApiKey:
            connection.execute(REVOKE, {"id": key_id, "now": to_ms(now)})
            if (row := fetch_one(connection, FIND, (key_id,))) is None:
                raise NotFoundError(f"a chave {key_id!r} não existe (veja: disparo keys list)")
            return _key(row)

        return await self._db.write(revoke)


def _key(row: Row) -> ApiKey:
    key_id, name, role, secret, resources, created_by, created_at, expires_at, used_at, revoked_at = row
    return ApiKey(
        key_id,
        name,
        Role(role),
        secret,
        created_by,
        from_ms(created_at),
        frozenset(json.loads(resources)),
        instant(expires_at),
        instant(used_at),
        instant(revoked_at),
    )
