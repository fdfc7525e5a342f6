"""Endpoints and deliveries in SQLite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import apsw

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import Row, fetch, fetch_one, instant
from disparo.domain.errors import InputError, NotFoundError, RevisionError
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.webhook import Endpoint
from disparo.domain.webhook_delivery import KEPT_FOR, Delivery, delivery_document, parse_delivery
from disparo.domain.webhook_document import endpoint_document, parse_endpoint
from disparo.ports.webhooks import DeliveryKey

ADD = "INSERT INTO webhook VALUES (?, 1, ?, ?) ON CONFLICT DO NOTHING RETURNING 1"

ENDPOINTS = "SELECT id, revision, document FROM webhook ORDER BY created_at, id"

ENDPOINT = "SELECT id, revision, document FROM webhook WHERE id = ?"

REPLACE = "UPDATE webhook SET revision = revision + 1, document = ? WHERE id = ? AND revision = ? RETURNING 1"

REMOVE = ("DELETE FROM webhook_delivery WHERE webhook_id = ?", "DELETE FROM webhook WHERE id = ?")

COLUMNS = "webhook_id, event_id, created_at, due_at, state, contact_id, personal, document"

PUT = """
INSERT INTO webhook_delivery (webhook_id, event_id, created_at, due_at, state, contact_id, personal, unproven, document)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1
"""

KNOWN = "SELECT 1 FROM webhook_delivery WHERE webhook_id = ? AND event_id = ?"

CLAIM = f"""
UPDATE webhook_delivery SET due_at = :until
WHERE (webhook_id, event_id) IN (
    SELECT webhook_id, event_id FROM webhook_delivery
    WHERE webhook_id = :webhook AND due_at <= :now ORDER BY due_at LIMIT :limit
) RETURNING {COLUMNS}
"""

TAKE = f"""
UPDATE webhook_delivery SET due_at = ? WHERE webhook_id = ? AND event_id = ? AND due_at <= ? RETURNING {COLUMNS}
"""

FINISH = """
UPDATE webhook_delivery
SET due_at = ?, state = ?, personal = CASE WHEN personal IS NULL THEN NULL ELSE ? END, unproven = ?, document = ?
WHERE webhook_id = ? AND event_id = ? AND due_at = ? RETURNING 1
"""

POSTPONE = "UPDATE webhook_delivery SET due_at = ? WHERE webhook_id = ? AND event_id = ? AND due_at = ? RETURNING 1"

SAVE = "UPDATE webhook_delivery SET due_at = ?, state = ?, document = ? WHERE webhook_id = ? AND event_id = ?"

DELIVERY = f"SELECT {COLUMNS} FROM webhook_delivery WHERE webhook_id = ? AND event_id = ?"

UNPROVEN = DELIVERY + " AND unproven"

PROVE = "UPDATE webhook_delivery SET unproven = 0, document = ? WHERE webhook_id = ? AND event_id = ?"

DROP = "DELETE FROM webhook_delivery WHERE webhook_id = ? AND event_id = ?"

NEXT_DUE = """
SELECT due_at FROM webhook_delivery WHERE webhook_id = ? AND due_at IS NOT NULL ORDER BY due_at LIMIT 1
"""

PAGE = f"""
SELECT {COLUMNS} FROM webhook_delivery
WHERE webhook_id = ? AND (created_at, event_id) < (?, ?) ORDER BY created_at DESC, event_id DESC LIMIT ?
"""

FORGET = "UPDATE webhook_delivery SET personal = NULL WHERE contact_id = ? AND personal IS NOT NULL"

FORGET_STRANGER = """
UPDATE webhook_delivery SET personal = NULL
WHERE contact_id IS NULL AND personal IS NOT NULL AND personal ->> 'from' IN (SELECT value FROM json_each(?))
"""

PRUNE = "DELETE FROM webhook_delivery WHERE created_at < ?"

_FOR_EVER = 1 << 62


class SqliteWebhooks:
    """`Webhooks` in the tables webhook and webhook_delivery."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(self, endpoint: Endpoint) -> Endpoint:
        """See `Webhooks.add`."""
        row = (endpoint.id, to_ms(endpoint.created_at), json.dumps(endpoint_document(endpoint)))
        if not await self._db.write(lambda connection: fetch(connection, ADD, row)):
            raise InputError(f"o endpoint {endpoint.id} já existe")
        return replace(endpoint, revision=1)

    async def endpoints(self) -> Sequence[Endpoint]:
        """See `Webhooks.endpoints`."""
        return [_endpoint(row) for row in fetch(self._db.reader, ENDPOINTS)]

    async def endpoint(self, endpoint_id: str) -> Endpoint:
        """See `Webhooks.endpoint`."""
        return _one_endpoint(self._db.reader, endpoint_id)

    async def replace(self, endpoint: Endpoint) -> Endpoint:
        """See `Webhooks.replace`."""
        row = (json.dumps(endpoint_document(endpoint)), endpoint.id, endpoint.revision)

        def change(connection: apsw.Connection) -> None:
            if not fetch(connection, REPLACE, row):
                _one_endpoint(connection, endpoint.id)
                raise RevisionError(f"o endpoint {endpoint.id} foi mudado por outra pessoa; veja-o de novo")

        await self._db.write(change)
        return replace(endpoint, revision=endpoint.revision + 1)

    async def remove(self, endpoint_id: str) -> None:
        """See `Webhooks.remove`."""

        def remove(connection: apsw.Connection) -> None:
            _one_endpoint(connection, endpoint_id)
            for statement in REMOVE:
                connection.execute(statement, (endpoint_id,))

        await self._db.write(remove)

    async def put(self, deliveries: Sequence[Delivery]) -> int:
        """See `Webhooks.put`."""
        new = [one for one in deliveries if fetch_one(self._db.reader, KNOWN, (one.endpoint_id, one.event_id)) is None]
        if not new:
            return 0  # without a write
        return await self._db.write(lambda connection: keep(connection, new))

    async def claim(self, endpoint_id: str, now: datetime, until: datetime, limit: int) -> Sequence[Delivery]:
        """See `Webhooks.claim`."""
        wanted = {"webhook": endpoint_id, "now": to_ms(now), "until": to_ms(until), "limit": limit}
        if (due_at := await self.next_due(endpoint_id)) is None or due_at > now:
            return ()  # without a write
        rows = await self._db.write(lambda connection: fetch(connection, CLAIM, wanted))
        return sorted((_delivery(row) for row in rows), key=lambda one: one.created_at)

    async def take(self, key: DeliveryKey, now: datetime, until: datetime) -> Delivery | None:
        """See `Webhooks.take`."""
        wanted = (to_ms(until), *key, to_ms(now))
        row = await self._db.write(lambda connection: fetch_one(connection, TAKE, wanted))
        return None if row is None else _delivery(row)

    async def finish(self, delivery: Delivery, held_until: datetime) -> bool:
        """See `Webhooks.finish`."""
        one, held_ms = delivery, to_ms(held_until)
        if one.proof is not None:  # nothing but its time has changed, and its proof may have come meanwhile
            later = (_ms(one.due_at), one.endpoint_id, one.event_id, held_ms)
            return bool(await self._db.write(lambda connection: fetch(connection, POSTPONE, later)))
        row = (
            *(_ms(one.due_at), one.state, json.dumps(dict(one.personal)) if one.personal else None),
            *(False, json.dumps(delivery_document(one))),
            *(one.endpoint_id, one.event_id, held_ms),
        )
        return bool(await self._db.write(lambda connection: fetch(connection, FINISH, row)))

    async def send_again(self, key: DeliveryKey, now: datetime) -> Delivery:
        """See `Webhooks.send_again`."""

        def again(connection: apsw.Connection) -> Delivery:
            one = _one_delivery(connection, key).again(now)
            connection.execute(SAVE, (_ms(one.due_at), one.state, json.dumps(delivery_document(one)), *key))
            return one

        return await self._db.write(again)

    async def decide(self, keys: Sequence[DeliveryKey], happened: bool) -> None:
        """See `Webhooks.decide`."""

        def decide(connection: apsw.Connection) -> None:
            for key in keys:
                if (row := fetch_one(connection, UNPROVEN, key)) is None:
                    continue
                if happened:
                    connection.execute(PROVE, (json.dumps(delivery_document(_delivery(row).proven({}))), *key))
                else:
                    connection.execute(DROP, key)

        await self._db.write(decide)

    async def drop(self, key: DeliveryKey) -> None:
        """See `Webhooks.drop`."""
        await self._db.write(lambda connection: connection.execute(DROP, key))

    async def next_due(self, endpoint_id: str) -> datetime | None:
        """See `Webhooks.next_due`."""
        row = fetch_one(self._db.reader, NEXT_DUE, (endpoint_id,))
        return None if row is None else instant(row[0])

    async def page(self, endpoint_id: str, after: str | None, limit: int) -> Sequence[Delivery]:
        """See `Webhooks.page`."""
        created_ms, _, event_id = (after or "").partition("-")
        before = (int(created_ms), event_id) if created_ms.isdecimal() and len(created_ms) < 18 else (_FOR_EVER, "")
        return [_delivery(row) for row in fetch(self._db.reader, PAGE, (endpoint_id, *before, limit))]

    async def delivery(self, key: DeliveryKey) -> Delivery:
        """See `Webhooks.delivery`."""
        return _one_delivery(self._db.reader, key)

    async def forget_person(self, contact_id: str, keys: Sequence[str]) -> int:
        """See `Webhooks.forget_person`."""
        theirs = await self._changes(FORGET, (contact_id,))
        return theirs + await self._changes(FORGET_STRANGER, (json.dumps(list(keys)),))

    async def prune(self, now: datetime) -> int:
        """See `Webhooks.prune`."""
        return await self._changes(PRUNE, (to_ms(now - KEPT_FOR),))

    async def _changes(self, statement: str, bindings: tuple[Any, ...]) -> int:
        def change(connection: apsw.Connection) -> int:
            connection.execute(statement, bindings)
            return int(connection.changes())

        return await self._db.write(change)


def keep(connection: apsw.Connection, deliveries: Sequence[Delivery]) -> int:
    """Keep those that are not there yet, with whatever else is written; how many."""
    return sum(len(fetch(connection, PUT, _row(one))) for one in deliveries)


def _row(one: Delivery) -> tuple[Any, ...]:
    return (
        one.endpoint_id,
        one.event_id,
        to_ms(one.created_at),
        _ms(one.due_at),
        one.state,
        one.contact_id,
        json.dumps(dict(one.personal)) if one.personal else None,
        one.proof is not None,
        json.dumps(delivery_document(one)),
    )


def _one_endpoint(connection: apsw.Connection, endpoint_id: str) -> Endpoint:
    if (row := fetch_one(connection, ENDPOINT, (endpoint_id,))) is None:
        raise NotFoundError(f"o endpoint {endpoint_id!r} não existe (veja: disparo webhooks list)")
    return _endpoint(row)


def _one_delivery(connection: apsw.Connection, key: DeliveryKey) -> Delivery:
    if (row := fetch_one(connection, DELIVERY, key)) is None:
        raise NotFoundError(f"a entrega {key[1]!r} ao endpoint {key[0]!r} não existe (veja: disparo webhooks log)")
    return _delivery(row)


def _endpoint(row: Row) -> Endpoint:
    endpoint_id, revision, document = row
    return parse_endpoint(endpoint_id, revision, json.loads(document))


def _delivery(row: Row) -> Delivery:
    endpoint_id, event_id, created_ms, due_ms, state, contact_id, personal, document = row
    return parse_delivery(
        json.loads(document),
        endpoint_id=endpoint_id,
        event_id=event_id,
        created_at=from_ms(created_ms),
        due_at=instant(due_ms),
        state=state,
        personal=json.loads(personal) if personal else {},
        contact_id=contact_id,
    )


def _ms(at: datetime | None) -> int | None:
    return None if at is None else to_ms(at)
