"""Housekeeping: what is cancelled or too late ends, what has ended is completed, nobody stays behind."""

from __future__ import annotations

from datetime import datetime, timedelta

from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.message import SETTLED, MessageEvent, MessageState
from disparo.engine.follow_up import mend_sequence
from disparo.engine.lane_book import LaneBook
from disparo.ports.campaigns import Campaigns
from disparo.ports.ledger import Ledger, MessageFilter

BATCH = 1000
PRUNE_EVERY = timedelta(hours=1)

_UNSENT = frozenset({MessageState.WAITING, MessageState.DUE})
_OPEN = frozenset(str(state) for state in MessageState if state not in SETTLED)


class Housekeeping:
    """Keeps campaigns going to their end. Safe to run in several workers at once, and as often as one likes."""

    def __init__(self, ledger: Ledger, campaigns: Campaigns, lanes: LaneBook) -> None:
        self._ledger, self._campaigns, self._lanes = ledger, campaigns, lanes
        self._prune_at: datetime | None = None

    async def run(self, now: datetime) -> datetime | None:
        """Do one round; `now` when there is more to do at once, else when the next campaign expires."""
        if self._prune_at is None or now >= self._prune_at:
            await self._ledger.prune()
            self._prune_at = now + PRUNE_EVERY
        await self._lanes.refresh()
        wishes = [await self._tend(campaign, now) for campaign in self._lanes.campaigns()]
        return min((wish for wish in wishes if wish is not None), default=None)

    async def _tend(self, campaign: Campaign, now: datetime) -> datetime | None:
        """Take one campaign a step towards its end; when to look at it again, or None when something must change."""
        open_states = {tally.state for tally in await self._campaigns.tally(campaign.id)} & _OPEN
        cancelled = campaign.state is CampaignState.CANCELLED
        expired = campaign.expires_at is not None and now >= campaign.expires_at
        if (cancelled or expired) and open_states & _UNSENT:
            event, reason = (
                (MessageEvent.CANCEL, "campaign_cancelled") if cancelled else (MessageEvent.EXPIRE, "deadline")
            )
            if await self._ledger.sweep(campaign, event, reason, now, BATCH):
                return now
            # Counters that a kill left behind say that there is more: to go on at once would never stop.
            await self._campaigns.conclude(campaign.id, now)
            return None
        if not open_states:
            await self._campaigns.conclude(campaign.id, now)
            return None
        if open_states == {MessageState.WAITING} and campaign.launched and not cancelled:
            return now if await self._mend(campaign, now) else campaign.expires_at
        # What is under way when the deadline passes ends by itself: to look again at once would never stop.
        return None if expired else campaign.expires_at

    async def _mend(self, campaign: Campaign, now: datetime) -> int:
        """Promote whoever was left waiting behind a step that will not end any more (an opt-out of one channel)."""
        waiting = MessageFilter(campaign.id, frozenset({MessageState.WAITING}))
        rows = await self._ledger.page(waiting, None, BATCH)
        contacts = dict.fromkeys(row.id.contact_id for row in rows)
        return sum([await mend_sequence(self._ledger, campaign, contact, now) for contact in contacts])
