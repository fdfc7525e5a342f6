"""Whether a campaign's messages may go to a place now: its start, its deadline, then its hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from disparo.domain.campaign import Campaign
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import HoursDecision, decide

BEFORE_START = "before_start"
DEADLINE = "deadline"


def lane_decision(campaign: Campaign, place: Place, now: datetime) -> HoursDecision:
    """Whether a campaign's messages may go to this place at `now`, why, and until when.

    The reason is `before_start`, `deadline` (for good) or the hours'.

    Whether the campaign runs at all is not looked at.
    """
    if campaign.start_at is not None and now < campaign.start_at:
        first = decide(campaign.hours, place, campaign.start_at)
        return HoursDecision(False, campaign.start_at if first.open else first.changes_at, BEFORE_START, "")
    expires_at = campaign.expires_at
    if expires_at is not None and now >= expires_at:
        return HoursDecision(False, None, DEADLINE, "")
    decision = decide(campaign.hours, place, now)
    if decision.open and expires_at is not None:
        return replace(decision, changes_at=min(expires_at, decision.changes_at or expires_at))
    return decision
