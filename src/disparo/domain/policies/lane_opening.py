"""Whether a campaign's messages may go to a place now: its start, then its hours."""

from __future__ import annotations

from datetime import datetime

from disparo.domain.campaign import Campaign
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import HoursDecision, decide

BEFORE_START = "before_start"


def lane_decision(campaign: Campaign, place: Place, now: datetime) -> HoursDecision:
    """Whether a campaign's messages may go to this place at `now`, why, and until when; `before_start` or the hours'.

    Whether the campaign runs at all is not looked at.
    """
    if campaign.start_at is not None and now < campaign.start_at:
        first = decide(campaign.hours, place, campaign.start_at)
        return HoursDecision(False, campaign.start_at if first.open else first.changes_at, BEFORE_START, "")
    return decide(campaign.hours, place, now)
