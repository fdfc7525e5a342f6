"""Providers of a simulated world. They go on when a process dies, and know exactly what they took and when."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from disparo.domain.contact import Channel
from disparo.domain.message import MessageId, Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import Receipt, ReceiptKind, Reply
from disparo.ports.channel import Collected, Outgoing, SendChannel
from disparo.simulation.facts import Call
from disparo.simulation.scenario import ProviderPlan

if TYPE_CHECKING:
    from disparo.simulation.process import Process
    from disparo.simulation.world import World

Event: TypeAlias = Receipt | Reply

OPT_OUT = "SAIR"

KNOWS_AFTER = timedelta(seconds=15)
"""How long after its time-out a provider surely knows; the clock is never set forward by as much meanwhile."""

ASK_AGAIN = timedelta(minutes=10)

_UNTAKEN = {
    "recipient": (FailureClass.RECIPIENT, "address_unknown"),
    "permanent": (FailureClass.PERMANENT, "message_refused"),
    "transient": (FailureClass.TRANSIENT, "provider_failed"),
    "throttled": (FailureClass.THROTTLED, "provider_throttled"),
    "auth": (FailureClass.AUTH, "credentials_refused"),
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one request: taken after a while or never, and answered after a while."""

    taken_after_s: float | None
    answered_after_s: float
    outcome: Outcome


class Provider:
    """One channel's provider."""

    def __init__(self, world: World, channel: Channel, plan: ProviderPlan) -> None:
        self.world, self.channel, self.plan = world, channel, plan
        self.coming: list[tuple[float, int, Event]] = []
        self.pending = 0
        """Requests that it may yet take."""

    async def serve(self, process: str, message: Outgoing, frozen: bool) -> tuple[Call, Outcome]:
        """Answer a request of a process, which may be gone by then."""
        call = self.world.call(process, self.channel, message.id, frozen)
        fate = self._fate(call)
        if fate.taken_after_s is not None:
            self.pending += 1
            asyncio.get_running_loop().call_later(fate.taken_after_s, self._take, call)
        await asyncio.sleep(fate.answered_after_s)
        return call, fate.outcome

    def _fate(self, call: Call) -> Fate:
        attempt = len(self.world.facts.calls_of[call.id])
        draw = random.Random(f"fate {self.world.scenario.seed} {call.id} {attempt}")
        plan, (low, high) = self.plan, self.plan.latency_s
        latency = low + (high - low) * draw.random()
        kind = self._kind(draw)
        if kind in _UNTAKEN:
            failure, reason = _UNTAKEN[kind]
            after = draw.choice((None, 2.0, 30.0, 600.0)) if kind in ("throttled", "transient") else None
            return Fate(None, latency, Outcome(False, None, failure, reason, kind, after))
        if kind in ("lost_answer", "lost_request"):
            silence = Outcome(False, None, FailureClass.UNKNOWN, "no_answer", kind)
            late = draw.random() < 0.3 and not plan.asks
            taken = plan.timeout_s * draw.random() * (20 if late else 0.99)
            return Fate(taken if kind == "lost_answer" else None, plan.timeout_s, silence)
        slow = draw.random() < 0.02 and not self.world.healed
        answered = call.sender.lease.total_seconds() * (1 + 2 * draw.random()) if slow else latency
        taken = answered if slow and not plan.asks else latency * draw.random()
        return Fate(taken, answered, Outcome(True, f"p-{call.id}-{attempt}"))

    def _kind(self, draw: random.Random) -> str:
        at, reached = draw.random(), 0.0
        if self.world.healed:
            return "fine"
        for begin, end, kind in self.plan.outages:
            if begin <= self.world.elapsed_s() < end:
                return kind
        for kind, share in self.plan.rates.items():
            reached += share
            if at < reached:
                return kind
        return "fine"

    def _take(self, call: Call) -> None:
        self.pending -= 1
        attempt = self.world.facts.calls_of[call.id].index(call) + 1
        call.taken_at_s = self.world.elapsed_s()
        self.world.note(self.channel, f"takes {call.id} ({attempt})")
        draw = random.Random(f"aftermath {self.world.scenario.seed} {call.id} {attempt}")
        for after_s, event in self._aftermath(call, f"p-{call.id}-{attempt}", draw):
            self._send_back(after_s, event)

    def _aftermath(self, call: Call, provider_id: str, draw: random.Random) -> list[tuple[float, Event]]:
        plan, events = self.plan, list[tuple[float, Event]]()
        if draw.random() >= plan.lost_receipts:
            kinds = [ReceiptKind.DELIVERED, ReceiptKind.READ, ReceiptKind.ACCEPTED][: draw.choice((1, 2, 3))]
            if draw.random() < plan.undelivered:
                kinds = [ReceiptKind.FAILED]
                self.world.facts.reported_failed.add(call.id)
            for kind in kinds:
                after_s = draw.choice((0.0, 0.001, 1.0, 60.0, 7_200.0, 100_000.0)) * (1 + draw.random())
                event_id, now = f"{provider_id}:{kind}", self.world.clock.now()
                receipt = Receipt("sim", event_id, str(call.id), kind, now, provider_id)
                events += [(after_s * (1 + 3 * again), receipt) for again in range(1 + (draw.random() < 0.2))]
        if (luck := draw.random()) < plan.reply + plan.opt_out:
            text = OPT_OUT if luck < plan.opt_out else "Quem é?"
            after_s = draw.choice((0.001, 30.0, 3_600.0, 90_000.0)) * (1 + draw.random())
            reply = Reply("sim", f"{provider_id}:reply", str(call.id), text, self.world.clock.now())
            events += [(after_s * (1 + again), reply) for again in range(1 + (draw.random() < 0.2))]
        return events

    def _send_back(self, after_s: float, event: Event) -> None:
        self.world.events.append(event)
        if self.plan.collects:
            self.coming.append((self.world.elapsed_s() + after_s, len(self.coming), event))
            self.coming.sort(key=lambda coming: coming[:2])
        else:
            asyncio.get_running_loop().call_later(after_s, self.world.deliver, event)

    def ask(self, message_id: MessageId, attempt_at: datetime) -> Receipt | None:
        """What it knows of the attempt that began at `attempt_at` by our clock."""
        claims = self.world.facts.claims_of[message_id]
        since = [fact.at_s for fact in claims if abs(fact.wall - attempt_at) < timedelta(milliseconds=1)]
        for number, call in enumerate(self.world.facts.calls_of[message_id], start=1):
            if call.taken_at_s is not None and since and call.at_s >= min(since):
                kind, provider_id = ReceiptKind.ACCEPTED, f"p-{message_id}-{number}"
                return Receipt("sim", f"{provider_id}:{kind}", str(message_id), kind, attempt_at, provider_id)
        return None


class SimulatedChannel:
    """`SendChannel` of one process."""

    def __init__(self, provider: Provider, process: Process) -> None:
        self.provider, self.process = provider, process

    async def send(self, message: Outgoing, now: datetime) -> Outcome:  # noqa: ARG002
        """See `SendChannel.send`."""
        frozen = await self.process.gate.before_request()
        return await self.process.gate.answered(*await self.provider.serve(self.process.name, message, frozen))


class AskableChannel(SimulatedChannel):
    """`LooksUp` too."""

    def __init__(self, provider: Provider, process: Process) -> None:
        super().__init__(provider, process)
        self.knows_after = timedelta(seconds=provider.plan.timeout_s) + KNOWS_AFTER

    async def look_up(
        self,
        message_id: MessageId,
        attempt_at: datetime,
        now: datetime,  # noqa: ARG002
    ) -> Receipt | None:
        """See `LooksUp.look_up`."""
        await self.process.gate.before_question(message_id)
        return self.provider.ask(message_id, attempt_at)


class CollectedChannel(SimulatedChannel):
    """`Collects` too; a process that begins anew is given everything again."""

    def __init__(self, provider: Provider, process: Process) -> None:
        super().__init__(provider, process)
        self._given: set[int] = set()

    async def collect(self, now: datetime) -> Collected:
        """See `Collects.collect`."""
        at_s = self.provider.world.elapsed_s()
        fresh = [coming for coming in self.provider.coming if coming[1] not in self._given]
        ready = [coming for coming in fresh if coming[0] <= at_s][:20]
        self._given.update(number for _, number, _ in ready)
        events = [event for _, _, event in ready]
        later = [timedelta(seconds=coming[0] - at_s) for coming in fresh if coming[0] > at_s]
        later += [ASK_AGAIN] * (self.provider.pending > 0)
        return Collected(
            [event for event in events if isinstance(event, Receipt)],
            [event for event in events if isinstance(event, Reply)],
            now + min(later) if later else None,
        )


class AskableCollectedChannel(AskableChannel, CollectedChannel):
    """All of it."""

    def __init__(self, provider: Provider, process: Process) -> None:
        AskableChannel.__init__(self, provider, process)
        self._given = set()


def channel_of(provider: Provider, process: Process) -> SendChannel:
    """A process's way to a provider."""
    plan = provider.plan
    if plan.asks:
        return (AskableCollectedChannel if plan.collects else AskableChannel)(provider, process)
    return (CollectedChannel if plan.collects else SimulatedChannel)(provider, process)
