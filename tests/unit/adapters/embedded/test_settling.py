"""Settlements in SQLite: what is written, in how many statements, and what is left out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from disparo.adapters.embedded import settling
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.settling import key_of
from disparo.adapters.embedded.store import open_store
from disparo.domain.message import MessageEvent, MessageId
from tests.contract.scene import NOW, Scene, later_word, speaks_of

E = MessageEvent


def told(story: Callable[[Database, Scene], Awaitable[None]]) -> None:
    """Tell a story of one database in memory."""

    async def main() -> None:
        database = Database(None)
        store = open_store(database)
        await story(database, Scene(store, store))
        database.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    "message_id",
    [
        MessageId("promo", 1, "2"),
        MessageId("1", 1, "ana"),
        MessageId("", 1, ""),
        MessageId("-1", 1, "2"),
        MessageId("1", 1, "2.3"),
        MessageId("9" * 19, 1, "2"),
        MessageId("1 ", 1, "2"),
        MessageId("1\n", 1, "2"),
    ],
)
def test_an_id_that_no_row_can_have_has_a_key_that_matches_nothing(message_id: MessageId) -> None:
    assert key_of(message_id) == (-1, -1, -1)


def test_a_key_is_campaign_contact_step() -> None:
    assert key_of(MessageId("3", 2, "57")) == (3, 57, 2)
    assert key_of(MessageId("3", 2, "57"), step=4) == (3, 57, 4)


def test_lines_of_the_journal_are_numbered_through_the_store() -> None:
    async def story(database: Database, scene: Scene) -> None:
        await scene.begin(3)
        claimed = (await scene.claim(3)).messages
        await scene.settle(*(speaks_of(one, E.ACCEPT) for one in claimed))
        await scene.store.ledger.note(claimed[0].id, "replied", "Oi", "p:1", NOW)
        await scene.settle(later_word(claimed[1].id, E.READ))
        found = database.reader.execute("SELECT number, event FROM journal ORDER BY number").fetchall()
        assert found == [(1, "accept"), (2, "accept"), (3, "accept"), (4, "replied"), (5, "read")]

    told(story)


def test_what_changed_nothing_is_still_written_into_the_history_but_not_twice() -> None:
    async def story(database: Database, scene: Scene) -> None:
        await scene.begin(1)
        message = await scene.one()
        await scene.settle(speaks_of(message, E.READ))
        late = later_word(message.id, E.DELIVER, "p:1")
        assert await scene.settle(late) == [False]
        assert await scene.settle(late) == [False]
        assert [line.event for line in await scene.store.ledger.journal(message.id)] == ["read", "deliver"]

    told(story)


def test_a_failing_batch_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(database: Database, scene: Scene) -> None:
        campaign = await scene.begin(2)
        first, second = (await scene.claim(2)).messages

        def breaks(*_: object) -> None:
            raise ValueError("not now")

        with monkeypatch.context() as patch:
            patch.setattr(settling, "_write_journal", breaks)
            with pytest.raises(ValueError, match="not now"):
                await scene.settle(speaks_of(first, E.ACCEPT), later_word(second.id, E.READ, "p:1"))
        assert await scene.states(campaign) == ["sending", "sending"]
        assert not await scene.store.ledger.seen(second.id, "p:1")
        await scene.check_tallies()

    told(story)


def test_counters_that_come_to_nothing_are_not_shown() -> None:
    async def story(database: Database, scene: Scene) -> None:
        campaign = await scene.begin(2)
        for message in (await scene.claim(2)).messages:
            await scene.settle(speaks_of(message, E.ACCEPT))
        assert [(one.state, one.count) for one in await scene.store.campaigns.tally(campaign.id)] == [("accepted", 2)]
        counted = database.reader.execute("SELECT min(count) FROM tally").fetchall()
        assert counted == [(0,)]

    told(story)


def test_rows_ended_by_a_sweep_have_no_line_each() -> None:
    async def story(database: Database, scene: Scene) -> None:
        campaign = await scene.begin(50)
        await scene.store.ledger.sweep(campaign, E.EXPIRE, "deadline", NOW, 100)
        assert await scene.states(campaign) == ["expired"] * 50
        assert database.reader.execute("SELECT count(*) FROM journal").fetchall() == [(0,)]

    told(story)
