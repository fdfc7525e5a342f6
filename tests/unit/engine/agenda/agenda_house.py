"""The house with an agenda: a campaign whose positive answers are offered times."""

from __future__ import annotations

from datetime import datetime

from disparo.adapters.babel_wording import BabelWording
from disparo.adapters.icalendar.invitations import ICalendar
from disparo.adapters.signed_links import SignedLinks
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.notice import NoticeStep
from disparo.domain.contact import Channel
from disparo.domain.message import MessageId, MessageState
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.receipt import Reply
from disparo.engine.agenda.figures import Figures
from disparo.engine.agenda.parts import AgendaParts
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.ports.channel import Outgoing
from disparo.usecases.agenda.desk import AgendaDesk
from tests.agenda_scene import FakeCalendars, host, meeting_type
from tests.unit.usecases.conftest import House


async def address() -> str | None:
    return "agenda@example.com"


class AgendaHouse(House):
    """As `House`, with Ana, whose calendar is in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.calendars = FakeCalendars()
        self.figures = Figures()
        self.desk = AgendaDesk(self.store, self.calendars, lambda: "site")
        self.rebuild()

    def rebuild(self) -> None:
        """The engine anew, as after a restart."""
        parts = AgendaParts(
            self.desk, self.calendars, BabelWording(), ICalendar(), BusinessHours(), address, self.figures
        )
        routes = {sender.name: Route(sender, self.provider) for sender in self.senders.values()}
        links = SignedLinks("https://agenda.example.com", lambda: b"0123456789abcdef0123456789abcdef")
        self.engine = Engine.build(self.store, self.renderer, routes, lambda: 0.5, links=links, agenda=parts)

    async def begin_offering(self, kind: MeetingType | None = None) -> str:
        """A campaign that went to one person; the id of their message."""
        await self.store.hosts.put_host(host("ana"))
        await self.store.hosts.put_type(kind or meeting_type())
        steps = [
            {"channel": "whatsapp", "text": "Oi {{ nome }}, quer conversar?", "meeting": "demo"},
            {"channel": "whatsapp", "text": "Ainda quer?", "wait": "2d", "stop_on_reply": False},
        ]
        await self.begin(1, steps=steps)
        [message_id] = await self.send()
        return str(message_id)

    async def attend(self) -> None:
        """Let the agenda do all that it has to do now."""
        assert self.engine.attend is not None
        for _ in range(20):
            wish = await self.engine.attend.run(self.now)
            if wish is None or wish > self.now:
                return
        raise AssertionError("the agenda has no end")

    async def deliver_all(self) -> list[Outgoing]:
        """Send whatever may go now, by both channels; what reached the provider."""
        before = len(self.provider.taken)
        for channel in (Channel.WHATSAPP, Channel.EMAIL):
            await self.send(channel)
        return self.provider.taken[before:]

    async def goes_on(self, at: datetime) -> list[Outgoing]:
        """It is `at` now: the agenda is attended to and what is due goes."""
        self.now = at
        await self.attend()
        return await self.deliver_all()

    async def answers(self, text: str, message_id: str | None = None) -> None:
        """The contact writes."""
        event = f"{text}{self.now}"
        reply = Reply("test", event, message_id, text, self.now, Channel.WHATSAPP, "+5541988880000")
        await self.engine.inbound.take_reply(reply, self.now)

    async def meeting(self) -> Meeting:
        """The only meeting."""
        [found] = await self.store.meetings.of_contacts(["1"])
        return found

    async def notices(self) -> dict[str, MessageState]:
        """Every notice to the contact, by kind and version."""
        found: dict[str, MessageState] = {}
        for campaign in await self.store.campaigns.live():
            for row in await self.store.ledger.rows_of(campaign.id, "1"):
                if (step := NoticeStep.parse(row.id.step)) is not None:
                    found[f"{step.kind} {step.sequence} {row.channel}"] = row.state
        return found


def kinds(sent: list[Outgoing]) -> list[str]:
    """What notices went out, with their channel's address."""
    found = []
    for one in sent:
        step = NoticeStep.parse(MessageId.parse(str(one.id)).step)
        assert step is not None, one
        found.append(f"{step.kind} {'@' if '@' in one.address else '+'}")
    return sorted(found)
