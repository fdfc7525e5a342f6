"""The audit in DynamoDB.

    control   audit#<day>, <id>    an entry
    control   audit, <day>         that there are entries of this day

Days are UTC. Nothing updates an entry: it is put where there is none.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from secrets import token_hex

from disparo.adapters.aws.attributes import as_json, number, text
from disparo.adapters.aws.tables import ABSENT, CONTROL, ConditionFailedError, Delete, Item, Put, Tables
from disparo.domain.audit import AuditEntry, AuditFilter, audit_id, written_at
from disparo.domain.instants import from_ms, to_ms

_DAYS = "audit"
_BEHIND = "~"
_AT_ONCE = 200


class DynamoAudit:
    """`Audit` in the table control."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._days: set[str] = set()
        self._turns = count()  # what one process writes in one millisecond stays in its order

    async def append(self, entry: AuditEntry) -> AuditEntry:
        """See `Audit.append`; the day first, so that a kill in between hides nothing."""
        kept = replace(entry, id=entry.id or audit_id(entry.at, f"{next(self._turns):08x}{token_hex(4)}"))
        day = _day(kept.at)
        if day not in self._days:
            await self._tables.write(Put(CONTROL, {"pk": _DAYS, "sk": day}))
            self._days.add(day)
        try:
            await self._tables.write(Put(CONTROL, _item(kept), when={"pk": ABSENT}))
        except ConditionFailedError:
            if not entry.id:
                raise
        return kept

    async def page(self, wanted: AuditFilter, after: str | None, limit: int) -> Sequence[AuditEntry]:
        """See `Audit.page`."""
        newest = min([one for one in (after, wanted.until and audit_id(wanted.until, "")) if one], default=None)
        last_day = _BEHIND if newest is None else _day_of(newest)
        first_day = "" if wanted.since is None else _day(wanted.since)
        days = await self._tables.query(CONTROL, _DAYS, lowest=first_day or None, highest=last_day, descending=True)
        found: list[AuditEntry] = []
        for day in days:
            found += await self._of_day(text(day, "sk"), newest, wanted, limit - len(found))
            if len(found) >= limit:
                break
        return found

    async def _of_day(self, day: str, newest: str | None, wanted: AuditFilter, limit: int) -> list[AuditEntry]:
        found: list[AuditEntry] = []
        below = newest
        while True:
            items = await self._tables.query(
                CONTROL, f"{_DAYS}#{day}", highest=below or _BEHIND, descending=True, limit=_AT_ONCE
            )
            entries = [_entry(item) for item in items if text(item, "sk") != below]
            found += [one for one in entries if wanted.holds(one)]
            if len(found) >= limit or len(items) < _AT_ONCE:
                return found[:limit]
            below = entries[-1].id

    async def prune(self, before: datetime, limit: int) -> int:
        """See `Audit.prune`; a whole day at a time."""
        gone = 0
        for day in await self._tables.query(CONTROL, _DAYS, highest=_day(before)):
            name = text(day, "sk")
            items = await self._tables.query(
                CONTROL, f"{_DAYS}#{name}", highest=audit_id(before, ""), limit=limit - gone
            )
            deletes = [Delete(CONTROL, {"pk": text(one, "pk"), "sk": text(one, "sk")}) for one in items]
            gone += sum(await self._tables.write_many(deletes)) if deletes else 0
            if gone >= limit:
                break
            if name < _day(before):
                await self._tables.write(Delete(CONTROL, {"pk": _DAYS, "sk": name}))
        return gone


def _day(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")


def _day_of(entry_id: str) -> str:
    """The day of an entry; a cursor that was made up is behind all days, and compared as a text within each."""
    try:
        return _day(written_at(entry_id))
    except (ValueError, OverflowError):
        return _BEHIND


def _item(entry: AuditEntry) -> Item:
    return {
        "pk": f"{_DAYS}#{_day(entry.at)}",
        "sk": entry.id,
        "at": to_ms(entry.at),
        "actor": entry.actor,
        "name": entry.name,
        "action": entry.action,
        "object": entry.object,
        "outcome": entry.outcome,
        "detail": as_json(dict(entry.detail)),
        "address": entry.address,
    }


def _entry(item: Item) -> AuditEntry:
    return AuditEntry(
        at=from_ms(number(item, "at")),
        actor=text(item, "actor"),
        name=text(item, "name"),
        action=text(item, "action"),
        object=text(item, "object"),
        outcome=text(item, "outcome"),
        detail=json.loads(text(item, "detail")),
        address=text(item, "address"),
        id=text(item, "sk"),
    )
