"""The gate through which everything goes that a process asks of the world: where faults come in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, fields
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from disparo.domain.errors import StoreError
from disparo.ports.store import Store

if TYPE_CHECKING:
    from disparo.domain.message import MessageId, Outcome
    from disparo.simulation.facts import Call, Heard
    from disparo.simulation.world import World

SMALL_PAGES = {"launch_page": 4, "sweep": 3, "lapse": 2, "doubts": 2}
"""Worlds are small, so work that is done by pages has smaller ones; the limit is the last argument."""


class RefusedError(StoreError):
    """A store that had been asked often enough and still said no, or did what it was asked and could not say so."""


@dataclass(slots=True)
class PortCall:
    """A call of a port while it is under way."""

    process: str
    port: str
    method: str
    args: tuple[Any, ...]
    untold: dict[str, list[Heard]] = field(default_factory=dict)
    """For each sender whose breaker it has read: what it has to tell it, and has not told it yet."""


CURRENT: ContextVar[PortCall | None] = ContextVar("CURRENT", default=None)
"""The call that is under way here; None past all gates."""


class Mortal(Protocol):
    """A process as its gate knows it."""

    name: str
    alive: bool

    def crash(self) -> None:
        """Die now."""
        ...


class Gate:
    """Everything that a process asks of the world goes through here."""

    def __init__(self, process: Mortal, world: World) -> None:
        self._process, self._world = process, world

    def store(self, real: Store) -> Store:
        """The ports of a store behind this gate."""
        ports: dict[str, Any] = {one.name: _Port(getattr(real, one.name), one.name, self) for one in fields(Store)}
        return Store(**ports)

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
        call = PortCall(process.name, port, method, args)
        before = CURRENT.set(call)
        try:
            result = await real(*args)
        finally:
            CURRENT.reset(before)
        world.observe(call, result)
        if fault.dies_after:
            process.crash()
        await self._alive()
        if fault.after_s:
            await asyncio.sleep(fault.after_s)
            await self._alive()
        return result

    async def at_write(self, side: str, words: str) -> None:
        """Before or after one write of a call that consists of several: wait, die, or be refused."""
        await self._alive()
        fault = self._world.faults.at_write()
        if fault.before_s:
            await asyncio.sleep(fault.before_s)
            await self._alive()
        if fault.dies_before:
            self._world.note(self._process.name, f"{side} {words}:")
            self._process.crash()
        await self._alive()
        if fault.refused:
            self._world.note(self._process.name, f"is refused, {side} {words}")
            self._world.cuts += 1
            raise RefusedError(words)

    async def at_read(self) -> None:
        """Before one read of a call that consists of several."""
        await self._alive()
        if seconds := self._world.faults.read_s():
            await asyncio.sleep(seconds)
            await self._alive()

    def lag(self) -> int:
        """How many writes an index is behind."""
        return self._world.faults.lag()

    async def before_request(self) -> bool:
        """Just before a request leaves; whether the process stood still there."""
        await self._alive()
        if seconds := self._world.faults.freeze_s():
            await asyncio.sleep(seconds)
        elif self._world.faults.at_call().dies_before:
            self._process.crash()
        await self._alive()
        return seconds > 0

    async def answered(self, answers: Sequence[tuple[Call, Outcome, bool]]) -> list[Outcome]:
        """The answers to one request have come back, with which of them speaks for it."""
        if self._world.faults.at_call().dies_after:
            self._process.crash()
        await self._alive()
        for call, outcome, speaks in answers:
            self._world.answered(call, outcome, speaks=speaks)
        return [outcome for _, outcome, _ in answers]

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


class _Port:
    """A port of the store behind a gate."""

    def __init__(self, real: object, name: str, gate: Gate) -> None:
        self._real, self._name, self._gate = real, name, gate

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        real = getattr(self._real, method)

        def call(*args: Any, **named: Any) -> Awaitable[Any]:
            if method in SMALL_PAGES:
                args = (*args[:-1], min(args[-1], SMALL_PAGES[method]))
            return self._gate.pass_through(self._name, method, partial(real, **named) if named else real, args)

        setattr(self, method, call)
        return call


def refused_alone(error: BaseException) -> bool:
    """Whether nothing but refusals of the store made this error."""
    if isinstance(error, BaseExceptionGroup):
        return all(refused_alone(one) for one in error.exceptions)
    return isinstance(error, RefusedError)


def innermost(error: BaseException) -> BaseException:
    """The error that a group of groups holds."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
