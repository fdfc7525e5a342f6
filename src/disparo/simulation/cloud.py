"""The functions of AWS in a simulated world: what each is called for, by whom, and how it may end.

A sandbox serves one call at a time, lives on between calls with all that it remembers, and may die at any point. The
schedule calls the tick and the steps once a minute: sometimes twice at once, sometimes not for ten minutes.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from disparo.domain.policies.rate_limit import Pace
from disparo.domain.ticket import Ticket
from disparo.simulation.gate import innermost, refused_alone
from disparo.simulation.process import Process
from disparo.simulation.ticket_delivery import QueueOfProcess, TicketDelivery
from disparo.worker.courier import Courier
from disparo.worker.rounds import Rounds
from disparo.worker.tick import BEHIND, Tick

if TYPE_CHECKING:
    from disparo.simulation.world import World

TIME_LIMIT_S = {"schedule": 60.0, "send": 120.0, "api": 30.0}
"""After so long a call is cut off, and its sandbox with it."""

SCHEDULE_UNTIL = timedelta(seconds=45)
SEND_UNTIL = timedelta(seconds=85)
"""How far into a call its function begins something new."""

PACES = (None, Pace(10, timedelta(milliseconds=200)), Pace(2, timedelta(seconds=1)), Pace(1, timedelta(seconds=7)))
"""How tickets are spread over their minute; slowly in some worlds, so that much happens between two of them."""

MINUTE_S = 60.0
LONGEST_IDLE_S = 3_600.0
"""With nothing to do, minutes are skipped, or months of them would take hours; each time a few more."""

Work = Callable[["Sandbox"], Awaitable[None]]


class Sandbox(Process):
    """One execution environment of a function."""

    def __init__(self, world: World, name: str, function: str) -> None:
        super().__init__(world, name)
        self.function = function
        self.busy = False


class Cloud:
    """`Host` of functions."""

    clock_may_be_set = False
    """Machines that the provider keeps in time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._random = random.Random(f"cloud {world.scenario.seed}")
        self._sandboxes: list[Sandbox] = []
        self._started = self._calls = 0
        self._stopping = False
        self._together_until_s = 0.0
        self._pace = self._random.choice(PACES)
        self._news = asyncio.Event()
        self._delivery = TicketDelivery(world, self._carry)

    def start(self) -> None:
        """See `Host.start`."""
        self._world.spawn(self._minutes())

    def living(self) -> Sequence[Sandbox]:
        """See `Host.living`."""
        return [sandbox for sandbox in self._sandboxes if sandbox.alive]

    def at_work(self) -> Sequence[Sandbox]:
        """See `Host.at_work`."""
        return [sandbox for sandbox in self.living() if sandbox.busy]

    def receiver(self) -> Process | None:
        """See `Host.receiver`."""
        return self._sandbox("api")

    def nudge(self) -> None:
        """See `Host.nudge`."""
        self._news.set()

    def stop_one(self, draw: random.Random) -> None:
        """See `Host.stop_one`: idle sandboxes go away without a word."""
        if idle := [sandbox for sandbox in self.living() if not sandbox.busy and sandbox.function != "api"]:
            self._let_go(draw.choice(idle))

    def _let_go(self, sandbox: Sandbox) -> None:
        self._sandboxes.remove(sandbox)
        sandbox.close()

    def work_together(self, seconds: float) -> None:
        """See `Host.work_together`."""
        self._together_until_s = self._world.elapsed_s() + seconds

    def died(self, process: Process) -> None:
        """See `Host.died`."""
        self._sandboxes = [one for one in self._sandboxes if one is not process]

    def ended(self, process: Process) -> None:
        """See `Host.ended`."""

    def heal(self) -> None:
        """See `Host.heal`."""
        self.nudge()

    def stop(self) -> None:
        """See `Host.stop`."""
        self._stopping = True
        self.nudge()

    def close(self) -> None:
        """See `Host.close`."""
        for sandbox in self.living():
            self._let_go(sandbox)

    # The schedule

    async def _minutes(self) -> None:
        idle_s = MINUTE_S
        while not self._stopping:
            changes = self._world.changes
            for _ in range(self._times()):
                self._world.spawn(self._call("schedule", self._tick))
                self._world.spawn(self._call("schedule", self._steps))
            await asyncio.sleep(MINUTE_S)
            idle_s = MINUTE_S if self._world.changes != changes else min(2 * idle_s, LONGEST_IDLE_S)
            self._news.clear()
            try:
                async with asyncio.timeout(idle_s - MINUTE_S):
                    await self._news.wait()
            except TimeoutError:
                pass

    def _times(self) -> int:
        if self._world.healed:
            return 1
        luck = self._random.random()
        if luck < 0.1 or self._world.elapsed_s() < self._together_until_s:
            return 2
        return 0 if luck > 0.9 else 1

    async def _tick(self, sandbox: Sandbox) -> None:
        clock = self._world.clock
        queue = QueueOfProcess(self._delivery, sandbox.gate)
        tick = Tick(sandbox.engine, queue, clock, holder=self._request(), pace=self._pace)
        until = clock.now() + SCHEDULE_UNTIL
        done = await tick.run(until)
        flow, in_time = self._world.flow, not done.idle and done.depth < BEHIND and clock.now() < until
        if in_time and (waiting := [name for name in sandbox.routes if flow.waits_its_turn(sandbox.name, name)]):
            self._world.fail("failover", f"a tick ends while {waiting[0]} waits for its turn")
        if done.tickets:
            self._world.note(sandbox.name, f"puts tickets on the queue: {done.tickets}")

    async def _steps(self, sandbox: Sandbox) -> None:
        clock = self._world.clock
        done = await Rounds(sandbox.engine, clock, holder=self._request()).run(clock.now() + SCHEDULE_UNTIL)
        for step, error in done.broken.items():
            if not refused_alone(error):
                self._world.fail("worker", f"{step} broke: {innermost(error)!r}")

    def _request(self) -> str:
        self._calls += 1
        return f"request-{self._calls}"

    # The queue

    async def _carry(self, tickets: Sequence[Ticket]) -> Sequence[Ticket]:
        """Carry tickets in a sandbox; which ones are to come again."""
        again: list[Ticket] = list(tickets)

        async def work(sandbox: Sandbox) -> None:
            world = self._world
            concurrency = world.scenario.concurrency
            courier = Courier(sandbox.engine.dispatch, sandbox.engine.ledger, world.clock, concurrency=concurrency)
            carried = await courier.carry(tickets, world.clock.now() + SEND_UNTIL)
            again[:] = [one.ticket for one in carried if one.failure is not None]
            for one in carried:
                if one.failure is not None and not refused_alone(one.failure):
                    world.fail("worker", f"{one.ticket.id} broke: {innermost(one.failure)!r}")
            failed = {ticket.id for ticket in again}
            if left := [one for one in world.facts.forgotten(sandbox.name) if one not in failed]:
                world.fail("worker", f"{sandbox.name} did not record what came of {left[0]}")

        await self._call("send", work)
        return again

    # Calls

    def _sandbox(self, function: str) -> Sandbox:
        idle = [sandbox for sandbox in self.living() if sandbox.function == function and not sandbox.busy]
        if idle and self._random.random() < 0.9:
            return self._random.choice(idle)
        self._started += 1
        sandbox = Sandbox(self._world, f"{function}{self._started}", function)
        self._sandboxes.append(sandbox)
        return sandbox

    async def _call(self, function: str, work: Work) -> None:
        """Call a function once; that it breaks or is cut off is nobody's business but the caller's."""
        sandbox = self._sandbox(function)
        sandbox.busy = True
        task = sandbox.spawn(work(sandbox))  # type: ignore[arg-type]
        limit = asyncio.get_running_loop().call_later(TIME_LIMIT_S[function], sandbox.crash)
        await asyncio.wait([task])
        limit.cancel()
        sandbox.busy = False
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._world.facts.forgotten(sandbox.name)
            if not refused_alone(error):
                self._world.fail("worker", f"{sandbox.name} broke: {innermost(error)!r}")
        self._world.news()
