"""Tries to sign in, in DynamoDB, which forgets them by itself (TTL).

control   try#<name>, -    how often, and when last
"""

from __future__ import annotations

from datetime import datetime, timedelta

from disparo.adapters.aws.attributes import number
from disparo.adapters.aws.tables import (
    ABSENT,
    CONTROL,
    Condition,
    ConditionFailedError,
    Delete,
    Item,
    Key,
    Put,
    Tables,
)
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.policies.throttle import Throttle, Tried

_MOST_ROUNDS = 10
_CROWDED = timedelta(seconds=1)
"""What somebody waits where so many try the same at once that none of ten looks was still true when it was written."""


class DynamoTries:
    """`Tries` in the table control: what was looked at is written only where it is still so."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def take(self, name: str, throttle: Throttle, now: datetime) -> timedelta:
        """See `Tries.take`."""
        for _ in range(_MOST_ROUNDS):
            item = await self._tables.get(CONTROL, _key(name))
            tried = _tried(item)
            if wait := throttle.wait(tried, now):
                return wait
            if await self._replace(name, item, throttle.taken(tried, now), throttle):
                return timedelta(0)
        return _CROWDED

    async def give_back(self, name: str, throttle: Throttle, now: datetime) -> None:
        """See `Tries.give_back`."""
        for _ in range(_MOST_ROUNDS):
            item = await self._tables.get(CONTROL, _key(name))
            if item is None or await self._replace(name, item, throttle.given_back(_tried(item), now), throttle):
                return

    async def _replace(self, name: str, item: Item | None, tried: Tried | None, throttle: Throttle) -> bool:
        when: Condition = {"pk": ABSENT} if item is None else {one: item[one] for one in ("count", "last_at")}
        try:
            if tried is None:
                await self._tables.write(Delete(CONTROL, _key(name), when))
            else:
                await self._tables.write(Put(CONTROL, _item(name, tried, throttle), when))
        except ConditionFailedError:
            return False
        return True

    async def forget(self, name: str) -> None:
        """See `Tries.forget`."""
        await self._tables.write(Delete(CONTROL, _key(name)))

    async def prune(self, before: datetime) -> int:  # noqa: ARG002  # TTL does it
        """See `Tries.prune`."""
        return 0


def _key(name: str) -> Key:
    return {"pk": f"try#{name}", "sk": "-"}


def _item(name: str, tried: Tried, throttle: Throttle) -> Item:
    over_s = int((tried.last_at + throttle.forgets).timestamp()) + 1
    return {**_key(name), "count": tried.count, "last_at": to_ms(tried.last_at), "expires_at": over_s}


def _tried(item: Item | None) -> Tried | None:
    return None if item is None else Tried(number(item, "count"), from_ms(number(item, "last_at")))
