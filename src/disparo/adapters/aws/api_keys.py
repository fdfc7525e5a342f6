"""API keys in DynamoDB.

    control   api-keys, <id>    a key

They are few, so they have one partition.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from disparo.adapters.aws.attributes import as_json, instant, number, text
from disparo.adapters.aws.tables import ABSENT, CONTROL, ConditionFailedError, Item, Key, Put, Tables, Update
from disparo.domain.api_key import ApiKey
from disparo.domain.errors import NotFoundError
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.principal import Role

_PARTITION = "api-keys"


class DynamoApiKeys:
    """`ApiKeys` in the table control."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, key: ApiKey) -> None:
        """See `ApiKeys.add`."""
        item: dict[str, str | int] = {
            **_key(key.id),
            "name": key.name,
            "role": str(key.role),
            "secret": key.secret,
            "resources": as_json(sorted(key.resources)),
            "created_by": key.created_by,
            "created_at": to_ms(key.created_at),
        }
        if key.expires_at is not None:
            # Not `expires_at`, by which DynamoDB would forget it (TTL): the audit names keys that are over.
            item["good_until"] = to_ms(key.expires_at)
        await self._tables.write(Put(CONTROL, item, {"pk": ABSENT}))

    async def find(self, key_id: str) -> ApiKey | None:
        """See `ApiKeys.find`."""
        item = await self._tables.get(CONTROL, _key(key_id)) if key_id else None
        return None if item is None else _api_key(item)

    async def all(self) -> Sequence[ApiKey]:
        """See `ApiKeys.all`."""
        found = [_api_key(item) for item in await self._tables.query(CONTROL, _PARTITION)]
        return sorted(found, key=lambda one: (-to_ms(one.created_at), one.id))

    async def used(self, key_id: str, now: datetime) -> None:
        """See `ApiKeys.used`."""
        key = _key(key_id)
        try:
            await self._tables.write(Update(CONTROL, key, set={"used_at": to_ms(now)}, when=dict(key)))
        except ConditionFailedError:
            return

    async def revoke(self, key_id: str, now: datetime) -> ApiKey:
        """See `ApiKeys.revoke`."""
        key = _key(key_id or "-")
        try:
            change = Update(CONTROL, key, set_if_absent={"revoked_at": to_ms(now)}, when=dict(key))
            item = await self._tables.write(change)
        except ConditionFailedError:
            raise NotFoundError(f"a chave {key_id!r} não existe (veja: disparo keys list)") from None
        assert item is not None
        return _api_key(item)


def _key(key_id: str) -> Key:
    return {"pk": _PARTITION, "sk": key_id}


def _api_key(item: Item) -> ApiKey:
    return ApiKey(
        text(item, "sk"),
        text(item, "name"),
        Role(text(item, "role")),
        text(item, "secret"),
        text(item, "created_by"),
        from_ms(number(item, "created_at")),
        frozenset(json.loads(text(item, "resources"))),
        instant(item, "good_until"),
        instant(item, "used_at"),
        instant(item, "revoked_at"),
    )
