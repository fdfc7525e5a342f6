"""Many who offer, book, take, move and cancel at the same two hosts at once, and the check of it from outside.

Times lie over a Sunday's midnight in São Paulo, three hours behind the end of the week in UTC, and so many are wanted
that most of them are in somebody's way. No two racers agree about the time by up to six seconds. One host takes few
in a day and in a week.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from disparo.domain.agenda.host import DayLimits
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.slot import HostBounds, Slot
from disparo.domain.instants import to_ms
from disparo.ports.agenda import MeetingChangedError, MeetingFilter, SlotTakenError
from disparo.ports.store import Store
from tests.contract.meetings_scene import DAY, MINUTE, NOW, SECOND, ZONE, agreed, ended, offered, taken

PER_DAY, PER_WEEK = 3, 4
BOUNDS = {"ana": HostBounds(DayLimits(), ZONE), "bia": HostBounds(DayLimits(PER_DAY, PER_WEEK), ZONE)}
HOSTS = (*[("ana",)] * 9, *[("bia",)] * 8, *[("ana", "bia")] * 3)
FIRST = NOW + 6 * DAY
"""Sunday at 9 in São Paulo."""

SKEWS_S = range(-3, 4)
ROUND = 4 * SECOND
LIVE = frozenset({MeetingState.PROPOSED, MeetingState.CONFIRMED})
ACTS = ("offer", "offer", "book", "take", "take", "move", "again", "end", "end", "note")


@dataclass(slots=True)
class Racer:
    """One who does a random thing after another, each a round later by a clock that is some seconds wrong."""

    name: str
    store: Store
    dice: random.Random
    tally: Counter[str] = field(default_factory=Counter)
    done: int = 0

    async def run(self, rounds: int) -> None:
        """Do so many things; whatever is refused is counted by why."""
        for _ in range(rounds):
            now = NOW + self.done * ROUND + self.dice.choice(SKEWS_S) * SECOND
            self.done += 1
            act = self.dice.choice(ACTS)
            try:
                await self._act(act, now)
            except SlotTakenError as error:
                self.tally[error.refusal.reason] += 1
            except MeetingChangedError:
                self.tally["changed"] += 1

    async def _act(self, act: str, now: datetime) -> None:
        meetings = self.store.meetings
        changed = self._new(act, now) if act in ("offer", "book") else await self._other(act, now)
        if changed is None:
            self.tally["nothing"] += 1
            return
        await (meetings.replace if changed.id else meetings.add)(changed, BOUNDS, now)
        self.tally[act] += 1

    def _new(self, act: str, now: datetime) -> Meeting:
        uid = f"{self.name}-{self.done}"
        buffers = {f"buffer_{side}": self.dice.choice((0, 0, 0, 5, 30)) * MINUTE for side in ("before", "after")}
        if act == "book":
            return agreed(uid, self._slot(), **buffers)
        return offered(uid, *self._three(), until=self._until(now), **buffers)

    async def _other(self, act: str, now: datetime) -> Meeting | None:
        """A change of a meeting that is live, as anybody's answer would make it."""
        live = await self.store.meetings.page(MeetingFilter(states=LIVE), None, 40)
        fitting = [one for one in live if (one.offers or act != "take") and (one.slot or act != "move")]
        if not fitting:
            return None
        one = self.dice.choice(fitting)
        match act:
            case "take":
                return taken(one, self.dice.choice(one.offers))
            case "move":
                return taken(one, self._slot())
            case "again":
                return replace(one, offers=self._three(), offers_until=self._until(now))
            case "end":
                return ended(one)
        return replace(one, told=one.told + 1)

    def _slot(self) -> Slot:
        hosts = self.dice.choice(HOSTS)
        # who takes few is wanted from Saturday's last hours to Monday's first
        first, last = (0, 48) if hosts == ("ana",) else (-12, 18)
        start_at = FIRST + self.dice.randrange(first * 12, last * 12) * 5 * MINUTE
        return Slot(hosts, start_at, start_at + self.dice.randrange(5, 50, 5) * MINUTE)

    def _three(self) -> tuple[Slot, ...]:
        return tuple(self._slot() for _ in range(3))

    def _until(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self.dice.choice((4, 20, 60, 600)))


def racers(stores: Sequence[Store], count: int, seed: int) -> list[Racer]:
    """So many, each with dice of its own, over these stores in turn."""
    return [
        Racer(f"{seed}-{number}", stores[number % len(stores)], random.Random(f"{seed}/{number}"))
        for number in range(count)
    ]


def latest(rounds: int) -> datetime:
    """Later than anybody's clock after so many rounds each: what is held then, all agree, is held."""
    return NOW + rounds * ROUND + max(SKEWS_S) * SECOND


@dataclass(frozen=True, slots=True)
class Claim:
    """A host's time that a meeting has, worked out here and not by the product."""

    host: str
    meeting: str
    start: datetime
    end: datetime
    begins: datetime


def claims(meetings: Iterable[Meeting], at: datetime) -> list[Claim]:
    found = []
    for one in meetings:
        if one.state not in LIVE:
            continue
        slots = [] if one.slot is None else [one.slot]
        if one.offers_until is not None and one.offers_until > at:
            slots += one.offers
        for slot in slots:
            start, end = slot.start_at - one.buffer_before, slot.end_at + one.buffer_after
            found += [Claim(host, one.id, start, end, slot.start_at) for host in slot.hosts]
    return found


async def faults(store: Store, at: datetime) -> list[str]:
    """Everything that must never be: who has the same time, where a host has too many, what the store says else."""
    meetings = await store.meetings.page(MeetingFilter(), None, 1_000_000)
    kept = claims(meetings, at)
    told = [*_overlaps(kept), *_too_many(kept)]
    said = await store.meetings.occupations(list(BOUNDS), FIRST - 2 * DAY, FIRST + 4 * DAY, at)
    ours = {(one.host, one.meeting, one.start, one.end) for one in kept}
    theirs = {(one.host_id, one.meeting_id, one.span.start_ms, one.span.end_ms) for one in said}
    if {(host, meeting, to_ms(start), to_ms(end)) for host, meeting, start, end in ours} != theirs:
        told.append(f"the store keeps {len(theirs)} times, its meetings {len(ours)}")
    return told


def _overlaps(kept: Sequence[Claim]) -> list[str]:
    return [
        f"{one} and {other}"
        for place, one in enumerate(kept)
        for other in kept[:place]
        if one.host == other.host and one.meeting != other.meeting and one.start < other.end and other.start < one.end
    ]


def _too_many(kept: Sequence[Claim]) -> list[str]:
    limited = [(one.begins.astimezone(ZoneInfo(ZONE)).date(), one.meeting) for one in kept if one.host == "bia"]
    days = Counter(day for day, _ in set(limited))
    weeks = Counter(week for week, _ in {(day.isocalendar()[:2], meeting) for day, meeting in limited})
    return [
        f"{count} meetings on {span}"
        for counts, most in ((days, PER_DAY), (weeks, PER_WEEK))
        for span, count in counts.items()
        if count > most
    ]
