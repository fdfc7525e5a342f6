"""What DynamoDB refuses before it looks at any item: found here, so that every implementation refuses alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from disparo.adapters.aws.tables import (
    MOST_IN_TRANSACTION,
    TOKEN,
    Absent,
    Change,
    Check,
    Delete,
    Put,
    Table,
    Update,
    Value,
)

DIGITS_OF_NUMBER = 38
"""Data types, Number: "up to 38 digits of precision" (Amazon DynamoDB developer guide, Supported data types)."""


MOST_BYTES_OF_HASH = 2048
MOST_BYTES_OF_RANGE = 1024
"""Of keys, and of the keys of indexes (Quotas: partition key length, sort key length)."""


def refuse_wrong(change: Change | Check) -> None:
    """ValueError for a change that no table would take, whatever it holds: a mistake of the program."""
    match change:
        case Put(table, item):
            refuse_key(table, {name: item.get(name, "") for name in table.key_names})
            _refuse_values(table, item)
        case Update(table, key):
            refuse_key(table, key)
            _refuse_update(change)
        case Check(table, key, when) | Delete(table, key, when):
            refuse_key(table, key)
            if isinstance(change, Check) and not when:
                raise ValueError(f"a Check of {table.name} without a condition")
    for name, wanted in change.when.items():
        if not isinstance(wanted, Absent):
            _refuse_value(change.table, name, wanted)


def refuse_wrong_transaction(changes: Sequence[Change | Check]) -> None:
    """ValueError for what TransactWriteItems refuses as a whole (Amazon DynamoDB API reference)."""
    if not 0 < len(changes) <= MOST_IN_TRANSACTION:
        raise ValueError(f"a transaction of {len(changes)} changes; it takes 1 to {MOST_IN_TRANSACTION}")
    asked: set[tuple[str, tuple[str, ...]]] = set()
    for change in changes:
        refuse_wrong(change)
        key = (change.table.name, key_of(change))
        if key in asked:
            raise ValueError(f"a transaction changes one item twice: {key}")
        asked.add(key)


def refuse_wrong_query(
    table: Table, value: str, index: str | None, bounds: tuple[str | None, str | None], limit: int | None
) -> None:
    """ValueError for a query that no table would answer."""
    if index is not None and index not in table.indexes:
        raise ValueError(f"{table.name} has no index {index}")
    if index is None and table.range is None and bounds != (None, None):
        raise ValueError(f"{table.name} has no range key to bound")
    if not value or "" in bounds or (limit is not None and limit < 1):
        raise ValueError(f"a query of {table.name} has values that are not empty, and a limit of 1 or more")


def key_of(change: Change | Check) -> tuple[str, ...]:
    """The values of the key that a change is about."""
    holder = change.item if isinstance(change, Put) else change.key
    return tuple(str(holder[name]) for name in change.table.key_names)


def refuse_key(table: Table, key: Mapping[str, Value]) -> None:
    """ValueError for a key that is not exactly the table's, or has a part that is empty or too long."""
    if key.keys() != set(table.key_names):
        raise ValueError(f"the key of {table.name} is {table.key_names}, not {tuple(key)}")
    _refuse_key_values(table, (table.hash, table.range), key)


def _refuse_key_values(table: Table, names: tuple[str, str | None], item: Mapping[str, Value]) -> None:
    for name, most in zip(names, (MOST_BYTES_OF_HASH, MOST_BYTES_OF_RANGE), strict=True):
        if name is None or name not in item:
            continue
        value = item[name]
        if not isinstance(value, str) or not value or len(value.encode()) > most:
            raise ValueError(f"{table.name}.{name} is of a key: a text of 1 to {most} bytes, not {value!r:.80}")


def _refuse_update(update: Update) -> None:
    clauses: tuple[Iterable[str], ...] = (
        update.set,
        update.set_if_absent,
        update.add,
        update.take,
        update.remove,
    )
    named = Counter(name for clause in clauses for name in clause)
    twice = [name for name, times in named.items() if times > 1]
    if not named or twice or named.keys() & set(update.table.key_names):
        raise ValueError(
            f"an Update of {update.table.name} changes each attribute once, none of the key: {dict(named)}"
        )
    for clause in (update.set, update.set_if_absent, update.add, update.take):
        _refuse_values(update.table, clause)
    if any(isinstance(value, bool | str) for value in update.add.values()):
        raise ValueError(f"an Update of {update.table.name} adds what is neither number nor set")
    if any(not isinstance(value, frozenset) for value in update.take.values()):
        raise ValueError(f"an Update of {update.table.name} takes what is no set")
    if TOKEN in named:
        raise ValueError(f"{TOKEN!r} is the attribute of the writes' own token")


def _refuse_values(table: Table, item: Mapping[str, Value]) -> None:
    if TOKEN in item:
        raise ValueError(f"{TOKEN!r} is the attribute of the writes' own token")
    for name, value in item.items():
        _refuse_value(table, name, value)
    for names in table.indexes.values():
        _refuse_key_values(table, names, item)


def _refuse_value(table: Table, name: str, value: object) -> None:
    if isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if abs(value) >= 10**DIGITS_OF_NUMBER:
            raise ValueError(f"{table.name}.{name}: a number of more than {DIGITS_OF_NUMBER} digits")
        return
    if not isinstance(value, frozenset) or not value or not all(isinstance(one, str) for one in value):
        raise ValueError(f"{table.name}.{name}: str, int, bool or a set of strings that is not empty, not {value!r}")
