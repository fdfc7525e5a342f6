"""Slow calendars cost little, and what came of meetings is kept for whoever measures it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from disparo.domain.agenda.calendar_event import BusyTimes, CalendarEvent, Written
from disparo.domain.agenda.host import DayLimits, Host
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.meeting_type import Assignment
from disparo.domain.agenda.slot import HostBounds
from disparo.engine.agenda.attend import LONGEST
from disparo.engine.agenda.figures import MOST, Figures
from disparo.simulation.virtual_time import run_virtually
from tests.agenda_scene import FakeCalendar, FakeCalendars, host, meeting_type
from tests.unit.engine.agenda.agenda_house import AgendaHouse

TIMEOUT_S = 10.0
A_MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class SlowCalendar(FakeCalendar):
    """Takes ten seconds for whatever is asked."""

    async def busy(
        self, host: Host, start_at: datetime, end_at: datetime, besides: frozenset[str] = frozenset()
    ) -> BusyTimes:
        await asyncio.sleep(TIMEOUT_S)
        return await super().busy(host, start_at, end_at, besides)

    async def put(self, host: Host, event: CalendarEvent, etag: str) -> Written:
        await asyncio.sleep(TIMEOUT_S)
        return await super().put(host, event, etag)


class SlowCalendars(FakeCalendars):
    """Of every host."""

    def of_host(self, host_id: str) -> FakeCalendar:
        return self.each.setdefault(host_id, SlowCalendar())


async def agreed_with(house: AgendaHouse, names: list[str]) -> Meeting:
    """A meeting that was agreed with all these hosts and is in nobody's calendar yet."""
    for name in names:
        await house.store.hosts.put_host(host(name))
    message = await house.begin_offering(meeting_type(names, assignment=Assignment.TOGETHER))
    for name in names:
        await house.store.hosts.put_host(host(name))
    await house.answers("sim", message)
    await house.goes_on(house.now + A_MINUTE)
    await house.answers("1")
    return await house.meeting()


def elapsed_s() -> float:
    return asyncio.get_running_loop().time()


def test_several_hosts_calendars_of_one_meeting_are_written_side_by_side() -> None:
    async def story() -> None:
        house = AgendaHouse()
        await agreed_with(house, ["ana", "bia", "caio"])
        house.calendars.each = {name: SlowCalendar() for name in ("ana", "bia", "caio")}
        before = elapsed_s()
        assert house.engine.attend is not None
        await house.engine.attend.run(house.now)
        assert elapsed_s() - before == TIMEOUT_S
        assert {note.written for note in (await house.meeting()).calendar} == {(await house.meeting()).agreed}

    run_virtually(story())


def test_a_batch_ends_after_its_time_and_the_rest_is_done_the_next_time() -> None:
    async def story() -> None:
        house = AgendaHouse()
        meeting = await agreed_with(house, ["ana"])
        slot = meeting.slot
        assert slot is not None
        for number in range(1, 6):
            other = replace(
                meeting,
                id="",
                uid=f"{number}@disparo",
                revision=0,
                slot=replace(slot, start_at=slot.start_at + number * HOUR, end_at=slot.end_at + number * HOUR),
            )
            await house.store.meetings.add(other, {"ana": HostBounds(DayLimits(), "UTC")}, house.now)
        house.calendars.each = {"ana": SlowCalendar()}
        attend = house.engine.attend
        assert attend is not None
        rounds, left = 0, True
        while left:
            before = elapsed_s()
            wish = await attend.run(house.now)
            assert elapsed_s() - before <= LONGEST.total_seconds() + TIMEOUT_S
            left, rounds = wish is not None and wish <= house.now, rounds + 1
        assert rounds > 2
        assert len(house.calendars.of_host("ana").written) == 6

    run_virtually(story())


def test_a_watch_over_many_dead_calendars_takes_as_long_as_one() -> None:
    async def story() -> None:
        house = AgendaHouse()
        for number in range(8):
            await house.store.hosts.put_host(host(f"h{number}"))
            dead = SlowCalendar(fault="timeout")
            house.calendars.each[f"h{number}"] = dead
        before = elapsed_s()
        assert house.engine.watch is not None
        await house.engine.watch.run(house.now)
        assert elapsed_s() - before == TIMEOUT_S
        assert house.figures.take().unreadable == 8
        assert house.figures.take() == Figures()

    run_virtually(story())


def test_a_proposal_that_is_agreed_counts_once_and_its_outcome_too() -> None:
    async def story() -> None:
        house = AgendaHouse()
        meeting = await agreed_with(house, ["ana"])
        await house.attend()
        assert meeting.slot is not None
        await house.desk.move(meeting.id, meeting.slot.start_at + HOUR, house.now, "host")
        await house.attend()
        assert list(house.figures.take().confirmed) == [True]
        moved = await house.meeting()
        assert moved.slot is not None
        house.now = moved.slot.end_at
        await house.desk.outcome(meeting.id, False, house.now, "host")
        await house.attend()
        taken = house.figures.take()
        assert (list(taken.confirmed), list(taken.missed)) == ([], [True])

    asyncio.run(story())


def test_a_proposal_that_is_declined_counts_against_the_rate_and_a_cancelled_agreement_does_not() -> None:
    async def ended(agree_first: bool) -> list[bool]:
        house = AgendaHouse()
        message = await house.begin_offering()
        await house.answers("sim", message)
        await house.goes_on(house.now + A_MINUTE)
        if agree_first:
            await house.answers("1")
            await house.attend()
        meeting = await house.meeting()
        await house.desk.cancel(meeting.id, "", house.now, "operator")
        await house.attend()
        assert (await house.meeting()).state is MeetingState.CANCELLED
        return list(house.figures.take().confirmed)

    assert asyncio.run(ended(agree_first=False)) == [False]
    assert asyncio.run(ended(agree_first=True)) == [True]


def test_figures_that_nobody_takes_do_not_grow_for_ever() -> None:
    figures = Figures()
    figures.missed.extend([True] * (MOST + 5))
    assert len(figures.take().missed) == MOST
