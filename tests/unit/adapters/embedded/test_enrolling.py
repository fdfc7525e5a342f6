"""Entering people in SQLite: lanes, counters and the cursor move with the rows, or none of them does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import apsw
import pytest

from disparo.adapters.embedded import enrolling
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.campaign import CampaignEvent
from disparo.domain.contact import Channel
from disparo.domain.message import MessageState
from disparo.domain.place import Place
from disparo.ports.ledger import NewMessage
from tests.contract.scene import HOME, NOW, Scene

MANAUS = Place("America/Manaus")


def told(story: Callable[[Database, Scene], Awaitable[None]]) -> None:
    """Tell a story of one database in memory."""

    async def main() -> None:
        database = Database(None)
        store = open_store(database)
        await story(database, Scene(store, store))
        database.close()

    asyncio.run(main())


def lanes(database: Database) -> list[tuple[str, str, int]]:
    found = database.reader.execute("SELECT channel, place, priorities FROM lane ORDER BY channel, place")
    return [(str(channel), str(place), int(bits)) for channel, place, bits in found]


def test_a_lane_remembers_every_priority_it_ever_had() -> None:
    async def story(database: Database, scene: Scene) -> None:
        for priority in (5, 0, 9, 5):
            await scene.people(1, "promo", priority=priority)
        await scene.people(1, "promo", priority=3, places=(MANAUS,))
        campaign = await scene.start()
        for _ in range(5):
            assert await scene.enter(campaign, limit=1)
        assert lanes(database) == [
            ("whatsapp", "America/Manaus", 1 << 3),
            ("whatsapp", str(HOME), 1 << 0 | 1 << 5 | 1 << 9),
        ]
        [first] = [lane for lane in await scene.store.ledger.lanes() if lane.place == HOME]
        assert first.priorities == (0, 5, 9)

    told(story)


def test_campaigns_share_no_lane() -> None:
    async def story(database: Database, scene: Scene) -> None:
        await scene.begin(1, "um")
        await scene.begin(1, "dois")
        assert len(lanes(database)) == 2

    told(story)


def test_a_page_that_fails_leaves_no_row_no_lane_and_no_count() -> None:
    async def story(database: Database, scene: Scene) -> None:
        [ana] = await scene.people(1, "promo")
        campaign = await scene.start()
        page = await scene.store.ledger.launch_page(campaign, 10)
        row = NewMessage(ana, 1, Channel.WHATSAPP, HOME, MessageState.DUE, 5, NOW)
        with pytest.raises(apsw.ConstraintError):
            await scene.store.ledger.enroll(campaign, page, [row, row], NOW)
        assert lanes(database) == []
        assert await scene.store.campaigns.tally(campaign.id) == []
        assert await scene.store.ledger.launch_page(campaign, 10) == page
        assert await scene.store.ledger.enroll(campaign, page, [row], NOW)

    told(story)


def test_the_end_of_the_audience_is_fixed_at_the_start_and_not_at_a_reopening() -> None:
    async def story(database: Database, scene: Scene) -> None:
        campaign = await scene.begin(2)
        await scene.people(2, "promo")
        for event in (CampaignEvent.PAUSE, CampaignEvent.RESUME, CampaignEvent.COMPLETE, CampaignEvent.REOPEN):
            await scene.store.campaigns.apply(campaign.id, event, NOW)
        assert (await scene.store.ledger.launch_page(campaign, 10)).contacts == []

    told(story)


def test_the_cost_of_a_page_does_not_grow_with_the_list() -> None:
    def cost(people: int) -> int:
        steps = [0]

        def count() -> bool:
            steps[0] += 1
            return False

        async def story(database: Database, scene: Scene) -> None:
            await scene.people(people, "promo")
            campaign = await scene.start()
            assert await scene.enter(campaign, limit=people - 15)
            database.reader.set_progress_handler(count, 10)
            page = enrolling.next_page(database.reader, campaign, 10)
            assert len(page.contacts) == 10

        told(story)
        return steps[0]

    assert cost(3000) <= cost(100) + 5
