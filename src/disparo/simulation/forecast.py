"""What a campaign will do: the real engine and worker play it to its end on a virtual clock, in memory."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from disparo.adapters.channels.sandbox.script import Script
from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.instants import MILLISECOND, from_ms, to_ms
from disparo.domain.intervals import Interval, merge, subtract
from disparo.domain.message import UNSENT_ENDS, MessageState
from disparo.domain.policies.business_hours import open_intervals
from disparo.domain.sender import Sender
from disparo.ports.store import Store
from disparo.simulation.forecast_run import ForecastRun, Sent
from disparo.simulation.holdups import Holdup, Waiting, holdups, idle_ms, total_ms
from disparo.simulation.progress import OnProgress
from disparo.simulation.rehearsal import Rehearsal, rehearse

_HOUR_MS = 3_600_000
_QUARTER_MS = 900_000


@dataclass(frozen=True, slots=True)
class StepForecast:
    """One step from now on: how many messages it sends, the first and the last of them, and why others are not sent."""

    number: int
    channel: Channel
    messages: int
    first_at: datetime | None
    last_at: datetime | None
    unsent: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Period:
    """The messages of an hour or a day of the campaign's own clock; `open` tells whether any hours were open in it."""

    begins_at: datetime
    messages: Mapping[Channel, int]
    open: bool

    @property
    def total(self) -> int:
        """The messages of all channels."""
        return sum(self.messages.values())


@dataclass(frozen=True, slots=True)
class Forecast:
    """What will happen from `begins_at` to `ends_at` (its last message), and what holds it back.

    `open_time` is the part of it in which hours are open for somebody; `waiting` the part of that in which nothing was
    due, as waits between steps were running. `hours` are all those from the first to the last, in the campaign's zone.
    """

    campaign: str
    zone: str
    begins_at: datetime
    ends_at: datetime
    steps: Sequence[StepForecast]
    hours: Sequence[Period]
    days: Sequence[Period]
    holdups: Sequence[Holdup]
    open_time: timedelta
    waiting: timedelta
    held_closed: timedelta
    """For how long due messages waited while everything was closed."""
    expired: int
    other_campaigns: Sequence[str]
    failures: bool

    @property
    def messages(self) -> int:
        """How many will be sent."""
        return sum(step.messages for step in self.steps)

    def share(self, lasting: timedelta) -> float:
        """A part of the open time, from 0.0 to 1.0."""
        return lasting / self.open_time if self.open_time else 0.0


def forecast(
    store: Store,
    campaign: Campaign,
    senders: Iterable[Sender],
    now: datetime,
    *,
    failures: Script | None = None,
    concurrency: int = 50,
    on_progress: OnProgress | None = None,
) -> Forecast:
    """Play a campaign that has not ended from `now` to its end; nothing of `store` is changed.

    Without `failures` every message is taken at once and nobody answers. With it, a sandbox that keeps to it plays the
    provider and the people. A paused campaign is played as if it were resumed now. InputError for a campaign that has
    ended. Not for use inside an event loop.
    """
    if campaign.state not in (CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.PAUSED):
        raise InputError(f"a campanha {campaign.name} já terminou; só se prevê o que ainda vai acontecer")
    rehearsal = asyncio.run(rehearse(store, campaign, senders, now, on_progress))
    try:
        run = ForecastRun(rehearsal, failures, concurrency, on_progress)
        run.play()
        return _Report(campaign.name, rehearsal, run).forecast(failures=failures is not None)
    finally:
        rehearsal.close()


class _Report:
    """What a run means for its campaign."""

    def __init__(self, name: str, rehearsal: Rehearsal, run: ForecastRun) -> None:
        self._name, self._rehearsal, self._run = name, rehearsal, run
        self._campaign = campaign = rehearsal.campaign
        self._zone = ZoneInfo(campaign.place.zone)
        self._ours = sorted(one for one in run.sent if one.campaign_id == campaign.id)
        self._expired = sum(one.count for one in run.tally if one.state == MessageState.EXPIRED)
        self._begin_ms = to_ms(rehearsal.now)
        self._end_ms = self._ours[-1].at_ms if self._ours else self._begin_ms
        if self._expired and campaign.expires_at is not None:
            self._end_ms = max(self._end_ms, to_ms(campaign.expires_at))
        self._open = self._open_spans()

    def forecast(self, *, failures: bool) -> Forecast:
        backlogs = self._backlogs()
        everything = merge(span for spans in backlogs.values() for span in spans)
        hours = list(self._hours())
        return Forecast(
            campaign=self._name,
            zone=self._zone.key,
            begins_at=self._rehearsal.now,
            ends_at=from_ms(self._end_ms),
            steps=[self._step(number) for number in range(1, len(self._campaign.steps) + 1)],
            hours=hours,
            days=list(_days(hours)),
            holdups=holdups(self._campaign, [self._waiting(*one) for one in backlogs.items()], self._open),
            open_time=total_ms(self._open) * MILLISECOND,
            waiting=idle_ms(backlogs.values(), self._open) * MILLISECOND,
            held_closed=total_ms(subtract(everything, self._open)) * MILLISECOND,
            expired=self._expired,
            other_campaigns=list(self._rehearsal.others.values()),
            failures=failures,
        )

    def _open_spans(self) -> tuple[Interval, ...]:
        """When hours are open for somebody, from the beginning to the end."""
        campaign, begin, end = self._campaign, self._rehearsal.now, from_ms(self._end_ms)
        if campaign.start_at is not None:
            begin = min(max(begin, campaign.start_at), end)
        return merge(span for place in self._run.places for span in open_intervals(campaign.hours, place, begin, end))

    def _backlogs(self) -> dict[Channel, tuple[Interval, ...]]:
        """When each channel had due messages; those that expired were due to the end."""
        spans = {channel: list(waited) for channel, waited in self._run.waited.items()}
        if self._expired:
            for (campaign_id, _, step), due_ms in self._rehearsal.due_ms.items():
                if campaign_id == self._campaign.id:
                    spans[self._campaign.step(step).channel].append(Interval(due_ms, self._end_ms))
        return {channel: merge(waited) for channel, waited in spans.items() if waited}

    def _waiting(self, channel: Channel, backlog: tuple[Interval, ...]) -> Waiting:
        sender = next(one for one in self._rehearsal.senders.values() if one.channel is channel)
        limits = {f"{sender.name}:{name}": limit for name, limit, _ in sender.limits.windows()}
        if channel in self._campaign.limits:
            own = self._campaign.limits[channel].windows()
            limits |= {f"campaign:{name}": limit for name, limit, _ in own}
        during = [
            one.campaign_id == self._campaign.id
            for one in self._run.sent
            if one.channel is channel and backlog[0].start_ms <= one.at_ms <= backlog[-1].end_ms
        ]
        others_share = during.count(False) / len(during) if during else 0.0
        return Waiting(channel, backlog, self._run.timelines[sender.name], limits, others_share)

    def _step(self, number: int) -> StepForecast:
        sent = [one.at_ms for one in self._ours if one.step == number]
        unsent: Counter[str] = Counter()
        for one in self._run.tally:
            if one.step == number and one.state in UNSENT_ENDS:
                unsent[one.reason or one.state] += one.count
        return StepForecast(
            number=number,
            channel=self._campaign.step(number).channel,
            messages=len(sent),
            first_at=from_ms(sent[0]) if sent else None,
            last_at=from_ms(sent[-1]) if sent else None,
            unsent=dict(unsent.most_common()),
        )

    def _hours(self) -> Iterator[Period]:
        """Every hour from the first to the last on the clock of the campaign's zone."""
        counts: dict[int, Counter[Channel]] = {}
        starts: dict[int, int] = {}
        for one in self._ours:
            quarter = one.at_ms // _QUARTER_MS
            if (start := starts.get(quarter)) is None:
                start = starts[quarter] = self._hour_of(one)
            counts.setdefault(start, Counter())[one.channel] += 1
        if not counts:
            return
        open_hours = {
            hour
            for start, end in self._open
            for hour in range((start - self._off_ms(start)) // _HOUR_MS, -(-(end - self._off_ms(start)) // _HOUR_MS))
        }
        for start in range(min(counts), max(counts) + 1, _HOUR_MS):
            at = from_ms(start).astimezone(self._zone)
            is_open = (start - self._off_ms(start)) // _HOUR_MS in open_hours
            yield Period(at, dict(counts.get(start, {})), is_open)

    def _off_ms(self, at_ms: int) -> int:
        """By how much the zone's hours begin off the hours of UTC."""
        offset = from_ms(at_ms).astimezone(self._zone).utcoffset() or timedelta(0)
        return -(offset // MILLISECOND) % _HOUR_MS

    def _hour_of(self, one: Sent) -> int:
        off = self._off_ms(one.at_ms)
        return (one.at_ms - off) // _HOUR_MS * _HOUR_MS + off


def _days(hours: Sequence[Period]) -> Iterator[Period]:
    by_day: dict[datetime, list[Period]] = {}
    for hour in hours:
        midnight = datetime.combine(hour.begins_at.date(), time.min, hour.begins_at.tzinfo)
        by_day.setdefault(midnight, []).append(hour)
    for midnight, of_day in by_day.items():
        counts: Counter[Channel] = Counter()
        for hour in of_day:
            counts.update(hour.messages)
        yield Period(midnight, dict(counts), any(hour.open for hour in of_day))
