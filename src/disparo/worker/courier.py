"""The courier: carries tickets to their providers, each at its moment."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disparo.domain.message import Claimed, Outcome
from disparo.domain.policies.rate_limit import MOMENT_TOLERANCE
from disparo.domain.settlement import Settlement
from disparo.domain.ticket import Ticket
from disparo.engine.dispatch import Dispatch
from disparo.ports.clock import Clock
from disparo.ports.ledger import Ledger
from disparo.worker.recorder import Recorder
from disparo.worker.together import deliver_together

SKEW = timedelta(milliseconds=100)
"""How far the clocks of two machines may lie apart. The permit was given by another machine's clock, so lateness is
reckoned so much greater: two permits one window and a second apart then stay a window apart when they are sent, as
long as each clock is within half of this of the true time (Amazon Time Sync keeps functions within a millisecond)."""


BEGIN_EARLY = timedelta(seconds=2)
"""How long before its moment a message is begun. Many may have the same moment, and a second is short for a small
processor to begin them all; only the last look and the request itself are left for it. Who is killed in between leaves
a doubt where it might have left none."""

TOGETHER = timedelta(milliseconds=5)
"""How long the first of a request that takes many waits for others whose moment has come as well."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of a ticket: `settlement` as it was recorded, None when there was nothing to do or it broke.

    `took` is from the permit's moment to the provider's answer, None when no provider was called. `failure` is what
    broke: its message is due again, or in doubt, when its lease has run out.
    """

    ticket: Ticket
    settlement: Settlement | None = None
    took: timedelta | None = None
    failure: Exception | None = None


class Courier:
    """Carries any number of tickets at the same time, at most `concurrency` requests at their provider.

    Where a channel sends many, those of a sender that are ready at the same moment go in one request.

    Tickets may be repeated, late, of another day or out of order: the ledger says which still stand, and one of two
    that begin the same message is told that it lost. Each outcome is recorded soon after it is known, never behind
    a slow neighbour.
    """

    def __init__(self, dispatch: Dispatch, ledger: Ledger, clock: Clock, *, concurrency: int) -> None:
        self._dispatch, self._ledger, self._clock, self._concurrency = dispatch, ledger, clock, concurrency

    async def carry(self, tickets: Sequence[Ticket], stop_at: datetime) -> list[Carried]:
        """Carry them; what became of each, in their order. Nothing is begun at `stop_at` or later.

        `stop_at` has to leave time for a provider's longest answer and for writing it down.
        """
        trip = _Trip(self._dispatch, self._ledger, self._clock, asyncio.Semaphore(self._concurrency), stop_at)
        async with asyncio.TaskGroup() as tasks:
            carried = [tasks.create_task(trip.carry(ticket)) for ticket in tickets]
        return [task.result() for task in carried]


class _Moment:
    """A permit's instant, as seen from this process.

    The wall clock says how far off it is, once; from then on time is also measured on a clock that nobody can set. The
    later of the two counts, so that neither a step of the wall clock nor a pause of the machine makes a message leave
    too late.
    """

    def __init__(self, clock: Clock, permit_at: datetime) -> None:
        self._clock, self._permit_at = clock, permit_at
        self._elapsed_at_permit = clock.elapsed() + (permit_at - clock.now())

    def late(self) -> timedelta:
        """How long the moment is over; negative before it."""
        return max(self._clock.now() - self._permit_at, self._clock.elapsed() - self._elapsed_at_permit)

    async def come(self, early: timedelta = timedelta(0)) -> None:
        """Return when it has come, or so much before."""
        await self._clock.wait(asyncio.Event(), self._clock.now() - self.late() - early)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A message that may leave now, and who waits for what becomes of it."""

    message: Claimed
    moment: _Moment
    delivered: asyncio.Future[tuple[Settlement, timedelta | None]]


class _Trip:
    """One call of `Courier.carry`."""

    def __init__(
        self, dispatch: Dispatch, ledger: Ledger, clock: Clock, room: asyncio.Semaphore, stop_at: datetime
    ) -> None:
        self._dispatch, self._ledger, self._clock = dispatch, ledger, clock
        self._room, self._stop_at = room, stop_at
        self._recorder = Recorder(dispatch, clock)
        self._ready: dict[str, list[_Ready]] = {}

    async def carry(self, ticket: Ticket) -> Carried:
        """Carry one ticket; whatever goes wrong with it is told and stays its own."""
        took: timedelta | None = None
        try:
            async with self._room:
                message = await self._pick_up(ticket)
            if message is None:
                return Carried(ticket)
            settlement, took = await self._deliver(message, _Moment(self._clock, ticket.permit_at))
            if settlement is not None:
                await self._recorder.record(settlement)
        except Exception as error:  # one that breaks must not take its neighbours along
            return Carried(ticket, took=took, failure=error)
        return Carried(ticket, settlement, took)

    async def _pick_up(self, ticket: Ticket) -> Claimed | None:
        now = self._clock.now()
        if now >= ticket.lease_until:  # without asking: a queue that stood still may be full of these
            return None
        return await self._ledger.pick_up(ticket, now)

    async def _deliver(self, message: Claimed, moment: _Moment) -> tuple[Settlement | None, timedelta | None]:
        """Bring a message to its provider, or give it back; what to record, and how long it took."""
        if message.permit_at >= self._stop_at or _missed(moment):
            return await self._give_back_unbegun(message, moment), None
        await moment.come(BEGIN_EARLY)
        async with self._room:
            begun = await self._dispatch.begin(message, self._clock.now())
        if not isinstance(begun, Claimed):
            return begun, None
        await moment.come()
        if self._dispatch.most_at_once(begun.sender) > 1:
            return await self._join(begun, moment)
        async with self._room:
            return await self._hand_over(begun, moment)

    async def _hand_over(self, message: Claimed, moment: _Moment) -> tuple[Settlement, timedelta | None]:
        now = self._clock.now()
        if now >= self._stop_at or _missed(moment):  # the room came free too late
            return self._give_back(message, moment), None
        ready = await self._dispatch.prepare(message, now)
        if isinstance(ready, Settlement):
            return ready, None
        outcome = await self._dispatch.hand_over(message, ready, self._clock.now(), moment.late() + SKEW)
        if not isinstance(outcome, Outcome):
            return outcome, None
        took = max(moment.late(), timedelta(0))
        return await self._dispatch.conclude(message, outcome, self._clock.now()), took

    async def _join(self, message: Claimed, moment: _Moment) -> tuple[Settlement, timedelta | None]:
        """Hand it over with others of its sender that are ready now; whoever is first takes the others along."""
        sender = message.sender
        ready = self._ready.setdefault(sender, [])
        delivered: asyncio.Future[tuple[Settlement, timedelta | None]] = asyncio.get_running_loop().create_future()
        ready.append(_Ready(message, moment, delivered))
        full = len(ready) == self._dispatch.most_at_once(sender)
        if full:
            del self._ready[sender]
        if len(ready) == 1:
            await self._clock.wait(asyncio.Event(), self._clock.now() + TOGETHER)
            if self._ready.get(sender) is ready:
                del self._ready[sender]
            await self._take_along(ready)
        return await delivered

    async def _take_along(self, ready: Sequence[_Ready]) -> None:
        try:
            async with self._room:
                became = await self._hand_over_many(ready)
        except Exception as error:  # it is each one's own
            for one in ready:
                one.delivered.set_exception(error)
        else:
            for one, what in zip(ready, became, strict=True):
                one.delivered.set_result(what)

    async def _hand_over_many(self, ready: Sequence[_Ready]) -> list[tuple[Settlement, timedelta | None]]:
        if self._clock.now() >= self._stop_at:  # the room came free too late
            return [(self._give_back(one.message, one.moment), None) for one in ready]
        messages = [one.message for one in ready]

        def late(at: int) -> timedelta:
            return ready[at].moment.late() + SKEW

        became = await deliver_together(self._dispatch, self._clock, messages, late)
        return [
            (settlement, max(one.moment.late(), timedelta(0)) if called else None)
            for one, (settlement, called) in zip(ready, became, strict=True)
        ]

    async def _give_back_unbegun(self, message: Claimed, moment: _Moment) -> Settlement | None:
        """Begun first, so that it surely is ours: given back as it is, it would be taken from a duplicate under way."""
        async with self._room:
            ours = await self._ledger.begin(message, self._clock.now())
        return self._give_back(message, moment) if ours else None

    def _give_back(self, message: Claimed, moment: _Moment) -> Settlement:
        reason = "missed_its_moment" if _missed(moment) else "shutdown"
        return self._dispatch.give_back(message, reason, self._clock.now())


def _missed(moment: _Moment) -> bool:
    return moment.late() + SKEW >= MOMENT_TOLERANCE
