"""What a look for what is in the way costs on SQLite, however much was kept before."""

from __future__ import annotations

import asyncio
import re

import apsw

from disparo.adapters.embedded import meetings
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from tests.contract.meetings_scene import DAY, FREE, HOUR, NOW, agreed, slot

SEARCHES = {
    "OVERLAPPING": "occupation_of_host (host_id=? AND start_at>? AND start_at<?)",
    "RELEASE": "occupation_of_meeting (meeting_id=?)",
    "BY_UID": "(uid=?)",
    "PAGE_OF_CONTACT": "meeting_of_contact (contact_id=? AND id<?)",
    "PAGE_OF_SPAN": "meeting_start (start_at>? AND start_at<?)",
    "OF_CONTACTS": "meeting_of_contact (contact_id=?)",
    "DUE": "meeting_wake (wake_at<?)",
    "NEXT_DUE": "meeting_wake",
}


def test_queries_search_by_their_indexes_and_sort_nothing() -> None:
    database = Database(None)
    plans = {name: plan_of(database.reader, getattr(meetings, name)) for name in SEARCHES}
    for name, index in SEARCHES.items():
        assert index in plans[name], plans[name]
        assert name in ("OF_CONTACTS", "PAGE_OF_SPAN") or "TEMP B-TREE" not in plans[name], plans[name]
    assert "TEMP B-TREE" not in plan_of(database.reader, meetings.PAGE)
    database.close()


def plan_of(connection: apsw.Connection, query: str) -> str:
    names = re.findall(r":([a-z_]+)", query)
    values = dict.fromkeys(names) if names else (None,) * query.count("?")
    return str([row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", values)])


def test_a_look_at_a_week_costs_the_same_after_a_long_history() -> None:
    database = Database(None)
    store = open_store(database).meetings

    async def steps_after(count: int, first: int) -> int:
        for number in range(first, first + count):
            await store.add(agreed(f"u{number}", slot(-2 * number - 24)), FREE, NOW)
        return await steps_of_a_look()

    async def steps_of_a_look() -> int:
        spent = 0

        def count_step() -> bool:
            nonlocal spent
            spent += 1
            return False

        database.reader.set_progress_handler(count_step, 1)
        assert len(await store.occupations(["ana"], NOW, NOW + 7 * DAY, NOW)) == 3
        database.reader.set_progress_handler(None)
        return spent

    async def story() -> None:
        for number in range(3):
            await store.add(agreed(f"ahead{number}", slot(30 + 2 * number)), FREE, NOW + HOUR)
        few, many = await steps_after(10, 0), await steps_after(500, 10)
        assert many <= few * 1.2

    asyncio.run(story())
    database.close()
