"""What is to be told of a campaign is kept in the write that changes it, or neither is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from disparo.domain.campaign import Campaign, CampaignEvent, CampaignState
from disparo.domain.errors import TransitionError
from disparo.domain.message import MessageEvent
from disparo.domain.webhook import Endpoint
from disparo.domain.webhook_delivery import Delivery
from disparo.domain.webhook_events import campaign_event
from tests.contract.families import FAMILIES, opened_twice
from tests.contract.scene import NOW, Scene, later_word

MANY = 40
"""Endpoints: more than a transaction of DynamoDB has room for."""


def telling(endpoints: int) -> object:
    def told(campaign: Campaign, event: CampaignEvent) -> Sequence[Delivery]:
        one = campaign_event(campaign, event, NOW)
        return [Delivery.of(one, f"we_{number:02}", False, NOW) for number in range(endpoints)]

    return told


async def told_of(scene: Scene, endpoint: str = "we_00") -> list[str]:
    return [str(one.type) for one in reversed(await scene.other.webhooks.page(endpoint, None, 10))]


@pytest.mark.parametrize("endpoints", [1, MANY])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_campaigns_life_is_kept_with_it(family: str, endpoints: int, tmp_path: Path) -> None:
    async def story() -> None:
        with opened_twice(family, tmp_path) as stores:
            scene = Scene(*stores)
            campaigns, told = scene.store.campaigns, telling(endpoints)
            await scene.store.webhooks.add(Endpoint("we_00", "https://x.example/h", "sealed", NOW))
            campaign = await scene.begin(2)
            for event in (CampaignEvent.PAUSE, CampaignEvent.RESUME):
                await campaigns.apply(campaign.id, event, NOW, told)  # type: ignore[arg-type]
            with pytest.raises(TransitionError):
                await campaigns.apply(campaign.id, CampaignEvent.RESUME, NOW, told)  # type: ignore[arg-type]
            assert not await campaigns.conclude(campaign.id, NOW, told), "messages are open"  # type: ignore[arg-type]
            await scene.settle(*(later_word(row.id, MessageEvent.ACCEPT) for row in await scene.rows(campaign)))
            assert await campaigns.conclude(campaign.id, NOW, told)  # type: ignore[arg-type]
            wanted = ["campaign.completed", "campaign.paused", "campaign.resumed"]
            for number in range(endpoints):
                assert sorted(await told_of(scene, f"we_{number:02}")) == wanted
            [due, *_] = await scene.other.webhooks.claim("we_00", NOW, NOW, 9)
            assert due.proof is None, "nobody has to look whether it is so"

    asyncio.run(story())


@pytest.mark.parametrize("family", FAMILIES)
def test_what_cannot_be_told_is_not_done(family: str, tmp_path: Path) -> None:
    def broken(campaign: Campaign, event: CampaignEvent) -> Sequence[Delivery]:
        raise RuntimeError

    async def story() -> None:
        with opened_twice(family, tmp_path) as stores:
            scene = Scene(*stores)
            campaign = await scene.start()
            with pytest.raises(RuntimeError):
                await scene.store.campaigns.apply(campaign.id, CampaignEvent.PAUSE, NOW, broken)
            assert (await scene.other.campaigns.get(campaign.id)).state is CampaignState.RUNNING

    asyncio.run(story())
