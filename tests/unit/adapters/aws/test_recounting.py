"""Counters that a kill left behind, and campaigns that must not end by them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from disparo.adapters.aws.recounting import recount
from disparo.adapters.aws.store import open_store
from disparo.adapters.aws.tables import CAMPAIGNS, CONTROL, Update
from disparo.domain.campaign import Campaign, CampaignEvent
from disparo.domain.message import MessageEvent, MessageState
from disparo.simulation.memory_tables import MemoryTables
from tests.contract.scene import HOUR, MINUTE, NOW, Scene, speaks_of

Told = Callable[[MemoryTables, Scene], Awaitable[None]]


def told(story: Told) -> None:
    async def run() -> None:
        tables = MemoryTables()
        await story(tables, Scene(open_store(tables), open_store(tables.sibling())))

    asyncio.run(run())


async def lose(tables: MemoryTables, campaign: Campaign, step: int, state: str, count: int) -> None:
    """Change a counter as if a kill had fallen between rows and counters."""
    key = {"pk": f"tally#{campaign.id}", "sk": "lost"}
    await tables.write(Update(CONTROL, key, add={f"{step}|{state}|": count, "v": 1}))


async def counters(scene: Scene, campaign: Campaign) -> dict[str, int]:
    return {one.state: one.count for one in await scene.store.campaigns.tally(campaign.id)}


def test_a_campaign_with_an_open_row_does_not_end_by_its_counters() -> None:
    async def story(tables: MemoryTables, scene: Scene) -> None:
        campaign = await scene.begin(1)
        await lose(tables, campaign, 1, "due", -1)
        assert await counters(scene, campaign) == {}
        assert not await scene.store.campaigns.conclude(campaign.id, NOW)

    told(story)


def test_counters_that_hold_a_campaign_open_are_put_right_when_it_is_over() -> None:
    async def story(tables: MemoryTables, scene: Scene) -> None:
        campaign = await scene.begin(1)
        message = await scene.one()
        await scene.settle(speaks_of(message, MessageEvent.ACCEPT))
        await lose(tables, campaign, 1, "sending", 1)
        assert await counters(scene, campaign) == {"accepted": 1, "sending": 1}
        assert await scene.store.campaigns.conclude(campaign.id, NOW + MINUTE)
        assert await counters(scene, campaign) == {"accepted": 1}

    told(story)


def test_counters_of_a_campaign_that_goes_on_are_believed_until_they_stood_still_and_wrong_twice() -> None:
    async def story(tables: MemoryTables, scene: Scene) -> None:
        campaign = await scene.begin(2)
        await lose(tables, campaign, 1, "due", 1)
        await recount(tables, campaign.id)
        assert await counters(scene, campaign) == {"due": 3}, "the change may be on its way"
        await recount(tables, campaign.id)
        assert await counters(scene, campaign) == {"due": 2}

    told(story)


def test_replies_stay_counted_when_states_are_put_right() -> None:
    async def story(tables: MemoryTables, scene: Scene) -> None:
        campaign = await scene.begin(1)
        message = await scene.one()
        await scene.settle(speaks_of(message, MessageEvent.ACCEPT))
        await scene.store.ledger.note(message.id, "replied", "Oi", "p:1", NOW)
        await lose(tables, campaign, 1, "accepted", 1)
        await recount(tables, campaign.id)
        assert await counters(scene, campaign) == {"accepted": 1, "replied": 1}

    told(story)


def test_a_dead_letter_sent_again_while_rows_are_counted_keeps_its_campaign_open() -> None:
    async def story(tables: MemoryTables, scene: Scene) -> None:
        campaign = await scene.begin(1)
        message = await scene.one()
        await scene.settle(speaks_of(message, MessageEvent.EXHAUST))

        async def stir(side: str, what: str) -> None:
            """The last instant: the rows are counted, and the end is about to be written."""
            if side == "before" and "campaigns" in what:
                tables.gate = None
                await tables.write(Update(CAMPAIGNS, {"campaign_id": campaign.id}, add={"stirred": 1}))

        tables.gate = stir
        assert not await scene.store.campaigns.conclude(campaign.id, NOW)

    told(story)


def test_a_cancelled_campaign_does_not_end_while_a_page_may_be_on_its_way() -> None:
    async def story(tables: MemoryTables, scene: Scene) -> None:
        await scene.people(1, "promo")
        campaign = await scene.start()
        key = {"campaign_id": campaign.id}
        await tables.write(Update(CAMPAIGNS, key, set={"entering": int(NOW.timestamp() * 1000)}))
        await scene.store.campaigns.apply(campaign.id, CampaignEvent.CANCEL, NOW)
        assert not await scene.store.campaigns.conclude(campaign.id, NOW + MINUTE)
        assert await scene.store.campaigns.conclude(campaign.id, NOW + HOUR), "no function lives that long"

    told(story)


def test_a_page_that_comes_too_late_leaves_nobody_behind() -> None:
    async def story(tables: MemoryTables, scene: Scene) -> None:
        await scene.people(3, "promo")
        campaign = await scene.start()

        async def cancel(side: str, what: str) -> None:
            if side == "before" and what.startswith("Put ledger"):
                tables.gate = None
                await scene.other.campaigns.apply(campaign.id, CampaignEvent.CANCEL, NOW)

        tables.gate = cancel
        assert not await scene.enter(campaign)
        assert await scene.rows(campaign) == []
        assert await scene.store.campaigns.conclude(campaign.id, NOW)

    told(story)


def test_a_long_history_is_paged_and_told_whole() -> None:
    async def story(tables: MemoryTables, scene: Scene) -> None:
        campaign = await scene.begin(1)
        [row] = await scene.rows(campaign)
        texts = [f"{number} " + "conversa " * 40 for number in range(30)]
        for number, text in enumerate(texts):
            assert await scene.store.ledger.note(row.id, "replied", text, f"p:{number}", NOW)
        assert [line.detail for line in await scene.other.ledger.journal(row.id)] == texts
        assert (await scene.rows(campaign))[0].state is MessageState.DUE
        assert len((await scene.claim()).messages) == 1

    told(story)
