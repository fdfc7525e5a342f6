"""What `MemoryTables` does besides the contract that it shares (tests/contract/tables_suite.py)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from disparo.adapters.aws.tables import (
    ABSENT,
    CONTROL,
    LEDGER,
    Change,
    Check,
    ConditionFailedError,
    Delete,
    Put,
    Update,
)
from disparo.domain.errors import StoreError
from disparo.simulation.memory_tables import MemoryTables

KEY = {"pk": "1#0", "sk": "1"}
CHUNK = {"pk": "permits#x", "sk": "1"}
LARGE = "x" * 2500


class KilledError(Exception):
    """The process died here."""


def killing(side: str, nth: int) -> Callable[[str, str], Awaitable[None]]:
    """A gate that kills at the nth write, before or after it."""
    left = [nth]

    async def gate(at: str, _: str) -> None:
        left[0] -= at == side
        if at == side and left[0] == 0:
            raise KilledError

    return gate


def units_of(changes: list[Change], *, first: list[Change] | None = None) -> dict[tuple[str, str], float]:
    """What changes cost, after others that are not counted."""

    async def story() -> dict[tuple[str, str], float]:
        tables = MemoryTables()
        await tables.write_many(first or [])
        before = tables.units.copy()
        await tables.write_many(changes)
        return dict(tables.units.since(before).counts)

    return asyncio.run(story())


@pytest.mark.parametrize(("side", "done"), [("before", [True, False, False]), ("after", [True, True, False])])
def test_a_kill_falls_between_two_writes(side: str, done: list[bool]) -> None:
    async def story() -> None:
        tables = MemoryTables(killing(side, 2))
        with pytest.raises(KilledError):
            await tables.write_many([Put(LEDGER, {"pk": "1#0", "sk": str(number)}) for number in range(3)])
        found = await tables.sibling().get_many([(LEDGER, {"pk": "1#0", "sk": str(number)}) for number in range(3)])
        assert [item is not None for item in found] == done

    asyncio.run(story())


@pytest.mark.parametrize(("side", "done"), [("before", 0), ("after", 2)])
def test_a_transaction_is_one_write_for_a_kill(side: str, done: int) -> None:
    async def story() -> None:
        tables = MemoryTables(killing(side, 1))
        with pytest.raises(KilledError):
            await tables.transact([Put(LEDGER, KEY), Put(CONTROL, CHUNK)])
        other = tables.sibling()
        assert len(await other.scan(LEDGER)) + len(await other.scan(CONTROL)) == done

    asyncio.run(story())


def test_a_gate_is_told_what_is_written_and_may_refuse() -> None:
    told: list[tuple[str, str]] = []

    async def gate(side: str, what: str) -> None:
        told.append((side, what))
        if what.startswith("Delete"):
            raise StoreError("cheio")

    async def story() -> None:
        tables = MemoryTables(gate)
        await tables.write(Put(LEDGER, KEY))
        with pytest.raises(StoreError):
            await tables.write(Delete(LEDGER, KEY))
        with pytest.raises(ConditionFailedError):
            await tables.transact([Check(LEDGER, KEY, {"pk": ABSENT}), Put(CONTROL, CHUNK)])
        assert await tables.get(LEDGER, KEY) == KEY

    asyncio.run(story())
    assert told == [
        ("before", "Put ledger 1#0/1"),
        ("after", "Put ledger 1#0/1"),
        ("before", "Delete ledger 1#0/1"),
        ("before", "Transaction: Check ledger 1#0/1, Put control permits#x/1"),
    ]


def test_truth_is_not_one() -> None:
    async def story() -> None:
        tables = MemoryTables()
        await tables.write(Put(LEDGER, {**KEY, "one": 1, "yes": True}))
        for name, value in (("one", True), ("yes", 1)):
            with pytest.raises(ConditionFailedError):
                await tables.write(Put(LEDGER, KEY, {name: value}))

    asyncio.run(story())


def test_writes_and_what_they_do_to_the_index_are_counted() -> None:
    row = Put(LEDGER, {**KEY, "lane": "a", "due": "1", "rows": LARGE})
    index = "ledger/due-index"
    assert units_of([row]) == {("ledger", "put"): 3, (index, "put"): 1}
    assert units_of([Update(LEDGER, KEY, set={"due": "2"})], first=[row]) == {
        ("ledger", "update"): 3,
        (index, "update"): 2,
    }
    assert units_of([Update(LEDGER, KEY, set={"rows": ""})], first=[row]) == {("ledger", "update"): 3}
    assert units_of([Delete(LEDGER, KEY)], first=[row]) == {("ledger", "delete"): 3, (index, "delete"): 1}
    assert units_of([Delete(LEDGER, KEY)]) == {("ledger", "delete"): 1}


def test_a_condition_that_fails_is_paid_by_the_item_that_is_there() -> None:
    row = Put(LEDGER, {**KEY, "rows": LARGE})
    again = Put(LEDGER, KEY, {"pk": ABSENT})
    assert units_of([again], first=[row]) == {("ledger", "failed"): 3}
    assert units_of([Delete(LEDGER, KEY, {"v": 1})]) == {("ledger", "failed"): 1}


def test_a_transaction_is_paid_twice_except_its_index_writes() -> None:
    async def story() -> None:
        tables = MemoryTables()
        row = Put(LEDGER, {**KEY, "lane": "a", "due": "1", "rows": LARGE})
        await tables.transact([row, Update(CONTROL, CHUNK, add={"taken": 1}), Check(CONTROL, KEY, {"pk": ABSENT})])
        assert tables.units.counts == {
            ("ledger", "transact put"): 6,
            ("ledger/due-index", "put"): 1,
            ("control:permits", "transact update"): 2,
            ("control:1", "transact check"): 2,
        }

    asyncio.run(story())


def test_reads_are_counted_once_for_each_item() -> None:
    async def story() -> None:
        tables = MemoryTables()
        await tables.write(Put(LEDGER, {**KEY, "lane": "a", "due": "1", "rows": LARGE * 2}))
        before = tables.units.copy()
        missing = {"pk": "1#0", "sk": "2"}
        await tables.sibling().get_many([(LEDGER, KEY), (LEDGER, missing), (LEDGER, KEY)])
        await tables.query(LEDGER, "1#0")
        await tables.query(LEDGER, "a", index="due-index")
        await tables.query(LEDGER, "b", index="due-index")
        assert tables.units.since(before).counts == {
            ("ledger", "get"): 2 + 1,
            ("ledger", "query"): 2,
            ("ledger/due-index", "query"): 0.5 + 0.5,
        }
        assert tables.units.since(before).writes == 0

    asyncio.run(story())
