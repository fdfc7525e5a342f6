"""A stage for the checks of tables."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from disparo.adapters.aws.tables import (
    LEDGER,
    Change,
    ConditionFailedError,
    Item,
    Key,
    Put,
    Tables,
    Value,
)

Suite = Callable[[Tables, Tables], Awaitable[None]]
KEY: Key = {"pk": "papel", "sk": "1"}
OTHER: Key = {"pk": "papel", "sk": "2"}
EVERY_TYPE: Item = {
    "text": "São João ✓",
    "nothing": "",
    "one": 1,
    "yes": True,
    "no": False,
    "least": -(10**38 - 1),
    "round": 120_000,
    "zero": 0,
    "names": frozenset({"a", "b", "ç"}),
}
BIG = "x" * 300 * 1024


def row(number: int, **more: Value) -> Put:
    """An item of the ledger, in the order of its number."""
    return Put(LEDGER, {"pk": "1#0", "sk": f"{number:018}", "v": number, **more})


def numbers(items: list[Item]) -> list[Value]:
    return [item["v"] for item in items]


async def refused(tables: Tables, change: Change) -> bool:
    """Whether the condition of a change failed."""
    try:
        await tables.write(change)
    except ConditionFailedError:
        return True
    return False
