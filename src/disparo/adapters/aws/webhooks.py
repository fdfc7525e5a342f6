"""Endpoints and deliveries in DynamoDB.

    control   webhooks, <endpoint>              an endpoint
    control   hook#<endpoint>#<event>, -        a delivery
    control   hook-due#<endpoint>, <due>-<event>    that it is due then
    control   hook-log#<endpoint>, <made>-<event>   that there is one
    control   hook-of#<contact>, <endpoint>#<event> that it tells what this person (or this key, of a stranger) wrote

A delivery and what points to it are written in one transaction, so that none is ever due and not found. TTL deletes
all of it after its time, each item when it comes to it: what points to nothing is passed over.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from disparo.adapters.aws.attributes import instant, number, text, text_or_none
from disparo.adapters.aws.tables import (
    ABSENT,
    CONTROL,
    Change,
    Check,
    ConditionFailedError,
    Delete,
    Item,
    Key,
    Put,
    Tables,
    Update,
    Value,
)
from disparo.domain.errors import InputError, NotFoundError, RevisionError
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.webhook import BY_HAND, Endpoint
from disparo.domain.webhook_delivery import KEPT_FOR, Delivery, delivery_document, parse_delivery
from disparo.domain.webhook_document import endpoint_document, parse_endpoint
from disparo.ports.webhooks import DeliveryKey

_ENDPOINTS = "webhooks"
_PAGE = 100
_SIDE_BY_SIDE = 16


class DynamoWebhooks:
    """`Webhooks` in the table control."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, endpoint: Endpoint) -> Endpoint:
        """See `Webhooks.add`."""
        kept = replace(endpoint, revision=1)
        try:
            await self._tables.write(Put(CONTROL, _endpoint_item(kept), {"pk": ABSENT}))
        except ConditionFailedError:
            raise InputError(f"o endpoint {endpoint.id} já existe") from None
        return kept

    async def endpoints(self) -> Sequence[Endpoint]:
        """See `Webhooks.endpoints`."""
        found = [_endpoint(item) for item in await self._tables.query(CONTROL, _ENDPOINTS)]
        return sorted(found, key=lambda one: (one.created_at, one.id))

    async def endpoint(self, endpoint_id: str) -> Endpoint:
        """See `Webhooks.endpoint`."""
        item = await self._tables.get(CONTROL, _endpoint_key(endpoint_id)) if endpoint_id else None
        if item is None:
            raise NotFoundError(f"o endpoint {endpoint_id!r} não existe (veja: disparo webhooks list)")
        return _endpoint(item)

    async def replace(self, endpoint: Endpoint) -> Endpoint:
        """See `Webhooks.replace`."""
        changed = replace(endpoint, revision=endpoint.revision + 1)
        try:
            await self._tables.write(Put(CONTROL, _endpoint_item(changed), {"revision": endpoint.revision}))
        except ConditionFailedError:
            await self.endpoint(endpoint.id)
            raise RevisionError(f"o endpoint {endpoint.id} foi mudado por outra pessoa; veja-o de novo") from None
        return changed

    async def remove(self, endpoint_id: str) -> None:
        """See `Webhooks.remove`: the endpoint itself goes last, so that the same call after a kill finds it."""
        endpoint = await self.endpoint(endpoint_id)
        await self.replace(endpoint.disabled(BY_HAND, endpoint.created_at))
        while found := await self.page(endpoint_id, None, _PAGE):
            for at in range(0, len(found), _SIDE_BY_SIDE):
                await asyncio.gather(*(self._forget(one) for one in found[at : at + _SIDE_BY_SIDE]))
        await self._tables.write(Delete(CONTROL, _endpoint_key(endpoint_id)))

    async def put(self, deliveries: Sequence[Delivery]) -> int:
        """See `Webhooks.put`."""
        wanted = list({(one.endpoint_id, one.event_id): one for one in deliveries}.values())
        known = await self._tables.get_many([(CONTROL, _key_of(one)) for one in wanted])
        new = [one for one, item in zip(wanted, known, strict=True) if item is None]
        added = 0
        for at in range(0, len(new), _SIDE_BY_SIDE):
            added += sum(await asyncio.gather(*(self._put(one) for one in new[at : at + _SIDE_BY_SIDE])))
        return added

    async def _put(self, one: Delivery) -> bool:
        return await self._all_or_nothing([Put(CONTROL, _item(one), {"pk": ABSENT}), *_pointing(one)])

    async def claim(self, endpoint_id: str, now: datetime, until: datetime, limit: int) -> Sequence[Delivery]:
        """See `Webhooks.claim`."""
        due = await self._tables.query(CONTROL, _due(endpoint_id), highest=f"{to_ms(now):015d}~", limit=limit)
        events = [text(item, "sk").partition("-")[2] for item in due]
        items = await self._tables.get_many([(CONTROL, _key(endpoint_id, event)) for event in events])
        found = await asyncio.gather(
            *(self._claim(pointer, item, now, until) for pointer, item in zip(due, items, strict=True))
        )
        return [one for one in found if one is not None]

    async def _claim(self, pointer: Item, item: Item | None, now: datetime, until: datetime) -> Delivery | None:
        if item is None:  # TTL was here
            await self._tables.write(Delete(CONTROL, {"pk": text(pointer, "pk"), "sk": text(pointer, "sk")}))
            return None
        return await self._hold(_delivery(item), now, until)

    async def take(self, key: DeliveryKey, now: datetime, until: datetime) -> Delivery | None:
        """See `Webhooks.take`."""
        item = await self._tables.get(CONTROL, _key(*key))
        return None if item is None else await self._hold(_delivery(item), now, until)

    async def _hold(self, one: Delivery, now: datetime, until: datetime) -> Delivery | None:
        if one.due_at is None or one.due_at > now:
            return None
        claimed = replace(one, due_at=until)
        held = Update(CONTROL, _key_of(one), set={"due_at": to_ms(until)}, when={"due_at": to_ms(one.due_at)})
        return claimed if await self._all_or_nothing([held, *_moved(one, claimed)]) else None

    async def finish(self, delivery: Delivery, held_until: datetime) -> bool:
        """See `Webhooks.finish`."""
        one, before = delivery, replace(delivery, due_at=held_until)
        change: dict[str, Value] = {}
        if one.proof is None:  # else nothing but its time has changed, and its proof may have come meanwhile
            change = {"state": str(one.state), "document": json.dumps(delivery_document(one)), "unproven": False}
        if one.due_at is not None:
            change["due_at"] = to_ms(one.due_at)
        gone = ("due_at",) if one.due_at is None else ()
        noted = Update(CONTROL, _key_of(one), set=change, remove=gone, when={"due_at": to_ms(held_until)})
        return await self._all_or_nothing([noted, *_moved(before, one)])

    async def send_again(self, key: DeliveryKey, now: datetime) -> Delivery:
        """See `Webhooks.send_again`."""
        while True:
            one = await self.delivery(key)
            again = one.again(now)
            change: dict[str, Any] = {"state": str(again.state), "document": json.dumps(delivery_document(again))}
            change["due_at"] = to_ms(now)
            held = ABSENT if one.due_at is None else to_ms(one.due_at)
            if await self._all_or_nothing(
                [Update(CONTROL, _key(*key), set=change, when={"due_at": held}), *_moved(one, again)]
            ):
                return again

    async def decide(self, keys: Sequence[DeliveryKey], happened: bool) -> None:
        """See `Webhooks.decide`."""
        items = await self._tables.get_many([(CONTROL, _key(*key)) for key in keys])
        for item in items:
            if item is None or not item["unproven"]:
                continue
            one = _delivery(item)
            if not happened:
                await self.drop((one.endpoint_id, one.event_id))
                continue
            proven: dict[str, Value] = {"document": json.dumps(delivery_document(one.proven({}))), "unproven": False}
            await self._all_or_nothing([Update(CONTROL, _key_of(one), set=proven, when={"unproven": True})])

    async def drop(self, key: DeliveryKey) -> None:
        """See `Webhooks.drop`."""
        while (item := await self._tables.get(CONTROL, _key(*key))) is not None:
            if await self._forget(_delivery(item)):
                return

    async def _forget(self, one: Delivery) -> bool:
        held = ABSENT if one.due_at is None else to_ms(one.due_at)
        gone = Delete(CONTROL, _key_of(one), {"due_at": held})
        return await self._all_or_nothing([gone, *(Delete(CONTROL, key) for key in _pointers(one))])

    async def next_due(self, endpoint_id: str) -> datetime | None:
        """See `Webhooks.next_due`."""
        found = await self._tables.query(CONTROL, _due(endpoint_id), limit=1)
        return from_ms(int(text(found[0], "sk").partition("-")[0])) if found else None

    async def page(self, endpoint_id: str, after: str | None, limit: int) -> Sequence[Delivery]:
        """See `Webhooks.page`."""
        found: list[Delivery] = []
        while len(found) < limit:
            # The bounds of a query are inclusive, so one more is asked for and the cursor's own item is left out.
            pointers = await self._tables.query(
                CONTROL, _log(endpoint_id), highest=after or None, descending=True, limit=limit - len(found) + 1
            )
            cursors = [text(item, "sk") for item in pointers if text(item, "sk") != after][: limit - len(found)]
            if not cursors:
                break
            keys = [_key(endpoint_id, cursor.partition("-")[2]) for cursor in cursors]
            items = await self._tables.get_many([(CONTROL, key) for key in keys])
            found += [_delivery(item) for item in items if item is not None]
            after = cursors[-1]
        return found

    async def delivery(self, key: DeliveryKey) -> Delivery:
        """See `Webhooks.delivery`."""
        if (item := await self._tables.get(CONTROL, _key(*key))) is None:
            raise NotFoundError(f"a entrega {key[1]!r} ao endpoint {key[0]!r} não existe (veja: disparo webhooks log)")
        return _delivery(item)

    async def forget_person(self, contact_id: str, keys: Sequence[str]) -> int:
        """See `Webhooks.forget_person`."""
        found = [await self._tables.query(CONTROL, _of(owner)) for owner in (contact_id, *keys)]
        pointers = [pointer for each in found for pointer in each]
        went = 0
        for pointer in pointers:
            endpoint_id, _, event_id = text(pointer, "sk").partition("#")
            item = await self._tables.get(CONTROL, _key(endpoint_id, event_id))
            if item is not None and "personal" in item:
                silent = Update(
                    CONTROL, _key(endpoint_id, event_id), remove=("personal",), when={"created_at": item["created_at"]}
                )
                went += await self._all_or_nothing([silent])
            await self._tables.write(Delete(CONTROL, {"pk": text(pointer, "pk"), "sk": text(pointer, "sk")}))
        return went

    async def prune(self, now: datetime) -> int:  # noqa: ARG002  # TTL does it
        """See `Webhooks.prune`."""
        return 0

    async def _all_or_nothing(self, changes: Sequence[Change | Check]) -> bool:
        try:
            await self._tables.transact(changes)
        except ConditionFailedError:
            return False
        return True


def _endpoint_key(endpoint_id: str) -> Key:
    return {"pk": _ENDPOINTS, "sk": endpoint_id}


def _endpoint_item(endpoint: Endpoint) -> Item:
    document = json.dumps(endpoint_document(endpoint))
    return {**_endpoint_key(endpoint.id), "revision": endpoint.revision, "document": document}


def _endpoint(item: Item) -> Endpoint:
    return parse_endpoint(text(item, "sk"), number(item, "revision"), json.loads(text(item, "document")))


def _key(endpoint_id: str, event_id: str) -> Key:
    return {"pk": f"hook#{endpoint_id}#{event_id}", "sk": "-"}


def _key_of(one: Delivery) -> Key:
    return _key(one.endpoint_id, one.event_id)


def _due(endpoint_id: str) -> str:
    return f"hook-due#{endpoint_id}"


def _log(endpoint_id: str) -> str:
    return f"hook-log#{endpoint_id}"


def _of(owner: str) -> str:
    return f"hook-of#{owner}"


def _due_key(one: Delivery) -> Key | None:
    if one.due_at is None:
        return None
    return {"pk": _due(one.endpoint_id), "sk": f"{to_ms(one.due_at):015d}-{one.event_id}"}


def keeping(one: Delivery) -> list[Change]:
    """What keeps a delivery, for a transaction of which something else says that it is the only one."""
    return [Put(CONTROL, _item(one)), *_pointing(one)]


def _pointing(one: Delivery) -> list[Change]:
    return [Put(CONTROL, {**key, "expires_at": _over_s(one)}) for key in _pointers(one)]


def _pointers(one: Delivery) -> list[Key]:
    found: list[Key] = [{"pk": _log(one.endpoint_id), "sk": one.cursor}]
    if (due := _due_key(one)) is not None:
        found.append(due)
    # Of somebody unknown their key is told.
    if one.personal and (owner := one.contact_id or one.personal.get("from")):
        found.append({"pk": _of(str(owner)), "sk": f"{one.endpoint_id}#{one.event_id}"})
    return found


def _moved(before: Delivery, after: Delivery) -> list[Change | Check]:
    """What says that it is due moves with it."""
    old, new = _due_key(before), _due_key(after)
    if old == new:
        return []
    gone: list[Change | Check] = [Delete(CONTROL, old)] if old is not None else []
    return [*gone, *([Put(CONTROL, {**new, "expires_at": _over_s(after)})] if new is not None else [])]


def _over_s(one: Delivery) -> int:
    return int((one.created_at + KEPT_FOR + timedelta(hours=1)).timestamp())


def _item(one: Delivery) -> Item:
    item: dict[str, Any] = {
        **_key_of(one),
        "endpoint_id": one.endpoint_id,
        "event_id": one.event_id,
        "created_at": to_ms(one.created_at),
        "state": str(one.state),
        "unproven": one.proof is not None,
        "document": json.dumps(delivery_document(one)),
        "expires_at": _over_s(one),
        "due_at": None if one.due_at is None else to_ms(one.due_at),
        "contact_id": one.contact_id,
        "personal": json.dumps(dict(one.personal)) if one.personal else None,
    }
    return {name: value for name, value in item.items() if value is not None}


def _delivery(item: Item) -> Delivery:
    personal = text_or_none(item, "personal")
    return parse_delivery(
        json.loads(text(item, "document")),
        endpoint_id=text(item, "endpoint_id"),
        event_id=text(item, "event_id"),
        created_at=from_ms(number(item, "created_at")),
        due_at=instant(item, "due_at"),
        state=text(item, "state"),
        personal=json.loads(personal) if personal else {},
        contact_id=text_or_none(item, "contact_id"),
    )
