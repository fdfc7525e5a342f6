"""What happened to a campaign's messages hour by hour, beside the hours in which they were allowed to go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from disparo.domain.campaign import Campaign
from disparo.domain.contact import Channel
from disparo.domain.instants import to_ms
from disparo.domain.intervals import merge
from disparo.domain.policies.business_hours import open_intervals
from disparo.ports.store import Store

HOUR = timedelta(hours=1)
LONGEST = timedelta(days=35)
"""From the first to the last hour that is told of."""


@dataclass(frozen=True, slots=True)
class CampaignHour:
    """One hour, from `begins_at`; `open` is the share of it in which somebody's hours were open, from 0.0 to 1.0."""

    begins_at: datetime
    open: float
    sent: Mapping[Channel, int] = field(default_factory=dict)
    events: Mapping[str, int] = field(default_factory=dict)
    """How often each other thing happened in it: delivered, read, replied, failed, dead."""

    @property
    def total(self) -> int:
        """What was sent by all channels."""
        return sum(self.sent.values())


async def hours(
    store: Store, campaign: Campaign, now: datetime, from_at: datetime | None = None, to_at: datetime | None = None
) -> Sequence[CampaignHour]:
    """Every hour from the campaign's start to its end, or to now while it lives; the last `LONGEST` of them.

    Nothing for one that has not started.
    """
    if campaign.started_at is None:
        return []
    end = min(to_at or now, campaign.ended_at or now, now)
    begin = max(campaign.started_at, from_at or campaign.started_at, end - LONGEST)
    if begin > end:
        return []
    first = begin.replace(minute=0, second=0, microsecond=0)
    tallies = await store.campaigns.hours(campaign.id, first, end + timedelta(microseconds=1))
    sent: dict[datetime, Counter[Channel]] = {}
    events: dict[datetime, Counter[str]] = {}
    for one in tallies:
        if one.event == "sent":
            sent.setdefault(one.hour_at, Counter())[campaign.step(one.step).channel] += one.count
        else:
            events.setdefault(one.hour_at, Counter())[one.event] += one.count
    last = end.replace(minute=0, second=0, microsecond=0)
    count = (last - first) // HOUR + 1
    begins = [first + number * HOUR for number in range(count)]
    shares = open_shares(campaign, begins)
    return [
        CampaignHour(at, share, sent.get(at, {}), events.get(at, {})) for at, share in zip(begins, shares, strict=True)
    ]


def open_shares(campaign: Campaign, begins: Sequence[datetime]) -> list[float]:
    """Of each of these consecutive hours the share in which the campaign's own place was open."""
    if not begins:
        return []
    opened = merge(open_intervals(campaign.hours, campaign.place, begins[0], begins[-1] + HOUR))
    shares, at = [], 0
    for begin in begins:
        start, end = to_ms(begin), to_ms(begin + HOUR)
        while at < len(opened) and opened[at].end_ms <= start:
            at += 1
        inside, look = 0, at
        while look < len(opened) and opened[look].start_ms < end:
            inside += min(end, opened[look].end_ms) - max(start, opened[look].start_ms)
            look += 1
        shares.append(inside / (end - start))
    return shares
