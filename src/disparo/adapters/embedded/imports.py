"""Imports in SQLite."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import apsw

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import fetch, fetch_one
from disparo.domain.contact_import import Import, ImportPart
from disparo.domain.errors import NotFoundError

ADD = "INSERT INTO import (id, record) VALUES (?, ?) ON CONFLICT (id) DO NOTHING"

ONE = "SELECT record FROM import WHERE id = ?"

PAGE = "SELECT record FROM import WHERE :after IS NULL OR id < :after ORDER BY id DESC LIMIT :limit"

CHANGE = "UPDATE import SET record = ? WHERE id = ?"

NEWEST_CONTACT = "SELECT seq FROM sqlite_sequence WHERE name = 'contact'"


class SqliteImports:
    """`Imports` in the table import."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def create(self, new: Import) -> Import:
        """See `Imports.create`."""

        def add(connection: apsw.Connection) -> Import:
            connection.execute(ADD, (new.id, new.to_json()))
            return _get(connection, new.id)

        return await self._db.write(add)

    async def get(self, import_id: str) -> Import:
        """See `Imports.get`."""
        return _get(self._db.reader, import_id)

    async def page(self, after: str | None, limit: int) -> Sequence[Import]:
        """See `Imports.page`."""
        rows = fetch(self._db.reader, PAGE, {"after": after or None, "limit": limit})
        return [Import.from_json(record) for (record,) in rows]

    async def order(
        self, import_id: str, list_name: str, mapping: Mapping[str, str], sheet: str | None, now: datetime
    ) -> bool:
        """See `Imports.order`."""
        return await self._db.write(
            lambda db: _change(db, import_id, lambda one: one.ordered(list_name, mapping, sheet, now))
        )

    async def begin(self, import_id: str, fingerprint: str, now: datetime) -> Import:
        """See `Imports.begin`."""

        def start(connection: apsw.Connection) -> Import:
            (newest,) = fetch_one(connection, NEWEST_CONTACT) or (0,)
            _change(connection, import_id, lambda one: one.begun(fingerprint, newest, now))
            return _get(connection, import_id)

        return await self._db.write(start)

    async def advance(self, import_id: str, part: ImportPart, now: datetime) -> bool:
        """See `Imports.advance`."""
        return await self._db.write(lambda db: _change(db, import_id, lambda one: one.advanced(part, now)))

    async def finish(self, import_id: str, line: int, now: datetime) -> bool:
        """See `Imports.finish`."""
        return await self._db.write(lambda db: _change(db, import_id, lambda one: one.finished(line, now)))

    async def fail(self, import_id: str, error: str, now: datetime) -> bool:
        """See `Imports.fail`."""
        return await self._db.write(lambda db: _change(db, import_id, lambda one: one.failed(error, now)))

    async def empty(self, import_id: str) -> bool:
        """See `Imports.empty`."""
        return await self._db.write(lambda db: _change(db, import_id, lambda one: one.emptied()))


def _get(connection: apsw.Connection, import_id: str) -> Import:
    if (row := fetch_one(connection, ONE, (import_id,))) is None:
        raise NotFoundError(f"a importação {import_id!r} não existe; veja as que há em /api/v1/imports")
    return Import.from_json(row[0])


def _change(connection: apsw.Connection, import_id: str, move: Callable[[Import], Import | None]) -> bool:
    changed = move(_get(connection, import_id))
    if changed is None:
        return False
    connection.execute(CHANGE, (changed.to_json(), import_id))
    return True
