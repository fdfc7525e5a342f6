"""Forgetting a person in DynamoDB, whoever is killed or comes in between."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from disparo.adapters.aws.store import open_store
from disparo.adapters.aws.tables import CONTACTS, CONTROL, LEDGER
from disparo.domain.folding import FoldOutcome
from disparo.domain.message import MessageEvent, MessageId
from disparo.ports.contacts import ListSummary
from disparo.ports.ledger import Settlement
from disparo.simulation.memory_tables import MemoryTables
from disparo.simulation.virtual_time import run_virtually
from tests.contract.suppressions_suite import ANA, ANA_MAIL, NOW, import_two, start
from tests.unit.adapters.aws.killing import killed_everywhere
from tests.unit.adapters.aws.people import draft

LIST = "clientes"


async def sent_once() -> MemoryTables:
    """Ana (contact 1) and Bia in a running campaign; Ana's provider spoke of her number."""
    tables = MemoryTables()
    store = open_store(tables)
    await import_two(store)
    campaign = await start(store, "promo")
    message = MessageId(campaign.id, 1, "1")
    accepted = Settlement(message, MessageEvent.ACCEPT, detail=f"sent to {ANA}", provider_id="wamid.NTUxMQ")
    await store.ledger.settle([accepted], NOW)
    return tables


async def everything_in(tables: MemoryTables) -> str:
    return str([await tables.scan(table) for table in (CONTACTS, CONTROL, LEDGER)])


async def assert_forgotten(tables: MemoryTables) -> None:
    store = open_store(tables)
    kept = await everything_in(tables)
    assert not [trace for trace in (ANA, ANA[3:], ANA_MAIL, "Ana", "ana", "wamid", "a.csv:2") if trace in kept]
    assert [str(row.state) for row in await store.ledger.rows_of("1", "1")] == ["accepted", "cancelled", "cancelled"]
    assert [str(row.state) for row in await store.ledger.rows_of("1", "2")] == ["due", "waiting", "waiting"]
    assert await store.contacts.lists() == [ListSummary(LIST, 1)]
    assert [one.id for one in await store.contacts.page(LIST, None, 9)] == ["2"]


def test_an_erasure_that_is_killed_anywhere_is_ended_by_the_same_erasure() -> None:
    async def after(tables: MemoryTables) -> None:
        store = open_store(tables)
        there = [one.id for one in await store.contacts.page(LIST, None, 9)]
        assert len(there) == (await store.contacts.lists())[0].contacts
        await store.contacts.erase("1", NOW)
        await assert_forgotten(tables)

    moments = run_virtually(
        killed_everywhere(sent_once, lambda tables: open_store(tables).contacts.erase("1", NOW), after)
    )
    assert moments > 4


def test_until_its_last_write_a_killed_erasure_leaves_the_person_to_be_met() -> None:
    """Whoever imports the person again in between makes no second contact of the same number."""

    async def after(tables: MemoryTables) -> None:
        store = open_store(tables)
        [result] = await store.contacts.fold(LIST, [draft(2, ANA, ANA_MAIL)])
        there = [one.phone for one in await store.contacts.page(LIST, None, 9)]
        assert there.count(ANA) == 1
        assert (result.outcome is FoldOutcome.CREATED) == ((await store.contacts.get("1")).name == "")

    run_virtually(killed_everywhere(sent_once, lambda tables: open_store(tables).contacts.erase("1", NOW), after))


def test_an_import_that_completes_a_person_while_it_is_erased_brings_nothing_back() -> None:
    async def story() -> None:
        tables = await sent_once()
        done = False

        async def overtake(side: str, what: str) -> None:
            nonlocal done
            if not done and side == "before" and what.startswith("Transaction: Put contacts 1"):
                done = True
                fuller = replace(draft(2, ANA), variables={"cidade": "Campinas"})
                await open_store(tables).contacts.fold(LIST, [fuller])

        await open_store(tables.sibling(overtake)).contacts.erase("1", NOW)
        assert done
        await assert_forgotten(tables)
        assert "Campinas" not in await everything_in(tables)

    run_virtually(story())


def test_two_erasures_at_the_same_time_count_one() -> None:
    async def story() -> None:
        tables = await sent_once()

        async def slow(side: str, what: str) -> None:
            await asyncio.sleep(0.1)

        stores = [open_store(tables.sibling(slow)) for _ in range(3)]
        await asyncio.gather(*[store.contacts.erase("1", NOW) for store in stores])
        await assert_forgotten(tables)
        erased_at = (await stores[0].contacts.everything("1"))["contact"]["erased_at"]
        await stores[0].contacts.erase("1", NOW + timedelta(hours=1))
        assert (await stores[0].contacts.everything("1"))["contact"]["erased_at"] == erased_at

    run_virtually(story())


def test_what_an_erasure_costs() -> None:
    async def story() -> None:
        tables = MemoryTables()
        store = open_store(tables)
        await import_two(store)
        before = tables.units.copy()
        await store.contacts.erase("1", NOW)
        # A transaction of the contact, its two keys and the list's count; its old and new place in the index.
        # Before that the mark that it leaves (with its index), and the hashes of both keys.
        assert tables.units.since(before).writes == 2 * 4 + 2 + 2 + 2, tables.units.since(before).report()

    run_virtually(story())
