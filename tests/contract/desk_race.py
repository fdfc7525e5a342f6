"""Visitors who all want the same host's time, through the desk; `python -m tests.contract.desk_race FILE SEED ROUNDS`.

Several run at once in one process and in several. Each looks which times are free, picks one of the first, of a random
length, and takes what is offered instead when somebody else was faster. It says `ready`, waits for a line, and in the
end prints what the desk answered, one line for each.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.contact import Channel
from disparo.ports.agenda import MeetingChangedError
from disparo.ports.desk import Answer, Said, Wish
from disparo.ports.store import Store
from disparo.usecases.agenda.desk import AgendaDesk
from tests.agenda_scene import MONDAY, SAO_PAULO, FakeCalendars, host, meeting_type

TASKS = 8
"""Visitors at once in each process."""

TYPES = {"curta": 20, "media": 45, "longa": 90}
"""Minutes; they begin every ten minutes, so that most overlap others in part."""


def types() -> list[MeetingType]:
    """The types of meetings that are booked."""
    return [
        meeting_type(
            id=name,
            duration=timedelta(minutes=minutes),
            grid=timedelta(minutes=10),
            buffer_after=timedelta(minutes=minutes // 4),
            min_notice=timedelta(0),
            horizon=timedelta(days=120),
        )
        for name, minutes in TYPES.items()
    ]


async def prepare(store: Store) -> None:
    """Ana, and what she offers."""
    await store.hosts.put_host(host("ana"))
    for one in types():
        await store.hosts.put_type(one)


class Visitor:
    """One of those who want a time; `dice` decides what they do."""

    def __init__(self, desk: AgendaDesk, dice: random.Random, name: str) -> None:
        self._desk, self._dice, self._name = desk, dice, name
        self._wishes = 0
        self.heard: list[str] = []

    async def play(self, rounds: int) -> None:
        """Want a time so many times."""
        for _ in range(rounds):
            # Clocks of machines are never quite the same.
            now = MONDAY + timedelta(seconds=self._dice.uniform(-3, 3))
            try:
                await self._want(now)
            except MeetingChangedError:
                self.heard.append("changed")

    async def _want(self, now: datetime) -> None:
        kind = self._dice.choice([*TYPES])
        if self._dice.random() < 0.5:
            answer = await self._desk.propose(self._wish(kind), now)
            self._note("propose", answer)
            await self._take_one(answer, now)
            return
        free = await self._desk.slots(kind, SAO_PAULO, now, now + timedelta(days=120), now)
        wanted = self._dice.choice(free[:12])
        answer = await self._desk.book(self._wish(kind), wanted.start_at, now, "contact")
        self._note("book", answer)
        if answer.said is Said.CONFIRMED:
            await self._later(answer, now)
        else:  # somebody was faster: there are other times
            other = await self._desk.propose(self._wish(kind), now)
            self._note("instead", other)
            await self._take_one(other, now)

    async def _take_one(self, answer: Answer, now: datetime) -> None:
        if answer.meeting is None or not answer.meeting.offers:
            return
        offer = self._dice.choice(answer.meeting.offers)
        taken = await self._desk.take(answer.meeting.id, offer.start_at, now, "contact")
        self._note("take", taken)
        if taken.said is Said.TAKEN_MEANWHILE:
            offers = len(taken.meeting.offers) if taken.meeting is not None else 0
            self.heard.append(f"lost {'other offers' if offers else 'nothing'}")
        await self._later(taken, now)

    async def _later(self, answer: Answer, now: datetime) -> None:
        """Some think again."""
        if answer.meeting is None:
            return
        chance = self._dice.random()
        if chance < 0.88:
            self._note("cancel", await self._desk.cancel(answer.meeting.id, "", now, "contact"))
        elif chance < 0.96:
            again = await self._desk.offer_again(answer.meeting.id, now, "contact")
            self._note("again", again)
            if chance < 0.93:
                await self._take_one(again, now)

    def _wish(self, kind: str) -> Wish:
        self._wishes += 1
        return Wish(kind, "1", Channel.EMAIL, SAO_PAULO, f"{self._name}:{self._wishes}")

    def _note(self, asked: str, answer: Answer) -> None:
        self.heard.append(f"{asked} {answer.said}")


async def race(store: Store, seed: int, rounds: int) -> list[str]:
    """All visitors of one process, at once."""
    desk = AgendaDesk(store, FakeCalendars(), lambda: "race")
    visitors = [Visitor(desk, random.Random(f"{seed}.{one}"), f"{seed}.{one}") for one in range(TASKS)]
    await asyncio.gather(*(one.play(rounds) for one in visitors))
    return [line for one in visitors for line in one.heard]


def main(path: Path, seed: int, rounds: int) -> Iterator[str]:
    """What is printed, line by line."""
    database = Database(path)
    yield "ready"
    sys.stdin.readline()
    yield from asyncio.run(race(open_store(database), seed, rounds))
    database.close()


if __name__ == "__main__":
    for line in main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
