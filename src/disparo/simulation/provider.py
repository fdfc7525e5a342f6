"""Providers of a simulated world. They go on when a process dies, and know exactly what they took and when."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from disparo.domain.contact import Channel
from disparo.domain.message import MessageId, Outcome
from disparo.domain.policies.circuit_breaker import PROVIDER_FAULTS
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import Receipt, ReceiptKind, Reply, SuppressionCause
from disparo.domain.sender import Sender
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


_WHOLE = ("transient", "throttled", "auth", "lost_answer", "lost_request")
"""What becomes of a request, and so of all messages in it."""


class Provider:
    """The provider of one sender; it knows nothing of other senders' messages."""

    def __init__(self, world: World, sender: Sender, plan: ProviderPlan) -> None:
        self.world, self.sender, self.plan = world, sender, plan
        self.coming: list[tuple[float, int, Event]] = []
        self.pending = 0
        """Requests that it may yet take."""

    async def serve(self, process: str, message: Outgoing, frozen: bool) -> tuple[Call, Outcome]:
        """Answer a request of a process, which may be gone by then."""
        call = self.world.call(process, self.sender, message.id, frozen)
        self._check_form(message)
        fate = self._fate(call)
        self._will_take(call, fate.taken_after_s)
        await asyncio.sleep(fate.answered_after_s)
        return call, fate.outcome

    def _check_form(self, message: Outgoing) -> None:
        """A free text that was refused as the window was closed does not come as a free text again.

        Looked at where a call is one act and nobody was cut off, so that it is known when a reply was kept.
        """
        facts = self.world.facts
        if self.world.family != "embedded" or self.world.cuts:
            return
        as_template = message.content.approved is not None and not message.window_open
        if facts.by_template[message.id] and not as_template and not facts.has_written_since_refusal(message.id):
            self.world.fail("receipts", f"{message.id} goes once more, but not by template")

    def _will_take(self, call: Call, after_s: float | None) -> None:
        if after_s is not None:
            self.pending += 1
            asyncio.get_running_loop().call_later(after_s, self._take, call)

    async def serve_many(
        self, process: str, messages: Sequence[Outgoing], frozen: bool
    ) -> list[tuple[Call, Outcome, bool]]:
        """Answer a request with many messages: refused or lost as a whole, cut off in the middle, or one by one.

        With each answer, whether it is the one that speaks for the request.
        """
        calls = [self.world.call(process, self.sender, message.id, frozen) for message in messages]
        for message in messages:
            self._check_form(message)
        first = self._fate(calls[0])
        draw = self._draw(calls[0], "batch")
        kind = first.outcome.detail
        taken = draw.randrange(1, len(calls)) if kind == "lost_answer" and draw.random() < 0.5 else len(calls)
        fates = [first if kind in _WHOLE else self._fate(call, alone=False) for call in calls]
        for call, fate in zip(calls[:taken], fates, strict=False):
            after_s = fate.taken_after_s
            if after_s is not None and kind not in _WHOLE:
                after_s = min(after_s, first.answered_after_s)  # what is answered has been taken
            self._will_take(call, after_s)
        await asyncio.sleep(first.answered_after_s)
        speaks = next((at for at, fate in enumerate(fates) if fate.outcome.failure not in PROVIDER_FAULTS), 0)
        return [(call, fates[at].outcome, at == speaks) for at, call in enumerate(calls)]

    def _draw(self, call: Call, what: str) -> random.Random:
        attempt = self.world.facts.calls_of[call.id].index(call) + 1
        return random.Random(f"{what} {self.world.scenario.seed} {call.id} {attempt}")

    def _fate(self, call: Call, *, alone: bool = True) -> Fate:
        attempt = len(self.world.facts.calls_of[call.id])
        draw = self._draw(call, "fate")
        plan, (low, high) = self.plan, self.plan.latency_s
        latency = low + (high - low) * draw.random()
        kind = self._kind(draw)
        if not alone and kind in _WHOLE:
            kind = "fine"
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
        begin, end = self.plan.sick_s
        if begin <= self.world.elapsed_s() < end:
            return "auth"
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
        self.world.note(self.sender.name, f"takes {call.id} ({attempt})")
        draw = random.Random(f"aftermath {self.world.scenario.seed} {call.id} {attempt}")
        for after_s, event in self._aftermath(call, f"p-{call.id}-{attempt}", draw):
            self._send_back(after_s, event)

    def _aftermath(self, call: Call, provider_id: str, draw: random.Random) -> list[tuple[float, Event]]:
        plan, events = self.plan, list[tuple[float, Event]]()
        now = self.world.clock.now()
        if (verdict := self._verdict(call, provider_id, now)) is not None:
            after_s = draw.choice((0.0, 0.001, 1.0, 60.0, 7_200.0, 100_000.0)) * (1 + draw.random())
            return [(after_s * (1 + 3 * again), verdict) for again in range(1 + (draw.random() < 0.2))]
        if draw.random() >= plan.lost_receipts:
            kinds = [ReceiptKind.DELIVERED, ReceiptKind.READ, ReceiptKind.ACCEPTED][: draw.choice((1, 2, 3))]
            if draw.random() < plan.undelivered:
                kinds = [ReceiptKind.FAILED]
                self._reports(call, "refused_later")
            for kind in kinds:
                after_s = draw.choice((0.0, 0.001, 1.0, 60.0, 7_200.0, 100_000.0)) * (1 + draw.random())
                event_id = f"{provider_id}:{kind}"
                receipt = Receipt("sim", event_id, str(call.id), kind, now, provider_id)
                events += [(after_s * (1 + 3 * again), receipt) for again in range(1 + (draw.random() < 0.2))]
        if (luck := draw.random()) < plan.reply + plan.opt_out:
            text = OPT_OUT if luck < plan.opt_out else "Quem é?"
            after_s = draw.choice((0.001, 30.0, 3_600.0, 90_000.0)) * (1 + draw.random())
            account = account_of(self.sender)
            reply = Reply("sim", f"{provider_id}:reply", str(call.id), text, now, sender=account)
            if text == OPT_OUT:
                self.world.facts.said_to.add((call.id.contact_id, self.sender.name))
            events += [(after_s * (1 + again), reply) for again in range(1 + (draw.random() < 0.2))]
        if self.world.agenda is not None:
            events += self.world.agenda.people.replies(call, provider_id, account_of(self.sender), draw)
        return events

    def _verdict(self, call: Call, provider_id: str, now: datetime) -> Receipt | None:
        """A word that comes alone: the window is closed, the address is gone, or its owner complains."""
        facts, draw = self.world.facts, self._draw(call, "verdict")
        once = len(facts.calls_of[call.id]) == 1 and not facts.campaigns[call.id.campaign_id].service
        if once and draw.random() < self.plan.closed:
            self._reports(call, "window_closed")
            kind, event_id = ReceiptKind.FAILED, f"{provider_id}:closed"
            return Receipt("sim", event_id, str(call.id), kind, now, provider_id, reason="window_closed")
        if draw.random() >= self.plan.gone:
            return None
        user_id = f"user-{call.id.contact_id}" if call.channel is Channel.WHATSAPP else None
        if draw.random() < 0.5:
            self._reports(call, "bounced")
            kind, cause = ReceiptKind.FAILED, SuppressionCause.BOUNCED
        else:
            kind, cause = ReceiptKind.NOTED, SuppressionCause.COMPLAINED
        event_id = f"{provider_id}:{cause}"
        return Receipt("sim", event_id, str(call.id), kind, now, provider_id, "", str(cause), cause, user_id)

    def _reports(self, call: Call, reason: str) -> None:
        self.world.facts.reported_failed.add(call.id)
        self.world.facts.reported[call.id].add(reason)

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
            ours = call.sender.name == self.sender.name and call.taken_at_s is not None
            if ours and since and call.at_s >= min(since):
                kind, provider_id = ReceiptKind.ACCEPTED, f"p-{message_id}-{number}"
                return Receipt("sim", f"{provider_id}:{kind}", str(message_id), kind, attempt_at, provider_id)
        return None


def account_of(sender: Sender) -> str:
    """How its provider calls our account."""
    return f"account of {sender.name}"


class SimulatedChannel:
    """`SendChannel` of one process, which knows its account (`HasAccount`)."""

    def __init__(self, provider: Provider, process: Process) -> None:
        self.provider, self.process = provider, process

    async def send(self, message: Outgoing, now: datetime) -> Outcome:  # noqa: ARG002
        """See `SendChannel.send`."""
        frozen = await self.process.gate.before_request()
        call, outcome = await self.provider.serve(self.process.name, message, frozen)
        [answer] = await self.process.gate.answered([(call, outcome, True)])
        return answer

    async def account(self) -> str | None:
        """See `HasAccount.account`."""
        return account_of(self.provider.sender)


class ManyChannel(SimulatedChannel):
    """`SendsMany` too."""

    def __init__(self, provider: Provider, process: Process) -> None:
        super().__init__(provider, process)
        self.most_at_once = provider.plan.at_once

    async def send_many(self, messages: Sequence[Outgoing], now: datetime) -> Sequence[Outcome]:  # noqa: ARG002
        """See `SendsMany.send_many`."""
        frozen = await self.process.gate.before_request()
        return await self.process.gate.answered(await self.provider.serve_many(self.process.name, messages, frozen))


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
        for event in events:
            self.process.heard_of(event)
        later = [
            max(timedelta(milliseconds=1), timedelta(seconds=coming[0] - at_s)) for coming in fresh if coming[0] > at_s
        ]
        later += [ASK_AGAIN] * (self.provider.pending > 0)
        return Collected(
            [event for event in events if isinstance(event, Receipt)],
            [event for event in events if isinstance(event, Reply)],
            now + min(later) if later else None,
        )


def channel_of(provider: Provider, process: Process) -> SendChannel:
    """A process's way to a provider, with what this one offers."""
    plan = provider.plan
    offered = ((AskableChannel, plan.asks), (CollectedChannel, plan.collects), (ManyChannel, plan.at_once > 1))
    kinds = tuple(kind for kind, wanted in offered if wanted)
    channel: SendChannel = type("Channel", (*kinds, SimulatedChannel), {})(provider, process)
    return channel
