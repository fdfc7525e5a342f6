"""Campaigns that are always there, made when they are first needed; what engine and use cases share of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from disparo.domain.campaign import Campaign, CampaignEvent, CampaignState
from disparo.domain.errors import InputError, NotFoundError, TransitionError
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.policies.hours_document import parse_business_hours
from disparo.ports.campaigns import Campaigns

NOBODY = "-"
"""The list of a campaign that nobody is entered into by its start."""

ALWAYS: BusinessHours = parse_business_hours(
    {
        "timezone": "America/Sao_Paulo",
        "workingDays": [1, 2, 3, 4, 5, 6, 7],
        "startTime": "00:00",
        "endTime": "24:00",
        "publicHolidays": False,
    }
)
"""The hours of what goes at once, whatever the hour."""


async def standing(campaigns: Campaigns, draft: Campaign, now: datetime) -> Campaign:
    """The campaign of the draft's name, running; made when it is not there yet, whoever else makes it just now.

    One of another kind is somebody's own that has the name: it is returned as it is, not to be used.
    """
    try:
        campaign = await campaigns.get(draft.name)
    except NotFoundError:
        try:
            campaign = await campaigns.add(draft)
        except InputError:  # another was faster
            campaign = await campaigns.get(draft.name)
    if campaign.kind is not draft.kind:
        return campaign
    if (campaign.steps, campaign.hours) != (draft.steps, draft.hours):  # the settings say it otherwise by now
        campaign = await campaigns.replace(replace(campaign, steps=draft.steps, hours=draft.hours))
    if campaign.state is CampaignState.DRAFT:
        try:
            return await campaigns.apply(campaign.id, CampaignEvent.START, now)
        except TransitionError:
            return await campaigns.get(draft.name)
    return campaign
