"""Messages that failed or are dead, through the index in which others are due.

    ledger   lane `trouble#<shard>`, due `<instant>#<campaign>#<contact>#<step>#<state>#<reason>`

An index follows its table a moment later, so what it names is looked at again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from heapq import merge

from disparo.adapters.aws.enrolments import Enrolments
from disparo.adapters.aws.ledger_keys import (
    DOUBTS,
    LANE_SHARDS,
    REASON_CHARACTERS,
    Place,
    TroublePlace,
    place_of,
    place_of_key,
    trouble_place,
    trouble_queue,
)
from disparo.adapters.aws.tables import LEDGER, Tables
from disparo.domain.agenda.notice import own_step
from disparo.domain.instants import to_ms
from disparo.domain.message import MessageId, MessageRecord, MessageState
from disparo.ports.ledger import TROUBLED, MessageFilter, Trouble, split_trouble_cursor, trouble_cursor

INDEX = "due-index"

PAGE = 500

FOUND_BY_INDEX = TROUBLED | {MessageState.IN_DOUBT}


async def latest(tables: Tables, wanted: MessageFilter, after: str | None, limit: int) -> list[Trouble]:
    """Those that are wanted, the latest first; see `Ledger.troubled`."""
    fits = _fitting(wanted)
    found: list[Trouble] = []
    batch: list[TroublePlace] = []
    async for place in _downwards(tables, _start(after)):
        if fits(place):
            batch.append(place)
        if len(batch) >= limit - len(found):
            found += await _loaded(tables, batch, wanted)
            batch = []
        if len(found) >= limit:
            return found[:limit]
    return found + await _loaded(tables, batch, wanted)


async def in_order(tables: Tables, wanted: MessageFilter, after: MessageId | None, limit: int) -> list[MessageRecord]:
    """Those that failed, are dead or in doubt in order of campaign, contact and step; see `Ledger.page`."""
    fits = _fitting(wanted)
    behind = (*(place_of(after.campaign_id, after.contact_id) or (0, 0)), after.step) if after else (0, 0, 0)
    states, places = wanted.states or frozenset(), set[Place]()
    if states & TROUBLED:
        places |= {(one.campaign, one.contact) async for one in _downwards(tables, None) if fits(one)}
    if MessageState.IN_DOUBT in states:
        places |= {place_of_key(item) for item in await tables.query(LEDGER, DOUBTS, index=INDEX)}
    ahead = sorted(place for place in places if place >= behind[:2] and _is_of(place, wanted))
    found: list[MessageRecord] = []
    for first in range(0, len(ahead), PAGE):
        for one in await Enrolments(tables).load(ahead[first : first + PAGE]):
            if one is not None:
                found += [row for row in one.records() if (*one.place, row.id.step) > behind and _fits(row, wanted)]
        if len(found) >= limit:
            break
    return found[:limit]


def _fits(row: MessageRecord, wanted: MessageFilter) -> bool:
    return wanted.fits(row.id.step, row.state, row.reason, row.channel)


def _is_of(place: Place, wanted: MessageFilter) -> bool:
    campaign, contact = place
    return wanted.campaign_id in (None, str(campaign)) and wanted.contact_id in (None, str(contact))


def _fitting(wanted: MessageFilter) -> Callable[[TroublePlace], bool]:
    """What can be said of a message by its place alone."""
    reason = None if wanted.reason is None else wanted.reason[:REASON_CHARACTERS]

    def fits(place: TroublePlace) -> bool:
        return (
            _is_of((place.campaign, place.contact), wanted)
            and wanted.step in (None, place.step, own_step(place.step))
            and reason in (None, place.reason)
            and (wanted.states is None or place.state in wanted.states)
        )

    return fits


def _start(after: str | None) -> str | None:
    """Sorts behind all that come after this cursor, and before the message itself."""
    if not after:
        return None
    at_ms, message = split_trouble_cursor(after)
    campaign, contact = place_of(message.campaign_id, message.contact_id) or (0, 0)
    return str(TroublePlace(at_ms, campaign, contact, message.step)).rstrip("#")


async def _downwards(tables: Tables, highest: str | None) -> AsyncIterator[TroublePlace]:
    """All places from `highest` downwards, from all shards together."""
    tops: list[str | None] = [highest] * LANE_SHARDS
    rest: list[list[str]] = [[] for _ in tops]
    more = [True] * LANE_SHARDS
    while any(more) or any(rest):
        reading = [shard for shard in range(LANE_SHARDS) if more[shard] and not rest[shard]]
        pages = await asyncio.gather(*(_page(tables, shard, tops[shard]) for shard in reading))
        for shard, page in zip(reading, pages, strict=True):
            rest[shard], more[shard] = page, len(page) == PAGE
            tops[shard] = page[-1] if page else None
        # As long as every shard that goes on has some left, the highest of all is known.
        floor = max((rest[shard][-1] for shard in range(LANE_SHARDS) if more[shard] and rest[shard]), default="")
        # A step that has just moved between its item and a pointer may be shown at both.
        for text in dict.fromkeys(merge(*rest, reverse=True)):
            if text < floor:
                break
            yield trouble_place(text)
        rest = [[text for text in page if text < floor] for page in rest]


async def _page(tables: Tables, shard: int, highest: str | None) -> list[str]:
    # The bounds of a query are inclusive.
    items = await tables.query(
        LEDGER, trouble_queue(shard), index=INDEX, highest=highest, descending=True, limit=PAGE + (highest is not None)
    )
    return [text for item in items if (text := str(item["due"])) != highest][:PAGE]


async def _loaded(tables: Tables, places: Sequence[TroublePlace], wanted: MessageFilter) -> list[Trouble]:
    """Those of these messages that are what their places say."""
    enrolments = await Enrolments(tables).load([(one.campaign, one.contact) for one in places])
    found = []
    for place, one in zip(places, enrolments, strict=True):
        if one is None or place.step not in one.rows:
            continue
        record = one.record(place.step)
        is_there = record.state == place.state and to_ms(record.changed_at) == place.changed_ms
        if is_there and record.state in TROUBLED and _fits(record, wanted):
            found.append(Trouble(trouble_cursor(record), record))
    return found
