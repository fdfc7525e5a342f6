"""Rounds: the timed steps of the engine, each until it has nothing to do, within the time that there is."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from disparo.engine.engine import Engine
from disparo.ports.clock import Clock
from disparo.worker.role import Role

Step = Callable[[datetime], Awaitable[datetime | None]]


@dataclass(slots=True)
class Rounded:
    """What was done: how often each step was called, which ones broke, and which had still something to do.

    `idle` says that another process held the role, so that nothing was done.
    """

    calls: Counter[str] = field(default_factory=Counter)
    broken: dict[str, Exception] = field(default_factory=dict)
    unfinished: tuple[str, ...] = ()
    idle: bool = False


class Rounds:
    """Calls launch, reconcile, housekeeping and collect in turn, so that none waits for another's backlog.

    A step does one batch and says when it wants to be called again; one that says `now` stays in the round. One that
    raises is left out, the others go on. Safe to be killed at any point, and in several processes at once.
    """

    def __init__(self, engine: Engine, clock: Clock, *, holder: str) -> None:
        self._clock = clock
        self._role = Role(engine.ledger, "steps", holder)
        self._steps: dict[str, Step] = {
            "launch": engine.launch.run,
            "reconcile": engine.reconcile.run,
            "housekeeping": engine.housekeeping.run,
            "collect": engine.collect.run,
        }
        if engine.attend is not None:
            self._steps["meetings"] = engine.attend.run
        if engine.watch is not None:
            self._steps["calendars"] = engine.watch.run
        if engine.retention is not None:
            self._steps["retention"] = engine.retention
        if engine.announce is not None:
            self._steps["webhooks"] = engine.announce.run

    async def run(self, until: datetime) -> Rounded:
        """Go round until no step wants more now, or it is `until`; StoreError when the role cannot be asked for."""
        done = Rounded()
        waiting = deque(self._steps)
        while waiting and (now := self._clock.now()) < until:
            if not await self._role.hold(now):
                done.idle = not done.calls
                return done
            name = waiting.popleft()
            done.calls[name] += 1
            if await self._wants_more(name, done):
                waiting.append(name)
        done.unfinished = tuple(waiting)
        await self._role.leave(self._clock.now())
        return done

    async def _wants_more(self, name: str, done: Rounded) -> bool:
        now = self._clock.now()
        try:
            wish = await self._steps[name](now)
        except Exception as error:  # whatever breaks one step must not stop the others
            done.broken[name] = error
            return False
        return wish is not None and wish <= now
