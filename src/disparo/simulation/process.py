"""A process of a simulated world: the real engine and worker over the real store, behind a gate that lets faults in."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from disparo.domain.message import MessageId
from disparo.domain.policies.rate_limit import Limits, Pace
from disparo.domain.receipt import Receipt, Reply
from disparo.domain.settlement import Settlement
from disparo.domain.template import Content, RenderError, Template
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.ports.desk import Desk
from disparo.ports.ledger import Claim
from disparo.ports.renderer import CompiledTemplate
from disparo.simulation.agenda.facts import of_nobody
from disparo.simulation.agenda.house import RareWatch, parts_of
from disparo.simulation.gate import Gate, innermost, refused_alone
from disparo.simulation.provider import Event, channel_of
from disparo.simulation.watched_dispatch import WatchedDispatch
from disparo.worker import Worker

if TYPE_CHECKING:
    from disparo.simulation.world import World


MOST_CLAIMED = 6


class Process:
    """One process with an engine. When it dies nothing of it has any effect any more."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.alive = True
        self.gate = Gate(self, world)
        self._data = world.data.of_process(self.gate)
        self._tasks: list[asyncio.Task[Any]] = []
        self.routes = {
            name: Route(replace(sender, limits=world.sender_limits(name)), channel_of(world.providers[name], self))
            for name, sender in world.scenario.senders.items()
        }
        chance = random.Random(f"chance {world.scenario.seed} {name}").random
        store = self.gate.store(self._data.store)
        parts = None if world.agenda is None else parts_of(world.agenda, name, self.gate, store)
        self.desk: Desk | None = None if parts is None else parts.desk
        dispatch = partial(SmallDispatch, self)
        outward = None
        if world.listener.listens:
            store, outward = world.listener.outward(self, store)
        engine = Engine.build(
            store, PlainRenderer(), self.routes, chance, dispatch=dispatch, agenda=parts, outward=outward
        )
        if world.agenda is not None and engine.watch is not None:
            engine = replace(engine, watch=RareWatch(engine.watch, world.agenda))  # type: ignore[arg-type]
        self.engine = engine

    def claimed(self, sender: str, count: int, claim: Claim, now: datetime) -> None:  # noqa: ARG002
        """See `Watcher.claimed`."""
        if self.alive:
            self.world.asked(self.name, sender, claim)

    def recorded(self, settlements: list[Settlement]) -> None:
        """See `Watcher.recorded`: what was written down is seen at the store."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something that dies with the process."""
        task = asyncio.get_running_loop().create_task(work, context=of_nobody())
        self._tasks = [one for one in self._tasks if not one.done()]
        self._tasks.append(task)
        return task

    async def take(self, event: Event) -> None:
        """What a webhook does in this process."""
        now = self.world.clock.now()
        self.heard_of(event)
        if isinstance(event, Receipt):
            await self.engine.inbound.take_receipts([event], now)
        else:
            await self.engine.inbound.take_reply(event, now)

    def heard_of(self, event: Event) -> None:
        """Something is about to be taken in."""
        facts, message_id = self.world.facts, MessageId.parse(event.message_id or "")
        if isinstance(event, Reply):
            facts.wrote |= dict.fromkeys(facts.keys_of(message_id.contact_id), facts.next())
        elif event.reason == "window_closed":
            facts.told_closed[message_id].setdefault(event.event_id, facts.next())

    def limit(self, name: str, limits: Limits) -> None:
        """Change a sender's limits from the next claim on."""
        route = self.routes[name]
        self.routes[name] = Route(replace(route.sender, limits=limits), route.channel)

    def crash(self) -> None:
        """Die now."""
        if self.alive:
            self.alive = False
            self._data.cut()
            # What was committed this instant is still noticed, then everything ends.
            asyncio.get_running_loop().call_soon(self._bury)
            self.world.process_died(self)

    def _bury(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._data.close()

    def close(self) -> None:
        """Let go of a process that has ended in good order."""
        if self.alive:
            self.alive = False
            self._bury()


class SmallDispatch(WatchedDispatch):
    """Claims few at a time, as worlds are small: so senders that share a channel take turns in them."""

    async def claim(
        self, sender: str, count: int, now: datetime, horizon: timedelta = timedelta(0), pace: Pace | None = None
    ) -> Claim:
        """See `Dispatch.claim`."""
        return await super().claim(sender, min(count, MOST_CLAIMED), now, horizon, pace)


class WorkerProcess(Process):
    """A process that runs the worker's loop."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.worker = Worker(
            self.engine, world.clock, name=name, concurrency=world.scenario.concurrency, poll=world.data.poll
        )
        self.spawn(self._work())

    async def _work(self) -> None:
        try:
            await self.worker.run()
        except Exception as error:
            if refused_alone(error):
                self.crash()
            elif self.alive:
                self.world.fail("worker", f"{self.name} ended: {innermost(error)!r}")
        if self.alive:
            self.world.process_ended(self)

    async def take(self, event: Event) -> None:
        """See `Process.take`."""
        await super().take(event)
        self.worker.nudge()


class PlainRenderer:
    """`Renderer` that only replaces names, as what is simulated is not the templates."""

    def compile(self, template: Template) -> CompiledTemplate:
        """See `Renderer.compile`."""
        return _Plain(template)


class _Plain:
    def __init__(self, template: Template) -> None:
        self._template = template

    def variables(self) -> frozenset[str]:
        """See `CompiledTemplate.variables`."""
        return frozenset(name for name in ("name", "debt") if f"{{ {name} }}" in self._template.text)

    def render(self, variables: Any) -> Content:
        """See `CompiledTemplate.render`."""
        template = self._template
        if "debt" in self.variables() and "debt" not in variables:
            raise RenderError("missing_variable", "missing", template=template.name, part="text", variable="debt")
        return Content(template.text, template.subject, template.html, template.approved)
