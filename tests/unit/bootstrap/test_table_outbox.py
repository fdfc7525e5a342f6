"""The sandbox's outbox in a table: nothing is read twice by one reader, and nothing that comes late is missed."""

from __future__ import annotations

import asyncio

from disparo.adapters.channels.sandbox.outbox import Entry
from disparo.bootstrap.table_outbox import OVERLAP_MS, TableOutbox
from disparo.simulation.memory_tables import MemoryTables

START_MS = 1_790_000_000_000


def entry(number: int, after_ms: int) -> Entry:
    return Entry(f"1.1.{number}", START_MS + after_ms, "sms", "+55", "Oi 🎉")


def test_entries_come_in_order_once_and_in_portions() -> None:
    async def story() -> None:
        box = TableOutbox(MemoryTables())
        given = [entry(number, number) for number in range(7)]
        for one in reversed(given):
            await box.append(one)
        first, position = await box.read(0, 4)
        rest, position = await box.read(position, 4)
        assert [*first, *rest] == given
        assert await box.read(position, 4) == ([], position)

    asyncio.run(story())


def test_one_that_was_stamped_earlier_and_written_later_is_read_all_the_same() -> None:
    async def story() -> None:
        box = TableOutbox(MemoryTables())
        await box.append(entry(1, OVERLAP_MS))
        _, position = await box.read(0, 10)
        await box.append(entry(2, 1))
        await box.append(entry(3, OVERLAP_MS + 1))
        assert (await box.read(position, 10))[0] == [entry(2, 1), entry(3, OVERLAP_MS + 1)]

    asyncio.run(story())


def test_what_many_entries_of_one_minute_hide_is_still_read() -> None:
    async def story() -> None:
        box = TableOutbox(MemoryTables())
        for number in range(50):
            await box.append(entry(number, number))
        seen, position = list[Entry](), 0
        for _ in range(20):
            found, position = await box.read(position, 3)
            seen += found
        assert seen == [entry(number, number) for number in range(50)]

    asyncio.run(story())


def test_another_process_finds_the_latest_of_a_message() -> None:
    async def story() -> None:
        tables = MemoryTables()
        box = TableOutbox(tables)
        for one in (entry(1, 0), entry(11, 0), entry(1, 5_000)):
            await box.append(one)
        assert await TableOutbox(tables.sibling()).find_all(["1.1.1", "1.1.2"]) == {"1.1.1": entry(1, 5_000)}

    asyncio.run(story())
