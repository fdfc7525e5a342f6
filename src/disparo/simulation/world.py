"""A seeded world: the real engine, worker and store on a virtual clock, among people, providers and faults.

In phase one everything may go wrong, and safety is checked at every step. In phase two nothing does any more, and
everything has to end.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from disparo.domain.campaign import CampaignState
from disparo.domain.message import SETTLED, MessageId, Outcome
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.receipt import Receipt
from disparo.domain.sender import Sender
from disparo.ports.ledger import Claim
from disparo.ports.store import Store
from disparo.simulation.agenda.invariants import notices_hold
from disparo.simulation.agenda.life import AgendaLife, follow_replies
from disparo.simulation.agenda.texts import YES
from disparo.simulation.by_hand import HandWriter
from disparo.simulation.cloud import Cloud
from disparo.simulation.data import Data
from disparo.simulation.dynamo_data import DynamoData
from disparo.simulation.dynamo_observer import DynamoObserver
from disparo.simulation.embedded_data import EmbeddedData
from disparo.simulation.facts import Call, Facts, Heard
from disparo.simulation.faults import FaultPlan
from disparo.simulation.flow import LOOKS_AFTER_S, WAITS, WAITS_FOR_A_MINUTE, Flow
from disparo.simulation.gate import PortCall, refused_alone
from disparo.simulation.invariants import AT_CALL, AT_END, AT_REST
from disparo.simulation.listener import Listener
from disparo.simulation.machine import Host, Machine
from disparo.simulation.observer import Observer
from disparo.simulation.operator import Operator
from disparo.simulation.process import Process
from disparo.simulation.provider import OPT_OUT, Event, Provider, account_of
from disparo.simulation.replays import replay_everything
from disparo.simulation.scenario import Scenario
from disparo.simulation.trace import Trace, Violation
from disparo.simulation.virtual_time import VirtualClock, run_virtually

CHECK_EVERY = 100
"""Port calls between two looks at all rows."""

PORT_CALLS_AT_ONCE = 1_500
"""More of them at one instant is a loop that waits for nothing."""

PORT_CALLS_IN_ALL = 75_000
"""More of them is a loop that gets nothing done; most worlds need 3,000, one in a thousand 60,000."""

LONGEST_MEETINGS = timedelta(days=60)
"""How long the agenda may take to come to rest where senders are slow."""

GRACE = timedelta(days=10)
"""How long after the last deadline everything must have ended."""

FAMILIES = ("embedded", "dynamo", "lambda")
"""Workers over SQLite, workers over DynamoDB, and the functions of AWS over DynamoDB and SQS."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one seed."""

    seed: int
    violation: Violation | None
    digest: str
    steps: int
    requests: int
    virtual: timedelta


def play(scenario: Scenario, family: str = "embedded") -> Result:
    """Play a scenario to its end, or to its first broken invariant, on one of `FAMILIES`."""
    random.seed(f"program {scenario.seed}")  # for whatever in the program draws its own numbers
    return run_virtually(_play(scenario, family))


async def _play(scenario: Scenario, family: str) -> Result:
    world = World(scenario, family)
    try:
        await world.run()
    finally:
        await world.close()
    return Result(
        scenario.seed,
        world.violation,
        world.trace.digest(),
        world.trace.count,
        len(world.facts.calls),
        world.clock.elapsed(),
    )


class World:
    """One run of a scenario."""

    def __init__(self, scenario: Scenario, family: str) -> None:
        self.scenario, self.family = scenario, family
        self.clock = VirtualClock(scenario.start_at)
        self.trace = Trace()
        exact = scenario.faults.slow == scenario.faults.stall == 0
        self.facts = Facts(scenario.senders, scenario.providers, exact)
        self.flow = Flow(self.facts)
        self.faults = FaultPlan(scenario.seed, scenario.faults)
        plans = scenario.providers
        self.providers = {name: Provider(self, sender, plans[name]) for name, sender in scenario.senders.items()}
        self.random = random.Random(f"world {scenario.seed}")
        self.data, self._observer = self._open_data()
        self.agenda = None if scenario.agenda is None else AgendaLife(self, scenario.agenda)
        self.writer = HandWriter(self)
        self.listener = Listener(self)
        self.host: Host = Cloud(self) if family == "lambda" else Machine(self)
        self.violation: Violation | None = None
        self.healed = self.closing = False
        self.events: list[Event] = []
        self.stopping = False
        """Whoever writes to us from now on is answered when somebody begins to work again."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._port_calls = 0
        self.changes = 0
        """Single writes, where they are watched."""
        self.cuts = 0
        """How often somebody was cut off in the middle of a call, by a death or a refusal."""
        self._at_once = (0.0, 0)
        self._undelivered = 0

    def _open_data(self) -> tuple[Data, Observer]:
        if self.family == FAMILIES[0]:
            return EmbeddedData(), Observer(self)
        observer = DynamoObserver(self)
        return DynamoData(observer), observer

    # The course of things

    async def run(self) -> None:
        """Both phases, and the replays at the end."""
        await self.listener.set_up()
        operator = Operator(self)
        await operator.set_up()
        if self.agenda is not None:
            await self.agenda.set_up()
            self.spawn(self.agenda.people.act())
        if self.writer.writes:
            self.spawn(self.writer.act())
        self.host.start()
        work = self.spawn(operator.act())
        await self.until(lambda: self.clock.elapsed() >= self.scenario.phase_one, self.scenario.phase_one)
        work.cancel()
        self.healed = self.faults.over = True
        self.note("world", "heals")
        await operator.tidy_up()
        self.host.heal()
        looks = self.spawn(self._look_at_the_flow())
        deadlines = max(plan.deadline + (plan.start_after or timedelta()) for plan in self.scenario.campaigns)
        await self.until(self._all_ended, deadlines + GRACE + timedelta(seconds=self.facts.ahead_s))
        # Late receipts first: one that comes when nobody is left makes a process begin anew.
        await self.until(lambda: self._undelivered == 0, timedelta(days=3))
        await self.until(self._all_answered, GRACE)
        await self.until(self._all_quiet, deadlines + GRACE)  # a late receipt may have opened a campaign again
        await self.listener.come_to_rest(lambda: self._meetings_rest() and self._all_quiet(), LONGEST_MEETINGS)
        looks.cancel()
        self.stopping = True
        self.host.stop()
        await self.until(lambda: not self.host.at_work(), timedelta(days=1))
        if left := self.host.at_work():
            self.fail("worker", f"{left[0].name} does not stop")
        self._check_at_rest(AT_REST)
        self._check_at_rest(AT_END)
        if self.violation is None:
            await replay_everything(self, operator)

    async def _look_at_the_flow(self) -> None:
        """Now and then, where nothing goes wrong any more."""
        healed_s = self.elapsed_s()
        waits = WAITS_FOR_A_MINUTE if self.family == FAMILIES[2] else WAITS
        for after_s in LOOKS_AFTER_S:
            await asyncio.sleep(healed_s + after_s - self.elapsed_s())
            self.facts.now_s = self.elapsed_s()
            if problem := self.flow.stuck(self.data.all_books(), self.clock.now(), waits):
                self.fail("failover", problem)

    def asked(self, process: str, sender: str, claim: Claim) -> None:
        """A sender asked for messages."""
        if self.flow.asked(process, sender, claim, self.elapsed_s()):
            self.facts.now_s = self.elapsed_s()
            if waiting := self.flow.could_take(sender, self.data.all_books(), self.clock.now()):
                self.fail("failover", f"{sender} waits for others, but none of them takes {waiting}")

    @property
    def store(self) -> Store:
        """The ports past all faults."""
        return self.data.store

    def news(self) -> None:
        """Something happened that the end of a phase may wait for."""
        self._news.set()

    async def until(self, reached: Any, at_most: timedelta) -> None:
        """Wait until something holds, a broken invariant, or too long."""
        loop = asyncio.get_running_loop()
        until = loop.time() + at_most.total_seconds()
        while self.violation is None and not reached() and loop.time() < until:
            self._news.clear()
            try:
                async with asyncio.timeout_at(until):
                    await self._news.wait()
            except TimeoutError:
                return

    def _all_ended(self) -> bool:
        return all(
            campaign.ended or campaign.started_s is None or campaign.states[-1][-1] is CampaignState.PAUSED
            for campaign in self.facts.campaigns.values()
        )

    def _all_answered(self) -> bool:
        """Whether every answer to somebody who wrote has ended."""
        answering = {one for one, campaign in self.facts.campaigns.items() if campaign.service}
        if not answering:
            return True
        rows = self.data.all_books().rows.values()
        return all(row.state in SETTLED for row in rows if row.id.campaign_id in answering)

    def _meetings_rest(self) -> bool:
        return self.agenda is None or self.agenda.at_rest()

    def _all_quiet(self) -> bool:
        return self._undelivered == 0 and self._all_ended() and self._all_answered()

    async def close(self) -> None:
        """Let go of everything."""
        self.closing = True
        if self.agenda is not None:
            self.agenda.people.go_home()
        self.host.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.data.close()

    # Processes

    def process_died(self, process: Process) -> None:
        """A process crashed."""
        self.note(process.name, "dies")
        self.cuts += 1
        self.facts.forgotten(process.name)
        self.host.died(process)

    def process_ended(self, process: Process) -> None:
        """A process stopped in good order, and left nothing under way."""
        self.note(process.name, "stops")
        process.close()
        if left := self.facts.forgotten(process.name):
            self.fail("worker", f"{process.name} stopped without recording what came of {left[0]}")
        self.host.ended(process)
        self.news()

    def sender_limits(self, name: str) -> Limits:
        """What is in force now."""
        return self.facts.sender_limits[name][-1][1]

    def spawn(self, work: Any) -> asyncio.Task[None]:
        """Run something of the world's own."""
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # What comes back from providers

    def deliver(self, event: Event) -> None:
        """A provider calls one of our processes, and calls again until it is served."""
        if not self.closing:
            self._undelivered += 1
            self.spawn(self._deliver(event))

    async def _deliver(self, event: Event) -> None:
        while True:
            if (process := self.host.receiver()) is not None:
                self.note(process.name, f"is told {event.event_id}")
                task = process.spawn(process.take(event))
                await asyncio.wait([task])
                error = None if task.cancelled() else task.exception()
                if error is not None and not refused_alone(error):
                    self.fail("worker", f"{event.event_id} was refused: {error!r}")
                if error is None and not task.cancelled():
                    self._undelivered -= 1
                    self._was_taken(event)
                    self.news()
                    return
            await asyncio.sleep(1.0 if self.healed else 300.0 * self.random.random())

    def _was_taken(self, event: Event) -> None:
        """What follows from it must hold from now on."""
        facts, contact_id = self.facts, MessageId.parse(event.message_id or "").contact_id
        self.listener.taken(event)
        if isinstance(event, Receipt):
            facts.gone(MessageId.parse(event.message_id), event.suppress)
        elif event.text in YES:
            if self.agenda is not None:
                self.agenda.said_yes(MessageId.parse(event.message_id or ""), event)
        elif event.text == OPT_OUT:
            accounts = {account_of(sender): name for name, sender in facts.senders.items()}
            facts.told_so.add((contact_id, accounts[event.sender or ""]))

    # What is noted

    def elapsed_s(self) -> float:
        """Seconds since the world began, on a clock that nobody sets."""
        return self.clock.elapsed().total_seconds()

    def note(self, who: str, what: str) -> None:
        """One step of the trace."""
        self.trace.add(self.elapsed_s(), who, what)

    def fail(self, invariant: str, problem: str) -> None:
        """An invariant is broken; the first one ends the run."""
        if self.violation is None:
            self.violation = Violation(invariant, problem, self.elapsed_s(), self.trace.tail())
            self._news.set()

    def count_call(self) -> None:
        """Notice a loop that waits for nothing."""
        at_s, count = self._at_once
        self._at_once = (at_s, count + 1) if at_s == self.elapsed_s() else (self.elapsed_s(), 0)
        if count > PORT_CALLS_AT_ONCE and not self.stopping:  # replays come all at one instant
            self.fail("worker", "runs round and round at one instant")
        if self._port_calls > PORT_CALLS_IN_ALL * (1.5 if self.listener.listens else 1):
            self.fail("worker", "never comes to rest")

    def call(self, process: str, sender: Sender, message_id: MessageId, frozen: bool) -> Call:
        """A request is leaving: the moment of truth."""
        key, facts = (process, message_id), self.facts
        self.note(process, f"requests {sender.name} {message_id}{' after a freeze' if frozen else ''}")
        call = Call(
            id=message_id,
            sender=sender,
            channel=sender.channel,
            process=process,
            order=facts.next(),
            at_s=self.elapsed_s(),
            wall=self.clock.now(),
            ahead_s=facts.ahead_s,
            ahead_before_s=facts.ahead_before(self.elapsed_s()),
            claim=facts.claims.get(key),
            look=facts.looks.pop(key, None),
            frozen=frozen,
        )
        facts.called(call)
        if self.agenda is not None and (problem := notices_hold(facts, self.agenda.facts, call)):
            self.fail("I10", f"{message_id} at {call.wall}: {problem}")
        books = self.data.books_of(message_id)
        for invariant, checks in AT_CALL.items():
            for check in checks:
                if problem := check(facts, call, books):
                    self.fail(invariant, f"{message_id} at {call.wall}: {problem}")
        return call

    def answered(self, call: Call, outcome: Outcome, *, speaks: bool) -> None:
        """A process knows its provider's answer; whether it is the one that speaks for its request."""
        call.answer = "accepted" if outcome.failure is None else str(outcome.failure)
        self.note(call.process, f"hears of {call.id}: {call.answer}")
        self.facts.answers[call.id, call.answer] += 1
        if call.claim is not None:
            self.facts.unrecorded[call.process, call.id].append(
                Heard(call.claim.fence, outcome.failure, call.sender.name, speaks)
            )

    def observe(self, call: PortCall, result: Any) -> None:
        """A port call has taken effect."""
        self.facts.now_s = self.elapsed_s()
        follow_replies(call)
        self._observer.returned(call, result)
        self._port_calls += 1
        if self._port_calls % CHECK_EVERY == 0:
            self._check_at_rest(AT_REST)

    # What is checked

    def _check_at_rest(self, wanted: Any) -> None:
        if self.violation is not None:
            return
        books = self.data.all_books(undisturbed=wanted is AT_END and not self.cuts)
        for invariant, checks in wanted.items():
            for check in checks:
                if problem := check(self.facts, books):
                    self.fail(invariant, problem)
        if self.agenda is not None:
            self.agenda.check(books, at_end=wanted is AT_END)
        if wanted is AT_END and (problem := self.listener.missing()):
            self.fail("announced", problem)
