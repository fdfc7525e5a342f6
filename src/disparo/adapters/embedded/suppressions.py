"""Suppressions in SQLite."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

import apsw

from disparo.adapters.embedded.cancelling import cancel_unsent
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import Row, fetch
from disparo.domain.contact import Channel
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.suppression import (
    CONCEALED,
    HASHED,
    Suppression,
    as_asked,
    by_contact,
    cause_of,
    hashed_key,
    lookup_keys,
    plain_keys,
)

ADD = "INSERT INTO suppression VALUES (?, ?, ?, ?, ?) ON CONFLICT (key, channel) DO NOTHING"

OWNERS = """
SELECT wanted.value, c.id FROM json_each(:keys) AS wanted
CROSS JOIN contact AS c INDEXED BY contact_by_phone ON c.phone_key = wanted.value
UNION ALL
SELECT wanted.value, c.id FROM json_each(:keys) AS wanted
CROSS JOIN contact AS c INDEXED BY contact_by_email ON c.email_key = wanted.value
"""

REMOVE = "DELETE FROM suppression WHERE key IN (?, ?) RETURNING 1"

HIDE = """
INSERT INTO suppression SELECT :hashed, channel, reason, :source, at FROM suppression WHERE key = :key
ON CONFLICT (key, channel) DO NOTHING
"""

SHOWN_NO_MORE = "DELETE FROM suppression WHERE key = ?"

MATCHING = """
SELECT key, channel, reason, source, at FROM suppression
WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key, channel
"""

PAGE = """
SELECT key, channel, reason, source, at FROM suppression
WHERE key IN (SELECT DISTINCT key FROM suppression WHERE key > ? ORDER BY key LIMIT ?) ORDER BY key, channel
"""


class SqliteSuppressions:
    """`Suppressions` in the table suppression."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(self, suppressions: Sequence[Suppression]) -> int:
        """See `Suppressions.add`."""
        return await self._db.write(lambda connection: _add(connection, suppressions))

    async def remove(self, key: str) -> bool:
        """See `Suppressions.remove`."""
        both = (key, hashed_key(key))
        return bool(await self._db.write(lambda connection: connection.execute(REMOVE, both).fetchall()))

    async def enforce(self, keys: Sequence[str], now: datetime) -> int:
        """See `Suppressions.enforce`."""
        return await self._db.write(lambda connection: _cancel(connection, matching(connection, keys), to_ms(now)))

    async def conceal(self, keys: Sequence[str]) -> int:
        """See `Suppressions.conceal`."""

        def hide(connection: apsw.Connection) -> int:
            hidden = 0
            for key in plain_keys(keys):
                connection.execute(HIDE, {"key": key, "hashed": hashed_key(key), "source": CONCEALED})
                connection.execute(SHOWN_NO_MORE, (key,))
                hidden += int(connection.changes())
            return hidden

        return await self._db.write(hide)

    async def matching(self, keys: Sequence[str]) -> Sequence[Suppression]:
        """See `Suppressions.matching`."""
        return matching(self._db.reader, keys)

    async def page(self, after: str, limit: int) -> Sequence[Suppression]:
        """See `Suppressions.page`; a key that is suppressed on several channels is never cut in two."""
        return _suppressions(fetch(self._db.reader, PAGE, (after, limit)))


def matching(connection: apsw.Connection, keys: Sequence[str]) -> Sequence[Suppression]:
    """Those of these keys that are suppressed; see `Suppressions.matching`."""
    asked = lookup_keys(keys)
    return as_asked(_suppressions(fetch(connection, MATCHING, (json.dumps(list(asked)),))), asked)


def _add(connection: apsw.Connection, suppressions: Sequence[Suppression]) -> int:
    rows = [(one.key, one.channel or "", one.reason, one.source, to_ms(one.at)) for one in suppressions]
    connection.executemany(ADD, rows)
    at_ms = max((to_ms(one.at) for one in suppressions), default=0)
    return _cancel(connection, [one for one in suppressions if not one.key.startswith(HASHED)], at_ms)


def _cancel(connection: apsw.Connection, suppressions: Sequence[Suppression], at_ms: int) -> int:
    """Cancel what has not begun of everybody whom these speak of."""
    keys = json.dumps(list({one.key for one in suppressions}))
    found = by_contact(suppressions, cast(list[tuple[str, int]], fetch(connection, OWNERS, {"keys": keys})))

    def cause(contact: int, channel: Channel) -> tuple[str, str] | None:
        return cause_of(found[contact], channel)

    return cancel_unsent(connection, found, cause, at_ms)


def _suppressions(rows: Iterable[Row]) -> list[Suppression]:
    return [
        Suppression(key, Channel(channel) if channel else None, reason, source, from_ms(at_ms))
        for key, channel, reason, source, at_ms in rows
    ]
