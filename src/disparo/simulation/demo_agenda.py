"""The demonstration's agenda: guests who answer what they are offered, and hosts who say what became of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import combinations, count
from random import Random

from disparo.adapters.babel_wording import BabelWording
from disparo.adapters.calendars.local import LocalCalendar
from disparo.adapters.icalendar.invitations import ICalendar
from disparo.adapters.signed_links import SignedLinks
from disparo.domain.agenda.agenda_document import Agenda
from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.notice import REMINDERS, NoticeKind, NoticeStep
from disparo.domain.contact import Channel
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.receipt import Reply
from disparo.engine.agenda.parts import AgendaParts
from disparo.ports.agenda import MeetingFilter
from disparo.ports.channel import Collected, Outgoing
from disparo.ports.clock import Clock
from disparo.ports.desk import Desk
from disparo.ports.store import Store
from disparo.usecases.agenda.desk import AgendaDesk

SEED = 20
LINKS = SignedLinks("https://agenda.vereda.example.com", lambda: b"a demonstracao nao guarda segredo")

_TAKES = ("1", "2", "o primeiro", "pode ser o 3", "2, por favor")
_OFFERED = (*(_TAKES * 3), "outro horário", "não posso nesses dias", "", "não quero mais, obrigado")
"""What is answered to times that are offered, each as likely as the next; "" is silence."""

_REMINDED = ("sim", "confirmo", "sim", "", "", "preciso remarcar", "cancelar")
_NO_SHOW_RATE = 0.2
_PAGE = 500


def agenda_parts(store: Store, hours: BusinessHours) -> AgendaParts:
    """An agenda whose calendars are all with us."""
    calendars = _OwnCalendars()
    desk = AgendaDesk(store, calendars, lambda: "demo")
    return AgendaParts(desk, calendars, BabelWording(), ICalendar(), hours, _no_address)


async def keep(store: Store, agenda: Agenda) -> None:
    """Keep the hosts and types of a file."""
    for host in agenda.hosts:
        await store.hosts.put_host(host)
    for one in agenda.types:
        await store.hosts.put_type(one)


class _OwnCalendars:
    def of(self, _: Host) -> LocalCalendar:
        return LocalCalendar()


async def _no_address() -> str | None:
    return None


class Guests:
    """Answers to notices, some hours after they came; `Collects` of what people write, and hosts' clicks."""

    def __init__(self, store: Store, desk: Desk, clock: Clock, told: Callable[[str, Channel, str], None]) -> None:
        self._store, self._desk, self._clock, self._told = store, desk, clock, told
        self._random = Random(SEED)
        self._numbers = count(1)
        self._answers: list[tuple[datetime, int, Reply]] = []
        self._clicks: list[tuple[datetime, int, str, bool]] = []
        self._news = asyncio.Event()

    def got(self, message: Outgoing, channel: Channel, now: datetime) -> None:
        """Somebody got a notice."""
        step = NoticeStep.parse(message.id.step)
        if step is None:
            return
        if step.kind is NoticeKind.OUTCOME:
            held = self._random.random() >= _NO_SHOW_RATE
            click = (now + timedelta(minutes=self._random.randint(2, 90)), next(self._numbers), step.meeting_id, held)
            heappush(self._clicks, click)
            self._news.set()
            return
        words = _REMINDED if step.kind in REMINDERS else _OFFERED if step.kind is NoticeKind.PROPOSAL else ("",)
        if text := self._random.choice(words):
            at = now + timedelta(minutes=self._random.randint(3, 240))
            reply = Reply("guest", f"{message.id}", str(message.id), text, at, channel, message.address)
            heappush(self._answers, (at, next(self._numbers), reply))

    async def collect(self, now: datetime) -> Collected:
        """See `Collects.collect`."""
        replies: list[Reply] = []
        while self._answers and self._answers[0][0] <= now:
            reply = heappop(self._answers)[2]
            replies.append(reply)
            self._told("guest", reply.channel or Channel.WHATSAPP, reply.text)
        return Collected((), replies, self._answers[0][0] if self._answers else None)

    async def click(self, nudge: Callable[[], None]) -> None:
        """Say what became of meetings, for ever, each some time after its host was asked."""
        while True:
            self._news.clear()
            next_at = self._clicks[0][0] if self._clicks else None
            if next_at is not None and next_at <= self._clock.now():
                _, _, meeting_id, held = heappop(self._clicks)
                await self._desk.outcome(meeting_id, held, self._clock.now(), "host")
                self._told("held" if held else "no_show", Channel.EMAIL, meeting_id)
                nudge()
                continue
            await self._clock.wait(self._news, next_at)


@dataclass(frozen=True, slots=True)
class AgendaCount:
    """What the agenda came to: meetings by how they ended, and how often one was moved.

    `double_booked` are pairs of agreed meetings of one host whose times overlap: 0 is the proof.
    """

    proposed: int
    booked: int
    attending: int
    moved: int
    held: int
    missed: int
    cancelled: int
    not_agreed: int
    upcoming: int
    double_booked: int


async def counted(store: Store) -> AgendaCount:
    """Count every meeting that is kept."""
    meetings = await _every(store)
    states = Counter(one.state for one in meetings)
    booked = [one for one in meetings if one.first_agreed is not None]
    return AgendaCount(
        proposed=len(meetings),
        booked=len(booked),
        attending=sum(one.attendance_at is not None for one in booked),
        moved=sum(one.reschedules > 0 for one in booked),
        held=states[MeetingState.HELD],
        missed=states[MeetingState.NO_SHOW],
        cancelled=sum(one.state is MeetingState.CANCELLED for one in booked),
        not_agreed=len(meetings) - len(booked),
        upcoming=states[MeetingState.CONFIRMED],
        double_booked=_double_booked(one for one in booked if one.state is not MeetingState.CANCELLED),
    )


async def _every(store: Store) -> list[Meeting]:
    found: list[Meeting] = []
    while page := await store.meetings.page(MeetingFilter(), found[-1].id if found else None, _PAGE):
        found += page
    return found


def _double_booked(meetings: Iterable[Meeting]) -> int:
    slots = [one.slot for one in meetings if one.slot is not None]
    return sum(
        bool(set(one.hosts) & set(other.hosts)) and one.start_at < other.end_at and other.start_at < one.end_at
        for one, other in combinations(slots, 2)
    )
