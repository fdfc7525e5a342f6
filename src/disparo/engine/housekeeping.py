"""Housekeeping: what is cancelled or too late ends, what has ended is completed, nobody stays behind."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.message import SETTLED, MessageEvent, MessageState
from disparo.engine.follow_up import mend_sequence
from disparo.engine.lane_book import LaneBook
from disparo.ports.campaigns import Campaigns, Tally
from disparo.ports.ledger import Ledger, MessageFilter

BATCH = 1000
PRUNE_EVERY = timedelta(hours=1)
STILL, LONGEST_STILL = timedelta(minutes=2), timedelta(hours=4)
"""How long counters of a campaign that goes on may stand still before they are doubted, and at most from then on."""

_UNSENT = frozenset({MessageState.WAITING, MessageState.DUE})
_OPEN = frozenset(str(state) for state in MessageState if state not in SETTLED)


@dataclass(frozen=True, slots=True)
class _Still:
    """A campaign's counters, since when they are so, and when to ask the store whether the campaign is over after all.

    A kill may have left them behind (`Ledger`). Asked when they have not moved for a while, and ever more rarely.
    """

    tallies: Sequence[Tally]
    since: datetime
    ask_at: datetime

    def asked(self, now: datetime) -> _Still:
        """The same, to be asked again when as much time has passed once more."""
        return replace(self, ask_at=now + min(now - self.since, LONGEST_STILL))


class Housekeeping:
    """Keeps campaigns going to their end. Safe to run in several workers at once, and as often as one likes."""

    def __init__(self, ledger: Ledger, campaigns: Campaigns, lanes: LaneBook) -> None:
        self._ledger, self._campaigns, self._lanes = ledger, campaigns, lanes
        self._prune_at: datetime | None = None
        self._still: dict[str, _Still] = {}

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
        if campaign.standing:
            return None
        tallies = await self._campaigns.tally(campaign.id)
        open_states = {tally.state for tally in tallies} & _OPEN
        if not open_states:
            await self._campaigns.conclude(campaign.id, now)
            return None
        wish = await self._push(campaign, open_states, now)
        if wish is not None and wish <= now:
            return wish
        still = self._standing_still(campaign, tallies, now)
        if still.ask_at <= now:
            if await self._campaigns.conclude(campaign.id, now):
                return None
            still = self._still[campaign.id] = still.asked(now)
        return min(still.ask_at, wish) if wish is not None else still.ask_at

    async def _push(self, campaign: Campaign, open_states: AbstractSet[str], now: datetime) -> datetime | None:
        """End what is cancelled or too late, promote who was left behind; when to do so again, `now` if at once."""
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
        if open_states == {MessageState.WAITING} and campaign.launched and not cancelled:
            return now if await self._mend(campaign, now) else campaign.expires_at
        # What is under way when the deadline passes ends by itself: to look again at once would never stop.
        return None if expired else campaign.expires_at

    def _standing_still(self, campaign: Campaign, tallies: Sequence[Tally], now: datetime) -> _Still:
        """Since when a campaign's counters are as they are."""
        still = self._still.get(campaign.id)
        if still is None or still.tallies != tallies or now < still.since:
            still = self._still[campaign.id] = _Still(tallies, now, now + STILL)
        return still

    async def _mend(self, campaign: Campaign, now: datetime) -> int:
        """Promote whoever was left waiting behind a step that will not end any more (an opt-out of one channel)."""
        waiting = MessageFilter(campaign.id, frozenset({MessageState.WAITING}))
        rows = await self._ledger.page(waiting, None, BATCH)
        contacts = dict.fromkeys(row.id.contact_id for row in rows)
        return sum([await mend_sequence(self._ledger, campaign, contact, now) for contact in contacts])
