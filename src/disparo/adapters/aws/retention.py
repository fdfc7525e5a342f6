"""What is old, in DynamoDB.

control   newest-contact, <day>   {contact}: the highest id that was given out when this day (UTC) was first looked at
control   sweep, <name>           {position}: how far a sweep has come
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from disparo.adapters.aws import counters
from disparo.adapters.aws.attributes import number, text
from disparo.adapters.aws.contact_items import is_active, load_people
from disparo.adapters.aws.enrolment import enrolment_of
from disparo.adapters.aws.enrolments import Enrolments
from disparo.adapters.aws.ledger_keys import SHARDS, is_row, shard_name
from disparo.adapters.aws.tables import ABSENT, CONTROL, LEDGER, ConditionFailedError, Key, Put, Tables

LOOKED_AT = 1_000
"""Ids of one step: a function that is killed in the middle of one begins it again."""

_MARKS, _SWEEP = "newest-contact", "sweep"


class DynamoRetention:
    """`Retention` in the tables control, contacts and ledger."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._noted = ""

    async def note_newest(self, now: datetime) -> None:
        """See `Retention.note_newest`."""
        if self._noted == (day := _day(now)):
            return
        newest = await counters.newest(self._tables, counters.CONTACT)
        with suppress(ConditionFailedError):  # it was noted
            await self._tables.write(Put(CONTROL, {"pk": _MARKS, "sk": day, "contact": newest}, {"pk": ABSENT}))
        self._noted = day

    async def newest_by(self, at: datetime) -> int:
        """See `Retention.newest_by`."""
        found = await self._tables.query(CONTROL, _MARKS, highest=_day(at), descending=True, limit=1)
        return number(found[0], "contact") if found else 0

    async def contacts(self, after: int, until: int, limit: int) -> tuple[Sequence[str], int | None]:
        """See `Retention.contacts`: ids are numbers, so they are asked for one after the other."""
        found: list[str] = []
        last = min(until, after + LOOKED_AT)
        while after < last and len(found) < limit:
            ids = range(after + 1, min(last, after + limit) + 1)
            people = await load_people(self._tables, ids)
            found += [text(item, "contact_id") for item in people if item is not None and is_active(item)]
            after = ids[-1]
        if len(found) >= limit:
            found = found[:limit]
            after = int(found[-1])
        return found, None if after >= until else after

    async def scrub(self, campaign_id: str, after: str, limit: int) -> str | None:
        """See `Retention.scrub`; the position is a shard and a place in it."""
        told, _, lowest = after.partition("#")
        enrolments = Enrolments(self._tables)
        for shard in range(int(told or 0), SHARDS):
            page = await self._tables.query(
                LEDGER, shard_name(int(campaign_id), shard), lowest=lowest or None, limit=limit
            )
            lowest = ""
            if page:
                await enrolments.scrub([enrolment_of(item).place for item in page if is_row(item)])
                return f"{shard}#{page[-1]['sk']}\0"
        return None

    async def position(self, sweep: str) -> str:
        """See `Retention.position`."""
        return text(await self._tables.get(CONTROL, _sweep(sweep)) or {}, "position")

    async def keep_position(self, sweep: str, position: str) -> None:
        """See `Retention.keep_position`."""
        await self._tables.write(Put(CONTROL, {**_sweep(sweep), "position": position}))


def _day(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()


def _sweep(name: str) -> Key:
    return {"pk": _SWEEP, "sk": name}
