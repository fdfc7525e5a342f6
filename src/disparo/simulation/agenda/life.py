"""The agenda's part of a world: hosts and calendars, what becomes of meetings, and whether all of it comes to rest."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from disparo.domain.agenda.meeting import Meeting
from disparo.domain.campaign import AGENDA_PREFIX, Campaign
from disparo.domain.message import SETTLED, MessageId
from disparo.domain.receipt import Reply
from disparo.ports.desk import Answer, Wish
from disparo.simulation.agenda.at_commit import AT_COMMIT
from disparo.simulation.agenda.calendars import VirtualCalendar
from disparo.simulation.agenda.facts import ACT, SAID, Act, AgendaFacts, Revision
from disparo.simulation.agenda.invariants import AGENDA_AT_END, notices_go_once
from disparo.simulation.agenda.people import People
from disparo.simulation.agenda.plan import AgendaPlan
from disparo.simulation.books import Books
from disparo.simulation.gate import PortCall
from disparo.simulation.hours_oracle import ALWAYS, HoursSpec

if TYPE_CHECKING:
    from disparo.simulation.process import Process
    from disparo.simulation.world import World

HARMLESS = frozenset({"propose", "book", "take"})
"""Acts that the same call again must not change anything by, however much later."""


class AgendaLife:
    """What a world knows of its agenda."""

    def __init__(self, world: World, plan: AgendaPlan) -> None:
        self.world, self.plan = world, plan
        self.facts = AgendaFacts({one.id: one for one in plan.hosts}, {one.id: one for one in plan.types})
        self.calendars = {name: VirtualCalendar(world, name, one) for name, one in plan.calendars.items()}
        self.people = People(self)
        self._looked_s = float("-inf")

    async def set_up(self) -> None:
        """Keep hosts and types."""
        for host in self.plan.hosts:
            await self.world.store.hosts.put_host(host)
        for kind in self.plan.types:
            await self.world.store.hosts.put_type(kind)

    def hours_of(self, campaign: Campaign) -> HoursSpec:
        """When the messages of a campaign that is always there may go."""
        usual = campaign.name.startswith(AGENDA_PREFIX) and not campaign.name.endswith("-ja")
        return self.plan.hours if usual else ALWAYS

    # Looking at calendars

    def looks_at(self, now: datetime) -> datetime:
        """When calendars are looked at next."""
        return now + timedelta(seconds=max(0.0, self._looked_s + self._every_s() - self.world.elapsed_s()))

    def looked(self, now: datetime) -> datetime:
        """They were looked at."""
        self._looked_s = self.world.elapsed_s()
        return now + timedelta(seconds=self._every_s())

    def _every_s(self) -> float:
        every_s = self.plan.watch_every.total_seconds()
        return every_s if self.world.elapsed_s() < self.people.until_s else max(every_s, 6 * 3_600.0)

    # What happens

    def answered(self, act: Act, answer: Any) -> None:
        """The desk has answered."""
        if not isinstance(answer, Answer):
            return
        meeting = answer.meeting
        told = "" if meeting is None else f" {meeting.id}"
        self.world.note(act.process, f"{act.name}{told}: {answer.said} {answer.detail}".rstrip())
        if act.name in HARMLESS and meeting is not None and self.world.violation is None:
            self.facts.acts.append(act)
        wish = act.args[0]
        if isinstance(wish, Wish) and meeting is not None:
            self.facts.wishes[wish.key].add(meeting.id)
            if len(self.facts.wishes[wish.key]) > 1:
                self.world.fail("I11", f"the wish {wish.key} led to meetings {sorted(self.facts.wishes[wish.key])}")

    def committed(self, call: PortCall, meeting: Meeting, now: datetime) -> None:
        """A meeting was written, or found as it was written before."""
        before = self.facts.latest(meeting.id)
        if before is not None and meeting.revision <= before.revision:
            return
        if meeting.revision != (before.revision + 1 if before else 1):
            self.world.fail("I8", f"meeting {meeting.id} is at revision {meeting.revision} all at once")
        world = self.world
        act, said = ACT.get(), SAID.get()
        new = Revision(world.facts.next(), world.elapsed_s(), now, meeting, act, said)
        world.note(call.process, f"meeting {meeting.id} ({meeting.revision}): {_told(meeting)}")
        for invariant, check in AT_COMMIT.items():
            if problem := check(self.facts, new, before):
                world.fail(invariant, problem)
        world.facts.meeting_places[meeting.id] = meeting.place
        if world.stopping:
            self.facts.left_open.add(meeting.id)
        self.facts.revisions[meeting.id].append(new)
        world.news()

    async def replay(self, process: Process) -> None:
        """I11: the same wishes and clicks once more."""
        assert process.desk is not None
        now = self.world.clock.now()
        for act in list(self.facts.acts):
            if self.world.violation is not None:  # the world stands still: nothing would answer
                return
            at = {"propose": 1, "book": 2, "take": 2}[act.name]
            await getattr(process.desk, act.name)(*act.args[:at], now, *act.args[at + 1 :], **act.named)

    def said_yes(self, message_id: MessageId, reply: Reply) -> None:
        """Somebody's yes was taken to its end."""
        campaign = self.world.facts.campaigns[message_id.campaign_id]
        if not campaign.standing and campaign.plan.step(message_id.step).meeting is not None:
            self.facts.said_yes.setdefault((message_id.contact_id, message_id.campaign_id), reply.event_id)

    def check(self, books: Books, *, at_end: bool) -> None:
        """Everything that is promised of the agenda as it stands."""
        if problem := notices_go_once(self.world.facts, books):
            self.world.fail("I2", problem)
        for invariant, checks in AGENDA_AT_END.items() if at_end else ():
            for check in checks:
                if problem := check(self, books):
                    self.world.fail(invariant, problem)

    # Rest

    def at_rest(self) -> bool:
        """Whether nobody does anything any more, no meeting waits, and all notices have ended."""
        if self.people.busy or any(meeting.wake_at is not None for meeting in self.facts.all()):
            return False
        campaigns = self.world.facts.campaigns
        own = {one for one, campaign in campaigns.items() if campaign.standing}
        rows = self.world.data.all_books().rows.values() if own else ()
        return all(row.state in SETTLED for row in rows if row.id.campaign_id in own)


def follow_replies(call: PortCall) -> None:
    """Note which reply is being acted upon: whether it is known is asked first, and it is kept last."""
    if (call.port, call.method) == ("inbox", "knows"):
        SAID.set(call.args[0])
    elif (call.port, call.method) in (("inbox", "keep"), ("meetings", "due")):
        SAID.set(None)


def _told(meeting: Meeting) -> str:
    slot = "" if meeting.slot is None else f" at {meeting.slot.start_at:%d %H:%M} with {'+'.join(meeting.slot.hosts)}"
    offers = f" offers {', '.join(f'{one.start_at:%d %H:%M}' for one in meeting.offers)}" if meeting.offers else ""
    left = [f"{note.host_id}:{note.written}{' left' if note.due_at else ''}" for note in meeting.calendar]
    return f"{meeting.state} version {meeting.sequence}{slot}{offers} told {meeting.told} {' '.join(left)}".rstrip()
