"""The tables in memory: DynamoDB's rules without DynamoDB, counting what it would bill."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from disparo.adapters.aws.change_rules import (
    key_of,
    refuse_key,
    refuse_wrong,
    refuse_wrong_query,
    refuse_wrong_transaction,
)
from disparo.adapters.aws.tables import (
    TOKEN,
    Change,
    Check,
    ConditionFailedError,
    Item,
    Key,
    Table,
)
from disparo.simulation.capacity_units import (
    TRANSACTION_FACTOR,
    Units,
    index_write_units,
    item_bytes,
    place_of,
    projection,
    read_units,
    write_units,
)
from disparo.simulation.item_changes import holds, image_after

Gate = Callable[[str, str], Awaitable[None]]
"""Told ("before" or "after", what) around each single write; what it raises, the writer gets."""

Lag = Callable[[], int]
"""How many writes of its table an index is behind; asked anew for each query."""

LONGEST_LAG = 1_000
"""Writes of a table that are remembered for its indexes."""

KeyValues = tuple[str, ...]
Entry = tuple[str, KeyValues]
"""Range value and key, in the order of an index."""


@dataclass(slots=True)
class _Index:
    """The items of each hash value in the order of the range key, which is empty for a table without one."""

    entries: dict[str, list[Entry]] = field(default_factory=dict)

    def add(self, value: str, entry: Entry) -> None:
        insort(self.entries.setdefault(value, []), entry)

    def drop(self, value: str, entry: Entry) -> None:
        entries = self.entries[value]
        del entries[bisect_left(entries, entry)]

    def between(self, value: str, lowest: str | None, highest: str | None) -> list[Entry]:
        # code points sort as their UTF-8 bytes do, which is DynamoDB's order
        entries = self.entries.get(value, [])
        first = 0 if lowest is None else bisect_left(entries, lowest, key=lambda entry: entry[0])
        last = len(entries) if highest is None else bisect_right(entries, highest, key=lambda entry: entry[0])
        return entries[first:last]


@dataclass(slots=True)
class _Stored:
    """One table's items, the table itself and its indexes in order."""

    table: Table
    items: dict[KeyValues, Item] = field(default_factory=dict)
    indexes: dict[str | None, _Index] = field(default_factory=dict)
    replaced: deque[tuple[KeyValues, Item | None]] = field(default_factory=lambda: deque(maxlen=LONGEST_LAG))
    """What the latest writes found, oldest first: the items of a transaction one by one, as an index gets them."""

    def replace(self, key: KeyValues, after: Item | None) -> Item | None:
        """Put an item in place of what is there, or nothing; what was there."""
        before = self.items.pop(key, None)
        self.replaced.append((key, before))
        if after is not None:
            self.items[key] = after
        for name in (None, *self.table.indexes):
            old, new = self._place(name, before), self._place(name, after)
            if old == new:
                continue
            index = self.indexes.setdefault(name, _Index())
            if old is not None:
                index.drop(old[0], (old[1], key))
            if new is not None:
                index.add(new[0], (new[1], key))
        return before

    def before(self, writes: int) -> dict[KeyValues, Item | None]:
        """The items that were changed by the last so many writes, as they were before them."""
        latest = [*self.replaced][-writes:] if writes else []
        return dict(reversed(latest))  # of two writes to one item the older stays

    def shown(self, index: str | None, value: str, past: Mapping[KeyValues, Item | None]) -> _Index:
        """The part of an index that holds a hash value, with items as they were in the `past`."""
        now = self.indexes.get(index, _Index())
        if not past:
            return now
        then = _Index({value: [entry for entry in now.entries.get(value, []) if entry[1] not in past]})
        for key, item in past.items():
            if (place := self._place(index, item)) is not None and place[0] == value:
                then.add(value, (place[1], key))
        return then

    def _place(self, index: str | None, item: Item | None) -> tuple[str, str] | None:
        if item is None:
            return None
        first, second = (self.table.hash, self.table.range) if index is None else self.table.indexes[index]
        if first not in item or (second is not None and second not in item):
            return None
        return str(item[first]), "" if second is None else str(item[second])


class MemoryTables:
    """`Tables` in memory; handles made by `sibling` share the data, as processes do.

    `gate` is asked around every single write (a transaction is one): it may wait, or raise what stands for a kill or a
    refusal; after a raise of "before" nothing was done, of "after" all was. With a `lag` indexes are behind: what was
    written lately is missing, or shown as it was; without, they are as fresh as the tables.
    """

    def __init__(self, gate: Gate | None = None, lag: Lag | None = None) -> None:
        self.gate, self.lag = gate, lag
        self.units = Units()
        self._stored: dict[str, _Stored] = {}

    def sibling(self, gate: Gate | None = None) -> MemoryTables:
        """Another handle on the same data and the same count of units, with the same lag."""
        other = MemoryTables(gate, self.lag)
        other.units, other._stored = self.units, self._stored
        return other

    async def get(self, table: Table, key: Key) -> Item | None:
        """See `Tables.get`."""
        return (await self.get_many([(table, key)]))[0]

    async def get_many(self, wanted: Sequence[tuple[Table, Key]]) -> list[Item | None]:
        """See `Tables.get_many`."""
        for table, key in wanted:
            refuse_key(table, key)
        await asyncio.sleep(0)
        keys = [(table.name, tuple(key[name] for name in table.key_names)) for table, key in wanted]
        found = {asked: self._of(table).items.get(asked[1]) for asked, (table, _) in zip(keys, wanted, strict=True)}
        tables = dict(zip(keys, (table for table, _ in wanted), strict=True))
        for asked, item in found.items():
            self.units.add(place_of(tables[asked], asked[1][0]), "get", read_units([item_bytes(item or {})]))
        return [None if (item := found[asked]) is None else _seen(item) for asked in keys]

    async def write(self, change: Change) -> Item | None:
        """See `Tables.write`."""
        refuse_wrong(change)
        await asyncio.sleep(0)
        await self._pass("before", _words(change))
        after = self._apply([change], 1)[0]
        await self._pass("after", _words(change))
        return None if after is None else _seen(after)

    async def write_many(self, changes: Sequence[Change]) -> list[bool]:
        """See `Tables.write_many`; here one after another, so that a kill may fall between any two."""
        done = []
        for change in changes:
            try:
                await self.write(change)
            except ConditionFailedError:
                done.append(False)
            else:
                done.append(True)
        return done

    async def transact(self, changes: Sequence[Change | Check]) -> None:
        """See `Tables.transact`."""
        refuse_wrong_transaction(changes)
        await asyncio.sleep(0)
        words = "Transaction: " + ", ".join(_words(change) for change in changes)
        await self._pass("before", words)
        self._apply(changes, TRANSACTION_FACTOR)
        await self._pass("after", words)

    async def query(
        self,
        table: Table,
        value: str,
        *,
        index: str | None = None,
        lowest: str | None = None,
        highest: str | None = None,
        descending: bool = False,
        limit: int | None = None,
    ) -> list[Item]:
        """See `Tables.query`."""
        refuse_wrong_query(table, value, index, (lowest, highest), limit)
        await asyncio.sleep(0)
        lag = self.lag() if self.lag is not None and index is not None else 0
        stored = self._of(table)
        past = stored.before(lag)
        entries = stored.shown(index, value, past).between(value, lowest, highest)
        if descending:
            entries.reverse()
        items = [past.get(key) or stored.items[key] for _, key in entries[:limit]]
        if index is not None:
            items = [held for item in items if (held := projection(table, index, item)) is not None]
        place = place_of(table, value) if index is None else f"{table.name}/{index}"
        self.units.add(place, "query", read_units(map(item_bytes, items), consistent=index is None))
        return [_seen(item) for item in items]

    async def scan(self, table: Table) -> list[Item]:
        """See `Tables.scan`."""
        await asyncio.sleep(0)
        items = list(self._of(table).items.values())
        self.units.add(table.name, "scan", read_units(map(item_bytes, items)))
        return [_seen(item) for item in items]

    async def _pass(self, side: str, words: str) -> None:
        if self.gate is not None:
            await self.gate(side, words)

    def _of(self, table: Table) -> _Stored:
        return self._stored.setdefault(table.name, _Stored(table))

    def _apply(self, changes: Sequence[Change | Check], factor: int) -> list[Item | None]:
        """Do all or none, without letting anybody between; the new images."""
        keys = [key_of(change) for change in changes]
        there = [self._of(change.table).items.get(key) for change, key in zip(changes, keys, strict=True)]
        images = list(zip(changes, keys, there, strict=True))
        if not all(holds(change.when, before) for change, _, before in images):
            for change, key, before in images:
                units = write_units(item_bytes(before or {})) * factor
                self.units.add(place_of(change.table, key[0]), "failed", units)
            raise ConditionFailedError("o item já não é como a gravação esperava; nada foi gravado")
        afters = [image_after(change, before, conditional=factor == 1) for change, _, before in images]
        for (change, key, before), after in zip(images, afters, strict=True):
            self._count(change, key, before, after, factor)
            if not isinstance(change, Check):
                self._of(change.table).replace(key, after)
        return afters

    def _count(
        self, change: Change | Check, key: KeyValues, before: Item | None, after: Item | None, factor: int
    ) -> None:
        kind = ("transact " if factor > 1 else "") + type(change).__name__.lower()
        units = write_units(item_bytes(before or {}), item_bytes(after or {})) * factor
        self.units.add(place_of(change.table, key[0]), kind, units)
        for index in change.table.indexes:
            self.units.add(
                f"{change.table.name}/{index}",
                type(change).__name__.lower(),
                index_write_units(change.table, index, before, after),
            )


def _words(change: Change | Check) -> str:
    return f"{type(change).__name__} {change.table.name} {'/'.join(key_of(change))}"


def _seen(item: Item) -> Item:
    return {name: value for name, value in item.items() if name != TOKEN}
