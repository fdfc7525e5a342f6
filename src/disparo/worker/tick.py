"""The tick: each minute, claim what may go in the next one and spread it over the queue."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from disparo.domain.message import Claimed
from disparo.domain.policies.rate_limit import Pace
from disparo.domain.ticket import Ticket
from disparo.engine.engine import Engine
from disparo.ports.clock import Clock
from disparo.ports.ledger import Claim
from disparo.ports.queue import TicketQueue
from disparo.worker.role import Role

HORIZON = timedelta(seconds=60)
"""How far ahead moments are claimed: until the next tick's begin."""

FIRST_IN = timedelta(seconds=8)
"""How soon the first moment may be. What is claimed at once would miss its moment on the way: the claim itself, the
queue and a cold start of whoever carries it need a few seconds."""

EARLY = timedelta(seconds=5)
"""How long before its moment a ticket may be taken: a batching window, a cold start and the beginning of many messages
with the same moment fit in. Longer would be waiting that is paid for, shorter would waste permits on tickets that come
too late."""

AT_ONCE = 500
"""Messages claimed in one go."""

BEHIND = 1_000
"""With so many tickets that nobody has taken, more of them would only come too late."""


@dataclass(slots=True)
class Ticked:
    """What a tick did: tickets by sender, by which limits senders were held up, and how far the carriers were behind.

    `idle` says that another one was at work, so that this one did nothing.
    """

    tickets: dict[str, int] = field(default_factory=dict)
    limited: dict[str, str] = field(default_factory=dict)
    depth: int = 0
    idle: bool = False


class Tick:
    """Claims for every sender in turn, at most at a `pace`, and puts tickets on the queue.

    Two at once only do some work twice, and a minute without one only waits: permits decide what may leave when, and
    leases who may send it. One that dies between a claim and the queue costs these permits; the messages are due again
    when their leases have run out.
    """

    def __init__(
        self, engine: Engine, queue: TicketQueue, clock: Clock, *, holder: str, pace: Pace | None = None
    ) -> None:
        self._engine, self._queue, self._clock, self._pace = engine, queue, clock, pace
        self._role = Role(engine.ledger, "tick", holder)

    async def run(self, until: datetime) -> Ticked:
        """Claim until nothing more may go within the horizon, or it is `until`; StoreError of ledger or queue."""
        done = Ticked()
        senders = deque(self._engine.routes)
        self._engine.dispatch.announce(self._clock.now() + FIRST_IN)
        while senders and self._clock.now() < until:
            if not await self._role.hold(self._clock.now()):
                done.idle = not done.tickets
                return done
            done.depth = await self._queue.depth()
            if done.depth >= BEHIND:
                break
            if await self._claim(senders[0], done):
                senders.rotate(-1)
            else:
                self._engine.dispatch.step_aside(senders.popleft())
        await self._role.leave(self._clock.now())
        return done

    async def _claim(self, sender: str, done: Ticked) -> bool:
        """Claim once for a sender; whether there may be more."""
        # As of the first moment that can be kept: hours, due times and the breaker are looked at as they are then.
        first_at = self._clock.now() + FIRST_IN
        claim = await self._engine.dispatch.claim(sender, AT_ONCE, first_at, HORIZON, self._pace)
        if _is_limit(claim):
            done.limited[sender] = claim.reason
        if not claim.messages:
            return claim.reason == "others_turn"  # there may be, once the others have had their part
        await self._put(claim.messages)
        done.tickets[sender] = done.tickets.get(sender, 0) + len(claim.messages)
        return claim.next_at is not None and claim.next_at <= first_at

    async def _put(self, messages: Sequence[Claimed]) -> None:
        now = self._clock.now()
        await self._queue.put([(Ticket.of(one), max(one.permit_at - now - EARLY, timedelta(0))) for one in messages])


def _is_limit(claim: Claim) -> bool:
    """Whether a window of some permit book stands in the way, and not the sender's breaker."""
    return ":" in claim.reason
