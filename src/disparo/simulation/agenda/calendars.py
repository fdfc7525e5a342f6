"""Hosts' calendars of a simulated world, which know exactly what was written into them, by whom, and what they said.

They behave as `tests/contract/calendar_suite.py` asks of every calendar, until they fail: they cannot be read, or not
all of them, lose a write before or after it was done, and people move, remove and decline our events in them.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from disparo.domain.agenda.calendar_event import (
    BusyTimes,
    CalendarChange,
    CalendarEvent,
    ChangeKind,
    Changes,
    WriteResult,
    Written,
)
from disparo.domain.agenda.host import Host
from disparo.domain.instants import to_ms
from disparo.domain.intervals import Interval
from disparo.simulation.agenda.facts import ACT, Look
from disparo.simulation.agenda.plan import CalendarPlan

if TYPE_CHECKING:
    from disparo.simulation.gate import Gate
    from disparo.simulation.world import World

_ANSWERS = (ChangeKind.ACCEPTED, ChangeKind.DECLINED)

SYNC_PAGES = 40
"""Older changes than these are forgotten: who has a token of before begins anew."""


@dataclass(slots=True)
class Kept:
    """An event of ours as the calendar has it."""

    start_at: datetime
    end_at: datetime
    sequence: int
    version: int
    by_hand: bool = False
    """Whether somebody else changed it since we last wrote it."""
    touched_at: datetime | None = None

    @property
    def etag(self) -> str:
        """Its version."""
        return f"v{self.version}"


@dataclass(slots=True)
class VirtualCalendar:
    """One host's calendar, as it is."""

    world: World
    host_id: str
    plan: CalendarPlan
    events: dict[str, Kept] = field(default_factory=dict)
    removed_by_hand: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    """Events that hands other than ours ever changed."""
    told_at: list[datetime] = field(default_factory=list)
    """When somebody was told what had changed."""
    _changes: list[CalendarChange] = field(default_factory=list)
    _versions: int = 0
    _calls: int = 0

    def fate(self, *kinds: str) -> str:
        """What becomes of this call."""
        self._calls += 1
        draw = random.Random(f"calendar {self.world.scenario.seed} {self.host_id} {self._calls}")
        if self.world.healed:
            return "fine"
        for outage in self.plan.outages:
            if outage.from_s <= self.world.elapsed_s() < outage.until_s:
                return (
                    outage.kind if outage.kind in kinds else "unreadable" if "unreadable" in kinds else "lost_request"
                )
        at, reached = draw.random(), 0.0
        for kind in kinds:
            reached += getattr(self.plan, kind)
            if at < reached:
                return kind
        return "fine"

    def taken(self, start_at: datetime, end_at: datetime, besides: frozenset[str]) -> list[Interval]:
        """What stands in it between two instants, beside some events of ours."""
        at_s = self.world.elapsed_s()
        spans = [(one.start_at, one.end_at) for one in self.plan.foreign if one.from_s <= at_s < one.until_s]
        spans += [(one.start_at, one.end_at) for key, one in self.events.items() if key not in besides]
        return sorted(Interval(to_ms(start), to_ms(end)) for start, end in spans if start < end_at and start_at < end)

    def put(self, event: CalendarEvent, etag: str) -> Written:
        """Write an event."""
        kept = self.events.get(event.key)
        if kept is None:
            if etag and event.key in self.removed_by_hand:
                return Written(WriteResult.CHANGED, fault="removed_there")
        elif kept.by_hand and etag != kept.etag and (kept.start_at, kept.end_at) != (event.start_at, event.end_at):
            return Written(WriteResult.CHANGED, kept.etag, fault="moved_there")
        elif kept.sequence > event.sequence:
            return Written(WriteResult.CHANGED, kept.etag, fault="newer_there")
        elif kept.sequence == event.sequence and not kept.by_hand:
            return Written(WriteResult.DONE, kept.etag)
        self._versions += 1
        self.removed_by_hand.discard(event.key)
        made = self.events[event.key] = Kept(event.start_at, event.end_at, event.sequence, self._versions)
        self._note(f"has {event.key[:6]} version {event.sequence} at {event.start_at}")
        return Written(WriteResult.DONE, made.etag)

    def remove(self, event: CalendarEvent, etag: str) -> Written:
        """Take an event of ours away."""
        kept = self.events.get(event.key)
        if kept is None:
            return Written(WriteResult.DONE)
        if kept.by_hand and etag != kept.etag:
            return Written(WriteResult.CHANGED, kept.etag, fault="moved_there")
        if kept.sequence > event.sequence:
            return Written(WriteResult.CHANGED, kept.etag, fault="newer_there")
        del self.events[event.key]
        self._changes.append(CalendarChange(event.key, ChangeKind.REMOVED))
        self._note(f"has {event.key[:6]} no more")
        return Written(WriteResult.DONE)

    def changes(self, token: str | None) -> Changes:
        """What was changed, each event as it is now, and what we removed ourselves (as Google tells it)."""
        now = str(len(self._changes))
        if token is None or len(self._changes) - int(token) > SYNC_PAGES:
            return Changes(token=now)
        news = {(one.key, one.kind in _ANSWERS): one for one in self._changes[int(token) :]}
        return Changes(tuple(told for one in news.values() if (told := self._as_it_is(one)) is not None), now)

    def _as_it_is(self, change: CalendarChange) -> CalendarChange | None:
        kept = self.events.get(change.key)
        if kept is None:
            return CalendarChange(change.key, ChangeKind.REMOVED)
        if change.kind in _ANSWERS:
            return change
        return CalendarChange(change.key, ChangeKind.MOVED, kept.start_at, kept.end_at) if kept.by_hand else None

    # Other hands

    def moved(self, key: str, by: timedelta) -> None:
        """Somebody moves our event."""
        kept = self._hand_on(key)
        kept.start_at, kept.end_at = kept.start_at + by, kept.end_at + by
        self._changes.append(CalendarChange(key, ChangeKind.MOVED, kept.start_at, kept.end_at))
        self._note(f"is told {key[:6]} is at {kept.start_at}")

    def removed(self, key: str) -> None:
        """Somebody removes our event."""
        self._hand_on(key)
        del self.events[key]
        self.removed_by_hand.add(key)
        self._changes.append(CalendarChange(key, ChangeKind.REMOVED))
        self._note(f"loses {key[:6]} by hand")

    def answered(self, key: str, kind: ChangeKind) -> None:
        """A guest accepts or declines in their own calendar."""
        kept = self.events[key]
        self._changes.append(CalendarChange(key, kind, kept.start_at, kept.end_at))
        self._note(f"is told {key[:6]} is {kind}")

    def _hand_on(self, key: str) -> Kept:
        kept = self.events[key]
        self._versions += 1
        kept.version, kept.by_hand, kept.touched_at = self._versions, True, self.world.clock.now()
        self.touched.add(key)
        return kept

    def _note(self, what: str) -> None:
        self.world.note(f"calendar {self.host_id}", what)


class CalendarOfProcess:
    """`Calendar` and `TellsChanges`: a process's way to a calendar, through its gate."""

    def __init__(self, calendar: VirtualCalendar, gate: Gate) -> None:
        self._calendar, self._gate = calendar, gate

    async def busy(
        self, host: Host, start_at: datetime, end_at: datetime, besides: frozenset[str] = frozenset()
    ) -> BusyTimes:
        """See `Calendar.busy`."""
        answer: BusyTimes = await self._through("busy", self._busy, start_at, end_at, besides)
        if (act := ACT.get()) is not None:
            act.looks[host.id] = Look(start_at, end_at, tuple(answer.busy), answer.fault)
        return answer

    async def put(self, host: Host, event: CalendarEvent, etag: str) -> Written:
        """See `Calendar.put`."""
        written: Written = await self._through(f"put {host.id}", partial(self._write, self._calendar.put), event, etag)
        return written

    async def remove(self, host: Host, event: CalendarEvent, etag: str) -> Written:
        """See `Calendar.remove`."""
        write = partial(self._write, self._calendar.remove)
        written: Written = await self._through(f"remove {host.id}", write, event, etag)
        return written

    async def changes(self, host: Host, token: str | None) -> Changes:
        """See `TellsChanges.changes`."""
        found: Changes = await self._through(f"changes {host.id}", self._changes, token)
        return found

    async def _through(self, method: str, real: Any, *args: Any) -> Any:
        return await self._gate.pass_through("calendar", method, real, args)

    async def _busy(self, start_at: datetime, end_at: datetime, besides: frozenset[str]) -> BusyTimes:
        plan = self._calendar.plan
        fate = self._calendar.fate("unreadable", "partial")
        await asyncio.sleep(plan.latency_s / 2)
        taken = self._calendar.taken(start_at, end_at, besides)
        await asyncio.sleep(plan.timeout_s if fate == "unreadable" else plan.latency_s / 2)
        if fate == "fine":
            return BusyTimes(tuple(taken))
        if fate == "partial":
            return BusyTimes(tuple(taken[::2]), fault="partial")
        return BusyTimes(fault="unreachable")

    async def _write(self, write: Any, event: CalendarEvent, etag: str) -> Written:
        plan = self._calendar.plan
        fate = self._calendar.fate("lost_request", "lost_answer")
        await asyncio.sleep(plan.latency_s)
        if fate == "lost_request":
            await asyncio.sleep(plan.timeout_s)
            return Written(WriteResult.RETRY, fault="unreachable")
        written: Written = write(event, etag)
        if fate == "lost_answer":
            await asyncio.sleep(plan.timeout_s)
            return Written(WriteResult.RETRY, fault="timed_out")
        return written

    async def _changes(self, token: str | None) -> Changes:
        await asyncio.sleep(self._calendar.plan.latency_s)
        if self._calendar.fate("unreadable") != "fine":
            return Changes(token=token, fault="unreachable")
        self._calendar.told_at.append(self._calendar.world.clock.now())
        return self._calendar.changes(token)


class CalendarsOfProcess:
    """`Calendars` of one process."""

    def __init__(self, calendars: dict[str, VirtualCalendar], gate: Gate) -> None:
        self._each = {name: CalendarOfProcess(calendar, gate) for name, calendar in calendars.items()}

    def of(self, host: Host) -> CalendarOfProcess:
        """See `Calendars.of`."""
        return self._each[host.id]
