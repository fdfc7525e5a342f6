"""A seeded world: the real engine, worker and store on a virtual clock, among people, providers and faults.

In phase one everything may go wrong, and safety is checked at every step. In phase two nothing does any more, and
everything has to end.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.snapshot import everything
from disparo.adapters.embedded.store import open_store
from disparo.domain.campaign import CampaignState
from disparo.domain.contact import Channel
from disparo.domain.message import MessageEvent, MessageId, Outcome
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.settlement import Settlement
from disparo.simulation.books import all_books, books_of
from disparo.simulation.facts import Call, Facts
from disparo.simulation.faults import FaultPlan
from disparo.simulation.invariants import AT_CALL, AT_END, AT_REST
from disparo.simulation.operator import Operator
from disparo.simulation.process import PORT_CALLS_AT_ONCE, PORT_CALLS_IN_ALL, Process
from disparo.simulation.provider import Event, Provider
from disparo.simulation.scenario import Scenario
from disparo.simulation.trace import Trace, Violation
from disparo.simulation.virtual_time import VirtualClock, run_virtually

CHECK_EVERY = 100
"""Port calls between two looks at all rows."""

GRACE = timedelta(days=10)
"""How long after the last deadline everything must have ended."""

_TAKEN = frozenset({MessageEvent.ACCEPT, MessageEvent.DELIVER, MessageEvent.READ})


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one seed."""

    seed: int
    violation: Violation | None
    digest: str
    steps: int
    requests: int
    virtual: timedelta


def play(scenario: Scenario) -> Result:
    """Play a scenario to its end, or to its first broken invariant."""
    return run_virtually(_play(scenario))


async def _play(scenario: Scenario) -> Result:
    world = World(scenario)
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

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.clock = VirtualClock(scenario.start_at)
        self.database = Database(None)
        self.store = open_store(self.database)
        self.trace = Trace()
        exact = scenario.faults.slow == scenario.faults.stall == 0
        self.facts = Facts(scenario.senders, scenario.providers, exact)
        self.faults = FaultPlan(scenario.seed, scenario.faults)
        self.providers = {channel: Provider(self, channel, plan) for channel, plan in scenario.providers.items()}
        self.random = random.Random(f"world {scenario.seed}")
        self.violation: Violation | None = None
        self.healed = False
        self.processes: list[Process] = []
        self.events: list[Event] = []
        self._started = 0
        self._closing = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._port_calls = 0
        self._at_once = (0.0, 0)
        self._undelivered = 0

    # The course of things

    async def run(self) -> None:
        """Both phases, and the replays at the end."""
        operator = Operator(self)
        await operator.set_up()
        self.start_process()
        work = self.spawn(operator.act())
        await self._until(lambda: self.clock.elapsed() >= self.scenario.phase_one, self.scenario.phase_one)
        work.cancel()
        self.healed = self.faults.over = True
        self.note("world", "heals")
        await operator.tidy_up()
        for process in self._living()[1:]:
            process.worker.stop()
        if not self._living():
            self.start_process()
        deadlines = max(plan.deadline + (plan.start_after or timedelta()) for plan in self.scenario.campaigns)
        await self._until(self._all_ended, deadlines + GRACE + timedelta(seconds=self.facts.ahead_s))
        # Late receipts first: one that comes when nobody is left makes a process begin anew.
        await self._until(lambda: self._undelivered == 0, timedelta(days=3))
        for process in self._living():
            process.worker.stop()
        await self._until(lambda: not self._living(), timedelta(days=1))
        if self._living():
            self.fail("worker", f"{self._living()[0].name} does not stop")
        self._check_at_rest(AT_REST)
        self._check_at_rest(AT_END)
        if self.violation is None:
            await self._replay_everything(operator)

    async def _until(self, reached: Any, at_most: timedelta) -> None:
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
            campaign.ended or campaign.started_s is None or campaign.states[-1][1] is CampaignState.PAUSED
            for campaign in self.facts.campaigns.values()
        )

    async def _replay_everything(self, operator: Operator) -> None:
        """I11: the same receipts, replies, starts and rows of files again change nothing at all."""
        process = Process(self, "replay")
        process.worker.stop()
        await process.done
        process.alive = True
        for event in self.events:  # what has not come yet comes now
            await process.take(event)
        before = everything(self.database.reader)
        for event in self.events:
            await process.take(event)
        await operator.replay_orders()
        after = everything(self.database.reader)
        process.close()
        for table, rows in before.items():
            if rows != after[table]:
                changed = [row for row in after[table] if row not in rows][:2]
                self.fail("I11", f"replays changed {table}: {changed}")

    async def close(self) -> None:
        """Let go of everything."""
        self._closing = True
        for process in self.processes:
            process.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.database.close()

    # Processes

    def start_process(self) -> None:
        """A worker process begins, knowing nothing."""
        self._started += 1
        process = Process(self, f"w{self._started}")
        self.processes.append(process)
        self.note(process.name, "begins")

    def process_died(self, process: Process) -> None:
        """A process crashed; another takes its place after a while."""
        self.note(process.name, "dies")
        self.processes.remove(process)
        self._crashed(process.name)
        delay_s = 1.0 if self.healed else self.random.choice((0.0, 0.1, 5.0, 90.0, 3_600.0)) * self.random.random()
        asyncio.get_running_loop().call_later(delay_s, self._replace)

    def process_ended(self, process: Process) -> None:
        """A process stopped in good order, and left nothing under way."""
        if process not in self.processes:  # one that only replays
            return
        self.note(process.name, "stops")
        self.processes.remove(process)
        process.close()
        left = [key[1] for key in self.facts.unrecorded if key[0] == process.name]
        if left:
            self.fail("worker", f"{process.name} stopped without recording what came of {left[0]}")
        if not self.healed:
            asyncio.get_running_loop().call_later(60.0 * self.random.random(), self._replace)
        self._news.set()

    def _crashed(self, name: str) -> None:
        for key in [key for key in self.facts.unrecorded if key[0] == name]:
            del self.facts.unrecorded[key]

    def _replace(self) -> None:
        if not self.processes and not self._closing and self.violation is None:
            self.start_process()

    def _living(self) -> list[Process]:
        return [process for process in self.processes if process.alive]

    def nudge(self) -> None:
        """Tell every process that something changed, as a command or a poll does."""
        for process in self._living():
            process.worker.nudge()

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
        if not self._closing:
            self._undelivered += 1
            self.spawn(self._deliver(event))

    async def _deliver(self, event: Event) -> None:
        while True:
            if living := self._living():
                process = self.random.choice(living)
                self.note(process.name, f"is told {event.event_id}")
                task = process.spawn(process.take(event))
                await asyncio.wait([task])
                if not task.cancelled():
                    if error := task.exception():
                        self.fail("worker", f"{event.event_id} was refused: {error!r}")
                    self._undelivered -= 1
                    self._news.set()
                    return
            await asyncio.sleep(1.0 if self.healed else 300.0 * self.random.random())
            if self.healed and not self._living() and not self._closing:
                self.start_process()

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
        if count > PORT_CALLS_AT_ONCE:
            self.fail("worker", "runs round and round at one instant")
        if self._port_calls > PORT_CALLS_IN_ALL:
            self.fail("worker", "never comes to rest")

    def call(self, process: str, channel: Channel, message_id: MessageId, frozen: bool) -> Call:
        """A request is leaving: the moment of truth."""
        key, facts = (process, message_id), self.facts
        self.note(process, f"requests {channel} {message_id}{' after a freeze' if frozen else ''}")
        call = Call(
            id=message_id,
            sender=facts.senders[channel],
            channel=channel,
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
        books = books_of(self.database.reader, message_id)
        for invariant, checks in AT_CALL.items():
            for check in checks:
                if problem := check(facts, call, books):
                    self.fail(invariant, f"{message_id} at {call.wall}: {problem}")
        return call

    def answered(self, process: str, message_id: MessageId, outcome: Outcome) -> None:
        """A process knows its provider's answer."""
        call = next(call for call in reversed(self.facts.calls_of[message_id]) if call.process == process)
        call.answer = "accepted" if outcome.failure is None else str(outcome.failure)
        self.note(process, f"hears of {message_id}: {call.answer}")
        self.facts.answers[message_id, call.answer] += 1
        self.facts.unrecorded[process, message_id] = (call, outcome.failure)

    def observe(self, process: str, port: str, method: str, args: tuple[Any, ...], result: Any) -> None:
        """A port call has taken effect."""
        if (watch := getattr(self, f"_on_{port}_{method}", None)) is not None:
            watch(process, result, *args)
        self._port_calls += 1
        if self._port_calls % CHECK_EVERY == 0:
            self._check_at_rest(AT_REST)

    def _on_ledger_claim(self, process: str, claim: Any, request: Any) -> None:
        for message in claim.messages:
            self.note(process, f"claims {message.id} ({message.fence})")
            self.facts.claimed(process, message, self.elapsed_s(), request.now)
        if claim.reason and not claim.messages:
            self.note(process, f"claims nothing of {request.sender.name}: {claim.reason} until {claim.next_at}")

    def _on_ledger_clear_to_send(self, process: str, refusal: str | None, message: Any, sender: Any, now: Any) -> None:
        if refusal is None:
            row = books_of(self.database.reader, message.id).rows[message.id]
            self.facts.looked(process, message.id, row.state, row.fence, sender.name, now)

    def _on_ledger_settle(self, process: str, results: Any, settlements: Any, now: datetime) -> None:
        for one, moved in zip(settlements, results, strict=True):
            self.note(process, f"settles {one.id} {one.event} {one.reason}{'' if moved else ' in vain'}")
            self._settled(process, one, moved, now)

    def _settled(self, process: str, one: Settlement, moved: bool, now: datetime) -> None:
        facts = self.facts
        if moved and one.event in _TAKEN:
            facts.accepted.setdefault(one.id, facts.next())
        elif moved and one.fence is not None and one.fence < len(facts.claims_of[one.id]):
            self.fail("I2", f"{one.id}: {one.event} of claim {one.fence}, but there is a newer one")
        if one.sender is None or one.fence is None:
            return
        heard = facts.unrecorded.pop((process, one.id), None)
        breaker = facts.breakers[one.sender.name]
        if heard is not None:
            breaker.hear(heard[1], now)

    def _on_ledger_enroll(self, process: str, done: bool, campaign: Any, _: Any, messages: Any, *__: Any) -> None:
        self.note(process, f"enters {len(messages)} rows of campaign {campaign.id}: {done}")

    def _on_ledger_lapse(self, process: str, count: int, *_: Any) -> None:
        if count:
            self.note(process, f"puts {count} in doubt")

    def _on_campaigns_apply(self, process: str, campaign: Any, campaign_id: str, *_: Any) -> None:
        facts = self.facts.campaigns[campaign_id]
        facts.states.append((self.facts.next(), campaign.state))
        facts.ended = campaign.ended_at is not None
        self.note(process, f"campaign {campaign_id} is {campaign.state}")
        self._news.set()

    def _on_campaigns_conclude(self, process: str, concluded: bool, campaign_id: str, *_: Any) -> None:
        if not concluded:
            return
        facts = self.facts.campaigns[campaign_id]
        facts.ended = True
        if facts.states[-1][1] is CampaignState.RUNNING:
            facts.states.append((self.facts.next(), CampaignState.COMPLETED))
        self.note(process, f"campaign {campaign_id} has ended")
        self._news.set()

    def _on_suppressions_add(self, process: str, _: int, suppressions: Any) -> None:
        for one in suppressions:
            self.facts.suppressed.setdefault((one.key, one.channel), self.facts.next())
            self.note(process, f"suppresses {one.key} on {one.channel or 'all'}")

    # What is checked

    def _check_at_rest(self, wanted: Any) -> None:
        if self.violation is not None:
            return
        books = all_books(self.database.reader)
        for invariant, checks in wanted.items():
            for check in checks:
                if problem := check(self.facts, books):
                    self.fail(invariant, problem)
