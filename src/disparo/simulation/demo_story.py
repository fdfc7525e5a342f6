"""The demonstration: one campaign from a Friday morning to its end, with all that can go wrong on the way."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Self

from disparo.adapters.channels.sandbox.channel import SandboxChannel
from disparo.adapters.channels.sandbox.outbox import Entry, FileOutbox, Outbox
from disparo.adapters.channels.sandbox.script import Rates, Script
from disparo.adapters.embedded.database import Database, connect
from disparo.adapters.embedded.store import open_store
from disparo.domain.agenda.notice import NoticeStep
from disparo.domain.campaign import Campaign, CampaignEvent
from disparo.domain.contact import Channel
from disparo.domain.message import MessageEvent, MessageId, MessageState, Outcome
from disparo.domain.policies.business_hours import HoursReason, decide
from disparo.domain.receipt import Reply
from disparo.domain.reply_intent import is_opt_out
from disparo.domain.sender import Sender
from disparo.domain.settlement import Settlement
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.ports.campaigns import Tally
from disparo.ports.channel import Collected, Outgoing
from disparo.ports.ledger import Claim, MessageFilter
from disparo.ports.renderer import Renderer
from disparo.ports.store import Store
from disparo.simulation.campaign_end import EndingCampaigns
from disparo.simulation.demo_agenda import LINKS, AgendaCount, Guests, agenda_parts, counted
from disparo.simulation.virtual_time import VirtualClock, run_virtually, until_idle
from disparo.simulation.watched_dispatch import watched_by
from disparo.worker import Worker

STARTS_AT = datetime(2026, 11, 13, 14, 52, tzinfo=UTC)
"""A Friday, 11:52 in Brasília: lunch is near, a weekend too, and the Friday after is a public holiday."""

OUTAGE = (datetime(2026, 11, 13, 17, 53, tzinfo=UTC), datetime(2026, 11, 13, 18, 28, tzinfo=UTC))
"""WhatsApp's, 14:53 to 15:28 in Brasília: it comes while the hour's messages go out."""

TIMEOUT_S = 3.0
"""Shorter than most receipts take, so that the provider has to be asked what became of a message."""

RATES = Rates(
    recipient=0.04,
    transient=0.03,
    throttled=0.01,
    lost_answer=0.006,
    lost_request=0.004,
    undelivered=0.01,
    reply=0.07,
    opt_out=0.02,
)
SEEDS = {Channel.WHATSAPP: 7, Channel.EMAIL: 8, Channel.SMS: 9}
"""One for each channel: a number that is not on WhatsApp may well take an SMS."""

_REMEMBERED = 200


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story is played: in memory, as a demonstration need not wait for the disk; the sandbox's log is a file.

    Whoever opened it closes it.
    """

    database: Database
    store: Store
    outbox: FileOutbox

    @classmethod
    def open(cls, log: Path) -> Self:
        """An empty one."""
        database = Database(None)
        return cls(database, open_store(database), FileOutbox(log))

    def keep(self, path: Path) -> None:
        """Write everything to a data file, as if it had been there all the time."""
        target = connect(str(path))
        try:
            with target.backup("main", self.database.reader, "main") as backup:
                backup.step(-1)
        finally:
            target.close()

    def log(self) -> list[Entry]:
        """All that the sandbox took."""
        return self.outbox.everything()

    def close(self) -> None:
        """Forget what was not kept."""
        self.database.close()


@dataclass(frozen=True, slots=True)
class Happening:
    """Something worth telling: `kind` is a stable code, the rest what it needs to be told."""

    at: datetime
    kind: str
    channel: Channel | None = None
    count: int = 0
    text: str = ""
    until: datetime | None = None


@dataclass(slots=True)
class SenderState:
    """Where a sender stands: the reason of its last claim, when it goes on, and whether its breaker is open."""

    reason: str = ""
    next_at: datetime | None = None
    breaker_open: bool = False


@dataclass(slots=True)
class Story:
    """What has happened so far; whoever shows it reads it at any time."""

    now: datetime = STARTS_AT
    tally: Sequence[Tally] = ()
    senders: dict[Channel, SenderState] = field(default_factory=lambda: {one: SenderState() for one in Channel})
    happenings: deque[Happening] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    retries: Counter[Channel] = field(default_factory=Counter)
    openings: Counter[Channel] = field(default_factory=Counter)
    doubts: set[MessageId] = field(default_factory=set)
    doubts_arrived: int = 0
    doubts_sent_again: int = 0
    closures: Counter[str] = field(default_factory=Counter)
    held_back: Counter[str] = field(default_factory=Counter)
    started_at: datetime = STARTS_AT
    ended_at: datetime | None = None
    agenda: AgendaCount | None = None
    agenda_ended_at: datetime | None = None


def play(
    stage: Stage,
    renderer: Renderer,
    senders: Mapping[Channel, Sender],
    campaign: Campaign,
    story: Story,
    on_happening: Callable[[Happening], None],
    on_jump: Callable[[float], None] | None = None,
) -> Story:
    """Start the campaign at `STARTS_AT` and run it to its end, replies included, on a virtual clock.

    `story` is written as it goes and given back; see `run_virtually` for `on_jump`.
    """

    async def tell() -> Story:
        teller = _Teller(stage, campaign, VirtualClock(STARTS_AT), on_happening, story)
        await teller.tell(renderer, senders)
        return story

    return run_virtually(tell(), on_jump=on_jump)


class _Teller:
    def __init__(
        self,
        stage: Stage,
        campaign: Campaign,
        clock: VirtualClock,
        on_happening: Callable[[Happening], None],
        story: Story,
    ) -> None:
        self._outbox = stage.outbox
        self._campaigns = EndingCampaigns(stage.database, campaign)
        self._store = replace(stage.store, campaigns=self._campaigns)
        self._campaign, self._clock, self._on_happening = campaign, clock, on_happening
        self._news = asyncio.Event()
        self._begun: set[int] = set()
        self.story = story

    async def tell(self, renderer: Renderer, senders: Mapping[Channel, Sender]) -> None:
        """Run it all."""
        routes = {
            sender.name: Route(sender, _WatchedSandbox(channel, self._outbox, _script(channel), self._clock.now, self))
            for channel, sender in senders.items()
        }
        chance = Random(SEEDS[Channel.WHATSAPP]).random
        parts = agenda_parts(self._store, self._campaign.hours)
        self._guests = guests = Guests(self._store, parts.desk, self._clock, self._guest)
        engine = Engine.build(
            self._store,
            renderer,
            routes,
            chance,
            dispatch=watched_by(self),
            links=LINKS,
            collecting=[guests],
            agenda=parts,
        )
        await self._campaigns.apply(self._campaign.id, CampaignEvent.START, self._clock.now())
        worker = Worker(engine, self._clock, name="demo", poll=None)
        lives = (worker.run(), self._ring(), self._keep_up(senders), guests.click(worker.nudge))
        tasks = [asyncio.create_task(one) for one in lives]
        working, ringing, keeping_up, clicking = tasks
        try:
            ended = asyncio.create_task(self._campaigns.ended.wait())
            await asyncio.wait([ended, *tasks], return_when=asyncio.FIRST_COMPLETED)
            self.story.ended_at = self._clock.now()
            await _cancel(ringing)
            await until_idle()  # answers to the last messages are on their way, and meetings are to come
            worker.stop()
            await working
            await self._settle_doubts()
            self.story.tally = await self._campaigns.tally(self._campaign.id)
            self.story.agenda = await counted(self._store)
            self.story.agenda_ended_at = self._clock.now()
        finally:
            for task in (keeping_up, ringing, clicking, working):
                await _cancel(task)

    def happen(
        self,
        kind: str,
        channel: Channel | None = None,
        *,
        count: int = 0,
        text: str = "",
        until: datetime | None = None,
    ) -> None:
        """Tell one thing."""
        happening = Happening(self._clock.now(), kind, channel, count, text, until)
        self.story.happenings.append(happening)
        self._on_happening(happening)

    def _guest(self, kind: str, channel: Channel, text: str) -> None:
        """A guest answered, or a host said what became of a meeting."""
        self.story.now = self._clock.now()
        self.happen(kind, channel, text=text)
        self._news.set()

    def noticed(self, message: Outgoing, channel: Channel, now: datetime) -> None:
        """A message was taken; of a notice its reader thinks about an answer."""
        self._guests.got(message, channel, now)

    def claimed(self, sender: str, count: int, claim: Claim, now: datetime) -> None:
        """See `Watcher.claimed`."""
        state = self.story.senders[Channel(sender)]
        state.reason = "" if len(claim.messages) == count else claim.reason
        state.next_at, self.story.now = claim.next_at, now
        for message in claim.messages:
            if message.id.campaign_id == self._campaign.id and message.id.step not in self._begun:
                self._begun.add(message.id.step)
                self.happen("step_begun", message.channel, count=message.id.step)

    def recorded(self, settlements: list[Settlement]) -> None:
        """See `Watcher.recorded`."""
        self.story.now = self._clock.now()
        for one in settlements:
            if one.sender is None:
                continue
            if one.event is MessageEvent.RETRY:
                self.story.retries[one.sender.channel] += 1
            elif one.event is MessageEvent.DOUBT:
                self.story.doubts.add(one.id)
                self.happen("in_doubt", one.sender.channel, text=str(one.id))
            elif one.event is MessageEvent.EXHAUST:
                self.happen("dead", one.sender.channel, text=str(one.id))
        self._news.set()

    def came_back(self, channel: Channel, collected: Collected) -> None:
        """Receipts and replies came."""
        self.story.now = self._clock.now()
        for reply in collected.replies:
            self.happen("opted_out" if is_opt_out(reply.text) else "replied", channel, text=reply.text)
        self._news.set()

    async def _keep_up(self, senders: Mapping[Channel, Sender]) -> None:
        """Read counters and breakers again whenever something was written."""
        while True:
            await self._news.wait()
            self._news.clear()
            self.story.tally = await self._campaigns.tally(self._campaign.id)
            for channel, sender in senders.items():
                breaker = await self._store.ledger.breaker(sender.name)
                self._note_breaker(channel, breaker.opened_at, sender)

    def _note_breaker(self, channel: Channel, opened_at: datetime | None, sender: Sender) -> None:
        state = self.story.senders[channel]
        if opened_at is not None and not state.breaker_open:
            self.story.openings[channel] += 1
            self.happen("breaker_opened", channel, until=opened_at + sender.breaker.timeout)
        elif opened_at is None and state.breaker_open:
            self.happen("breaker_closed", channel)
        state.breaker_open = opened_at is not None

    async def _ring(self) -> None:
        """Tell when hours close and open at the campaign's own place, and how many messages wait meanwhile."""
        never = asyncio.Event()
        hours, place = self._campaign.hours, self._campaign.place
        while (decision := decide(hours, place, self._clock.now())).changes_at is not None:
            await self._clock.wait(never, decision.changes_at)
            after = decide(hours, place, self._clock.now())
            if after.open:
                self.happen("opened")
                continue
            kind = self._why_closed(after.changes_at, after.reason)
            count = await self._due(after.changes_at or self._clock.now())
            self.story.closures[kind] += 1
            self.story.held_back[kind] += count
            self.happen(kind, count=count, until=after.changes_at)

    def _why_closed(self, until: datetime | None, reason: str) -> str:
        """A night that ends after a holiday is a holiday, after two days a weekend."""
        if reason == HoursReason.LUNCH_BREAK or until is None:
            return reason
        tomorrow = self._clock.now() + timedelta(days=1)
        while tomorrow < until:
            if decide(self._campaign.hours, self._campaign.place, tomorrow).reason == HoursReason.HOLIDAY:
                return HoursReason.HOLIDAY
            tomorrow += timedelta(days=1)
        return "weekend" if until - self._clock.now() > timedelta(days=1) else "night"

    async def _due(self, until: datetime) -> int:
        """How many messages are due now or become due before `until`."""
        wanted = MessageFilter(self._campaign.id, frozenset({MessageState.DUE}))
        rows = await self._store.ledger.page(wanted, None, 1 << 20)
        return sum(row.due_at is not None and row.due_at < until for row in rows)

    async def _settle_doubts(self) -> None:
        """What became of the messages whose answer was lost."""
        for message_id in self.story.doubts:
            journal = await self._store.ledger.journal(message_id)
            if any(line.reason == "never_arrived" for line in journal):
                self.story.doubts_sent_again += 1
            else:
                self.story.doubts_arrived += 1


def _script(channel: Channel) -> Script:
    outages = (OUTAGE,) if channel is Channel.WHATSAPP else ()
    return Script(SEEDS[channel], RATES, timeout_s=TIMEOUT_S, outages=outages)


class _WatchedSandbox(SandboxChannel):
    """The sandbox, that tells what comes back."""

    def __init__(
        self, channel: Channel, outbox: Outbox, script: Script, clock: Callable[[], datetime], teller: _Teller
    ) -> None:
        super().__init__(channel, outbox, script, clock)
        self._of, self._teller = channel, teller

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        """See `SendChannel.send`."""
        outcome = await super().send(message, now)
        if outcome.accepted:
            self._teller.noticed(message, self._of, now)
        return outcome

    async def collect(self, now: datetime) -> Collected:
        """See `Collects.collect`."""
        collected = await super().collect(now)
        # Notices are answered by guests who have read them.
        replies = [one for one in collected.replies if not _is_of_a_notice(one)]
        collected = replace(collected, replies=replies)
        if collected.receipts or collected.replies:
            self._teller.came_back(self._of, collected)
        return collected


def _is_of_a_notice(reply: Reply) -> bool:
    return reply.message_id is not None and NoticeStep.parse(MessageId.parse(reply.message_id).step) is not None


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
