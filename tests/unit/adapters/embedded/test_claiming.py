"""The claim in SQLite: one transaction, undone as one, and shared with whatever is written at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import apsw
import pytest

from disparo.adapters.embedded import claiming
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.message import MessageEvent
from disparo.ports.ledger import ClaimRequest
from tests.contract.scene import NOW, WHATSAPP, Scene, speaks_of

TABLES = ("message", "permit", "permit_book", "turn", "tally", "journal", "breaker")


def told(story: Callable[[Database, Scene], Awaitable[None]]) -> None:
    """Tell a story of one database in memory."""

    async def main() -> None:
        database = Database(None)
        store = open_store(database)
        await story(database, Scene(store, open_store(database.sibling())))
        database.close()

    asyncio.run(main())


def contents(database: Database) -> dict[str, list[Any]]:
    return {table: database.reader.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}


class Killed(BaseException):
    """The end of a process."""


@pytest.mark.parametrize("dies_in", ["save_book", "fetch", "load_book", "_claimed"])
def test_a_claim_that_dies_half_way_has_taken_nothing(dies_in: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(database: Database, scene: Scene) -> None:
        await scene.begin(5)
        lanes, before = await scene.lanes(), contents(database)
        real, calls = getattr(claiming, dies_in), [0]

        def dies(*given: Any, **named: Any) -> Any:
            calls[0] += 1
            if calls[0] == 2:
                raise Killed
            return real(*given, **named)

        with monkeypatch.context() as patch:
            patch.setattr(claiming, dies_in, dies)
            with pytest.raises(Killed):
                await scene.claim(5, lanes=lanes)
        assert contents(database) == before
        assert len((await scene.claim(5)).messages) == 5

    told(story)


def test_claims_and_settlements_of_one_moment_are_one_commit() -> None:
    async def story(database: Database, scene: Scene) -> None:
        await scene.begin(6)
        first = await scene.one()
        lanes, revision = await scene.lanes(), await scene.store.ledger.revision()
        commits = [0]

        def count() -> bool:
            commits[0] += 1
            return False

        database._writer.set_commit_hook(count)
        request = ClaimRequest(WHATSAPP, lanes, 2, NOW, revision)
        one, two, done = await asyncio.gather(
            scene.store.ledger.claim(request),
            scene.store.ledger.claim(request),
            scene.settle(speaks_of(first, MessageEvent.ACCEPT)),
        )
        database._writer.set_commit_hook(None)
        assert commits == [1]
        assert done == [True]
        assert len({message.id for claim in (one, two) for message in claim.messages}) == 4

    told(story)


def test_a_claim_of_nothing_writes_nothing() -> None:
    async def story(database: Database, scene: Scene) -> None:
        await scene.begin(1, due_at=NOW)
        await scene.claim(1)
        before = database.reader.total_changes()
        assert [*(await scene.claim(5)).messages] == []
        assert database.reader.total_changes() == before

    told(story)


def test_a_claim_waits_for_another_process_that_is_writing() -> None:
    async def story(database: Database, scene: Scene) -> None:
        await scene.begin(2)
        lanes = await scene.lanes()
        other = database.sibling()
        other._writer.execute("BEGIN IMMEDIATE")
        database._writer.set_busy_timeout(1)
        with pytest.raises(apsw.BusyError):
            await scene.claim(2, lanes=lanes)
        other._writer.execute("ROLLBACK")
        assert len((await scene.claim(2, lanes=lanes)).messages) == 2
        other.close()

    told(story)


def test_a_message_that_was_reset_tells_no_old_reason_while_it_is_sent() -> None:
    async def story(database: Database, scene: Scene) -> None:
        await scene.begin(1)
        first = await scene.one()
        await scene.settle(speaks_of(first, MessageEvent.RETRY, reason="transient", due_at=NOW))
        assert (await scene.store.ledger.get(first.id)).reason == "transient"
        await scene.one()
        assert (await scene.store.ledger.get(first.id)).reason == ""
        await scene.check_tallies()

    told(story)
