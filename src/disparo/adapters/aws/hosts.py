"""Hosts and types of meetings in DynamoDB.

    agenda   hosts, <id>    a host: its document, its revision, and up to where its calendar was read
    agenda   types, <id>    a type of meeting

They are few, so each kind has one partition.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from disparo.adapters.aws.attributes import as_json, number, text, text_or_none
from disparo.adapters.aws.tables import ABSENT, AGENDA, Condition, ConditionFailedError, Item, Key, Tables, Update
from disparo.domain.agenda.host import Host
from disparo.domain.agenda.host_document import host_document, parse_host
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.type_document import parse_type, type_document
from disparo.domain.errors import NotFoundError
from disparo.ports.agenda import changed_meanwhile

_HOSTS, _TYPES = "hosts", "types"


class DynamoHosts:
    """`Hosts` in the table agenda."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def put_host(self, host: Host, *, over: int | None = None) -> Host:
        """See `Hosts.put_host`; the sync token stays."""
        return replace(host, revision=await self._put(_HOSTS, host.id, host_document(host), over))

    async def host(self, host_id: str) -> Host:
        """See `Hosts.host`."""
        if (item := await self._item(_HOSTS, host_id)) is None:
            raise _no_host(host_id)
        return _host(item)

    async def hosts(self) -> Sequence[Host]:
        """See `Hosts.hosts`."""
        return [_host(item) for item in await self._tables.query(AGENDA, _HOSTS)]

    async def put_type(self, meeting_type: MeetingType, *, over: int | None = None) -> MeetingType:
        """See `Hosts.put_type`."""
        revision = await self._put(_TYPES, meeting_type.id, type_document(meeting_type), over)
        return replace(meeting_type, revision=revision)

    async def type(self, type_id: str) -> MeetingType:
        """See `Hosts.type`."""
        if (item := await self._item(_TYPES, type_id)) is None:
            raise NotFoundError(f"o tipo de reunião {type_id!r} não existe (veja: disparo hosts types)")
        return _type(item)

    async def types(self) -> Sequence[MeetingType]:
        """See `Hosts.types`."""
        return [_type(item) for item in await self._tables.query(AGENDA, _TYPES)]

    async def sync_token(self, host_id: str) -> str | None:
        """See `Hosts.sync_token`."""
        return text_or_none(await self._item(_HOSTS, host_id) or {}, "sync_token")

    async def keep_sync_token(self, host_id: str, token: str | None) -> None:
        """See `Hosts.keep_sync_token`; NotFoundError."""
        set_, remove = ({}, ("sync_token",)) if token is None else ({"sync_token": token}, ())
        key = _key(_HOSTS, host_id)
        try:
            await self._tables.write(Update(AGENDA, key, set=set_, remove=remove, when=dict(key)))
        except ConditionFailedError:
            raise _no_host(host_id) from None

    async def _item(self, kind: str, name: str) -> Item | None:
        return await self._tables.get(AGENDA, _key(kind, name)) if name else None

    async def _put(self, kind: str, name: str, document: Mapping[str, Any], over: int | None) -> int:
        when: Condition = {} if over is None else {"pk": ABSENT} if over == 0 else {"revision": over}
        changed = Update(AGENDA, _key(kind, name), set={"document": as_json(document)}, add={"revision": 1}, when=when)
        try:
            return number(await self._tables.write(changed) or {}, "revision")
        except ConditionFailedError:
            raise changed_meanwhile(name) from None


def _key(kind: str, name: str) -> Key:
    return {"pk": kind, "sk": name}


def _no_host(host_id: str) -> NotFoundError:
    return NotFoundError(f"o anfitrião {host_id!r} não existe (veja: disparo hosts list)")


def _host(item: Item) -> Host:
    return replace(parse_host(json.loads(text(item, "document"))), revision=number(item, "revision"))


def _type(item: Item) -> MeetingType:
    return replace(parse_type(json.loads(text(item, "document"))), revision=number(item, "revision"))
