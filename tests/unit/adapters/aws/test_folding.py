"""Importing into DynamoDB: what it costs, and that kills and races leave one contact per address and list."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from disparo.adapters.aws import folding
from disparo.adapters.aws.contacts import DynamoContacts
from disparo.adapters.aws.tables import CONTACTS
from disparo.domain.contact import ContactDraft
from disparo.domain.folding import FoldOutcome
from disparo.ports.contacts import ListSummary
from disparo.simulation.memory_tables import MemoryTables
from disparo.simulation.virtual_time import run_virtually
from tests.unit.adapters.aws.killing import KilledError, Killer, killed_everywhere
from tests.unit.adapters.aws.people import LIST, active, assert_sound, draft, numbered

ANA, BIA, CIA = "+5511987654321", "+5541988887777", "+5521999990000"
MIXED = [
    draft(2, ANA, "ana@x.com"),
    draft(3, BIA, "ana@x.com"),
    draft(4, ANA, None, "Ana"),
    draft(5, None, "bia@x.com"),
    draft(6, CIA, "cia@x.com", "Cia"),
    draft(7, BIA, "bia@x.com"),
    draft(8, None, "cia@x.com"),
]
"""Drafts that meet and complete one another, two of which lose an address to another."""


async def fold(tables: MemoryTables, drafts: Sequence[ContactDraft]) -> list[FoldOutcome]:
    return [result.outcome for result in await DynamoContacts(tables).fold(LIST, drafts)]


async def people_of(tables: MemoryTables) -> set[tuple[object, ...]]:
    return {(one.get("phone"), one.get("email"), one.get("name")) for one in await active(tables)}


def test_a_new_contact_with_two_addresses_costs_four_write_units() -> None:
    async def story() -> None:
        tables, people = MemoryTables(), 1000
        await fold(tables, [numbered(number) for number in range(people)])
        rounds = people // folding.AT_ONCE
        assert tables.units.writes == 4 * people + 3 * rounds + 1, tables.units.report(people)

    run_virtually(story())


def test_the_same_file_again_writes_nothing() -> None:
    async def story() -> None:
        tables = MemoryTables()
        await fold(tables, [*map(numbered, range(50)), *MIXED])
        before = tables.units.writes
        await fold(tables, [*map(numbered, range(50)), *MIXED])
        assert tables.units.writes == before

    run_virtually(story())


def test_rounds_of_one_call_meet_each_other_as_separate_calls_do(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(at_once: int) -> tuple[list[FoldOutcome], set[tuple[object, ...]]]:
        monkeypatch.setattr(folding, "AT_ONCE", at_once)
        tables = MemoryTables()
        outcomes = await fold(tables, MIXED)
        await assert_sound(tables, MIXED)
        return outcomes, await people_of(tables)

    together = run_virtually(story(100))
    assert [run_virtually(story(at_once)) for at_once in (1, 2, 3)] == [together] * 3


def test_a_fold_that_is_killed_anywhere_is_ended_by_the_same_fold() -> None:
    async def story() -> None:
        whole = MemoryTables()
        await fold(whole, MIXED)
        wanted = await people_of(whole)

        async def begun() -> MemoryTables:
            tables = MemoryTables()
            await fold(tables, [draft(9, CIA)])
            return tables

        async def after(tables: MemoryTables) -> None:
            await fold(tables, MIXED)
            await assert_sound(tables, MIXED)
            assert {one[:2] for one in await people_of(tables)} == {one[:2] for one in wanted}

        moments = await killed_everywhere(begun, lambda tables: fold(tables, MIXED), after)
        assert moments > 20

    run_virtually(story())


def test_a_list_whose_fold_was_killed_is_counted_and_paged_as_it_is() -> None:
    async def story() -> None:
        drafts = [numbered(number) for number in range(4)]

        async def begun() -> MemoryTables:
            return MemoryTables()

        async def after(tables: MemoryTables) -> None:
            there = len(await active(tables))
            store = DynamoContacts(tables)
            for _ in range(2):
                assert await store.lists() == ([ListSummary(LIST, there)] if there else [])
            assert len(await store.page(LIST, None, 10)) == there

        await killed_everywhere(begun, lambda tables: fold(tables, drafts), after)

    run_virtually(story())


def test_a_range_that_is_full_is_counted_once() -> None:
    async def story() -> None:
        tables = MemoryTables()
        drafts = [numbered(number) for number in range(4)]
        with pytest.raises(KilledError):
            await fold(tables.sibling(Killer(2 * (3 + 8 + 4))), drafts)  # before the range gets its count
        store = DynamoContacts(tables)
        before = tables.units.copy()
        await store.lists()
        assert tables.units.since(before).counts["contacts", "get"] == 4
        before = tables.units.copy()
        assert await store.lists() == [ListSummary(LIST, 4)]
        assert tables.units.since(before).counts["contacts", "get"] == 0

    run_virtually(story())


def test_a_slow_fold_that_was_taken_for_dead_meets_the_contact_of_the_other() -> None:
    async def story() -> None:
        tables = MemoryTables()
        waiting = asyncio.Event()

        async def slow(side: str, what: str) -> None:
            if side == "before" and what.startswith("Put contacts"):
                await waiting.wait()

        first = asyncio.create_task(fold(tables.sibling(slow), [draft(2, ANA, "ana@x.com")]))
        await asyncio.sleep(60)
        assert await fold(tables, [draft(3, ANA, "ana@x.com", "Ana")]) == [FoldOutcome.CREATED]
        waiting.set()
        assert await first == [FoldOutcome.DUPLICATE]
        await assert_sound(tables, [draft(2, ANA)])
        assert len(await active(tables)) == 1

    run_virtually(story())


def test_an_address_is_free_again_when_the_contact_that_took_it_was_never_written() -> None:
    """Bia's draft leaves the e-mail to Ana's of the same call; Ana turns out to be a contact with another e-mail."""

    async def story() -> None:
        tables = MemoryTables()
        other = tables.sibling()
        done = False

        async def overtake(side: str, what: str) -> None:
            nonlocal done
            if not done and side == "before" and what.startswith("Put control key#"):
                done = True
                await fold(other, [draft(9, ANA, "outra@x.com")])

        results = await DynamoContacts(tables.sibling(overtake)).fold(
            LIST, [draft(2, ANA, "casal@x.com"), draft(3, BIA, "casal@x.com")]
        )
        assert done
        assert [(one.outcome, one.lost_addresses) for one in results] == [
            (FoldOutcome.DUPLICATE, ()),
            (FoldOutcome.CREATED, ()),
        ]
        assert {one[:2] for one in await people_of(tables)} == {(ANA, "outra@x.com"), (BIA, "casal@x.com")}
        assert len(await tables.scan(CONTACTS)) == 2, "keys that were given back are nobody's at once"

    run_virtually(story())


def test_who_looks_while_a_fold_goes_on_waits_for_it_before_taking_its_addresses() -> None:
    async def story() -> None:
        tables = MemoryTables()
        drafts = [numbered(0), numbered(1)]

        async def unhurried(side: str, what: str) -> None:
            if what.startswith("Put contacts"):
                await asyncio.sleep(folding.PATIENCE_S / 5)

        first = asyncio.create_task(fold(tables.sibling(unhurried), drafts))
        await asyncio.sleep(folding.PATIENCE_S / 10)
        assert await fold(tables, drafts) == [FoldOutcome.UNCHANGED] * 2
        assert await first == [FoldOutcome.CREATED] * 2
        assert [item["status"] for item in await tables.scan(CONTACTS)] == ["active#pessoa 0", "active#pessoa 1"]

    run_virtually(story())


def test_two_that_complete_a_contact_at_the_same_time_both_do() -> None:
    async def story() -> None:
        tables = MemoryTables()
        await fold(tables, [draft(2, ANA)])
        done = False

        async def overtake(side: str, what: str) -> None:
            nonlocal done
            if not done and side == "before":
                done = True
                await fold(tables, [draft(3, ANA, "ana@x.com")])

        assert await fold(tables.sibling(overtake), [draft(4, ANA, name="Ana")]) == [FoldOutcome.COMPLETED]
        assert done
        assert await people_of(tables) == {(ANA, "ana@x.com", "Ana")}
        await assert_sound(tables, [])

    run_virtually(story())


@pytest.mark.parametrize("seed", range(60))
def test_imports_at_the_same_time_that_are_slow_and_killed_keep_one_contact_per_address(seed: int) -> None:
    chance = random.Random(seed)
    drafts = [_drawn(chance, row) for row in range(14)]

    async def importer(tables: MemoryTables, own: Sequence[ContactDraft], killed_at: int) -> None:
        killer = Killer(killed_at)

        async def gate(side: str, what: str) -> None:
            await asyncio.sleep(chance.choice((0, 0, 0, 0.1, 0.4, 2.5)))
            await killer(side, what)

        try:
            await fold(tables.sibling(gate), own)
        except KilledError:
            await asyncio.sleep(chance.random() * 3)
            await fold(tables.sibling(), own)

    async def story() -> None:
        tables = MemoryTables()
        folds = []
        for _ in range(3):
            own = chance.sample(drafts, 9)
            folds.append(importer(tables, own, chance.choice((10**6, chance.randrange(60)))))
        await asyncio.gather(*folds)
        await fold(tables, drafts)
        await assert_sound(tables, drafts)

    run_virtually(story())


def _drawn(chance: random.Random, row: int) -> ContactDraft:
    phone = chance.choice((None, ANA, BIA, CIA, "+5551999998888"))
    mails = ["a@x.com", "b@x.com", "c@x.com"] if phone is None else [None, "a@x.com", "b@x.com", "c@x.com", "d@x.com"]
    return draft(row, phone, chance.choice(mails), chance.choice(("", "Nome")))


def test_a_name_of_any_length_is_kept_and_found() -> None:
    async def story() -> None:
        tables = MemoryTables()
        long = "Ã" * 2000
        await fold(tables, [draft(2, ANA, name=long), draft(3, BIA, name=long + " b")])
        [status] = {item["status"] for item in await active(tables)}
        assert len(str(status).encode()) < 1000
        store = DynamoContacts(tables)
        assert [one.phone for one in await store.find("a" * 2000 + " b", 9)] == [BIA]
        assert len(await store.find("a" * 5, 9)) == 2

    run_virtually(story())


def test_what_the_index_still_holds_of_an_erased_contact_is_not_found() -> None:
    async def story() -> None:
        tables = MemoryTables()
        await fold(tables, [draft(2, ANA, name="Ana"), draft(3, BIA, name="Ana")])
        store = DynamoContacts(tables)
        ana, bia = await store.find("ana", 9)
        tables.lag = lambda: 1  # that of the erasure
        await store.erase(ana.id, datetime(2026, 3, 2, tzinfo=UTC))
        assert await store.find("ana", 9) == [bia]

    run_virtually(story())


def test_a_completion_with_an_email_costs_one_transaction() -> None:
    async def story() -> None:
        tables = MemoryTables()
        await fold(tables, [draft(2, ANA)])
        before = tables.units.copy()
        assert await fold(tables, [draft(3, ANA, "ana@x.com")]) == [FoldOutcome.COMPLETED]
        assert tables.units.since(before).writes == 5  # key and contact twice, the index once
        before = tables.units.copy()
        assert await fold(tables, [draft(4, ANA, name="Ana")]) == [FoldOutcome.COMPLETED]
        assert tables.units.since(before).writes == 3  # the contact, and its old and new place in the index

    run_virtually(story())
