"""Suppressions in DynamoDB.

control   suppression#<shard>, <key>   an attribute for each channel (`all` for every one) with [reason, source, at]
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from zlib import crc32

from disparo.adapters.aws.attributes import as_json, text
from disparo.adapters.aws.contact_items import whose
from disparo.adapters.aws.contact_rows import cancel_unsent
from disparo.adapters.aws.tables import CONTROL, Delete, Item, Key, Tables, Update
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

_SHARDS = 8
_EVERY_CHANNEL = "all"
_CHANNELS: Mapping[str, Channel | None] = {_EVERY_CHANNEL: None, **{str(one): one for one in sorted(Channel)}}


class DynamoSuppressions:
    """`Suppressions` in the table control."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, suppressions: Sequence[Suppression]) -> int:
        """See `Suppressions.add`: they are kept first, so that no message begins from then on; then what waits ends.

        After a kill between the two the same call again ends the rest.
        """
        await self._tables.write_many(_kept(suppressions))
        at_ms = max((to_ms(one.at) for one in suppressions), default=0)
        return await self._cancel([one for one in suppressions if not one.key.startswith(HASHED)], at_ms)

    async def enforce(self, keys: Sequence[str], now: datetime) -> int:
        """See `Suppressions.enforce`."""
        return await self._cancel(await self.matching(keys), to_ms(now))

    async def _cancel(self, suppressions: Sequence[Suppression], at_ms: int) -> int:
        """Cancel what has not begun of everybody whom these speak of."""
        found = by_contact(suppressions, await self._owners({one.key for one in suppressions}))

        def cause(contact: int, channel: Channel) -> tuple[str, str] | None:
            return cause_of(found[contact], channel)

        return await cancel_unsent(self._tables, found, cause, at_ms)

    async def _owners(self, keys: set[str]) -> list[tuple[str, int]]:
        """Each key with each contact, of any list, that has it."""
        asked = sorted(keys)
        found = await asyncio.gather(*[whose(self._tables, key) for key in asked])
        return [(key, int(text(item, "contact_id"))) for key, items in zip(asked, found, strict=True) for item in items]

    async def remove(self, key: str) -> bool:
        """See `Suppressions.remove`."""
        places = [suppression_key(one) for one in dict.fromkeys((key, hashed_key(key))) if key]
        found = await self._tables.get_many([(CONTROL, place) for place in places])
        kept = [place for place, item in zip(places, found, strict=True) if item is not None]
        await self._tables.write_many([Delete(CONTROL, place) for place in kept])
        return bool(kept)

    async def conceal(self, keys: Sequence[str]) -> int:
        """See `Suppressions.conceal`: the hashes are there before the keys go."""
        asked = plain_keys(keys)
        found = await self._tables.get_many([(CONTROL, suppression_key(key)) for key in asked])
        kept = [one for item in found if item is not None for one in suppressions_of(item)]
        hidden = [replace(one, key=hashed_key(one.key), source=CONCEALED) for one in kept]
        await self._tables.write_many(_kept(hidden))
        gone = [Delete(CONTROL, suppression_key(key)) for key, item in zip(asked, found, strict=True) if item]
        await self._tables.write_many(gone)
        return len(kept)

    async def matching(self, keys: Sequence[str]) -> Sequence[Suppression]:
        """See `Suppressions.matching`."""
        found = await suppression_items(self._tables, keys)
        return [one for key in sorted(found) for one in found[key]]

    async def page(self, after: str, limit: int) -> Sequence[Suppression]:
        """See `Suppressions.page`; a key that is suppressed on several channels is never cut in two."""
        shards = [
            self._tables.query(CONTROL, f"suppression#{shard}", lowest=after or None, limit=limit + 1)
            for shard in range(_SHARDS)
        ]
        items = [item for shard in await asyncio.gather(*shards) for item in shard if text(item, "sk") > after]
        items.sort(key=lambda item: text(item, "sk"))
        return [one for item in items[:limit] for one in suppressions_of(item)]


async def suppression_items(tables: Tables, keys: Sequence[str]) -> dict[str, list[Suppression]]:
    """For each of these keys that is suppressed, how, be it by its hash; strongly consistent."""
    asked = lookup_keys(keys)
    found = await tables.get_many([(CONTROL, suppression_key(key)) for key in asked])
    told = as_asked([one for item in found if item is not None for one in suppressions_of(item)], asked)
    return {key: list(each) for key, each in groupby(told, lambda one: one.key)}


def suppression_key(key: str) -> Key:
    """Where it is kept whether an address is suppressed."""
    return {"pk": f"suppression#{crc32(key.encode()) % _SHARDS}", "sk": key}


def suppressions_of(item: Item) -> list[Suppression]:
    """The suppressions of a key, that of every channel first."""
    found = []
    for name, channel in _CHANNELS.items():
        if name in item:
            reason, source, at_ms = json.loads(text(item, name))
            found.append(Suppression(text(item, "sk"), channel, reason, source, from_ms(at_ms)))
    return found


def _kept(suppressions: Sequence[Suppression]) -> list[Update]:
    """One change for each key; of two on one channel the first stays."""
    by_key: dict[str, dict[str, str]] = {}
    for one in suppressions:
        value = as_json([one.reason, one.source, to_ms(one.at)])
        by_key.setdefault(one.key, {}).setdefault(one.channel or _EVERY_CHANNEL, value)
    return [Update(CONTROL, suppression_key(key), set_if_absent=each) for key, each in by_key.items()]
