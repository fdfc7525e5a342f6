"""What a change makes of an item, and whether its condition holds, by DynamoDB's rules for expressions."""

from __future__ import annotations

from secrets import token_urlsafe

from disparo.adapters.aws.tables import TOKEN, Absent, Change, Check, Condition, Delete, Item, Put, Update, Value
from disparo.simulation.capacity_units import item_bytes

MOST_BYTES_OF_ITEM = 400 * 1024
"""Service quotas, Items: "the maximum item size in DynamoDB is 400 KB" (Amazon DynamoDB developer guide)."""


def holds(when: Condition, item: Item | None) -> bool:
    """Whether an item, or its absence, is as a condition wants it."""
    return all(_equal((item or {}).get(name), wanted) for name, wanted in when.items())


def _equal(value: Value | None, wanted: Value | Absent) -> bool:
    if isinstance(wanted, Absent):
        return value is None
    return type(value) is type(wanted) and value == wanted  # in Python True is 1; in DynamoDB it is not


def image_after(change: Change | Check, before: Item | None, *, conditional: bool) -> Item | None:
    """The item as it is then, with a token where DynamoDB's would have one, since it is billed too.

    ValueError for what DynamoDB refuses once it sees the item: too large, or a sum with what is no number.
    """
    token: Item = {TOKEN: token_urlsafe(9)} if conditional and change.when else {}
    match change:
        case Put(_, item):
            after: Item = {**item, **token}
        case Update():
            after = {**_updated(change, before or change.key), **token}
        case Check():
            return before
        case Delete():
            return None
    if item_bytes(after) > MOST_BYTES_OF_ITEM:
        raise ValueError(f"an item of {change.table.name} of {item_bytes(after)} bytes; DynamoDB takes 400 KB")
    return after


def _updated(change: Update, before: Item) -> Item:
    after = {**change.set_if_absent, **before, **change.set}
    for name, more in change.add.items():
        after[name] = _sum(name, after.get(name), more)
    for name, less in change.take.items():
        held = after.get(name, frozenset())
        if not isinstance(held, frozenset):
            raise ValueError(f"{name} is no set to take from: {held!r}")
        after[name] = held - less
    empty = {name for name, value in after.items() if isinstance(value, frozenset) and not value}
    return {name: value for name, value in after.items() if name not in empty and name not in change.remove}


def _sum(name: str, held: Value | None, more: int | frozenset[str]) -> Value:
    if isinstance(more, frozenset) and (held is None or isinstance(held, frozenset)):
        return more | (held or frozenset())
    if isinstance(more, int) and (held is None or (isinstance(held, int) and not isinstance(held, bool))):
        return more + (held or 0)
    raise ValueError(f"{name} is not what could be added to: {held!r} + {more!r}")
