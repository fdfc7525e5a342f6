"""Knowing that a campaign has come to its end, without asking again and again."""

from __future__ import annotations

import asyncio
from datetime import datetime

from disparo.adapters.embedded.campaigns import SqliteCampaigns
from disparo.adapters.embedded.database import Database
from disparo.domain.campaign import Campaign, CampaignEvent


class EndingCampaigns(SqliteCampaigns):
    """`Campaigns` that set `ended` once one of them is completed."""

    def __init__(self, database: Database, campaign: Campaign) -> None:
        super().__init__(database)
        self._campaign = campaign
        self.ended = asyncio.Event()

    async def apply(self, campaign_id: str, event: CampaignEvent, now: datetime) -> Campaign:
        """See `Campaigns.apply`."""
        campaign = await super().apply(campaign_id, event, now)
        if campaign_id == self._campaign.id and event is CampaignEvent.COMPLETE:
            self.ended.set()
        return campaign
