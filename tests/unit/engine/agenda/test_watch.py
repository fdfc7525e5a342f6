"""Watching calendars: hosts are told of one that cannot be read, and what other hands changed there holds here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from disparo.domain.agenda.calendar_event import CalendarChange, ChangeKind, Changes, key_of_uid
from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import Meeting, MeetingState
from tests.agenda_scene import FakeCalendar, meeting_type
from tests.unit.engine.agenda.agenda_house import AgendaHouse, kinds

MINUTES = timedelta(minutes=1)


@dataclass
class ToldCalendar(FakeCalendar):
    """A calendar that tells what changed in it."""

    news: list[CalendarChange] = field(default_factory=list)
    asked: list[str | None] = field(default_factory=list)

    async def changes(self, host: Host, token: str | None) -> Changes:
        self.asked.append(token)
        return Changes(tuple(self.news), f"t{len(self.asked)}")


async def booked(house: AgendaHouse) -> Meeting:
    """One meeting that is agreed and written."""
    message = await house.begin_offering()
    house.calendars.each["ana"] = ToldCalendar()
    await house.answers("sim", message)
    await house.answers("2")
    await house.goes_on(house.now + MINUTES)
    return await house.meeting()


async def watch(house: AgendaHouse, at: datetime) -> datetime | None:
    house.now = at
    assert house.engine.watch is not None
    return await house.engine.watch.run(at)


def told(house: AgendaHouse) -> ToldCalendar:
    calendar = house.calendars.each["ana"]
    assert isinstance(calendar, ToldCalendar)
    return calendar


def test_a_host_whose_calendar_stays_unreadable_is_told_once_a_day() -> None:
    async def story() -> None:
        house = AgendaHouse()
        await booked(house)
        told(house).fault = "unreachable"
        start = house.now
        sent: list[str] = []
        for number in range(12):
            await watch(house, start + number * 5 * MINUTES)
            sent += kinds(await house.deliver_all())
        assert sent == ["calendar_fault @"]
        notices = await house.store.inbox.notices(None, 10)
        assert [one.kind for _, one in notices] == ["calendar_unreadable"]
        told(house).fault = ""
        await watch(house, start + 90 * MINUTES)
        told(house).fault = "unreachable"
        for number in range(2):
            await watch(house, start + timedelta(days=1) + number * 5 * MINUTES)
        assert "calendar_fault @" not in kinds(await house.deliver_all())  # twice is not yet for long

    asyncio.run(story())


def test_it_looks_every_five_minutes_and_not_at_all_where_calendars_are_with_us() -> None:
    async def story() -> None:
        house = AgendaHouse()
        assert await watch(house, house.now) is None
        await booked(house)
        first = await watch(house, house.now + 10 * MINUTES)
        assert first == house.now + 5 * MINUTES
        asked = len(told(house).asked)
        await watch(house, house.now + 2 * MINUTES)
        assert len(told(house).asked) == asked
        # A clock that was set back by a day is no reason to wait for one.
        await watch(house, house.now - timedelta(days=1))
        assert len(told(house).asked) == asked + 1

    asyncio.run(story())


@pytest.mark.parametrize(
    ("kind", "state", "notice"),
    [
        (ChangeKind.REMOVED, MeetingState.CANCELLED, "cancelled +"),
        (ChangeKind.DECLINED, MeetingState.CANCELLED, "cancelled +"),
        (ChangeKind.MOVED, MeetingState.CONFIRMED, "moved +"),
    ],
)
def test_what_other_hands_change_in_the_calendar_holds(kind: ChangeKind, state: MeetingState, notice: str) -> None:
    async def story() -> None:
        house = AgendaHouse()
        meeting = await booked(house)
        assert meeting.slot is not None
        moved_to = meeting.slot.start_at + timedelta(hours=1)
        change = CalendarChange(key_of_uid(meeting.uid), kind, moved_to, moved_to + timedelta(minutes=30))
        told(house).news = [CalendarChange("0" * 64, ChangeKind.REMOVED), change]
        await watch(house, house.now + 10 * MINUTES)
        after = await house.meeting()
        assert after.state is state
        if kind is ChangeKind.MOVED:
            assert after.slot is not None and after.slot.start_at == moved_to
        assert notice in kinds(await house.goes_on(house.now + MINUTES))
        # The same news again change nothing.
        await watch(house, house.now + 10 * MINUTES)
        assert (await house.meeting()).sequence == after.sequence
        assert await house.store.hosts.sync_token("ana") == f"t{len(told(house).asked)}"

    asyncio.run(story())


def test_an_accepted_invitation_is_attendance() -> None:
    async def story() -> None:
        house = AgendaHouse()
        meeting = await booked(house)
        told(house).news = [CalendarChange(key_of_uid(meeting.uid), ChangeKind.ACCEPTED)]
        await watch(house, house.now + 10 * MINUTES)
        assert (await house.meeting()).attendance_at is not None

    asyncio.run(story())


def test_an_accepted_invitation_takes_none_of_the_times_that_are_offered_beside() -> None:
    async def story() -> None:
        house = AgendaHouse()
        await booked(house)
        await house.store.hosts.put_type(meeting_type(offers=1))
        await house.answers("preciso remarcar")
        before = await house.meeting()
        assert len(before.offers) == 1
        told(house).news = [CalendarChange(key_of_uid(before.uid), ChangeKind.ACCEPTED)]
        await watch(house, house.now + 10 * MINUTES)
        after = await house.meeting()
        assert after.attendance_at is not None and (after.slot, after.offers) == (before.slot, before.offers)

    asyncio.run(story())


@pytest.mark.parametrize("kind", [ChangeKind.MOVED, ChangeKind.DECLINED, ChangeKind.ACCEPTED])
def test_news_of_the_time_before_do_nothing_to_a_newer_one_that_is_not_written_yet(kind: ChangeKind) -> None:
    async def story() -> None:
        house = AgendaHouse()
        meeting = await booked(house)
        assert meeting.slot is not None
        free = await house.desk.slots("demo", None, house.now, house.now + timedelta(days=10), house.now)
        moved = (await house.desk.move(meeting.id, free[-1].start_at, house.now, "contact")).meeting
        by_hand = meeting.slot.start_at + timedelta(hours=1)
        change = CalendarChange(key_of_uid(meeting.uid), kind, by_hand, by_hand + timedelta(minutes=30))
        told(house).news = [change]
        await watch(house, house.now + 10 * MINUTES)
        assert await house.meeting() == moved

    asyncio.run(story())
