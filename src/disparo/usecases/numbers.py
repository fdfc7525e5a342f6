"""The numbers of the source document over the last minutes, hour or day, for people and programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError
from disparo.domain.figure import Counted, Counts, Series, figure_of, part, together
from disparo.domain.hourly import HourlyEvent
from disparo.domain.message import MessageState
from disparo.domain.numbers import CampaignReading, Numbers, Reading, Source, Window
from disparo.ports.store import Store

MOST_CAMPAIGNS = 50
"""Campaigns that are told apart; all of them are in the sums."""

Due = Mapping[tuple[str, Channel], int]
"""Messages that are due, by campaign and channel."""

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)

_BY_THE_HOUR: Mapping[str, Counted] = {
    HourlyEvent.SENT: Counted.SENT,
    HourlyEvent.FAILED: Counted.FAILED,
    HourlyEvent.DEAD: Counted.FAILED,
}


@dataclass(frozen=True, slots=True)
class NumbersWanted:
    """Which numbers: over a window, of one campaign (by its id) or all, of one channel or all."""

    window: Window = Window.HOUR
    campaign_id: str | None = None
    channel: Channel | None = None


async def numbers(store: Store, wanted: NumbersWanted, now: datetime) -> Numbers:
    """The numbers; NotFoundError for an unknown campaign.

    Costs the same however many contacts and messages there are. The minute that has just begun is counted as far as it
    has got. Where workers count nothing by the minute (functions on AWS), what the ledger counts by the hour stands in
    for it.
    """
    campaigns = await _campaigns(store, wanted)
    from_at = now.replace(second=0, microsecond=0) - wanted.window.length + _MINUTE
    counts, source = await store.numbers.between(from_at, now + _MINUTE), Source.MINUTES
    if not any(series.name in (Counted.SENT, Counted.FAILED) for series in counts):
        hourly = await _by_the_hour(store, campaigns, from_at) if wanted.window is not Window.FIVE_MINUTES else {}
        if hourly:
            counts, source = together([counts, hourly]), Source.HOURS
    counts = part(counts, channel=wanted.channel, campaign_id=wanted.campaign_id)
    due = await _due(store, campaigns, wanted.channel)
    channels = [one for one in Channel if wanted.channel in (None, one)]
    return Numbers(
        wanted.window,
        from_at.replace(minute=0) if source is Source.HOURS else from_at,
        now,
        source,
        Reading(figure_of(counts), sum(due.values())),
        {one: _of_channel(counts, due, one) for one in channels},
        await _each(store, campaigns, counts, due),
    )


async def _campaigns(store: Store, wanted: NumbersWanted) -> Sequence[Campaign]:
    if wanted.campaign_id is None:
        return await store.campaigns.live()
    return [await store.campaigns.get(wanted.campaign_id)]


async def _by_the_hour(store: Store, campaigns: Sequence[Campaign], from_at: datetime) -> Counts:
    """What the ledger counted of live campaigns, since the beginning of the hour in which the window begins."""
    sums: Counter[Series] = Counter()
    for campaign in campaigns:
        for one in await store.campaigns.hours(campaign.id, from_at.replace(minute=0)):
            if (counted := _BY_THE_HOUR.get(one.event)) is not None:
                sums[Series(campaign.step(one.step).channel, campaign.id, counted)] += one.count
    return sums


async def _due(store: Store, campaigns: Sequence[Campaign], channel: Channel | None) -> Due:
    running = {one.id: one for one in campaigns if one.state is CampaignState.RUNNING}
    due: Counter[tuple[str, Channel]] = Counter()
    for campaign_id, found in (await store.campaigns.tallies(list(running))).items():
        for one in found:
            if one.state == MessageState.DUE:
                due[campaign_id, running[campaign_id].step(one.step).channel] += one.count
    return {key: count for key, count in due.items() if channel in (None, key[1])}


def _of_channel(counts: Counts, due: Due, channel: Channel) -> Reading:
    depth = sum(count for (_, by), count in due.items() if by is channel)
    return Reading(figure_of(part(counts, channel=channel)), depth)


async def _each(store: Store, campaigns: Sequence[Campaign], counts: Counts, due: Due) -> list[CampaignReading]:
    """The reading of each campaign that is live or of which something was counted, newest first."""
    known = {one.id: one for one in campaigns}
    counted = {series.campaign_id for series in counts if series.campaign_id}
    newest = sorted(known.keys() | counted, key=int, reverse=True)[:MOST_CAMPAIGNS]
    found = [known.get(one) or await _perhaps(store, one) for one in newest]
    return [
        CampaignReading(
            one.id,
            one.name,
            one.state,
            Reading(
                figure_of(part(counts, campaign_id=one.id)),
                sum(count for (campaign_id, _), count in due.items() if campaign_id == one.id),
            ),
        )
        for one in found
        if one is not None
    ]


async def _perhaps(store: Store, campaign_id: str) -> Campaign | None:
    try:
        return await store.campaigns.get(campaign_id)
    except NotFoundError:
        return None
