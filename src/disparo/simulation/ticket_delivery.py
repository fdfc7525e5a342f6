"""A queue like SQS: each ticket at least once, after its delay, in any order, some late, some twice."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from disparo.domain.ticket import Ticket
from disparo.ports.queue import LONGEST_DELAY

if TYPE_CHECKING:
    from disparo.simulation.gate import Gate
    from disparo.simulation.world import World

BATCH = 50
WINDOW_S = 1.0
"""Batch size and window of the send function's event source mapping."""

VISIBILITY_S = 180.0
"""How long after it was handed out a ticket is handed out again, when nobody said that it was dealt with."""

MOST_RECEIVES = 3

Carry = Callable[[Sequence[Ticket]], Awaitable[Sequence[Ticket]]]
"""Carries tickets, and says which are to come again."""


@dataclass(slots=True)
class _Held:
    body: str
    receives: int = 0


class TicketDelivery:
    """The queue and its event source mapping: it brings tickets to whoever carries them."""

    def __init__(self, world: World, carry: Carry) -> None:
        self._world, self._carry = world, carry
        self._random = random.Random(f"queue {world.scenario.seed}")
        self._ready: list[_Held] = []
        self._gathering = False

    @property
    def depth(self) -> int:
        """How many tickets could be taken now."""
        return len(self._ready)

    def put(self, ticket: Ticket, delay: timedelta) -> None:
        """Take a ticket in."""
        delay_s, draw = float(min(delay, LONGEST_DELAY) // timedelta(seconds=1)), self._random
        held = _Held(json.dumps(ticket.to_json()))
        self._arrives(delay_s + draw.random(), held)
        if self._world.healed:
            return
        if draw.random() < 0.1:
            self._arrives(delay_s + draw.choice((1.0, 5.0, 120.0)) * draw.random(), _Held(held.body))
        if draw.random() < 0.03:
            self._arrives(delay_s + 600.0 * draw.random(), _Held(held.body))

    def _arrives(self, after_s: float, held: _Held) -> None:
        late_s = 90.0 * self._random.random() if not self._world.healed and self._random.random() < 0.03 else 0.0
        asyncio.get_running_loop().call_later(after_s + late_s, self._take, held)

    def _take(self, held: _Held) -> None:
        self._ready.append(held)
        if not self._gathering:
            self._gathering = True
            asyncio.get_running_loop().call_later(WINDOW_S * self._random.random(), self._hand_out)

    def _hand_out(self) -> None:
        self._gathering = False
        self._random.shuffle(self._ready)
        while self._ready and not self._world.closing:
            batch, self._ready = self._ready[:BATCH], self._ready[BATCH:]
            self._world.spawn(self._bring(batch))

    async def _bring(self, batch: Sequence[_Held]) -> None:
        tickets = [Ticket.from_json(json.loads(held.body)) for held in batch]
        again = [id(ticket) for ticket in await self._carry(tickets)]
        for held, ticket in zip(batch, tickets, strict=True):
            held.receives += 1
            if id(ticket) in again and held.receives < MOST_RECEIVES:
                self._arrives(VISIBILITY_S, held)


class QueueOfProcess:
    """`TicketQueue` of one process."""

    def __init__(self, delivery: TicketDelivery, gate: Gate) -> None:
        self._delivery, self._gate = delivery, gate

    async def put(self, tickets: Sequence[tuple[Ticket, timedelta]]) -> None:
        """See `TicketQueue.put`; a process that dies meanwhile has handed in some."""
        for ticket, delay in tickets:
            await self._gate.at_write("before", f"ticket {ticket.id}")
            self._delivery.put(ticket, delay)

    async def depth(self) -> int:
        """See `TicketQueue.depth`."""
        await self._gate.at_write("before", "depth")
        return self._delivery.depth
