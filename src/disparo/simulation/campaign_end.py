"""Knowing that a campaign has come to its end, without asking again and again."""

from __future__ import annotations

import asyncio
from datetime import datetime

from disparo.adapters.embedded.campaigns import SqliteCampaigns
from disparo.adapters.embedded.database import Database
from disparo.domain.campaign import Campaign
from disparo.ports.campaigns import Telling


class EndingCampaigns(SqliteCampaigns):
    """`Campaigns` that set `ended` once one of them is completed."""

    def __init__(self, database: Database, campaign: Campaign) -> None:
        super().__init__(database)
        self._campaign = campaign
        self.ended = asyncio.Event()

    async def conclude(self, campaign_id: str, now: datetime, telling: Telling | None = None) -> bool:
        """See `Campaigns.conclude`."""
        concluded = await super().conclude(campaign_id, now, telling)
        if concluded and campaign_id == self._campaign.id:
            self.ended.set()
        return concluded
