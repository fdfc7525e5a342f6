"""An installation that sends over a queue, on a virtual clock: the real store and engine, a queue that does as told."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from disparo.domain.contact import Channel
from disparo.domain.errors import StoreError
from disparo.domain.message import MessageRecord
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.sender import Sender
from disparo.domain.ticket import Ticket
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.ports.ledger import MessageFilter
from disparo.simulation.virtual_time import VirtualClock, run_virtually
from disparo.worker.courier import Carried, Courier
from disparo.worker.tick import Tick
from tests.unit.usecases.conftest import MONDAY, House
from tests.unit.worker.test_worker import Slow

MINUTE = timedelta(minutes=1)
ENOUGH = timedelta(minutes=5)


@dataclass
class Queue:
    """`TicketQueue` in memory: tickets and when each may be taken."""

    clock: VirtualClock
    lying: list[tuple[datetime, Ticket]] = field(default_factory=list)
    behind: int = 0
    broken: bool = False

    async def put(self, tickets: Sequence[tuple[Ticket, timedelta]]) -> None:
        """See `TicketQueue.put`."""
        if self.broken:
            raise StoreError("fila fora do ar")
        now = self.clock.now()
        self.lying += [(now + timedelta(seconds=delay // timedelta(seconds=1)), ticket) for ticket, delay in tickets]

    async def depth(self) -> int:
        """See `TicketQueue.depth`."""
        return self.behind

    def take(self) -> list[Ticket]:
        """Whatever may be taken now."""
        now = self.clock.now()
        ready = [ticket for at, ticket in self.lying if at <= now]
        self.lying = [(at, ticket) for at, ticket in self.lying if at > now]
        return ready


@dataclass
class Line:
    """The house with its queue."""

    house: House
    clock: VirtualClock
    provider: Slow
    engine: Engine
    queue: Queue

    def tick(self, holder: str = "t1") -> Tick:
        return Tick(self.engine, self.queue, self.clock, holder=holder)

    def courier(self, concurrency: int = 50) -> Courier:
        return Courier(self.engine.dispatch, self.engine.ledger, self.clock, concurrency=concurrency)

    async def begin(self, people: int) -> None:
        """A campaign for so many people, started and launched."""
        self.house.now = self.clock.now()
        await self.house.begin(people)

    async def claim(self, until: timedelta = ENOUGH) -> list[Ticket]:
        """One tick; the tickets that it made."""
        before = len(self.queue.lying)
        await self.tick().run(self.clock.now() + until)
        return [ticket for _, ticket in self.queue.lying[before:]]

    async def carry(self, tickets: Sequence[Ticket], within: timedelta = ENOUGH) -> list[Carried]:
        """Carry tickets in a function that has so much time."""
        return await self.courier().carry(tickets, self.clock.now() + within)

    async def passes(self, time: timedelta | float) -> None:
        """Let time pass: a timedelta, or seconds."""
        await asyncio.sleep(time.total_seconds() if isinstance(time, timedelta) else time)

    async def rows(self) -> Sequence[MessageRecord]:
        return await self.house.store.ledger.page(MessageFilter("1"), None, 10_000)

    async def states(self) -> Mapping[str, int]:
        return Counter(str(row.state) for row in await self.rows())


def on_the_line(story: Callable[[Line], Awaitable[None]], limits: Limits | None = None) -> None:
    """Tell a story that begins on a Monday at ten in Sao Paulo."""

    async def main() -> None:
        house, clock = House(), VirtualClock(MONDAY)
        provider = Slow(clock)
        routes = {"whatsapp": Route(Sender("whatsapp", Channel.WHATSAPP, limits or Limits()), provider)}
        engine = Engine.build(house.store, house.renderer, routes, lambda: 0.5)
        await story(Line(house, clock, provider, engine, Queue(clock)))

    run_virtually(main())
