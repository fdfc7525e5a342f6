"""Scenes of meetings that a seed once broke, and what each taught."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from disparo.adapters.babel_wording import BabelWording
from disparo.adapters.icalendar.invitations import ICalendar
from disparo.domain.agenda.calendar_event import CalendarChange, ChangeKind, Changes, key_of_uid
from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.instants import to_ms
from disparo.domain.intervals import Interval
from disparo.domain.policies.business_hours import BusinessHours
from disparo.engine.agenda.notices import Notices
from disparo.engine.agenda.parts import AgendaParts
from disparo.engine.agenda.watch import CalendarWatch
from disparo.ports.desk import Said
from tests.agenda_scene import MONDAY, Agenda, FakeCalendar, host, meeting_type, open_agenda


async def _address() -> str | None:
    return None


@dataclass
class TellingCalendar(FakeCalendar):
    """A calendar that tells what was changed in it."""

    told: tuple[CalendarChange, ...] = ()
    tokens: list[str | None] = field(default_factory=list)

    async def changes(self, host: Host, token: str | None) -> Changes:
        self.tokens.append(token)
        return Changes(self.told, "next")


def _watch(agenda: Agenda) -> CalendarWatch:
    hours = BusinessHours()
    parts = AgendaParts(agenda.desk, agenda.calendars, BabelWording(), ICalendar(), hours, _address)
    return CalendarWatch(agenda.store, parts, Notices(agenda.store, hours))


async def _written(agenda: Agenda, meeting: Meeting, version: int | None, now: datetime) -> Meeting:
    """The meeting, with what is known of its host's calendar."""
    notes = tuple(replace(note, written=version, due_at=None) for note in meeting.calendar)
    return await agenda.store.meetings.replace(replace(meeting, calendar=notes), {}, now)


def test_a_time_off_the_grid_is_looked_at_in_the_calendar_too() -> None:
    """The first rule that refuses is told, and one that passes for an operator hid the host's own event behind it."""

    async def scene() -> None:
        agenda = await open_agenda()
        meeting = await agenda.agreed()
        assert meeting.slot is not None
        off_grid = meeting.slot.start_at + timedelta(minutes=7)
        taken = Interval(to_ms(off_grid), to_ms(off_grid + timedelta(minutes=5)))
        agenda.calendars.of_host("ana").taken.append(taken)
        answer = await agenda.desk.move(meeting.id, off_grid, MONDAY, "operator")
        assert answer.said is Said.NOT_OFFERED
        assert (await agenda.store.meetings.get(meeting.id)).slot == meeting.slot

    asyncio.run(scene())


def test_an_offer_that_is_too_near_by_now_is_looked_at_in_the_calendar_too() -> None:
    """An offer may be taken within the minimum notice, but not over what has come into the calendar since."""

    async def scene() -> None:
        agenda = await open_agenda(kind=meeting_type(answer_within=timedelta(days=9)))
        meeting = await agenda.offered()
        first = meeting.offers[0]
        near = first.start_at - timedelta(minutes=5)
        agenda.calendars.of_host("ana").taken.append(first.span)
        answer = await agenda.desk.take(meeting.id, first.start_at, near, "contact")
        assert answer.said is Said.TAKEN_MEANWHILE

    asyncio.run(scene())


def test_a_move_in_the_calendar_that_cannot_be_followed_is_written_over_and_told() -> None:
    """Calendar and meeting were apart for ever, and nobody knew."""

    async def scene() -> None:
        agenda = await open_agenda()
        calendar = TellingCalendar()
        agenda.calendars.each["ana"] = calendar
        agreed = await agenda.agreed()
        meeting = await _written(agenda, agreed, agreed.agreed, MONDAY)
        assert meeting.slot is not None
        elsewhere = meeting.slot.start_at + timedelta(hours=1)
        end_at = elsewhere + timedelta(minutes=30)
        calendar.taken.append(Interval(to_ms(elsewhere), to_ms(end_at)))
        calendar.told = (CalendarChange(key_of_uid(meeting.uid), ChangeKind.MOVED, elsewhere, end_at),)
        await _watch(agenda).run(MONDAY)
        stands = await agenda.store.meetings.get(meeting.id)
        assert stands.slot == meeting.slot
        assert [note.due_at for note in stands.calendar] == [MONDAY]
        [(_, notice)] = await agenda.store.inbox.notices(None, 10)
        assert notice.kind == "calendar_move_refused"

    asyncio.run(scene())


def test_our_own_removal_is_no_word_of_the_host_who_has_the_meeting_again() -> None:
    """Handed to another host and back, it was called off: the calendar told of the event that we had removed."""

    async def scene() -> None:
        agenda = await open_agenda([host("ana"), host("beto")])
        calendar = TellingCalendar()
        agenda.calendars.each["ana"] = calendar
        agreed = await agenda.agreed()
        meeting = await _written(agenda, agreed, None, MONDAY)
        calendar.told = (CalendarChange(key_of_uid(meeting.uid), ChangeKind.REMOVED),)
        await _watch(agenda).run(MONDAY)
        assert (await agenda.store.meetings.get(meeting.id)).state is MeetingState.CONFIRMED

    asyncio.run(scene())
