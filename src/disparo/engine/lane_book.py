"""Which lanes are open now, decided once for each lane and kept until its hours change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.lane import Lane, OpenLane
from disparo.domain.policies.lane_opening import lane_decision
from disparo.domain.sender import Sender
from disparo.ports.campaigns import Campaigns
from disparo.ports.ledger import Ledger


@dataclass(frozen=True, slots=True)
class LaneView:
    """The open lanes of a sender, those that close first in front, and when the next closed one opens."""

    open: tuple[OpenLane, ...]
    opens_at: datetime | None
    changes_at: datetime | None
    decided_at: datetime


class LaneBook:
    """Running campaigns and their lanes, read again whenever the ledger's revision has risen."""

    def __init__(self, ledger: Ledger, campaigns: Campaigns) -> None:
        self._ledger, self._campaigns = ledger, campaigns
        self._by_id: dict[str, Campaign] = {}
        self._lanes: tuple[Lane, ...] = ()
        self._views: dict[str, LaneView] = {}
        self.revision = -1

    async def refresh(self) -> None:
        """Look whether campaigns have changed; cheap when they have not."""
        revision = await self._ledger.revision()
        if revision == self.revision:
            return
        # Read after the revision: what changes in between raises it again, and the claim notices.
        live, lanes = await self._campaigns.live(), tuple(await self._ledger.lanes())
        # Taken over in one go: steps that refresh at the same time must not mix what they read.
        self._by_id, self._lanes = {campaign.id: campaign for campaign in live}, lanes
        self._views.clear()
        self.revision = revision

    def campaigns(self) -> tuple[Campaign, ...]:
        """The live campaigns, oldest first."""
        return tuple(self._by_id.values())

    async def campaign(self, campaign_id: str) -> Campaign:
        """A campaign by its id, live or ended; NotFoundError when there is none."""
        return self._by_id.get(campaign_id) or await self._campaigns.get(campaign_id)

    def view(self, sender: Sender, now: datetime) -> LaneView:
        """The lanes that a sender serves as they are open at `now`."""
        view = self._views.get(sender.name)
        # A clock that was set back asks about a time before the decision.
        fresh = view is not None and view.decided_at <= now and (view.changes_at is None or now < view.changes_at)
        if view is None or not fresh:
            view = self._views[sender.name] = self._look(sender, now)
        return view

    def _look(self, sender: Sender, now: datetime) -> LaneView:
        open_lanes: list[OpenLane] = []
        openings: list[datetime] = []
        for lane in self._lanes:
            campaign = self._by_id.get(lane.campaign_id)
            if lane.channel is not sender.channel or campaign is None or campaign.state is not CampaignState.RUNNING:
                continue
            if not campaign.goes_by(sender.name):
                continue
            decision = lane_decision(campaign, lane.place, now)
            if decision.open:
                limits = campaign.limits_on(sender.channel)
                open_lanes.append(OpenLane(lane.id, campaign.id, decision.changes_at, lane.priorities, limits))
            elif decision.changes_at is not None:
                openings.append(decision.changes_at)
        # Those that close first are served first, so that a day's end in the east leaves less behind.
        open_lanes.sort(key=lambda lane: (lane.closes_at is None, lane.closes_at or now, lane.id))
        closings = [lane.closes_at for lane in open_lanes if lane.closes_at is not None]
        opens_at = min(openings, default=None)
        changes_at = min([*closings, *openings], default=None)
        return LaneView(tuple(open_lanes), opens_at, changes_at, now)
