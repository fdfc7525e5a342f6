"""Opt-outs in DynamoDB: kept before anything is cancelled, ended by the same call after a kill."""

from __future__ import annotations

from disparo.adapters.aws.store import open_store
from disparo.adapters.aws.suppressions import suppression_items
from disparo.domain.contact import Channel
from disparo.simulation.memory_tables import MemoryTables
from disparo.simulation.virtual_time import run_virtually
from tests.contract.suppressions_suite import ANA, ANA_MAIL, BIA, NOW, import_two, start, suppression
from tests.unit.adapters.aws.killing import killed_everywhere

BOTH = [suppression(ANA_MAIL, Channel.EMAIL, "bounced"), suppression(ANA)]


async def under_way() -> MemoryTables:
    """Ana (contact 1) and Bia in two running campaigns."""
    tables = MemoryTables()
    store = open_store(tables)
    await import_two(store)
    await start(store, "um")
    await start(store, "dois")
    return tables


def test_an_opt_out_that_is_killed_anywhere_is_ended_by_the_same_call() -> None:
    async def after(tables: MemoryTables) -> None:
        store = open_store(tables)
        cancelled = [row for one in "12" for row in await store.ledger.rows_of(one, "1") if row.reason]
        kept = await store.suppressions.matching([ANA, ANA_MAIL])
        assert len(kept) == 2 or not cancelled, "what is cancelled is suppressed"
        assert await store.suppressions.add(BOTH) == 6 - len(cancelled)
        for campaign in "12":
            rows = await store.ledger.rows_of(campaign, "1")
            assert [row.reason for row in rows] == ["opted_out", "bounced", "opted_out"]
            assert [row.reason for row in await store.ledger.rows_of(campaign, "2")] == ["", "", ""]
        assert await store.suppressions.matching([ANA_MAIL, ANA]) == BOTH[::-1]

    act = killed_everywhere(under_way, lambda tables: open_store(tables).suppressions.add(BOTH), after)
    assert run_virtually(act) > 6


def test_items_of_keys_are_told_apart_by_key() -> None:
    async def story() -> None:
        tables = MemoryTables()
        store = open_store(tables)
        await store.suppressions.add([suppression(ANA, Channel.SMS), suppression(ANA), suppression(ANA_MAIL)])
        found = await suppression_items(tables, [BIA, ANA, "", ANA, ANA_MAIL])
        assert {key: [one.channel for one in each] for key, each in found.items()} == {
            ANA: [None, Channel.SMS],
            ANA_MAIL: [None],
        }

    run_virtually(story())


def test_what_suppressions_cost() -> None:
    async def story() -> None:
        tables = MemoryTables()
        store = open_store(tables)
        await store.suppressions.add([suppression(ANA, Channel.SMS), suppression(ANA), suppression(BIA)])
        assert tables.units.writes == 2, "one for each key"
        await store.suppressions.add([suppression(ANA)])
        await store.suppressions.remove(BIA)
        await store.suppressions.remove("nobody@x.com")
        assert tables.units.writes == 4
        before = tables.units.copy()
        await store.suppressions.matching([ANA, BIA])
        assert tables.units.since(before).reads == 4, "each key and its hash"

    run_virtually(story())


def test_the_first_of_two_that_come_at_once_stays() -> None:
    async def story() -> None:
        tables = MemoryTables()
        store = open_store(tables)
        await store.suppressions.add([suppression(ANA, reason="first"), suppression(ANA, reason="second")])
        [kept] = await store.suppressions.matching([ANA])
        assert (kept.reason, kept.at) == ("first", NOW)

    run_virtually(story())
