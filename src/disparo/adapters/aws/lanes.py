"""Lanes in DynamoDB: an item for each campaign, channel and place."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from disparo.adapters.aws import counters
from disparo.adapters.aws.attributes import number
from disparo.adapters.aws.permits import same_version, version_of
from disparo.adapters.aws.revision import raise_revision
from disparo.adapters.aws.tables import CONTROL, ConditionFailedError, Item, Key, Put, Tables
from disparo.domain.contact import Channel
from disparo.domain.lane import Lane
from disparo.domain.place import Place
from disparo.ports.ledger import NewMessage

Where = tuple[Channel, str]
"""A channel and a place."""


async def lanes_of(tables: Tables, campaigns: Iterable[str]) -> list[Lane]:
    """The lanes of these campaigns."""
    found = await asyncio.gather(*(tables.query(CONTROL, _partition(campaign)) for campaign in campaigns))
    return sorted((_lane(item) for items in found for item in items), key=lambda lane: lane.id)


async def ensure_lanes(tables: Tables, campaign_id: str, messages: Iterable[NewMessage]) -> Mapping[Where, int]:
    """The lane of each channel and place; new ones, and new priorities in old ones, raise the revision."""
    wanted: dict[Where, set[int]] = {}
    for one in messages:
        wanted.setdefault((one.channel, str(one.place)), set()).add(one.priority)
    lanes: dict[Where, int] = {}
    known = {str(item["sk"]): item for item in await tables.query(CONTROL, _partition(campaign_id))}
    for where, priorities in wanted.items():
        key = _key(campaign_id, where)
        item: Item | None = known.get(key["sk"])
        while item is None or not priorities <= {*_priorities(item)}:
            item = await _widen(tables, key, item, priorities)
        lanes[where] = number(item, "id")
    return lanes


async def _widen(tables: Tables, key: Key, item: Item | None, priorities: set[int]) -> Item | None:
    """Make a lane, or let it have these priorities too; the item as it is afterwards, whoever wrote it."""
    known = {*_priorities(item)} if item else set()
    number = item["id"] if item else await counters.take(tables, counters.LANE)
    wider: Item = {
        **key,
        "id": number,
        "priorities": ",".join(str(one) for one in sorted(known | priorities)),
        "v": version_of(item) + 1,
    }
    try:
        await tables.transact([Put(CONTROL, wider, when=same_version(version_of(item))), raise_revision()])
    except ConditionFailedError:
        return await tables.get(CONTROL, key)
    return wider


def _partition(campaign_id: str) -> str:
    return f"lanes#{campaign_id}"


def _key(campaign_id: str, where: Where) -> Key:
    return {"pk": _partition(campaign_id), "sk": f"{where[0]}#{where[1]}"}


def _priorities(item: Item) -> tuple[int, ...]:
    return tuple(int(one) for one in str(item["priorities"]).split(","))


def _lane(item: Item) -> Lane:
    channel, _, place = str(item["sk"]).partition("#")
    campaign = str(item["pk"]).partition("#")[2]
    return Lane(number(item, "id"), campaign, Channel(channel), Place.parse(place), _priorities(item))
