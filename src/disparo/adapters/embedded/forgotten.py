"""Who was erased, in SQLite: looked at inside of whatever transaction would keep something of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import apsw

from disparo.adapters.embedded.rows import fetch, fetch_one
from disparo.domain.forgotten import KNOWN_FOR
from disparo.domain.suppression import hashed_key

REMEMBER = "INSERT INTO forgotten VALUES (?, ?) ON CONFLICT DO NOTHING"

REMEMBER_NO_MORE = "DELETE FROM forgotten WHERE at < ?"

SINCE = "SELECT key FROM forgotten WHERE at > ?"

GONE = "SELECT 1 FROM contact WHERE id = ? AND erased_at IS NOT NULL"


def remember(connection: apsw.Connection, keys: Iterable[str], now_ms: int) -> None:
    """Note whose addresses these were that are forgotten now."""
    connection.executemany(REMEMBER, [(now_ms, hashed_key(key)) for key in keys])
    connection.execute(REMEMBER_NO_MORE, (now_ms - KNOWN_FOR // timedelta(milliseconds=1),))


def since(connection: apsw.Connection, at_ms: int) -> frozenset[str]:
    """See `Contacts.forgotten`."""
    return frozenset(key for (key,) in fetch(connection, SINCE, (at_ms,)))


def is_gone(connection: apsw.Connection, contact_id: str | None) -> bool:
    """Whether there was a contact with this id who was erased."""
    return contact_id is not None and fetch_one(connection, GONE, (contact_id,)) is not None
