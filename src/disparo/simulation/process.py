"""A process of a simulated world: the real engine and worker over the real store, behind a gate that lets faults in."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from disparo.adapters.embedded.store import open_store
from disparo.domain.contact import Channel
from disparo.domain.message import MessageId, Outcome
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.receipt import Receipt
from disparo.domain.template import Content, RenderError, Template
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.ports.campaigns import Campaigns
from disparo.ports.contacts import Contacts
from disparo.ports.ledger import Ledger
from disparo.ports.renderer import CompiledTemplate
from disparo.ports.store import Store
from disparo.ports.suppressions import Suppressions
from disparo.simulation.provider import Event, channel_of
from disparo.worker import Worker

if TYPE_CHECKING:
    from disparo.simulation.world import World

SMALL_PAGES = {"launch_page": 4, "sweep": 3, "lapse": 2, "doubts": 2}
"""Worlds are small, so work that is done by pages has smaller ones; the limit is the last argument."""

PORT_CALLS_AT_ONCE = 1_500
"""More of them at one instant is a loop that waits for nothing."""

PORT_CALLS_IN_ALL = 60_000
"""More of them in one world is a loop that gets nothing done; most worlds need 3,000."""


class Process:
    """One worker process. When it dies nothing of it has any effect any more, and what it was writing is undone."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.alive = True
        self.gate = Gate(self)
        self._database = world.database.sibling()
        self._tasks: list[asyncio.Task[Any]] = []
        real = open_store(self._database)
        store = Store(
            cast(Ledger, Port(real.ledger, "ledger", self.gate)),
            cast(Campaigns, Port(real.campaigns, "campaigns", self.gate)),
            cast(Contacts, Port(real.contacts, "contacts", self.gate)),
            cast(Suppressions, Port(real.suppressions, "suppressions", self.gate)),
        )
        self.routes = {
            sender.name: Route(
                replace(sender, limits=world.sender_limits(sender.name)), channel_of(world.providers[channel], self)
            )
            for channel, sender in world.scenario.senders.items()
        }
        chance = random.Random(f"chance {world.scenario.seed} {name}").random
        self.engine = Engine.build(store, PlainRenderer(), self.routes, chance)
        self.worker = Worker(self.engine, world.clock, name=name, concurrency=world.scenario.concurrency, poll=None)
        self.done = self.spawn(self._work())

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something that dies with the process."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks = [one for one in self._tasks if not one.done()]
        self._tasks.append(task)
        return task

    async def _work(self) -> None:
        try:
            await self.worker.run()
        except Exception as error:
            if self.alive:
                self.world.fail("worker", f"{self.name} ended: {_innermost(error)!r}")
        if self.alive:
            self.world.process_ended(self)

    async def take(self, event: Event) -> None:
        """What a webhook does in this process."""
        now = self.world.clock.now()
        if isinstance(event, Receipt):
            await self.engine.inbound.take_receipts([event], now)
        else:
            await self.engine.inbound.take_reply(event, now)
        self.worker.nudge()

    def limit(self, channel: Channel, limits: Limits) -> None:
        """Change a sender's limits from the next claim on."""
        name = self.world.scenario.senders[channel].name
        route = self.routes[name]
        self.routes[name] = Route(replace(route.sender, limits=limits), route.channel)

    def crash(self) -> None:
        """Die now."""
        if self.alive:
            self.alive = False
            self._database._waiting.clear()
            # What was committed this instant is still noticed, then everything ends.
            asyncio.get_running_loop().call_soon(self._bury)
            self.world.process_died(self)

    def _bury(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._database.close()

    def close(self) -> None:
        """Let go of a process that has ended in good order."""
        if self.alive:
            self.alive = False
            self._bury()


class Gate:
    """Everything that a process asks of the world goes through here."""

    def __init__(self, process: Process) -> None:
        self._process, self._world = process, process.world

    async def pass_through(
        self, port: str, method: str, real: Callable[..., Awaitable[Any]], args: tuple[Any, ...]
    ) -> Any:
        """Call a port, with the fault that the plan has for it."""
        process, world = self._process, self._world
        await self._alive()
        world.count_call()
        fault = world.faults.at_call()
        if fault.before_s:
            await asyncio.sleep(fault.before_s)
            await self._alive()
        if fault.dies_before:
            process.crash()
        await self._alive()
        result = await real(*args)
        world.observe(process.name, port, method, args, result)
        if fault.dies_after:
            process.crash()
        await self._alive()
        if fault.after_s:
            await asyncio.sleep(fault.after_s)
            await self._alive()
        return result

    async def before_request(self) -> bool:
        """Just before a request leaves; whether the process stood still there."""
        await self._alive()
        if seconds := self._world.faults.freeze_s():
            await asyncio.sleep(seconds)
        elif self._world.faults.at_call().dies_before:
            self._process.crash()
        await self._alive()
        return seconds > 0

    async def answered(self, message_id: MessageId, outcome: Outcome) -> Outcome:
        """An answer has come back."""
        if self._world.faults.at_call().dies_after:
            self._process.crash()
        await self._alive()
        self._world.answered(self._process.name, message_id, outcome)
        return outcome

    async def before_question(self, message_id: MessageId) -> None:
        """A provider is asked; ConnectionError when it cannot be."""
        await self._alive()
        if self._world.faults.cannot_be_asked():
            raise ConnectionError(str(message_id))

    async def _alive(self) -> None:
        if self._world.violation is not None:  # the world stands still so that it can be looked at
            await asyncio.get_running_loop().create_future()
        if not self._process.alive:
            raise asyncio.CancelledError


class Port:
    """A port of the store behind a gate."""

    def __init__(self, real: object, name: str, gate: Gate) -> None:
        self._real, self._name, self._gate = real, name, gate

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        real = getattr(self._real, method)

        def call(*args: Any) -> Awaitable[Any]:
            if method in SMALL_PAGES:
                args = (*args[:-1], min(args[-1], SMALL_PAGES[method]))
            return self._gate.pass_through(self._name, method, real, args)

        setattr(self, method, call)
        return call


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
        return Content(template.text, template.subject, template.html)


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
