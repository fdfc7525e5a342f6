"""What a campaign will do: the real engine and worker play it to its end on a virtual clock, in memory."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from disparo.adapters.channels.sandbox.channel import SandboxChannel
from disparo.adapters.channels.sandbox.outbox import MemoryOutbox
from disparo.adapters.channels.sandbox.script import Script
from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.instants import MILLISECOND, from_ms, to_ms
from disparo.domain.intervals import Interval, intersect, merge
from disparo.domain.message import MessageEvent, MessageId, Outcome
from disparo.domain.policies.business_hours import open_intervals
from disparo.domain.sender import Sender
from disparo.domain.template import Content, Template
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.ports.campaigns import Tally
from disparo.ports.channel import Outgoing, SendChannel
from disparo.ports.ledger import Claim, Settlement
from disparo.ports.store import Store
from disparo.simulation.holdups import SENDING, Holdup, SenderTimeline, Waiting, holdups, idle_ms, total_ms
from disparo.simulation.rehearsal import Key, Rehearsal, rehearse
from disparo.simulation.virtual_time import VirtualClock, run_virtually, until_idle
from disparo.simulation.watched_dispatch import watched_by
from disparo.worker import Worker

OnProgress = Callable[[int], None]
"""Called now and then with how many messages have been played."""

_TELL_EVERY = 1000
_HOUR = timedelta(hours=1)


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
    senders: Mapping[str, Sender],
    now: datetime,
    *,
    failures: Script | None = None,
    concurrency: int = 50,
    on_progress: OnProgress | None = None,
) -> Forecast:
    """Play a campaign that has not ended from `now` to its end; nothing of `store` is changed.

    Without `failures` every message is taken at once and nobody answers. With it, a sandbox that keeps to it plays the
    provider and the people. InputError for a campaign that has ended. Not for use inside an event loop.
    """
    if campaign.state not in (CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.PAUSED):
        raise InputError(f"a campanha {campaign.name} já terminou; só se prevê o que ainda vai acontecer")
    names = {campaign.id: campaign.name}

    async def prepare() -> Rehearsal:
        names.update({other.id: other.name for other in await store.campaigns.live()})
        return await rehearse(store, campaign, senders, now)

    rehearsal = asyncio.run(prepare())
    try:
        run = _Run(rehearsal, failures, concurrency, on_progress)
        tally, ended_at = run_virtually(run.play())
        others = sorted(names[other.name.removeprefix("c")] for other in rehearsal.others)
        return replace(_Report(run, tally, ended_at or now).forecast(), campaign=campaign.name, other_campaigns=others)
    finally:
        rehearsal.close()
