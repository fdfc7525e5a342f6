"""What every implementation of `Tables` answers to queries; each check gets empty tables, and another handle."""

from __future__ import annotations

from disparo.adapters.aws.tables import ABSENT, CAMPAIGNS, CONTACTS, CONTROL, LEDGER, Delete, Put, Tables, Update
from tests.contract.tables_stage import BIG, numbers, row


async def check_a_query_answers_in_the_order_of_the_range_key(tables: Tables, other: Tables) -> None:
    await tables.write_many([row(number) for number in (7, 3, 11, 1, 9)])
    await tables.write(Put(LEDGER, {"pk": "1#1", "sk": f"{5:018}", "v": 5}))
    at = "{:018}".format
    assert numbers(await other.query(LEDGER, "1#0")) == [1, 3, 7, 9, 11]
    assert numbers(await other.query(LEDGER, "1#0", descending=True)) == [11, 9, 7, 3, 1]
    assert numbers(await other.query(LEDGER, "1#0", lowest=at(3), highest=at(9))) == [3, 7, 9]
    assert numbers(await other.query(LEDGER, "1#0", lowest=at(4), limit=2)) == [7, 9]
    assert numbers(await other.query(LEDGER, "1#0", lowest=at(7))) == [7, 9, 11]
    assert numbers(await other.query(LEDGER, "1#0", highest=at(9), descending=True, limit=2)) == [9, 7]
    assert await other.query(LEDGER, "1#0", lowest=at(9), highest=at(3)) == []
    assert await other.query(LEDGER, "1#2") == []


async def check_texts_are_ordered_by_their_bytes(tables: Tables, other: Tables) -> None:
    names = ["B", "a", "a#1", "a0", "z", "ã", "ç", "✓", "😀"]
    await tables.write_many([Put(CONTROL, {"pk": "lists", "sk": name}) for name in reversed(names)])
    assert [item["sk"] for item in await other.query(CONTROL, "lists")] == names
    assert [item["sk"] for item in await other.query(CONTROL, "lists", lowest="a", highest="z")] == names[1:5]


async def check_a_query_of_a_table_without_range_key_finds_the_one(tables: Tables, other: Tables) -> None:
    await tables.write(Put(CAMPAIGNS, {"campaign_id": "1", "name": "promo"}))
    assert await other.query(CAMPAIGNS, "1") == [{"campaign_id": "1", "name": "promo"}]


async def check_what_is_larger_than_one_answer_comes_whole(tables: Tables, other: Tables) -> None:
    await tables.write_many([row(number, text=BIG) for number in range(6)])
    assert numbers(await other.query(LEDGER, "1#0")) == list(range(6))
    assert numbers(await other.query(LEDGER, "1#0", limit=5)) == list(range(5))
    assert numbers(await other.query(LEDGER, "1#0", limit=5, descending=True)) == [5, 4, 3, 2, 1]
    assert sorted(str(item["v"]) for item in await other.scan(LEDGER)) == list("012345")


async def check_an_index_holds_only_items_with_both_its_attributes(tables: Tables, other: Tables) -> None:
    await tables.write_many(
        [
            *(row(1, lane="a", due="3"), row(2, lane="a"), row(3, due="1")),
            *(row(4, lane="a", due="2"), row(5, lane="b", due="1")),
        ]
    )
    keys = {"pk": "1#0", "lane": "a"}
    found = [{**keys, "sk": f"{4:018}", "due": "2"}, {**keys, "sk": f"{1:018}", "due": "3"}]
    assert await other.query(LEDGER, "a", index="due-index") == found, "of this index keys alone"
    assert await other.query(LEDGER, "a", index="due-index", highest="2") == found[:1]
    assert await other.query(LEDGER, "a", index="due-index", descending=True, limit=1) == found[1:]


async def check_an_index_follows_its_items(tables: Tables, other: Tables) -> None:
    await tables.write_many([row(number, lane="a", due=str(number)) for number in range(1, 5)])
    await other.write(Update(LEDGER, LEDGER.key_of(row(1).item), set={"due": "9"}))
    await other.write(Update(LEDGER, LEDGER.key_of(row(2).item), remove=("lane",)))
    await other.write(Put(LEDGER, row(3).item))
    await other.transact([Delete(LEDGER, LEDGER.key_of(row(4).item))])
    assert [item["due"] for item in await tables.query(LEDGER, "a", index="due-index")] == ["9"]


async def check_items_of_one_index_key_are_all_there(tables: Tables, other: Tables) -> None:
    await tables.write_many([row(number, lane="a", due="same") for number in range(1, 4)])
    await tables.write(Delete(LEDGER, LEDGER.key_of(row(2).item)))
    found = await other.query(LEDGER, "a", index="due-index")
    assert {item["sk"] for item in found} == {f"{1:018}", f"{3:018}"}


async def check_the_documents_indexes_hold_whole_items(tables: Tables, other: Tables) -> None:
    contact = {"contact_id": "1", "campaign_id": "clientes#1", "status": "active#ana", "email": "ana@example.com"}
    campaign = {"campaign_id": "1", "status": "running", "created_at": "2026-11-24T08:00:00Z", "name": "promo"}
    await tables.write_many([Put(CONTACTS, contact), Put(CAMPAIGNS, campaign, {"campaign_id": ABSENT})])
    named = other.query(CONTACTS, "clientes#1", index="campaign-status-index", lowest="active#an", highest="active#ao")
    assert await named == [contact]
    assert await other.query(CAMPAIGNS, "running", index="status-created-index") == [campaign]


CHECKS = tuple(check for name, check in globals().items() if name.startswith("check_"))
