"""One rehearsal played to its end, and what was seen of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import NamedTuple

from disparo.adapters.channels.sandbox.channel import SandboxChannel
from disparo.adapters.channels.sandbox.outbox import Entry, MemoryOutbox
from disparo.adapters.channels.sandbox.script import Script
from disparo.domain.contact import Channel
from disparo.domain.instants import to_ms
from disparo.domain.intervals import Interval
from disparo.domain.message import MessageEvent, MessageId, Outcome
from disparo.domain.place import Place
from disparo.domain.settlement import Settlement
from disparo.domain.template import Content, Template
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.ports.campaigns import Tally
from disparo.ports.channel import Outgoing, SendChannel
from disparo.ports.ledger import Claim
from disparo.simulation.campaign_end import EndingCampaigns
from disparo.simulation.holdups import SENDING, SenderTimeline
from disparo.simulation.progress import OnProgress, Progress
from disparo.simulation.rehearsal import Rehearsal
from disparo.simulation.virtual_time import VirtualClock, run_virtually, until_idle
from disparo.simulation.watched_dispatch import watched_by
from disparo.worker import Worker

_TELL_EVERY = 1000
_AGAIN = (MessageEvent.RETRY, MessageEvent.RELEASE)


class Sent(NamedTuple):
    """One message that a provider took."""

    at_ms: int
    campaign_id: str
    step: int
    channel: Channel


class ForecastRun:
    """Plays a rehearsal once; then `sent`, `waited`, `timelines`, `places` and `tally` tell what happened.

    `waited` holds, for each channel of the campaign, the spans from when a message was due until it was sent.
    """

    def __init__(
        self, rehearsal: Rehearsal, failures: Script | None, concurrency: int, on_progress: OnProgress | None
    ) -> None:
        self.rehearsal, self._failures, self._concurrency = rehearsal, failures, concurrency
        self._on_progress = on_progress
        self.sent: list[Sent] = []
        self.waited: dict[Channel, list[Interval]] = {channel: [] for channel in Channel}
        self.timelines = {sender: SenderTimeline() for sender in rehearsal.senders}
        self.places: frozenset[Place] = frozenset()
        self.tally: Sequence[Tally] = ()

    def play(self) -> None:
        """Run the engine until the campaign has ended, or nothing is left to happen.

        What breaks, or whoever is told of the progress raises, comes out as it is.
        """
        try:
            run_virtually(self._play())
        except BaseExceptionGroup as group:
            raise _first(group) from None

    async def _play(self) -> None:
        rehearsal = self.rehearsal
        clock = VirtualClock(rehearsal.now)
        campaigns = EndingCampaigns(rehearsal.database, rehearsal.campaign)
        store = replace(rehearsal.store, campaigns=campaigns)
        lanes = await store.ledger.lanes()
        self.places = frozenset(lane.place for lane in lanes if lane.campaign_id == rehearsal.campaign.id)
        channels = self._channels(clock.now)
        routes = {name: Route(sender, channels[sender.channel]) for name, sender in rehearsal.senders.items()}
        engine = Engine.build(store, _Blank(), routes, Random(1).random, dispatch=watched_by(self))
        worker = Worker(engine, clock, name="forecast", concurrency=self._concurrency, poll=None)
        working = asyncio.create_task(worker.run())
        ending = [asyncio.create_task(campaigns.ended.wait()), asyncio.create_task(until_idle())]
        await asyncio.wait([*ending, working], return_when=asyncio.FIRST_COMPLETED)
        worker.stop()
        await working
        for task in ending:
            task.cancel()
        self.tally = await store.campaigns.tally(rehearsal.campaign.id)

    def _channels(self, clock: Callable[[], datetime]) -> dict[Channel, SendChannel]:
        if self._failures is None:
            return {channel: _InstantChannel(self, channel) for channel in Channel}
        outbox = _WatchedOutbox(self)
        return {channel: SandboxChannel(channel, outbox, self._failures, clock) for channel in Channel}

    def took(self, message_id: MessageId, channel: Channel, at_ms: int) -> None:
        """A provider took a message."""
        campaign_id, step, contact_id = message_id
        self.sent.append(Sent(at_ms, campaign_id, step, channel))
        due_ms = self.rehearsal.due_ms.pop((campaign_id, contact_id, step), at_ms)
        if due_ms < at_ms and campaign_id == self.rehearsal.campaign.id:
            self.waited[channel].append(Interval(due_ms, at_ms))
        if self._on_progress and len(self.sent) % _TELL_EVERY == 0:
            self._on_progress(Progress(self.rehearsal.contacts, len(self.sent), self.rehearsal.messages))

    def claimed(self, sender: str, count: int, claim: Claim, now: datetime) -> None:
        """See `Watcher.claimed`."""
        reason = SENDING if len(claim.messages) == count else claim.reason
        self.timelines[sender].say(to_ms(now), reason)

    def recorded(self, settlements: list[Settlement]) -> None:
        """See `Watcher.recorded`."""
        for one in settlements:
            campaign_id, step, contact_id = one.id
            if one.event in _AGAIN and one.due_at is not None:
                self.rehearsal.due_ms[campaign_id, contact_id, step] = to_ms(one.due_at)
            for follow in one.follow_ups:
                if follow.due_at is not None:
                    self.rehearsal.due_ms[campaign_id, contact_id, follow.step] = to_ms(follow.due_at)


def _first(error: BaseException) -> BaseException:
    """What went wrong first in tasks that were together."""
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


class _InstantChannel:
    """Takes every message the moment it comes."""

    def __init__(self, run: ForecastRun, channel: Channel) -> None:
        self._run, self._channel = run, channel

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        """See `SendChannel.send`."""
        self._run.took(message.id, self._channel, to_ms(now))
        return Outcome(accepted=True)


class _WatchedOutbox(MemoryOutbox):
    """The sandbox's outbox, that tells of each entry."""

    def __init__(self, run: ForecastRun) -> None:
        super().__init__()
        self._run = run

    async def append(self, entry: Entry) -> None:
        """See `Outbox.append`."""
        await super().append(entry)
        self._run.took(MessageId.parse(entry.id), Channel(entry.channel), entry.at_ms)


class _Blank:
    """`Renderer` and template at once: what is written does not matter for when it goes out."""

    _content = Content("-", "-")

    def compile(self, template: Template) -> _Blank:  # noqa: ARG002
        """See `Renderer.compile`."""
        return self

    def variables(self) -> frozenset[str]:
        """See `CompiledTemplate.variables`."""
        return frozenset()

    def render(self, variables: Mapping[str, str]) -> Content:  # noqa: ARG002
        """See `CompiledTemplate.render`."""
        return self._content
