"""An agenda to play with: two hosts, a type of meeting, calendars that can be taken, broken and looked into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.agenda.calendar_event import BusyTimes, CalendarEvent, WriteResult, Written
from disparo.domain.agenda.host import CalendarKind, CalendarRef, Host
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.instants import to_ms
from disparo.domain.intervals import Interval
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.ports.desk import Wish
from disparo.ports.store import Store
from disparo.usecases.agenda.desk import AgendaDesk

SAO_PAULO = Place("America/Sao_Paulo", "BR-SP")
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""09:00 in São Paulo on a working day."""


@dataclass
class FakeCalendar:
    """A calendar in memory: `taken` by other events, `fault` when it cannot be read or written."""

    taken: list[Interval] = field(default_factory=list)
    fault: str = ""
    written: dict[str, CalendarEvent] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)

    async def busy(
        self, host: Host, start_at: datetime, end_at: datetime, besides: frozenset[str] = frozenset()
    ) -> BusyTimes:
        if self.fault:
            return BusyTimes(fault=self.fault)
        own = [
            Interval(to_ms(one.start_at), to_ms(one.end_at)) for key, one in self.written.items() if key not in besides
        ]
        return BusyTimes(tuple(self.taken + own))

    async def put(self, host: Host, event: CalendarEvent, etag: str) -> Written:
        self.writes.append(f"put {event.sequence}")
        if self.fault:
            return Written(WriteResult.RETRY, fault=self.fault)
        self.written[event.key] = event
        return Written(WriteResult.DONE, etag=f"e{event.sequence}")

    async def remove(self, host: Host, event: CalendarEvent, etag: str) -> Written:
        self.writes.append(f"remove {event.sequence}")
        if self.fault:
            return Written(WriteResult.RETRY, fault=self.fault)
        self.written.pop(event.key, None)
        return Written(WriteResult.DONE)


@dataclass
class FakeCalendars:
    """One calendar for each host."""

    each: dict[str, FakeCalendar] = field(default_factory=dict)

    def of(self, host: Host) -> FakeCalendar:
        return self.of_host(host.id)

    def of_host(self, host_id: str) -> FakeCalendar:
        return self.each.setdefault(host_id, FakeCalendar())


@dataclass
class Agenda:
    """Everything of it, open."""

    store: Store
    calendars: FakeCalendars
    desk: AgendaDesk
    contact_id: str

    def wish(self, key: str = "one", **more: object) -> Wish:
        wish = Wish("demo", self.contact_id, Channel.WHATSAPP, SAO_PAULO, key)
        return replace(wish, **more)  # type: ignore[arg-type]

    async def offered(self, now: datetime = MONDAY, key: str = "one") -> Meeting:
        answer = await self.desk.propose(self.wish(key), now)
        assert answer.meeting is not None
        return answer.meeting

    async def agreed(self, now: datetime = MONDAY, key: str = "one") -> Meeting:
        meeting = await self.offered(now, key)
        answer = await self.desk.take(meeting.id, meeting.offers[0].start_at, now, "contact")
        assert answer.meeting is not None
        return answer.meeting


def host(name: str, **more: object) -> Host:
    calendar = CalendarRef(CalendarKind.CALDAV, "agenda")
    made = Host(name, name.title(), SAO_PAULO, BusinessHours(), email=f"{name}@example.com", calendar=calendar)
    return replace(made, **more)  # type: ignore[arg-type]


def meeting_type(hosts: Sequence[str] = ("ana",), **more: object) -> MeetingType:
    made = MeetingType("demo", "Demonstração", tuple(hosts), buffer_after=timedelta(minutes=15), public=True)
    return replace(made, **more)  # type: ignore[arg-type]


async def open_agenda(
    hosts: Sequence[Host] = (), kind: MeetingType | None = None, database: Database | None = None
) -> Agenda:
    """An agenda over a store in memory, with Ana and a contact called Bia."""
    store = open_store(database or Database(None))
    for one in hosts or (host("ana"),):
        await store.hosts.put_host(one)
    await store.hosts.put_type(kind or meeting_type([one.id for one in hosts] or ["ana"]))
    draft = ContactDraft(
        "c.csv:2",
        SAO_PAULO,
        "Bia Souza",
        phone="+5511988887777",
        phone_key="+5511988887777",
        email="bia@example.com",
        email_key="bia@example.com",
    )
    [folded] = await store.contacts.fold("leads", [draft])
    calendars = FakeCalendars()
    return Agenda(store, calendars, AgendaDesk(store, calendars, lambda: "site"), folded.contact_id)
