"""Expected sizes and units are worked out by hand from the rules that the module names."""

from __future__ import annotations

import pytest

from disparo.adapters.aws.tables import CAMPAIGNS, CONTACTS, CONTROL, LEDGER, Item
from disparo.simulation.capacity_units import (
    Units,
    index_write_units,
    item_bytes,
    place_of,
    read_units,
    write_units,
)

ROW: Item = {"pk": "1#0", "sk": "1", "rows": "x" * 2000, "lane": "a", "due": "5"}


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"name": "Ana"}, 4 + 3),
        ({"nome": "São"}, 4 + 4),
        ({"é": ""}, 2),
        ({"yes": True}, 3 + 1),
        ({"n": 0}, 1 + 1),
        ({"n": 7}, 1 + 2),
        ({"n": 12}, 1 + 2),
        ({"n": 123}, 1 + 3),
        ({"n": 1_790_000_000_000}, 1 + 3),  # significant digits alone: 179
        ({"n": -123}, 1 + 4),
        ({"s": frozenset({"a", "çé"})}, 1 + 1 + 4),
        ({"a": "1", "b": "22"}, 2 + 3),
        ({}, 0),
    ],
)
def test_an_items_size_is_its_names_and_values(item: Item, size: int) -> None:
    assert item_bytes(item) == size


@pytest.mark.parametrize(
    ("before", "after", "units"), [(0, 0, 1), (0, 1024, 1), (0, 1025, 2), (3000, 10, 3), (10, 3000, 3)]
)
def test_a_write_costs_the_larger_of_what_was_and_what_is(before: int, after: int, units: int) -> None:
    assert write_units(before, after) == units


@pytest.mark.parametrize(
    ("sizes", "consistent", "units"),
    [
        ([], True, 1),
        ([4096], True, 1),
        ([4097], True, 2),
        ([100] * 40, True, 1),
        ([100] * 41, True, 2),
        ([100], False, 0.5),
        ([4096, 1], False, 1),
    ],
)
def test_a_read_costs_by_four_kilobytes_of_all_it_read(sizes: list[int], consistent: bool, units: float) -> None:
    assert read_units(sizes, consistent=consistent) == units


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (None, ROW, 1),
        (ROW, None, 1),
        (ROW, {**ROW, "due": "6"}, 2),
        (ROW, {**ROW, "lane": "b"}, 2),
        (ROW, {**ROW, "rows": "changed"}, 0),
        (ROW, {name: value for name, value in ROW.items() if name != "lane"}, 1),
        ({"pk": "1#0", "sk": "1"}, {"pk": "1#0", "sk": "1", "lane": "a"}, 0),
        (None, None, 0),
    ],
)
def test_an_index_of_keys_costs_when_keys_change(before: Item | None, after: Item | None, units: int) -> None:
    assert index_write_units(LEDGER, "due-index", before, after) == units


def test_an_index_of_whole_items_costs_by_their_size() -> None:
    contact: Item = {"contact_id": "1", "campaign_id": "l#1", "status": "active#ana", "note": "x" * 1500}
    index = "campaign-status-index"
    assert index_write_units(CONTACTS, index, None, contact) == 2
    assert index_write_units(CONTACTS, index, contact, {**contact, "note": "y"}) == 2
    assert index_write_units(CONTACTS, index, contact, {**contact, "status": "erased", "note": "y"}) == 2 + 1
    assert index_write_units(CONTACTS, index, contact, contact) == 0


def test_the_control_table_is_counted_by_its_uses() -> None:
    assert place_of(CONTROL, "permits#numero-1") == "control:permits"
    assert place_of(CONTROL, "book") == "control:book"
    assert place_of(CAMPAIGNS, "1") == "campaigns"


def test_units_are_summed_and_told_by_place_and_kind() -> None:
    units = Units()
    units.add("ledger", "put", 2)
    before = units.copy()
    units.add("ledger", "put", 1)
    units.add("ledger/due-index", "query", 0.5)
    units.add("ledger/due-index", "put", 0)
    assert (units.writes, units.reads) == (3, 0.5)
    assert units.since(before).counts == {("ledger", "put"): 1, ("ledger/due-index", "query"): 0.5}
    assert [line.split() for line in units.since(before).report(over=10).splitlines()] == [
        ["0.10", "ledger", "put"],
        ["0.05", "ledger/due-index", "query"],
        ["0.10", "writes"],
        ["0.05", "reads"],
    ]
