"""Listing messages in order of campaign, contact and step, through all of a campaign's contacts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from disparo.adapters.aws import counters
from disparo.adapters.aws.attributes import number, text
from disparo.adapters.aws.enrolment import Enrolment
from disparo.adapters.aws.enrolments import Enrolments
from disparo.adapters.aws.ledger_keys import (
    LAST,
    SHARDS,
    Place,
    is_row,
    number_key,
    place_of,
    place_of_key,
    shard_name,
)
from disparo.adapters.aws.list_ranges import ids_after
from disparo.adapters.aws.tables import CAMPAIGNS, LEDGER, Tables
from disparo.domain.message import MessageId, MessageRecord
from disparo.ports.ledger import MessageFilter

PAGE = 500


async def page(tables: Tables, wanted: MessageFilter, after: MessageId | None, limit: int) -> list[MessageRecord]:
    """Rows that the filter wants, from behind `after`; see `Ledger.page`."""
    behind = (*(place_of(after.campaign_id, after.contact_id) or (0, 0)), after.step) if after else (0, 0, 0)
    found: list[MessageRecord] = []
    if wanted.states is not None and not wanted.states:
        return found
    async for one in _enrolments(tables, wanted, (behind[0], behind[1])):
        for step in sorted(one.rows):
            row = one.rows[step]
            if (*one.place, step) > behind and wanted.fits(step, row.state, row.reason, row.channel):
                found.append(one.record(step))
                if len(found) == limit:
                    return found
    return found


async def _enrolments(tables: Tables, wanted: MessageFilter, start: Place) -> AsyncIterator[Enrolment]:
    """Enrolments in order, from the contact `start` on."""
    enrolments = Enrolments(tables)
    for campaign in await _campaigns(tables, wanted, start[0]):
        cursor = start[1] - 1 if campaign == start[0] else 0
        async for places in _places(tables, campaign, cursor, wanted.contact_id):
            for one in await enrolments.load(places):
                if one is not None:
                    yield one


async def _campaigns(tables: Tables, wanted: MessageFilter, first: int) -> list[int]:
    if wanted.campaign_id is not None:
        place = place_of(wanted.campaign_id, "0")
        return [place[0]] if place is not None and place[0] >= first else []
    newest = await counters.newest(tables, counters.CAMPAIGN)
    return [*range(max(first, 1), newest + 1)]


async def _places(tables: Tables, campaign: int, cursor: int, contact_id: str | None) -> AsyncIterator[list[Place]]:
    """Where a campaign's enrolments behind the contact `cursor` may be, in order."""
    if contact_id is not None:
        place = place_of(str(campaign), contact_id)
        if place is not None and place[1] > cursor:
            yield [place]
        return
    item = await tables.get(CAMPAIGNS, {"campaign_id": str(campaign)}) or {}
    if "kind" in item:  # one that is always there has no list
        async for places in _standing_places(tables, campaign, cursor):
            yield places
        return
    end, list_name = number(item, "launch_end"), str(json.loads(text(item, "definition") or "{}").get("list"))
    while ids := await ids_after(tables, list_name, cursor, PAGE, end):
        yield [(campaign, contact) for contact in ids]
        cursor = ids[-1]


async def _standing_places(tables: Tables, campaign: int, cursor: int) -> AsyncIterator[list[Place]]:
    """Where the enrolments of a campaign without a list are, in order: each shard read as far as all of them are."""
    names = [shard_name(campaign, shard) for shard in range(SHARDS)]
    horizon: int | None = cursor
    while horizon is not None:
        lowest = number_key(horizon) + LAST
        shards = await asyncio.gather(*(tables.query(LEDGER, name, lowest=lowest, limit=PAGE) for name in names))
        horizon = min((place_of_key(items[-1])[1] for items in shards if len(items) == PAGE), default=None)
        found = sorted(place_of_key(item) for items in shards for item in items if is_row(item))
        yield [place for place in found if horizon is None or place[1] <= horizon]
