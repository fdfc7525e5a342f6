"""The contacts of a list, read by their ids.

An import reserves a range of ids and notes it with the list before it writes a contact of it. Whoever reads a list by
its ranges therefore misses nobody, which an index, consistent only in the end, would not promise (I1).
"""

from __future__ import annotations

from disparo.adapters.aws.attributes import number
from disparo.adapters.aws.ledger_keys import number_key
from disparo.adapters.aws.tables import CONTROL, Item, Tables

PAGE = 200

ABOVE_ALL = 10**18
"""Above every id."""


def partition(list_name: str) -> str:
    """Where a list's ranges lie."""
    return f"list#{list_name}"


async def last_id(tables: Tables, list_name: str) -> int:
    """The highest id that any import of this list has reserved; 0 for an empty one."""
    found = await tables.query(CONTROL, partition(list_name), descending=True, limit=1)
    return _bounds(found[0])[1] if found else 0


async def ids_after(tables: Tables, list_name: str, after: int, limit: int, end: int | None = None) -> list[int]:
    """The next ids of a list behind `after` and up to `end`, at most `limit`; some may have no contact."""
    ids: list[int] = []
    # The range that `after` lies in begins at or before it.
    within = await tables.query(CONTROL, partition(list_name), highest=number_key(after), descending=True, limit=1)
    lowest = str(within[0]["sk"]) if within else None
    while page := await tables.query(CONTROL, partition(list_name), lowest=lowest, limit=PAGE):
        for item in page:
            first, last = _bounds(item)
            last = last if end is None else min(last, end)
            ids.extend(range(max(first, after + 1), last + 1))
            if len(ids) >= limit:
                return ids[:limit]
        if len(page) < PAGE:
            break
        lowest = str(page[-1]["sk"]) + "\0"
    return ids


async def ids_before(tables: Tables, list_name: str, before: int, limit: int) -> list[int]:
    """The ids of a list below `before`, the highest first, at most `limit`; some may have no contact."""
    ids: list[int] = []
    while len(ids) < limit:
        highest = number_key(before - 1)
        page = await tables.query(CONTROL, partition(list_name), highest=highest, descending=True, limit=PAGE)
        for item in page:
            first, last = _bounds(item)
            ids.extend(range(min(last, before - 1), first - 1, -1))
            before = first
        if len(page) < PAGE:
            break
    return ids[:limit]


def _bounds(item: Item) -> tuple[int, int]:
    first = number(item, "first")
    return first, first + number(item, "count") - 1
