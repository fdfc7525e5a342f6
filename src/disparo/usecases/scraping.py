"""Reading an installation for a monitoring system: often, quickly, with a bounded number of series."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.contact import Channel
from disparo.domain.figure import Counts, Series
from disparo.domain.policies.lane_opening import lane_decision
from disparo.domain.scrape import OTHERS, CampaignScrape, Scrape
from disparo.domain.sender import Sender
from disparo.ports.campaigns import HourTally
from disparo.ports.store import Store

MOST_CAMPAIGNS = 20
"""Campaigns that are told apart: the newest of those that are live or ended lately; the others are one."""

ENDED_LATELY = timedelta(days=14)
"""For how long a campaign that has ended is still shown: meetings and late receipts come after its end."""

RECENT = timedelta(minutes=5)
_SETTLED = timedelta(hours=1)
"""How long after its end an hour is surely counted to its end, whatever the clocks of machines say."""

_ENDED = frozenset({CampaignState.COMPLETED, CampaignState.CANCELLED})
_MOST_ENDED = 200

Happened = Counter[tuple[Channel, str]]
Standing = Counter[tuple[Channel, str]]
Lanes = Counter[tuple[Channel, bool]]


@dataclass(frozen=True, slots=True)
class _Past:
    """What happened before an hour that is over: it need not be read again."""

    until: datetime
    happened: Happened


class Scraper:
    """Reads a store again and again. It remembers of each campaign what is long over, so that a scrape reads little."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._past: dict[str, _Past] = {}

    async def scrape(self, senders: Sequence[Sender], now: datetime) -> Scrape:
        """The installation as it is now; nothing is counted that grows with contacts or messages."""
        store = self._store
        live = await store.campaigns.live()
        ended = await store.campaigns.page(None, _MOST_ENDED, states=_ENDED)
        lately = [one for one in ended if one.ended_at is not None and one.ended_at > now - ENDED_LATELY]
        shown = sorted({one.id: one for one in (*live, *lately)}.values(), key=lambda one: int(one.id), reverse=True)
        labels = {one.id: one.name if at < MOST_CAMPAIGNS else OTHERS for at, one in enumerate(shown)}
        happened = await asyncio.gather(*(self._happened(one, now) for one in shown))
        self._past = {one: past for one, past in self._past.items() if one in labels}
        standing = await self._standing(shown)
        lanes = await self._lanes(live, now)
        minute = now.replace(second=0, microsecond=0)
        return Scrape(
            _labelled(labels, dict(zip(labels, happened, strict=True)), standing, lanes),
            _relabelled(await store.numbers.ever(), labels),
            _relabelled(await store.numbers.between(minute - RECENT, minute), labels),
            {(one.name, one.channel): await self._is_stopped(one) for one in senders},
            await store.alarms.standings(),
            await store.numbers.last_beat(),
        )

    async def _happened(self, campaign: Campaign, now: datetime) -> Happened:
        past = self._past.get(campaign.id)
        over_at = (now - _SETTLED).replace(minute=0, second=0, microsecond=0)
        if past is None or past.until < over_at:
            since = None if past is None else past.until
            found = _sums(campaign, await self._store.campaigns.hours(campaign.id, since, over_at))
            past = self._past[campaign.id] = _Past(over_at, found if past is None else past.happened + found)
        return past.happened + _sums(campaign, await self._store.campaigns.hours(campaign.id, past.until))

    async def _standing(self, campaigns: Sequence[Campaign]) -> Mapping[str, Standing]:
        tallies = await self._store.campaigns.tallies([one.id for one in campaigns])
        found: dict[str, Standing] = {}
        for one in campaigns:
            counts = found[one.id] = Counter()
            for tally in tallies.get(one.id, ()):
                counts[one.step(tally.step).channel, tally.state] += tally.count
        return found

    async def _lanes(self, live: Sequence[Campaign], now: datetime) -> Mapping[str, Lanes]:
        running = {one.id: one for one in live if one.state is CampaignState.RUNNING}
        found: dict[str, Lanes] = {one: Counter() for one in running}
        for lane in await self._store.ledger.lanes():
            if (campaign := running.get(lane.campaign_id)) is not None:
                found[campaign.id][lane.channel, lane_decision(campaign, lane.place, now).open] += 1
        return found

    async def _is_stopped(self, sender: Sender) -> bool:
        return (await self._store.ledger.breaker(sender.name)).opened_at is not None


def _sums(campaign: Campaign, hours: Sequence[HourTally]) -> Happened:
    sums: Happened = Counter()
    for one in hours:
        sums[campaign.step(one.step).channel, one.event] += one.count
    return sums


def _labelled(
    labels: Mapping[str, str],
    happened: Mapping[str, Happened],
    standing: Mapping[str, Standing],
    lanes: Mapping[str, Lanes],
) -> list[CampaignScrape]:
    """Campaigns by their labels, those that share one together."""
    found: dict[str, tuple[Happened, Standing, Lanes]] = {}
    for campaign_id, label in labels.items():
        sums = found.setdefault(label, (Counter(), Counter(), Counter()))
        sums[0].update(happened[campaign_id])
        sums[1].update(standing[campaign_id])
        sums[2].update(lanes.get(campaign_id, {}))
    return [CampaignScrape(label, *sums) for label, sums in found.items()]


def _relabelled(counts: Counts, labels: Mapping[str, str]) -> Counts:
    """With labels in the place of ids; what is of campaigns that are shown no more is left out."""
    sums: Counter[Series] = Counter()
    for series, count in counts.items():
        if (label := labels.get(series.campaign_id) if series.campaign_id else "") is not None:
            sums[Series(series.channel, label, series.name)] += count
    return sums
