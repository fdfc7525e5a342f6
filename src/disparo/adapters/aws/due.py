"""Which messages of open lanes are due, found through the index and looked at in the rows themselves.

The index may lag behind the rows, so what it names is read again before a permit is spent on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from disparo.adapters.aws.enrolment import Enrolment
from disparo.adapters.aws.enrolments import Enrolments
from disparo.adapters.aws.leases import Held
from disparo.adapters.aws.ledger_keys import QueuePlace, lane_queues, place_of_key, priority_bounds, queue_place
from disparo.adapters.aws.tables import LEDGER, Item, Tables
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.lane import OpenLane
from disparo.domain.message import MessageState

INDEX = "due-index"


@dataclass(frozen=True, slots=True)
class DueRow:
    """A due message: its lane, its enrolment as it was read, and the fence that a claim of it will have."""

    lane: OpenLane
    held: Held
    enrolment: Enrolment


@dataclass(slots=True)
class DueRows:
    """The due rows of each campaign in the order in which they are served, and when the next ones will be due."""

    by_campaign: dict[str, list[DueRow]] = field(default_factory=dict)
    next_at: datetime | None = None

    def of(self, lanes: Sequence[OpenLane], count: int) -> Sequence[DueRow]:
        """The first so many of the campaign whose lanes these are."""
        return self.by_campaign.get(lanes[0].campaign_id, [])[:count]


async def due_rows(
    tables: Tables, lanes: Sequence[OpenLane], count: int, now: datetime, held: AbstractSet[Held]
) -> DueRows:
    """Up to `count` due rows of each campaign, without those that are `held`."""
    by_campaign: dict[str, list[OpenLane]] = {}
    for lane in lanes:
        by_campaign.setdefault(lane.campaign_id, []).append(lane)
    found = DueRows()
    looks = [_of_campaign(tables, own, count, now, held) for own in by_campaign.values()]
    for campaign_id, (rows, next_at) in zip(by_campaign, await asyncio.gather(*looks), strict=True):
        found.by_campaign[campaign_id] = rows
        if next_at is not None:
            found.next_at = min(found.next_at or next_at, next_at)
    return found


async def _of_campaign(
    tables: Tables, lanes: Sequence[OpenLane], count: int, now: datetime, held: AbstractSet[Held]
) -> tuple[list[DueRow], datetime | None]:
    """One campaign's due rows by priority, lane and time; and when the next is due."""
    rows: list[DueRow] = []
    next_ms: list[int] = []
    campaign = int(lanes[0].campaign_id)
    limit = count + sum(one.campaign == campaign for one in held)
    for priority in sorted({priority for lane in lanes for priority in lane.priorities}):
        own = [lane for lane in lanes if priority in lane.priorities]
        queues = await asyncio.gather(*(_queue(tables, lane, priority, limit, now) for lane in own))
        for lane, queue in zip(own, queues, strict=True):
            if queue.next_ms is not None:
                next_ms.append(queue.next_ms)
            missing, seen = count - len(rows), limit
            found = await _looked_at(tables, lane, queue.due, missing, now, held)
            while len(found) < missing and queue.cut_off:
                # Places that were left a moment ago are still shown, and stand before all others.
                seen *= 4
                queue = await _queue(tables, lane, priority, seen, now)
                found = await _looked_at(tables, lane, queue.due, missing, now, held)
            rows.extend(found)
    return rows[:count], from_ms(min(next_ms)) if next_ms else None


@dataclass(frozen=True, slots=True)
class _Queue:
    """The first due places of a lane and priority, oldest first, and when the first later one is due."""

    due: list[tuple[QueuePlace, Item]]
    next_ms: int | None
    cut_off: bool
    """Whether there may be more of them."""


async def _queue(tables: Tables, lane: OpenLane, priority: int, limit: int, now: datetime) -> _Queue:
    low, high = priority_bounds(priority)
    shards = await asyncio.gather(
        *(
            tables.query(LEDGER, queue, index=INDEX, lowest=low, highest=high, limit=limit + 1)
            for queue in lane_queues(lane.id)
        )
    )
    places = sorted(
        ((queue_place(str(item["due"])), item) for shard in shards for item in shard),
        key=lambda found: (found[0].due_ms, str(found[1]["sk"])),
    )
    now_ms = to_ms(now)
    due = [found for found in places if found[0].due_ms <= now_ms]
    later = places[len(due)][0].due_ms if len(due) < len(places) else None
    cut_off = any(len(shard) > limit and queue_place(str(shard[-1]["due"])).due_ms <= now_ms for shard in shards)
    return _Queue(due, later, cut_off)


async def _looked_at(
    tables: Tables,
    lane: OpenLane,
    due: Sequence[tuple[QueuePlace, Item]],
    count: int,
    now: datetime,
    held: AbstractSet[Held],
) -> list[DueRow]:
    """Of these places, the first so many whose rows are due indeed.

    A step that has just moved between its item and a pointer may be shown at both.
    """
    rows: list[DueRow] = []
    shown = dict.fromkeys(Held(*place_of_key(item), place.step, place.fence + 1) for place, item in due)
    wanted = [one for one in shown if one not in held]
    while wanted and len(rows) < count:
        batch, wanted = wanted[: count - len(rows)], wanted[count - len(rows) :]
        enrolments = await Enrolments(tables).load([one.place for one in batch])
        for one, enrolment in zip(batch, enrolments, strict=True):
            row = enrolment.rows.get(one.step) if enrolment else None
            is_due = row is not None and row.state is MessageState.DUE and row.fence == one.fence - 1
            if enrolment and is_due and row is not None and (row.due_ms or 0) <= to_ms(now):
                rows.append(DueRow(lane, one, enrolment))
    return rows
