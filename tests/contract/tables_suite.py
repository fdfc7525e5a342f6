"""What every implementation of `Tables` does; each check gets empty tables, and another handle on the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from disparo.adapters.aws.tables import (
    ABSENT,
    CAMPAIGNS,
    CONTACTS,
    CONTROL,
    LEDGER,
    TOKEN,
    Change,
    Check,
    ConditionFailedError,
    Delete,
    Item,
    Key,
    Put,
    Table,
    Tables,
    Update,
    Value,
)
from tests.contract import tables_queries_suite
from tests.contract.tables_stage import EVERY_TYPE, KEY, OTHER, Suite, numbers, refused, row

# one item


async def check_an_item_comes_back_as_it_was_written(tables: Tables, other: Tables) -> None:
    item: Item = {**KEY, **EVERY_TYPE}
    assert await tables.write(Put(CONTROL, item)) == item
    found = await other.get(CONTROL, KEY)
    assert found == item
    assert {name: type(value) for name, value in found.items()} == {name: type(value) for name, value in item.items()}
    assert await tables.get(LEDGER, KEY) is None
    assert await tables.get(CONTROL, OTHER) is None


async def check_what_callers_do_to_their_items_changes_no_table(tables: Tables, other: Tables) -> None:
    mine: dict[str, Value] = {**KEY, "v": 1}
    written = await tables.write(Put(CONTROL, mine))
    for item in (mine, written, await other.get(CONTROL, KEY), (await other.query(CONTROL, "papel"))[0]):
        assert isinstance(item, dict)
        item["v"] = 9
    assert await tables.get(CONTROL, KEY) == {**KEY, "v": 1}


async def check_a_put_leaves_nothing_of_what_was_there(tables: Tables, other: Tables) -> None:
    await tables.write(Put(CONTROL, {**KEY, "old": 1}))
    await tables.write(Put(CONTROL, {**KEY, "new": 1}))
    assert await other.get(CONTROL, KEY) == {**KEY, "new": 1}


async def check_a_condition_holds_for_equal_values_of_the_same_type(tables: Tables, other: Tables) -> None:
    item: Item = {**KEY, **EVERY_TYPE}
    await tables.write(Put(CONTROL, item))
    for name, value in EVERY_TYPE.items():
        assert not await refused(other, Update(CONTROL, KEY, set={"seen": name}, when={name: value})), name
    wrong: dict[str, Value] = {
        **{"text": "São João", "nothing": "x", "one": "1", "yes": False, "no": "", "zero": ""},
        **{"least": 1, "round": 12, "names": frozenset({"a", "b"}), "missing": "", "seen": "text"},
    }
    for name, value in wrong.items():
        assert await refused(other, Update(CONTROL, KEY, set={"text": "changed"}, when={name: value})), name
    assert await tables.get(CONTROL, KEY) == {**item, "seen": "names"}


async def check_a_condition_may_want_an_attribute_or_the_item_not_to_be_there(tables: Tables, other: Tables) -> None:
    first = Put(CONTROL, {**KEY, "v": 1}, {"pk": ABSENT})
    assert await tables.write(first) == first.item
    assert await refused(other, replace(first, item={**KEY, "v": 2}))
    assert await refused(other, Put(CONTROL, {**KEY, "v": 2}, {"v": ABSENT}))
    assert await refused(other, Put(CONTROL, {**KEY, "v": 2}, {"w2": ABSENT, "v": 7})), "all of them must hold"
    assert not await refused(other, Put(CONTROL, {**KEY, "v": 2}, {"w2": ABSENT, "v": 1}))
    assert await refused(other, Update(CONTROL, OTHER, set={"v": 2}, when={"v": 1})), "a missing item has no value"
    assert not await refused(other, Update(CONTROL, OTHER, set={"v": 2}, when={"v": ABSENT}))


async def check_an_update_makes_the_item_that_is_missing(tables: Tables, other: Tables) -> None:
    made = await tables.write(
        Update(CONTROL, KEY, set={"a": "x"}, set_if_absent={"b": 2}, add={"n": 5, "s": frozenset("pq")})
    )
    assert made == {**KEY, "a": "x", "b": 2, "n": 5, "s": frozenset("pq")}
    assert await other.get(CONTROL, KEY) == made


async def check_an_update_changes_what_it_names(tables: Tables, other: Tables) -> None:
    await tables.write(Put(CONTROL, {**KEY, "a": 1, "b": 1, "n": -3, "s": frozenset("pq"), "gone": "x", "kept": "y"}))
    changed = await other.write(
        Update(
            CONTROL,
            KEY,
            set={"a": "other type", "name": "reserved word"},
            set_if_absent={"b": 9, "c": 9},
            add={"n": -2},
            take={"s": frozenset("qz"), "none": frozenset("q")},
            remove=("gone", "never"),
        )
    )
    wanted = {**KEY, "a": "other type", "name": "reserved word", "b": 1, "c": 9, "n": -5, "s": frozenset("p")}
    assert changed == {**wanted, "kept": "y"}
    assert await tables.get(CONTROL, KEY) == changed


async def check_a_set_that_lost_everything_is_not_there(tables: Tables, other: Tables) -> None:
    await tables.write(Update(CONTROL, KEY, add={"s": frozenset({"a"})}))
    assert await tables.write(Update(CONTROL, KEY, add={"s": frozenset({"b", "a"})})) == {**KEY, "s": frozenset("ab")}
    assert await tables.write(Update(CONTROL, KEY, take={"s": frozenset("abc")})) == KEY
    assert not await refused(other, Update(CONTROL, KEY, set={"v": 1}, when={"s": ABSENT}))


async def check_a_delete_needs_no_item_but_keeps_to_its_condition(tables: Tables, other: Tables) -> None:
    assert await tables.write(Delete(CONTROL, KEY)) is None
    assert await refused(tables, Delete(CONTROL, KEY, {"v": 1}))
    await tables.write(Put(CONTROL, {**KEY, "v": 1}))
    assert await refused(other, Delete(CONTROL, KEY, {"v": 2}))
    assert await tables.get(CONTROL, KEY) is not None
    assert await other.write(Delete(CONTROL, KEY, {"v": 1})) is None
    assert await tables.get(CONTROL, KEY) is None


async def check_the_token_of_a_write_is_nobodys_business(tables: Tables, other: Tables) -> None:
    await tables.write(Put(CONTROL, {**KEY, "v": 1}, {"pk": ABSENT}))
    changed = await tables.write(Update(CONTROL, KEY, set={"v": 2}, when={"v": 1}))
    found = (await other.get_many([(CONTROL, KEY)]))[0]
    for item in (changed, found, *await other.query(CONTROL, "papel"), *await other.scan(CONTROL)):
        assert item == {**KEY, "v": 2}
    assert await refused(other, Update(CONTROL, KEY, set={"v": 3}, when={"v": 1})), "another's token is not one's own"


# many items


async def check_many_are_read_in_the_order_asked_for(tables: Tables, other: Tables) -> None:
    assert await tables.get_many([]) == []
    await tables.write_many([row(number) for number in range(0, 230, 2)])
    await tables.write(Put(CONTACTS, {"contact_id": "7", "v": -7}))
    wanted: list[tuple[Table, Key]] = [(LEDGER, {"sk": f"{n:018}", "pk": "1#0"}) for n in (*range(229, -1, -1), 4, 4)]
    wanted.insert(100, (CONTACTS, {"contact_id": "7"}))
    found = [None if item is None else item["v"] for item in await other.get_many(wanted)]
    expected: list[int | None] = [n if n % 2 == 0 else None for n in range(229, -1, -1)]
    assert found == [*expected[:100], -7, *expected[100:], 4, 4]


async def check_writes_side_by_side_say_which_were_refused(tables: Tables, other: Tables) -> None:
    assert await tables.write_many([]) == []
    await tables.write(row(2))
    done = await other.write_many(
        [
            replace(row(1), when={"pk": ABSENT}),
            replace(row(2, late=True), when={"pk": ABSENT}),
            Delete(LEDGER, {"pk": "1#0", "sk": "9"}, {"v": 9}),
            Update(LEDGER, KEY, set={"v": 5}),
        ]
    )
    assert done == [True, False, False, True]
    assert numbers(await tables.query(LEDGER, "1#0")) == [1, 2]


async def check_a_transaction_does_all(tables: Tables, other: Tables) -> None:
    await tables.write_many([row(1), row(2), Put(CONTROL, {**KEY, "left": 5})])
    await tables.transact(
        [
            Update(CONTROL, KEY, add={"left": -1}, when={"left": 5}),
            Put(CONTACTS, {"contact_id": "1", "v": 1}, {"contact_id": ABSENT}),
            Delete(LEDGER, LEDGER.key_of(row(1).item), {"v": 1}),
            Check(LEDGER, LEDGER.key_of(row(2).item), {"v": 2}),
            Check(CONTROL, OTHER, {"pk": ABSENT}),
        ]
    )
    assert await other.get(CONTROL, KEY) == {**KEY, "left": 4}
    assert await other.get(CONTACTS, {"contact_id": "1"}) == {"contact_id": "1", "v": 1}
    assert numbers(await other.query(LEDGER, "1#0")) == [2]


async def check_a_transaction_does_nothing_when_one_condition_fails(tables: Tables, other: Tables) -> None:
    await tables.write_many([row(1), row(2)])
    changes: list[Change | Check] = [
        row(1, changed=True),
        Delete(LEDGER, LEDGER.key_of(row(2).item)),
        Update(CONTROL, KEY, add={"n": 1}),
    ]
    for last in (Check(CONTROL, OTHER, {"v": 1}), Put(CONTROL, OTHER, {"v": 1}), Delete(CONTROL, OTHER, {"v": 1})):
        with pytest.raises(ConditionFailedError):
            await other.transact([*changes, last])
    assert await tables.query(LEDGER, "1#0") == [row(1).item, row(2).item]
    assert await tables.scan(CONTROL) == []


async def check_a_transaction_takes_a_hundred_different_items(tables: Tables, other: Tables) -> None:
    await tables.transact([row(number) for number in range(100)])
    assert numbers(await other.query(LEDGER, "1#0")) == list(range(100))
    wrong: tuple[list[Change | Check], ...] = (
        [],
        [row(number) for number in range(101)],
        [row(1), Delete(LEDGER, LEDGER.key_of(row(1).item))],
        [row(1), Check(LEDGER, LEDGER.key_of(row(1).item), {"v": 1})],
        [row(1, v2="x"), Check(LEDGER, LEDGER.key_of(row(2).item), {})],
    )
    for changes in wrong:
        with pytest.raises(ValueError, match=r"transaction|condition"):
            await tables.transact(changes)
    assert await other.query(LEDGER, "1#0") == [row(number).item for number in range(100)]


# what is refused

WRONG: tuple[Change, ...] = (
    Put(CONTROL, {"pk": "", "sk": "1"}),
    Put(CONTROL, {"pk": "a"}),
    Put(CONTROL, {"pk": "a", "sk": 1}),
    Put(CONTROL, {**KEY, "s": frozenset()}),
    Put(CONTROL, {**KEY, "n": 10**38}),
    Put(CONTROL, {**KEY, "n": 1.5}),  # type: ignore[dict-item]
    Put(CONTROL, {**KEY, "n": None}),  # type: ignore[dict-item]
    Put(CONTROL, {**KEY, TOKEN: "mine"}),
    Put(CONTROL, {**KEY, "text": "x" * 400 * 1024}),
    Put(CONTROL, KEY, {"s": frozenset()}),
    Put(LEDGER, {**KEY, "lane": "", "due": "1"}),
    Put(LEDGER, {**KEY, "lane": "a", "due": 1}),
    Update(CONTROL, {"pk": "a"}, set={"v": 1}),
    Update(CONTROL, {**KEY, "more": "x"}, set={"v": 1}),
    Update(CONTROL, KEY),
    Update(CONTROL, KEY, set={"sk": "2"}),
    Update(CONTROL, KEY, set={"v": 1}, add={"v": 1}),
    Update(CONTROL, KEY, set={"v": 1}, remove=("v",)),
    Update(CONTROL, KEY, add={"v": True}),
    Update(CONTROL, KEY, add={"s": frozenset()}),
    Update(CONTROL, KEY, take={"s": frozenset()}),
    Update(CONTROL, KEY, remove=(TOKEN,)),
    Update(LEDGER, KEY, set={"due": ""}),
    Delete(CONTROL, {"pk": "a", "sk": ""}),
    Put(CONTROL, {"pk": "a", "sk": "ã" * 513}),
    Put(CONTROL, {"pk": "a" * 2049, "sk": "1"}),
    Put(LEDGER, {**KEY, "lane": "a", "due": "1" * 1025}),
)
LONGEST_KEY: Key = {"pk": "ã" * 1024, "sk": "ã" * 512}


async def check_mistakes_are_refused_before_they_do_harm(tables: Tables, other: Tables) -> None:
    for change in WRONG:
        with pytest.raises(ValueError, match=r"."):
            await tables.write(change)
            pytest.fail(f"accepted: {str(change)[:200]}")
        with pytest.raises(ValueError, match=r"."):
            await tables.write_many([row(1), change])
        with pytest.raises(ValueError, match=r"."):
            await tables.transact([row(1), change])
    assert await other.scan(CONTROL) == []
    assert await other.get(LEDGER, KEY) is None
    assert await tables.write(Put(CONTROL, LONGEST_KEY)) == LONGEST_KEY


async def check_wrong_questions_are_refused(tables: Tables, other: Tables) -> None:
    questions = (
        lambda: tables.get(CONTROL, {"pk": "a"}),
        lambda: tables.get_many([(CONTROL, {"pk": "a", "sk": ""})]),
        lambda: tables.query(CONTROL, ""),
        lambda: tables.query(CONTROL, "a", lowest=""),
        lambda: tables.query(CONTROL, "a", limit=0),
        lambda: tables.query(CONTROL, "a", index="due-index"),
        lambda: tables.query(CAMPAIGNS, "1", lowest="1"),
    )
    for question in questions:
        with pytest.raises(ValueError, match=r"."):
            await question()


async def check_sums_of_what_is_no_number_are_refused(tables: Tables, other: Tables) -> None:
    await tables.write(Put(CONTROL, {**KEY, "text": "x", "n": 1, "s": frozenset("a")}))
    wrong = (
        Update(CONTROL, KEY, add={"text": 1}),
        Update(CONTROL, KEY, add={"n": frozenset("a")}),
        Update(CONTROL, KEY, add={"s": 1}),
        Update(CONTROL, KEY, take={"n": frozenset("a")}),
    )
    for change in wrong:
        with pytest.raises(ValueError, match=r"."):
            await other.write(change)
    assert await tables.get(CONTROL, KEY) == {**KEY, "text": "x", "n": 1, "s": frozenset("a")}


# races


async def check_of_many_who_want_one_item_one_gets_it(tables: Tables, other: Tables) -> None:
    async def take(number: int) -> bool:
        return not await refused((tables, other)[number % 2], Put(CONTROL, {**KEY, "by": number}, {"pk": ABSENT}))

    for _ in range(5):
        won = await asyncio.gather(*map(take, range(16)))
        item = await tables.get(CONTROL, KEY)
        assert item is not None
        assert [number for number in range(16) if won[number]] == [item["by"]]
        await tables.write(Delete(CONTROL, KEY))


async def check_no_optimistic_increment_is_lost(tables: Tables, other: Tables) -> None:
    await tables.write(Put(CONTROL, {**KEY, "v": 0}))

    async def increment(handle: Tables) -> None:
        while True:
            item = await handle.get(CONTROL, KEY)
            assert item is not None
            seen = item["v"]
            assert isinstance(seen, int)
            if not await refused(handle, Update(CONTROL, KEY, set={"v": seen + 1}, when={"v": seen})):
                return

    await asyncio.gather(*(increment((tables, other)[number % 2]) for number in range(16)))
    assert await tables.get(CONTROL, KEY) == {**KEY, "v": 16}


async def check_no_addition_is_lost(tables: Tables, other: Tables) -> None:
    one = Update(CONTROL, KEY, add={"n": 1})
    await asyncio.gather(*((tables, other)[number % 2].write(one) for number in range(64)))
    assert await other.get(CONTROL, KEY) == {**KEY, "n": 64}


async def check_transactions_that_meet_give_nothing_away_twice(tables: Tables, other: Tables) -> None:
    await tables.write(Put(CONTROL, {**KEY, "left": 5}))

    async def take(number: int) -> bool:
        handle = (tables, other)[number % 2]
        while left := (await handle.get(CONTROL, KEY) or {})["left"]:
            lease = Put(CONTROL, {"pk": "lease", "sk": str(number)}, {"pk": ABSENT})
            try:
                await handle.transact([Update(CONTROL, KEY, add={"left": -1}, when={"left": left}), lease])
            except ConditionFailedError:
                continue
            return True
        return False

    won = await asyncio.gather(*map(take, range(16)))
    leases = await other.query(CONTROL, "lease")
    assert sorted(str(item["sk"]) for item in leases) == sorted(str(number) for number in range(16) if won[number])
    assert (len(leases), await tables.get(CONTROL, KEY)) == (5, {**KEY, "left": 0})


SUITE: tuple[Suite, ...] = (
    *(check for name, check in globals().items() if name.startswith("check_")),
    *tables_queries_suite.CHECKS,
)
