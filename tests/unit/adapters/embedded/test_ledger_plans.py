"""How SQLite finds rows: by an index or a key, never by reading through messages or people.

A claim must cost the same whatever the backlog, so plans are pinned, and the steps of its virtual machine are counted.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import pytest

from disparo.adapters.embedded import (
    campaigns,
    cancelling,
    claiming,
    contacts,
    enrolling,
    inbox,
    last_look,
    ledger,
    listing,
    permits,
    settling,
    suppressions,
)
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.message import MessageEvent, MessageState
from disparo.domain.settlement import Settlement
from disparo.ports.ledger import MessageFilter
from tests.contract.scene import HOUR, NOW, WHATSAPP, Scene

WATCH = "USING INDEX message_watch (due_at<?)"
KEY = "USING PRIMARY KEY (campaign_id=? AND contact_id=? AND step=?)"

PLANS = {
    "DUE": (claiming.DUE, "m", "USING INDEX message_due (lane_id=? AND priority=? AND due_at<?)"),
    "NEXT_DUE": (
        claiming.NEXT_DUE,
        "message",
        "USING COVERING INDEX message_due (lane_id=? AND priority=? AND due_at>?)",
    ),
    "BEGIN": (claiming.BEGIN, "message", KEY),
    "LAPSED": (ledger.LAPSED, "message", WATCH),
    "DOUBTS": (ledger.DOUBTS, "m", WATCH),
    "NEXT_WATCH": (ledger.NEXT_WATCH, "message", "USING INDEX message_watch"),
    "LAST_LOOK": (last_look.LAST_LOOK, "message", KEY),
    "ROWS": (settling.ROWS, "m", KEY),
    "SAVE_ROW": (settling.SAVE_ROW, "message", KEY),
    "ONE": (ledger.ONE, "m", KEY),
    "OF_CONTACT": (ledger.OF_CONTACT, "m", "USING PRIMARY KEY (campaign_id=? AND contact_id=?)"),
    "SWEEPABLE": (
        ledger.SWEEPABLE,
        "message",
        "USING PRIMARY KEY (campaign_id=? AND contact_id>? AND contact_id<?)",
    ),
    "SWEEP_STOP": (ledger.SWEEP_STOP, "message", "USING PRIMARY KEY (campaign_id=? AND contact_id>?)"),
    "ALL": (listing.ALL, "m", "USING PRIMARY KEY ((campaign_id,contact_id,step)>(?,?,?) AND campaign_id<?)"),
    "SLICED": (
        listing.SLICED,
        "m",
        "USING PRIMARY KEY (campaign_id=? AND (contact_id,step)>(?,?) AND contact_id<?)",
    ),
    "NEXT_CONTACT": (listing.NEXT_CONTACT, "message", "USING PRIMARY KEY (campaign_id=? AND contact_id>?)"),
    "OF_PERSON": (listing.OF_PERSON, "m", "USING PRIMARY KEY (campaign_id=? AND contact_id=?)"),
    "WITH_SUCH": (listing.WITH_SUCH, "c", "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
    "CONTACTS": (contacts.PAGE, "c", "USING INDEX contact_of_list (list_id=? AND id>?)"),
    "CONTACTS_BACK": (contacts.PAGE_BACK, "c", "USING INDEX contact_of_list (list_id=? AND id<?)"),
    "BY_NUMBER": (contacts.BY_NUMBER, "c", "USING INDEX contact_by_phone (phone_key>? AND phone_key<?)"),
    "BY_NAME": (contacts.BY_NAME, "c", "USING INDEX contact_by_name (name_key>? AND name_key<?)"),
    "HOURS": (campaigns.HOURS, "hour_tally", "USING PRIMARY KEY (campaign_id=? AND hour>? AND hour<?)"),
    "TALLIES": (campaigns.TALLIES, "t", "USING PRIMARY KEY (campaign_id=?)"),
    "CAMPAIGNS": (campaigns.PAGE, "campaign", "USING INTEGER PRIMARY KEY (rowid<?)"),
    "CONVERSATIONS": (inbox.CONVERSATIONS, "c", "USING INDEX conversation_latest (latest<?)"),
    "CONVERSATION": (inbox.CONVERSATION, "c", "USING PRIMARY KEY (owner=?)"),
    "UNHANDLED_CONVERSATIONS": (
        inbox.UNHANDLED_CONVERSATIONS,
        "c",
        "USING INDEX conversation_unhandled (latest<?)",
    ),
    "INBOX_OF_STRANGER": (inbox.OF_STRANGER, "inbox", "USING INDEX inbox_of_stranger (key=? AND id<?)"),
    "UNSENT": (cancelling.UNSENT, "m", "USING PRIMARY KEY (campaign_id=? AND contact_id=?)"),
    "NEXT_CONTACTS": (enrolling.NEXT_CONTACTS, "c", "USING INDEX contact_of_list (list_id=? AND id>? AND id<?)"),
    "RUNS": (permits.RUNS, "permit", "USING PRIMARY KEY (book=? AND first>? AND first<?)"),
    "OWNERS": (suppressions.OWNERS, "c", "USING COVERING INDEX contact_by_phone (phone_key=?)"),
    "INBOX": (inbox.ALL, "inbox", "USING INDEX sqlite_autoindex_inbox_1 (id<?)"),
    "INBOX_UNHANDLED": (inbox.UNHANDLED, "inbox", "USING INDEX inbox_unhandled (id<?)"),
    "INBOX_OF_CONTACT": (inbox.OF_CONTACT, "inbox", "USING INDEX inbox_of_contact (contact_id=? AND id<?)"),
    "LAST_HEARD": (inbox.LAST_HEARD, "inbox_window", "USING PRIMARY KEY (key=? AND channel=? AND sender=?)"),
    "NOTICES": (inbox.NOTICES, "notice", "USING INDEX sqlite_autoindex_notice_1 (id<?)"),
    "TALLY": (campaigns.TALLY, "tally", "USING PRIMARY KEY (campaign_id=?)"),
}


IN_TROUBLE = {
    "IN_TROUBLE": (
        listing.IN_TROUBLE,
        "COVERING INDEX message_troubled_of ((campaign_id,contact_id,step)>(?,?,?) AND campaign_id<?)",
    ),
    "LATEST_TROUBLE": (
        listing.LATEST_TROUBLE,
        "COVERING INDEX message_troubled ((changed_at,campaign_id,contact_id,step)<(?,?,?,?))",
    ),
    "WATCHED": (listing.WATCHED, "INDEX message_watch"),
}
"""What sorts the few rows that it shows, or those that are under way now: an index has no others."""


@pytest.fixture
def database() -> Iterator[Database]:
    made = Database(None)
    yield made
    made.close()


def plan(database: Database, query: str) -> list[str]:
    names = re.findall(r":([a-z_]+)", query)
    numbered = [int(number) for number in re.findall(r"\?([0-9]+)", query)]
    values = dict.fromkeys(names) if names else (None,) * max(numbered, default=query.count("?"))
    return [str(row[3]) for row in database.reader.execute(f"EXPLAIN QUERY PLAN {query}", values)]


@pytest.mark.parametrize("name", PLANS)
def test_a_query_finds_its_rows_by_index_or_key(name: str, database: Database) -> None:
    query, table, way = PLANS[name]
    assert f"SEARCH {table} {way}" in plan(database, query)


@pytest.mark.parametrize("name", PLANS)
def test_no_query_reads_through_messages_or_people(name: str, database: Database) -> None:
    query, *_ = PLANS[name]
    through = [
        line
        for line in plan(database, query)
        if re.match(r"SCAN (m|c|message|contact|permit|journal|inbox|inbox_window|notice)\b", line)
    ]
    assert not through
    assert "USE TEMP B-TREE FOR ORDER BY" not in plan(database, query)


@pytest.mark.parametrize("name", IN_TROUBLE)
def test_who_is_in_trouble_is_known_by_an_index_of_those_alone(name: str, database: Database) -> None:
    query, way = IN_TROUBLE[name]
    lines = plan(database, query)
    assert any(line.endswith(f"m USING {way}") for line in lines), lines
    assert not [line for line in lines if re.match(r"SCAN (m|message)$", line)]


async def _backlog(database: Database, people: int) -> Scene:
    store = open_store(database)
    scene = Scene(store, store)
    await scene.begin(people, due_at=NOW - HOUR)
    return scene


def _counted(database: Database) -> list[int]:
    """Grows by the steps of SQLite's virtual machine, ten at a time."""
    steps = [0]

    def count() -> bool:
        steps[0] += 1
        return False

    database.reader.set_progress_handler(count, 10)
    return steps


def _steps(people: int, *, waiting_rest: bool) -> dict[str, int]:
    """What each act costs with so many people in the campaign, of whom none or most are not due yet."""

    async def story() -> dict[str, int]:
        database = Database(None)
        scene = await _backlog(database, people)
        campaign = await scene.store.campaigns.get("promo")
        if waiting_rest:
            # Claimed once and given back until later: the backlog lies behind the ten that are due.
            rest = (await scene.claim(people - 10)).messages
            later = [Settlement(one.id, MessageEvent.RELEASE, due_at=NOW + HOUR) for one in rest]
            await scene.store.ledger.settle(later, NOW)
        lanes = await scene.lanes()
        cost, steps = {}, _counted(database)
        claim = await scene.claim(10, lanes=lanes)
        cost["claim"] = steps[0]
        assert len(claim.messages) == 10
        await scene.claim(10, NOW - 2 * HOUR, lanes=lanes)
        cost["claim of nothing"] = steps[0]
        await scene.store.ledger.lapse(NOW + WHATSAPP.lease, 10)
        cost["lapse"] = steps[0]
        assert len(await scene.store.ledger.doubts(NOW + WHATSAPP.lease, 10)) == 10
        cost["doubts"] = steps[0]
        wanted = MessageFilter(campaign.id, frozenset({MessageState.IN_DOUBT}))
        assert await scene.store.ledger.next_watch() is not None
        cost["watch"] = steps[0]
        assert await scene.store.ledger.page(wanted, None, 1)
        database.close()
        return cost

    return asyncio.run(story())


@pytest.mark.parametrize("waiting_rest", [False, True])
def test_the_cost_of_a_claim_does_not_grow_with_the_backlog(waiting_rest: bool) -> None:
    few, many = (_steps(people, waiting_rest=waiting_rest) for people in (100, 3000))
    assert few.keys() == many.keys()
    for act, steps in few.items():
        assert many[act] <= steps * 1.2 + 10, (act, few, many)


def test_a_listing_of_a_campaign_reads_no_other_campaigns_rows() -> None:
    async def cost(others: int) -> int:
        database = Database(None)
        store = open_store(database)
        scene = Scene(store, store)
        for name in ("antes", "promo", "depois"):
            await scene.begin(5 if name == "promo" else others, name)
        campaign, steps = await store.campaigns.get("promo"), _counted(database)
        wanted = MessageFilter(campaign.id, frozenset({MessageState.DEAD}))
        assert await store.ledger.page(wanted, None, 100) == []
        database.close()
        return steps[0]

    assert asyncio.run(cost(2000)) <= asyncio.run(cost(20)) + 10
