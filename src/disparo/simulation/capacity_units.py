"""Capacity units as DynamoDB bills them, counted from the items themselves.

Rules: Amazon DynamoDB developer guide, "DynamoDB item sizes and formats", "DynamoDB read and write operations" and
"Using Global Secondary Indexes" (read and write capacity considerations of indexes).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from disparo.adapters.aws.tables import AGENDA, CONTROL, KEYS_ONLY, Item, Table, Value

WRITE_UNIT_BYTES = 1024
READ_UNIT_BYTES = 4096
TRANSACTION_FACTOR = 2
"""A transaction prepares each of its items and commits it; what it does to indexes is written once."""

READS = ("get", "query", "scan")


@dataclass(slots=True)
class Units:
    """Units consumed, by place (`ledger`, `ledger/due-index`, `control:<first word of pk>`) and kind.

    Kinds that write: put, update, delete, check (each with `transact ` before it in a transaction), failed (a condition
    that did not hold is paid all the same); kinds that read: get, query, scan.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, place: str, kind: str, units: float) -> None:
        """Count what one request consumed of one place."""
        if units:
            self.counts[place, kind] += units  # type: ignore[assignment]  # an index is read in halves

    @property
    def writes(self) -> float:
        """All write units."""
        return sum(units for (_, kind), units in self.counts.items() if kind not in READS)

    @property
    def reads(self) -> float:
        """All read units."""
        return sum(units for (_, kind), units in self.counts.items() if kind in READS)

    def copy(self) -> Units:
        """What was consumed up to now."""
        return Units(Counter(self.counts))

    def since(self, before: Units) -> Units:
        """What was consumed after `before` was copied."""
        return Units(self.counts - before.counts)

    def report(self, over: int = 1) -> str:
        """A line for each place and kind, the dearest first; divided by `over` (messages, say)."""
        lines = [
            f"{units / over:10.2f}  {place}  {kind}"
            for (place, kind), units in sorted(self.counts.items(), key=lambda entry: (-entry[1], entry[0]))
        ]
        return "\n".join([*lines, f"{self.writes / over:10.2f}  writes", f"{self.reads / over:10.2f}  reads"])


def place_of(table: Table, hash_value: str) -> str:
    """Where units are counted; the many uses of the tables control and agenda apart."""
    return f"{table.name}:{hash_value.partition('#')[0]}" if table is CONTROL or table is AGENDA else table.name


def item_bytes(item: Item) -> int:
    """Size of an item: its attributes' names and values, without the overhead of storage."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def write_units(*sizes: int) -> int:
    """Units of a write that found and left an item of these sizes: the larger counts, and nothing costs one."""
    return max(1, -(-max(sizes) // WRITE_UNIT_BYTES))


def read_units(sizes: Iterable[int], *, consistent: bool = True) -> float:
    """Units of one request that read these items together; of nothing it costs as much as of the smallest."""
    whole = max(1, -(-sum(sizes) // READ_UNIT_BYTES))
    return whole if consistent else whole / 2


def index_write_units(table: Table, index: str, before: Item | None, after: Item | None) -> int:
    """Units that a change of an item costs in an index of its table.

    Into or out of the index one write, another key two (it is taken out and put in), another projected attribute one,
    and nothing when what the index holds stays as it is.
    """
    old, new = (projection(table, index, item) for item in (before, after))
    if old == new:
        return 0
    if old is None or new is None:
        return write_units(item_bytes(old or new or {}))
    keys = table.indexes[index]
    if any(old[name] != new[name] for name in keys):
        return write_units(item_bytes(old)) + write_units(item_bytes(new))
    return write_units(item_bytes(old), item_bytes(new))


def projection(table: Table, index: str, item: Item | None) -> Item | None:
    """What an index holds of an item; None of one that lacks an attribute of the index's key."""
    keys = table.indexes[index]
    if item is None or any(name not in item for name in keys):
        return None
    if index not in KEYS_ONLY:
        return item
    return {name: item[name] for name in (*keys, *table.key_names)}


def _value_bytes(value: Value) -> int:
    match value:
        case bool():
            return 1
        case int():
            digits = str(abs(value)).rstrip("0")
            return -(-len(digits) // 2) + 1 + (value < 0)
        case str():
            return len(value.encode())
        case _:
            return sum(len(one.encode()) for one in value)
