"""The people of a simulated agenda: contacts who answer and click, visitors, operators, and hands in calendars."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from disparo.domain.agenda.calendar_event import ChangeKind, key_of_uid
from disparo.domain.agenda.host import CalendarKind
from disparo.domain.agenda.meeting import LIVE, Meeting, MeetingState
from disparo.domain.agenda.notice import NoticeKind, NoticeStep
from disparo.domain.agenda.slot import Slot
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.place import Place
from disparo.domain.receipt import Receipt, Reply
from disparo.ports.agenda import MeetingChangedError
from disparo.ports.desk import Desk, Wish
from disparo.simulation.agenda.texts import MAY_OPT_OUT, TO_A_STEP, TO_OFFERS, TO_THE_AGREED
from disparo.simulation.drawn import PLACES
from disparo.simulation.facts import Call
from disparo.simulation.gate import innermost, refused_alone
from disparo.simulation.process import Process

if TYPE_CHECKING:
    from disparo.simulation.agenda.life import AgendaLife

_OFFERING = (NoticeKind.PROPOSAL, NoticeKind.WHICH)
_AGREED = (NoticeKind.CONFIRMED, NoticeKind.MOVED, NoticeKind.REMINDER_1, NoticeKind.REMINDER_2)
LOCAL = CalendarKind.LOCAL
_AT_MOST = 60
"""Clicks in one world."""

Ask = Callable[[Desk], Awaitable[Any]]


class People:
    """Does at the agenda what people do. Each kind of doing is one method, named as in `plan.DOINGS`."""

    def __init__(self, life: AgendaLife) -> None:
        self._life, self._world = life, life.world
        self.busy = 0
        """Of them, those who are at it or are about to be."""
        self._clicks = self._visitors = self._started = 0
        self._web: list[Process] = []
        doings = life.plan.doings
        self.until_s = doings[-1].at_s if doings else 0.0

    async def act(self) -> None:
        """Do everything at its instant."""
        self.busy += 1
        for doing in self._life.plan.doings:
            await asyncio.sleep(max(0.0, doing.at_s - self._world.elapsed_s()))
            self._world.note("people", doing.kind)
            await getattr(self, f"_do_{doing.kind}")(random.Random(f"{doing}"))
        self.busy -= 1
        self._world.news()

    # Answers to what they are told

    def replies(
        self, call: Call, provider_id: str, account: str, draw: random.Random
    ) -> list[tuple[float, Receipt | Reply]]:
        """What the person whom a message has reached writes, and after how many seconds, told once or more often."""
        found: list[tuple[float, Receipt | Reply]] = []
        now, repeats = self._world.clock.now(), self._life.plan.repeats
        for number, (after_s, text) in enumerate(self._texts(call, draw)):
            reply = Reply("sim", f"{provider_id}:said:{number}", str(call.id), text, now, sender=account)
            if text in MAY_OPT_OUT:
                self._world.facts.said_to.add((call.id.contact_id, call.sender.name))
            times = 1 + (draw.random() < repeats) + (draw.random() < repeats / 3)
            found += [(after_s + again * draw.choice((0.0, 0.001, 1.0, 600.0)), reply) for again in range(times)]
        return found

    def _texts(self, call: Call, draw: random.Random) -> list[tuple[float, str]]:
        """What somebody writes; or they click instead."""
        step = NoticeStep.parse(call.id.step)
        campaign = self._world.facts.campaigns[call.id.campaign_id]
        if campaign.service or draw.random() >= self._life.plan.replies:
            return []
        if step is None:
            offers = campaign.plan.step(call.id.step).meeting is not None
            texts = [draw.choice(TO_A_STEP)] if offers else []
        elif step.kind is NoticeKind.OUTCOME:
            self._later(draw, lambda: self._outcome(step.meeting_id, "host", draw))
            return []
        elif step.kind in _OFFERING or step.kind in _AGREED:
            if draw.random() < self._life.plan.clicks:
                self._later(draw, lambda: self._click(step.meeting_id, draw))
                return []
            texts = [draw.choice(TO_OFFERS if step.kind in _OFFERING else TO_THE_AGREED)]
        else:
            return []
        after_s = draw.choice((0.001, 30.0, 600.0, 7_200.0)) * (1 + draw.random())
        texts += texts * (draw.random() < 0.15) + ["sim"] * (draw.random() < 0.1)
        return [(after_s + draw.choice((0.0, 0.001, 60.0)) * number, text) for number, text in enumerate(texts)]

    def _later(self, draw: random.Random, work: Callable[[], Awaitable[None]]) -> None:
        if self._clicks >= _AT_MOST or self._world.stopping or self._world.closing:
            return
        self._clicks += 1
        self.busy += 1
        after_s = draw.choice((0.001, 20.0, 600.0, 7_200.0)) * (1 + draw.random())
        self._world.spawn(self._after(after_s, work))

    async def _after(self, after_s: float, work: Callable[[], Awaitable[None]]) -> None:
        await asyncio.sleep(after_s)
        await work()
        self.busy -= 1
        self._world.news()

    async def _click(self, meeting_id: str, draw: random.Random) -> None:
        """A contact clicks: once, twice at once, or two different things at once, at two of our servers."""
        meeting = await self._world.store.meetings.get(meeting_id)
        first = await self._choice(meeting, draw)
        second = first if draw.random() < 0.5 else await self._choice(meeting, draw)
        await self._at_once([first, second][: draw.choice((1, 2, 2))])

    async def _choice(self, meeting: Meeting, draw: random.Random) -> Ask:
        now = self._world.clock.now
        offers = [offer.start_at for offer in meeting.offers]
        kind = draw.choice(("take", "take", "take", "yes", "no", "again", "cancel", "move"))
        if kind == "take" and offers:
            start_at = draw.choice(offers)
            return lambda desk: desk.take(meeting.id, start_at, now(), "contact")
        if kind == "move":
            place, horizon = meeting.place, self._life.facts.types[meeting.type_id].horizon
            share = draw.random()

            async def move(desk: Desk) -> None:
                free = await desk.slots(meeting.type_id, place, now(), now() + horizon, now(), moving=meeting.id)
                if free:
                    await desk.move(meeting.id, free[int(share * len(free))].start_at, now(), "contact")

            return move
        if kind == "no":
            return lambda desk: desk.no(meeting.id, now(), offers_only=True)
        if kind == "again":
            return lambda desk: desk.offer_again(meeting.id, now(), "contact")
        if kind == "cancel" and draw.random() < 0.5:
            return lambda desk: desk.cancel(meeting.id, "changed my mind", now(), "contact")
        return lambda desk: desk.yes(meeting.id, now())

    async def _outcome(self, meeting_id: str, by: str, draw: random.Random) -> None:
        held = draw.random() < 0.6
        await self._at_once([lambda desk: desk.outcome(meeting_id, held, self._world.clock.now(), by)])

    # At the desk

    async def _at_once(self, asks: list[Ask]) -> None:
        """Ask the desk of a process each, all at the same instant."""
        if self._world.violation is None and not self._world.closing:
            await asyncio.gather(*(self._ask(number, ask) for number, ask in enumerate(asks)))
            self._world.host.nudge()

    async def _ask(self, number: int, ask: Ask) -> None:
        process = self._server(number)
        assert process.desk is not None
        task = process.spawn(ask(process.desk))  # type: ignore[arg-type]
        await asyncio.wait([task])
        error = None if task.cancelled() else task.exception()
        if error is not None and not refused_alone(error) and not isinstance(error, MeetingChangedError):
            self._world.fail("desk", f"{process.name} broke: {innermost(error)!r}")

    def _server(self, number: int) -> Process:
        """A web server; another takes its place when it is dead."""
        while len(self._web) <= number:
            self._web.append(self._begin())
        if not self._web[number].alive:
            self._web[number] = self._begin()
        return self._web[number]

    def _begin(self) -> Process:
        self._started += 1
        return Process(self._world, f"web{self._started}")

    def go_home(self) -> None:
        """Nobody asks anything any more."""
        for process in self._web:
            process.close()

    # Visitors and operators

    async def _do_book(self, draw: random.Random) -> None:
        """Several want the same time at once; one of them clicks twice."""
        kind = draw.choice(self._life.plan.types)
        place = draw.choice(PLACES)
        now = self._world.clock.now
        free: list[Slot] = []

        async def list_free(desk: Desk) -> None:
            free[:] = await desk.slots(kind.id, place, now(), now() + kind.horizon, now())

        await self._at_once([list_free])
        if not free:
            return
        starts = [slot.start_at for slot in draw.sample(free, 1 if draw.random() < 0.6 else min(2, len(free)))]
        wishes = [await self._wish(kind.id, place) for _ in range(draw.choice((1, 2, 2)))]
        wishes += wishes[: draw.choice((0, 1))]

        def book(wish: Wish, start_at: datetime) -> Ask:
            return lambda desk: desk.book(wish, start_at, now(), "contact")

        await self._at_once([book(wish, starts[number % len(starts)]) for number, wish in enumerate(wishes)])

    async def _do_propose(self, draw: random.Random) -> None:
        """Operators offer times to somebody, one of them twice, or to two at once."""
        kind, place = draw.choice(self._life.plan.types).id, draw.choice(PLACES)
        wishes = [await self._wish(kind, place) for _ in range(draw.choice((1, 2)))]
        wishes += wishes[: draw.choice((0, 1))]

        def propose(wish: Wish) -> Ask:
            return lambda desk: desk.propose(wish, self._world.clock.now())

        await self._at_once([propose(wish) for wish in wishes])

    async def _do_race(self, draw: random.Random) -> None:
        """Two who are offered times take one at the same instant."""
        offered = [one for one in self._some(LIVE) if one.offers]
        asks = [await self._choice(one, draw) for one in draw.sample(offered, min(2, len(offered)))]
        await self._at_once(asks)

    async def _wish(self, type_id: str, place: Place) -> Wish:
        self._visitors += 1
        number = self._visitors
        draft = ContactDraft(
            "agenda:sim", place, f"V{number}", email=f"v{number}@example.com", email_key=f"v{number}@example.com"
        )
        [folded] = await self._world.store.contacts.fold("agenda", [draft])
        self._world.facts.contacts.setdefault(folded.contact_id, draft)
        return Wish(type_id, folded.contact_id, Channel.EMAIL, place, f"visitor {number}")

    def _some(self, states: frozenset[MeetingState]) -> list[Meeting]:
        return [meeting for meeting in self._life.facts.all() if meeting.state in states]

    def _agreed(self, draw: random.Random) -> Meeting | None:
        found = [one for one in self._some(frozenset({MeetingState.CONFIRMED})) if one.slot is not None]
        return draw.choice(found) if found else None

    async def _do_cancel(self, draw: random.Random) -> None:
        if live := self._some(LIVE):
            meeting = draw.choice(live)
            await self._at_once([lambda desk: desk.cancel(meeting.id, "ill", self._world.clock.now(), "operator")])

    async def _do_move(self, draw: random.Random) -> None:
        if (meeting := self._agreed(draw)) is not None and meeting.slot is not None:
            start_at = meeting.slot.start_at + timedelta(minutes=draw.choice((-60, 15, 60, 1_440)))
            move: Ask = lambda desk: desk.move(meeting.id, start_at, self._world.clock.now(), "operator")  # noqa: E731
            await self._at_once([move])

    async def _do_hand_over(self, draw: random.Random) -> None:
        host = draw.choice(self._life.plan.hosts)
        if (meeting := self._agreed(draw)) is not None:
            await self._at_once([lambda desk: desk.hand_to(meeting.id, host.id, self._world.clock.now())])

    async def _do_outcome(self, draw: random.Random) -> None:
        if (meeting := self._agreed(draw)) is not None:
            await self._outcome(meeting.id, "operator", draw)

    # Hands in calendars

    def _event(self, draw: random.Random) -> tuple[Any, str] | None:
        """An event of ours that lies ahead."""
        now, hosts = self._world.clock.now(), self._life.facts.hosts
        foreign = [one for one in self._life.calendars.values() if hosts[one.host_id].calendar.kind is not LOCAL]
        found = [
            (calendar, key_of_uid(meeting.uid))
            for meeting in self._life.facts.all()
            for calendar in foreign
            if (kept := calendar.events.get(key_of_uid(meeting.uid))) is not None and kept.start_at > now
        ]
        return draw.choice(found) if found else None

    async def _do_event_moved(self, draw: random.Random) -> None:
        if (found := self._event(draw)) is not None:
            found[0].moved(found[1], timedelta(minutes=draw.choice((-30, 30, 90, 1_440))))

    async def _do_event_removed(self, draw: random.Random) -> None:
        if (found := self._event(draw)) is not None:
            found[0].removed(found[1])

    async def _do_event_declined(self, draw: random.Random) -> None:
        if (found := self._event(draw)) is not None:
            found[0].answered(found[1], ChangeKind.DECLINED)

    async def _do_event_accepted(self, draw: random.Random) -> None:
        if (found := self._event(draw)) is not None:
            found[0].answered(found[1], ChangeKind.ACCEPTED)
