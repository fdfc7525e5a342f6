"""What happened by the hour on DynamoDB: beside the counters, in items that stay small, and over to their days."""

from __future__ import annotations

import asyncio
from collections import Counter

from disparo.adapters.aws.hours import MOST_BESIDE, hours_in
from disparo.adapters.aws.recounting import recount
from disparo.adapters.aws.store import open_store
from disparo.adapters.aws.tables import CONTROL, Item, Update
from disparo.adapters.aws.tallies import SHARDS
from disparo.domain.campaign import Campaign
from disparo.domain.message import MessageEvent
from disparo.ports.campaigns import HourTally
from disparo.simulation.capacity_units import item_bytes
from disparo.simulation.memory_tables import MemoryTables
from tests.contract.scene import HOUR, NOW, Scene, later_word, speaks_of

PEOPLE = 600
WRITE_UNIT_BYTES = 1_024


async def long_campaign(tables: MemoryTables) -> tuple[Scene, Campaign, Counter[str]]:
    """Six hundred messages over a hundred hours: taken, delivered, read and answered, each an hour after the other."""
    scene = Scene(open_store(tables), open_store(tables.sibling()))
    campaign = await scene.begin(PEOPLE)
    came: Counter[str] = Counter()
    for hour in range(100):
        at = NOW + hour * HOUR
        messages = (await scene.claim(PEOPLE // 100, at)).messages
        for number, message in enumerate(messages):
            await scene.settle(speaks_of(message, MessageEvent.ACCEPT), at=at)
            await scene.settle(later_word(message.id, MessageEvent.DELIVER), at=at + HOUR)
            await scene.settle(later_word(message.id, MessageEvent.READ), at=at + 2 * HOUR)
            if number == 0:
                await scene.store.ledger.note(message.id, "replied", "", f"e{hour}", at + 3 * HOUR)
        came.update({"sent": len(messages), "delivered": len(messages), "read": len(messages), "replied": 1})
    return scene, campaign, came


async def shards_of(tables: MemoryTables, campaign: Campaign) -> list[Item]:
    return await tables.query(CONTROL, f"tally#{campaign.id}")


def counted(hours: list[HourTally]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in hours:
        total[one.event] += one.count
    return total


def test_what_every_message_writes_stays_within_one_write_unit_for_ever() -> None:
    async def story() -> None:
        tables = MemoryTables()
        scene, campaign, came = await long_campaign(tables)
        shards = await shards_of(tables, campaign)
        assert len(shards) == SHARDS
        assert max(map(item_bytes, shards)) < WRITE_UNIT_BYTES
        assert max(len(hours_in([one])) for one in shards) <= MOST_BESIDE + 5
        hours = [*await scene.store.campaigns.hours(campaign.id)]
        assert counted(hours) == came
        assert [one.hour_at for one in hours if one.event == "read"] == [NOW + hour * HOUR for hour in range(2, 102)]
        days = tables.units.counts["control:hours", "transact update"]
        assert days / PEOPLE < 0.7, "of 1,807 counted in groups of one; batches and thousands share it"

    asyncio.run(story())


def test_a_recount_keeps_the_hours() -> None:
    async def story() -> None:
        tables = MemoryTables()
        scene, campaign, came = await long_campaign(tables)
        before = await scene.store.campaigns.hours(campaign.id)
        lost = Update(CONTROL, {"pk": f"tally#{campaign.id}", "sk": "0"}, add={"1|read|": 1, "v": 1})
        await tables.write(lost)
        assert (await recount(tables, campaign.id))[1, "read", ""] == PEOPLE
        assert {str(one["sk"]) for one in await shards_of(tables, campaign)} == {"counted"}
        assert await scene.store.campaigns.hours(campaign.id) == before
        message = (await scene.rows(campaign))[0].id
        await scene.store.ledger.note(message, "replied", "", "later", NOW)
        assert counted([*await scene.store.campaigns.hours(campaign.id)]) == came + Counter(replied=1)

    asyncio.run(story())
