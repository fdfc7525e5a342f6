"""Kept answers in DynamoDB, which forgets them by itself (TTL)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from disparo.adapters.aws.forgotten import is_gone
from disparo.adapters.aws.tables import ABSENT, CONTROL, Condition, ConditionFailedError, Delete, Item, Key, Put, Tables
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


class DynamoIdempotency:
    """`Idempotency` as items `pk=request#<hash of the key>` of the table control.

    TTL deletes them some time after their end, so that `free_at` and not their absence says whether a key is free.
    An answer that tells of a contact is named under `pk=request-of#<contact>` before it is kept.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def begin(self, key: str, fingerprint: str, token: str, now: datetime) -> Standing:
        """See `Idempotency.begin`."""
        item = _item(key, fingerprint, token, now + IN_FLIGHT_FOR)
        held = await self._tables.get(CONTROL, _key(key))
        if held is not None and int(str(held["free_at"])) > to_ms(now):
            return _standing(held, fingerprint)
        when: Condition = {"pk": ABSENT} if held is None else {"token": held["token"], "free_at": held["free_at"]}
        try:
            await self._tables.write(Put(CONTROL, item, when))
        except ConditionFailedError:  # another request was faster by a moment
            held = await self._tables.get(CONTROL, _key(key))
            return InFlight() if held is None else _standing(held, fingerprint)
        return Begun(token)

    async def finish(self, key: str, token: str, answer: KeptAnswer, now: datetime) -> None:
        """See `Idempotency.finish`."""
        if await is_gone(self._tables, answer.about):
            await self.release(key, token)
            return
        held = await self._tables.get(CONTROL, _key(key))
        if held is None or held["token"] != token or "status" in held:
            return
        answered: Item = {
            **_item(key, str(held["fingerprint"]), token, now + KEPT_FOR),
            "status": answer.status,
            "headers": json.dumps(dict(answer.headers)),
            "body": base64.b64encode(answer.body).decode(),
        }
        if answer.about is not None:
            pointer = {**_about(answer.about), "sk": _key(key)["pk"], "expires_at": answered["expires_at"]}
            await self._tables.write(Put(CONTROL, pointer))
        await self._if_still(Put(CONTROL, answered, {"token": token, "status": ABSENT}))

    async def release(self, key: str, token: str) -> None:
        """See `Idempotency.release`."""
        await self._if_still(Delete(CONTROL, _key(key), {"token": token, "status": ABSENT}))

    async def forget_person(self, contact_id: str, keys: Sequence[str]) -> int:  # noqa: ARG002
        """See `Idempotency.forget_person`: pointers go last."""
        pointers = await self._tables.query(CONTROL, _about(contact_id)["pk"])
        await self._tables.write_many([Delete(CONTROL, {"pk": str(one["sk"]), "sk": "-"}) for one in pointers])
        gone = [Delete(CONTROL, {"pk": str(one["pk"]), "sk": str(one["sk"])}) for one in pointers]
        await self._tables.write_many(gone)
        return len(pointers)

    async def prune(self, now: datetime) -> int:  # noqa: ARG002  # TTL does it
        """See `Idempotency.prune`."""
        return 0

    async def _if_still(self, change: Put | Delete) -> None:
        try:
            await self._tables.write(change)
        except ConditionFailedError:
            return


def _key(key: str) -> Key:
    # Hashed: what a client writes may be longer than a key may be, and the requests spread over all partitions.
    return {"pk": f"request#{hashlib.sha256(key.encode()).hexdigest()}", "sk": "-"}


def _about(contact_id: str) -> dict[str, str]:
    return {"pk": f"request-of#{contact_id}"}


def _item(key: str, fingerprint: str, token: str, free_at: datetime) -> Item:
    over_s = int((free_at + timedelta(hours=1)).timestamp())
    return {
        **_key(key),
        "fingerprint": fingerprint,
        "token": token,
        "free_at": to_ms(free_at),
        "expires_at": over_s,
    }


def _standing(held: Item, fingerprint: str) -> Standing:
    if held["fingerprint"] != fingerprint:
        return OtherRequest()
    if "status" not in held:
        return InFlight()
    headers = json.loads(str(held["headers"]))
    return Replay(KeptAnswer(int(str(held["status"])), base64.b64decode(str(held["body"])), headers))
