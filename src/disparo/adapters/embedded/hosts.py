"""Hosts and types of meetings in SQLite."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import apsw

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import Row, fetch, fetch_one
from disparo.domain.agenda.host import Host
from disparo.domain.agenda.host_document import host_document, parse_host
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.type_document import parse_type, type_document
from disparo.domain.errors import NotFoundError
from disparo.ports.agenda import changed_meanwhile

PUT_HOST = """
INSERT INTO host (id, document, revision) VALUES (:id, :document, 1)
ON CONFLICT (id) DO UPDATE SET document = excluded.document, revision = revision + 1
RETURNING revision
"""

HOST = "SELECT document, revision FROM host WHERE id = ?"

HOSTS = "SELECT document, revision FROM host ORDER BY id"

PUT_TYPE = """
INSERT INTO meeting_type (id, document, revision) VALUES (:id, :document, 1)
ON CONFLICT (id) DO UPDATE SET document = excluded.document, revision = revision + 1
RETURNING revision
"""

TYPE = "SELECT document, revision FROM meeting_type WHERE id = ?"

TYPES = "SELECT document, revision FROM meeting_type ORDER BY id"

SYNC_TOKEN = "SELECT sync_token FROM host WHERE id = ?"

KEEP_SYNC_TOKEN = "UPDATE host SET sync_token = ? WHERE id = ? RETURNING 1"


class SqliteHosts:
    """`Hosts` in the tables host and meeting_type."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def put_host(self, host: Host, *, over: int | None = None) -> Host:
        """See `Hosts.put_host`; the sync token stays."""
        return replace(host, revision=await self._put(HOST, PUT_HOST, host.id, host_document(host), over))

    async def host(self, host_id: str) -> Host:
        """See `Hosts.host`."""
        if (row := fetch_one(self._db.reader, HOST, (host_id,))) is None:
            raise _no_host(host_id)
        return _host(row)

    async def hosts(self) -> Sequence[Host]:
        """See `Hosts.hosts`."""
        return [_host(row) for row in fetch(self._db.reader, HOSTS)]

    async def put_type(self, meeting_type: MeetingType, *, over: int | None = None) -> MeetingType:
        """See `Hosts.put_type`."""
        revision = await self._put(TYPE, PUT_TYPE, meeting_type.id, type_document(meeting_type), over)
        return replace(meeting_type, revision=revision)

    async def type(self, type_id: str) -> MeetingType:
        """See `Hosts.type`."""
        if (row := fetch_one(self._db.reader, TYPE, (type_id,))) is None:
            raise NotFoundError(f"o tipo de reunião {type_id!r} não existe (veja: disparo hosts types)")
        return _type(row)

    async def types(self) -> Sequence[MeetingType]:
        """See `Hosts.types`."""
        return [_type(row) for row in fetch(self._db.reader, TYPES)]

    async def sync_token(self, host_id: str) -> str | None:
        """See `Hosts.sync_token`."""
        row = fetch_one(self._db.reader, SYNC_TOKEN, (host_id,))
        return None if row is None or row[0] is None else str(row[0])

    async def keep_sync_token(self, host_id: str, token: str | None) -> None:
        """See `Hosts.keep_sync_token`; NotFoundError."""

        def keep(connection: apsw.Connection) -> None:
            if not fetch(connection, KEEP_SYNC_TOKEN, (token, host_id)):
                raise _no_host(host_id)

        await self._db.write(keep)

    async def _put(self, known: str, put: str, name: str, document: Mapping[str, Any], over: int | None) -> int:
        values = {"id": name, "document": json.dumps(document, ensure_ascii=False)}

        def write(connection: apsw.Connection) -> int:
            if over is not None:
                row = fetch_one(connection, known, (name,))
                if over != (0 if row is None else row[1]):
                    raise changed_meanwhile(name)
            [(revision,)] = fetch(connection, put, values)
            return int(revision)

        return await self._db.write(write)


def _no_host(host_id: str) -> NotFoundError:
    return NotFoundError(f"o anfitrião {host_id!r} não existe (veja: disparo hosts list)")


def _host(row: Row) -> Host:
    return replace(parse_host(json.loads(row[0])), revision=row[1])


def _type(row: Row) -> MeetingType:
    return replace(parse_type(json.loads(row[0])), revision=row[1])
