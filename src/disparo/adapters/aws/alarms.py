"""Alarms in DynamoDB.

    control   alarms, <name>          where an alarm stands
    control   alarm-changes, <id>     a change: the ways by which somebody is still to be told, and was (TTL)

They are few and change rarely, so each kind has one partition.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from disparo.adapters.aws.attributes import as_json, names, number, text
from disparo.adapters.aws.tables import ABSENT, CONTROL, Condition, ConditionFailedError, Item, Key, Put, Tables, Update
from disparo.domain.alarm import HISTORY_KEPT, AlarmChange, AlarmName, AlarmStanding
from disparo.domain.alarm_document import change_document, parse_change, parse_standing, standing_document
from disparo.domain.instants import from_ms, to_ms

_ALARMS, _CHANGES = "alarms", "alarm-changes"
_TOLD = "told_"


class DynamoAlarms:
    """`AlarmBook` in the table control."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def standings(self) -> Sequence[AlarmStanding]:
        """See `AlarmBook.standings`."""
        items = await self._tables.query(CONTROL, _ALARMS)
        found = (parse_standing(json.loads(text(item, "document"))) for item in items)
        return sorted((one for one in found if one is not None), key=lambda one: tuple(AlarmName).index(one.name))

    async def keep(self, standing: AlarmStanding, before: AlarmStanding | None, change: AlarmChange | None) -> bool:
        """See `AlarmBook.keep`."""
        when: Condition = {"pk": ABSENT}
        if before is not None:
            when = {"state": str(before.state), "since": to_ms(before.since)}
        kept: Item = {
            "pk": _ALARMS,
            "sk": str(standing.name),
            "state": str(standing.state),
            "since": to_ms(standing.since),
            "document": as_json(standing_document(standing)),
        }
        standing_now = Put(CONTROL, kept, when=when)
        try:
            if change is None:  # a transaction costs twice as much, and this is each minute's
                await self._tables.write(standing_now)
            else:
                await self._tables.transact([standing_now, Put(CONTROL, _item(change))])
        except ConditionFailedError:
            return False
        return True

    async def changes(self, after: str | None, limit: int) -> Sequence[AlarmChange]:
        """See `AlarmBook.changes`."""
        found = await self._tables.query(
            CONTROL, _CHANGES, highest=after, descending=True, limit=limit + (after is not None)
        )
        return _changes(item for item in found if text(item, "sk") != after)[:limit]

    async def untold(self, way: str, from_at: datetime) -> Sequence[AlarmChange]:
        """See `AlarmBook.untold`."""
        found = await self._tables.query(CONTROL, _CHANGES, lowest=f"{to_ms(from_at):013}")
        return _changes(item for item in found if way in names(item, "waiting"))

    async def told(self, change_id: str, way: str, at: datetime) -> None:
        """See `AlarmBook.told`."""
        key: Key = {"pk": _CHANGES, "sk": change_id}
        said = Update(
            CONTROL, key, set_if_absent={_TOLD + way: to_ms(at)}, take={"waiting": frozenset({way})}, when=dict(key)
        )
        try:
            await self._tables.write(said)
        except ConditionFailedError:
            return


def _item(change: AlarmChange) -> Item:
    over_s = int((change.standing.since + HISTORY_KEPT).timestamp())
    waiting: Item = {"waiting": change.waiting} if change.waiting else {}
    document = as_json(change_document(change))
    return {"pk": _CHANGES, "sk": change.id, "document": document, "expires_at": over_s, **waiting}


def _changes(items: Iterable[Item]) -> list[AlarmChange]:
    found = [
        parse_change(
            json.loads(text(item, "document")),
            names(item, "waiting"),
            {name.removeprefix(_TOLD): from_ms(number(item, name)) for name in sorted(item) if name.startswith(_TOLD)},
        )
        for item in items
    ]
    return [one for one in found if one is not None]
