"""The machine on which a world's worker processes run: one most of the time, two for a while."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from disparo.simulation.process import Process, WorkerProcess

if TYPE_CHECKING:
    from disparo.simulation.world import World


class Host(Protocol):
    """Whatever runs the processes of a world, and begins new ones when some are gone."""

    clock_may_be_set: bool

    def start(self) -> None:
        """Begin to work."""
        ...

    def living(self) -> Sequence[Process]:
        """The processes that are there."""
        ...

    def at_work(self) -> Sequence[Process]:
        """Those that have something to bring to its end."""
        ...

    def receiver(self) -> Process | None:
        """A process that takes in what a provider tells, if there is one."""
        ...

    def nudge(self) -> None:
        """Something changed, as a command or a poll says."""
        ...

    def stop_one(self, draw: random.Random) -> None:
        """One process is told to end in good order."""
        ...

    def work_together(self, seconds: float) -> None:
        """More than one process works for a while."""
        ...

    def died(self, process: Process) -> None:
        """A process crashed."""
        ...

    def ended(self, process: Process) -> None:
        """A process stopped in good order."""
        ...

    def heal(self) -> None:
        """From now on nothing goes wrong; whoever is there has to bring everything to its end."""
        ...

    def stop(self) -> None:
        """Everything is to end in good order."""
        ...

    def close(self) -> None:
        """Let go of what is left."""
        ...


class Machine:
    """`Host` of plain worker processes."""

    clock_may_be_set = True

    def __init__(self, world: World) -> None:
        self._world = world
        self._processes: list[WorkerProcess] = []
        self._started = 0
        self._stopping = False

    def start(self) -> None:
        """See `Host.start`: a worker process begins, knowing nothing."""
        self._started += 1
        process = WorkerProcess(self._world, f"w{self._started}")
        self._processes.append(process)
        self._world.note(process.name, "begins")

    def living(self) -> Sequence[WorkerProcess]:
        """See `Host.living`."""
        return [process for process in self._processes if process.alive]

    def at_work(self) -> Sequence[WorkerProcess]:
        """See `Host.at_work`."""
        return self.living()

    def receiver(self) -> Process | None:
        """See `Host.receiver`."""
        living = self.living()
        if not living and self._world.healed and not self._stopping:
            self.start()
        return self._world.random.choice(living) if living else None

    def nudge(self) -> None:
        """See `Host.nudge`."""
        for process in self.living():
            process.worker.nudge()

    def stop_one(self, draw: random.Random) -> None:
        """See `Host.stop_one`; another takes its place after a while."""
        if self._processes:
            draw.choice(self._processes).worker.stop()

    def work_together(self, seconds: float) -> None:
        """See `Host.work_together`: as processes cannot wake each other, each looks every half minute."""
        if len(self._processes) == 1:
            self.start()
            second = self._processes[-1]
            until_s = self._world.elapsed_s() + seconds
            self._world.spawn(self._look_now_and_then(until_s, second.worker.stop))

    async def _look_now_and_then(self, until_s: float, stop: Callable[[], None]) -> None:
        while self._world.elapsed_s() < until_s:
            await asyncio.sleep(30.0)
            self.nudge()
        if not self._world.healed:
            stop()

    def died(self, process: Process) -> None:
        """See `Host.died`: another takes its place after a while."""
        world = self._world
        self._processes = [one for one in self._processes if one is not process]
        delay_s = 1.0 if world.healed else world.random.choice((0.0, 0.1, 5.0, 90.0, 3_600.0)) * world.random.random()
        asyncio.get_running_loop().call_later(delay_s, self._replace)

    def ended(self, process: Process) -> None:
        """See `Host.ended`."""
        self._processes = [one for one in self._processes if one is not process]
        if not self._world.healed:
            asyncio.get_running_loop().call_later(60.0 * self._world.random.random(), self._replace)

    def _replace(self) -> None:
        if not self._processes and not self._stopping and self._world.violation is None:
            self.start()

    def heal(self) -> None:
        """See `Host.heal`: one process goes on."""
        for process in self.living()[1:]:
            process.worker.stop()
        if not self.living():
            self.start()

    def stop(self) -> None:
        """See `Host.stop`."""
        for process in self.living():
            process.worker.stop()

    def close(self) -> None:
        """See `Host.close`."""
        self._stopping = True
        for process in self._processes:
            process.close()
