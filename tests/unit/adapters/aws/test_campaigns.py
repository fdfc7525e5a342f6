"""Campaigns in DynamoDB: kills, races, and counters that are behind."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import pytest

from disparo.adapters.aws.revision import live_campaigns
from disparo.adapters.aws.store import open_store
from disparo.adapters.aws.tables import CAMPAIGNS, CONTROL
from disparo.domain.campaign import Campaign, CampaignEvent, CampaignState
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.errors import InputError, TransitionError
from disparo.domain.message import MessageEvent
from disparo.domain.webhook_delivery import Delivery
from disparo.domain.webhook_events import campaign_event
from disparo.ports.ledger import Settlement
from disparo.simulation.memory_tables import MemoryTables
from disparo.simulation.virtual_time import run_virtually
from tests.contract.scene import HOUR, NOW, STEPS, Scene, later_word, speaks_of
from tests.unit.adapters.aws.killing import KilledError, Killer, killed_everywhere

E, S = CampaignEvent, CampaignState


def scene_of(tables: MemoryTables) -> Scene:
    return Scene(open_store(tables), open_store(tables.sibling()))


def new(name: str = "promo") -> Campaign:
    return parse_campaign({"name": name, "list": name, "steps": STEPS[:1]}, created_at=NOW)


async def with_draft() -> MemoryTables:
    tables = MemoryTables()
    await scene_of(tables).people(2, "promo")
    await open_store(tables).campaigns.add(new())
    return tables


async def with_all_settled() -> MemoryTables:
    tables = MemoryTables()
    scene = scene_of(tables)
    campaign = await scene.begin(2)
    await scene.settle(*(later_word(row.id, MessageEvent.ACCEPT) for row in await scene.rows(campaign)))
    return tables


def test_adding_that_is_killed_anywhere_has_added_one_or_none() -> None:
    async def empty() -> MemoryTables:
        return MemoryTables()

    async def after(tables: MemoryTables) -> None:
        campaigns = open_store(tables).campaigns
        with suppress(InputError):  # it was there already
            await campaigns.add(new())
        [one] = await campaigns.all()
        assert await campaigns.get("promo") == await campaigns.get(one.id) == one
        assert (await campaigns.add(new("outra"))).id != one.id

    assert run_virtually(killed_everywhere(empty, lambda tables: open_store(tables).campaigns.add(new()), after)) == 4


def test_a_start_that_is_killed_anywhere_is_a_start_or_none() -> None:
    async def after(tables: MemoryTables) -> None:
        store = open_store(tables)
        before = await store.campaigns.get("promo")
        live, revision = [one.id for one in await store.campaigns.live()], await store.ledger.revision()
        assert (live, revision) == (["1"], 1) if before.state is S.RUNNING else ([], 0)
        with suppress(TransitionError):
            await store.campaigns.apply("1", E.START, NOW)
        assert [one.id for one in await store.campaigns.live()] == ["1"]
        assert await store.ledger.revision() == 1
        started = await store.campaigns.get("promo")
        assert len((await store.ledger.launch_page(started, 9)).contacts) == 2

    moments = run_virtually(
        killed_everywhere(with_draft, lambda tables: open_store(tables).campaigns.apply("1", E.START, NOW), after)
    )
    assert moments == 2, "one transaction"


def test_a_move_that_is_killed_anywhere_is_told_or_not_done() -> None:
    def told(campaign: Campaign, event: CampaignEvent) -> list[Delivery]:
        return [Delivery.of(campaign_event(campaign, event, NOW), "we_1", False, NOW)]

    async def after(tables: MemoryTables) -> None:
        store = open_store(tables)
        moved = (await store.campaigns.get("1")).state is S.RUNNING
        assert len(await store.webhooks.page("we_1", None, 5)) == moved
        assert await store.webhooks.next_due("we_1") == (NOW if moved else None)

    def start(tables: MemoryTables) -> Coroutine[Any, Any, Campaign]:
        return open_store(tables).campaigns.apply("1", E.START, NOW, told)

    assert run_virtually(killed_everywhere(with_draft, start, after)) == 2, "one transaction"


def test_a_conclusion_that_is_killed_anywhere_is_ended_by_the_next() -> None:
    async def after(tables: MemoryTables) -> None:
        store = open_store(tables)
        over = (await store.campaigns.get("1")).state is S.COMPLETED
        revision = await store.ledger.revision()
        assert await store.campaigns.conclude("1", NOW + HOUR) is not over
        assert (await store.campaigns.get("1")).ended_at == (NOW if over else NOW + HOUR)
        assert await live_campaigns(tables) == []
        assert await store.ledger.revision() == revision + (not over)

    run_virtually(
        killed_everywhere(with_all_settled, lambda tables: open_store(tables).campaigns.conclude("1", NOW), after)
    )


def test_of_two_that_move_a_campaign_at_the_same_time_one_is_refused() -> None:
    async def story() -> None:
        tables = await with_draft()
        await open_store(tables).campaigns.apply("1", E.START, NOW)

        async def slow(side: str, what: str) -> None:
            await asyncio.sleep(0.1)

        moves = [open_store(tables.sibling(slow)).campaigns.apply("1", E.PAUSE, NOW) for _ in range(3)]
        results = await asyncio.gather(*moves, return_exceptions=True)
        assert sorted(type(one).__name__ for one in results) == ["Campaign", "TransitionError", "TransitionError"]
        assert (await open_store(tables).campaigns.get("1")).revision == 2

    run_virtually(story())


def test_a_name_that_two_take_at_the_same_time_is_ones() -> None:
    async def story() -> None:
        tables = MemoryTables()

        async def slow(side: str, what: str) -> None:
            await asyncio.sleep(0.1)

        adds = [open_store(tables.sibling(slow)).campaigns.add(new()) for _ in range(3)]
        results = await asyncio.gather(*adds, return_exceptions=True)
        assert sorted(type(one).__name__ for one in results) == ["Campaign", "InputError", "InputError"]
        assert len(await open_store(tables).campaigns.all()) == 1

    run_virtually(story())


def test_a_change_keeps_the_launch_that_goes_on_meanwhile() -> None:
    async def story() -> None:
        tables = MemoryTables()
        scene = scene_of(tables)
        await scene.people(3, "promo")
        campaign = await scene.start()
        done = False

        async def overtake(side: str, what: str) -> None:
            nonlocal done
            if not done and side == "before":
                done = True
                assert await scene.enter(campaign, limit=2)

        changed = await open_store(tables.sibling(overtake)).campaigns.replace(campaign)
        assert done
        assert (changed.state, len(await scene.rows(campaign))) == (S.RUNNING, 2)
        assert await scene.enter(campaign, limit=2)
        assert (await scene.store.campaigns.get("promo")).launched
        assert len(await scene.rows(campaign)) == 3

    run_virtually(story())


def test_a_dead_letter_sent_again_behind_the_counting_keeps_the_campaign_open() -> None:
    async def story() -> None:
        tables = MemoryTables()
        scene = scene_of(tables)
        campaign = await scene.begin(1)
        message = await scene.one()
        await scene.settle(speaks_of(message, MessageEvent.EXHAUST, reason="retries_used_up"))
        done = False

        async def overtake(side: str, what: str) -> None:
            nonlocal done
            if not done and side == "before" and what.startswith("Transaction: Update campaigns"):
                done = True
                assert await scene.settle(Settlement(message.id, MessageEvent.REDRIVE, due_at=NOW)) == [True]

        assert not await open_store(tables.sibling(overtake)).campaigns.conclude(campaign.id, NOW)
        assert done
        assert (await scene.store.campaigns.get("promo")).state is S.RUNNING

    run_virtually(story())


def test_counters_that_a_kill_left_behind_keep_no_campaign_open_and_are_put_right() -> None:
    async def story() -> None:
        tables = MemoryTables()
        scene = scene_of(tables)
        campaign = await scene.begin(1)
        message = await scene.one()
        killed = open_store(tables.sibling(Killer(2))).ledger
        with pytest.raises(KilledError):
            await killed.settle([speaks_of(message, MessageEvent.ACCEPT)], NOW)
        assert [one.state for one in await scene.store.campaigns.tally(campaign.id)] != ["accepted"]
        assert await scene.store.campaigns.conclude(campaign.id, NOW)
        assert [one.state for one in await scene.store.campaigns.tally(campaign.id)] == ["accepted"]

    run_virtually(story())


def test_what_campaigns_cost() -> None:
    async def story() -> None:
        tables = MemoryTables()
        campaigns = open_store(tables).campaigns
        await campaigns.add(new())
        # The counter; a transaction of name and campaign; the index.
        assert tables.units.writes == 1 + 2 * 2 + 1, tables.units.report()
        before = tables.units.copy()
        await campaigns.apply("1", E.START, NOW)
        # A transaction of campaign and revision; the old and the new place in the index.
        assert tables.units.since(before).writes == 2 * 2 + 2, tables.units.since(before).report()
        assert len(await tables.scan(CAMPAIGNS)) == 1
        assert {str(item["pk"]) for item in await tables.scan(CONTROL)} == {"counter", "campaign-name", "revision"}

    run_virtually(story())
