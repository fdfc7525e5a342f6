"""The desk: every change is one answer, whoever else is faster, and whatever the calendar does."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from disparo.domain.agenda.host import Block, DayLimits
from disparo.domain.agenda.meeting import MeetingState
from disparo.domain.agenda.meeting_type import Assignment
from disparo.domain.agenda.slot import Refusal
from disparo.domain.instants import to_ms
from disparo.domain.intervals import Interval
from disparo.ports.agenda import SlotTakenError
from disparo.ports.desk import Said
from tests.agenda_scene import MONDAY, SAO_PAULO, Agenda, host, meeting_type, open_agenda

DAY = timedelta(days=1)


def play(story) -> None:  # type: ignore[no-untyped-def]
    asyncio.run(story())


def test_three_times_are_held_at_once_and_released_when_one_is_taken() -> None:
    async def story() -> None:
        agenda = await open_agenda()
        meeting = await agenda.offered()
        assert len(meeting.offers) == 3
        days = {one.start_at.date() for one in meeting.offers}
        assert len(days) == 3
        await agenda.desk.take(meeting.id, meeting.offers[2].start_at, MONDAY, "contact")
        kept = await agenda.store.meetings.occupations(["ana"], MONDAY, MONDAY + 60 * DAY, MONDAY)
        assert [one.starts_ms for one in kept] == [to_ms(meeting.offers[2].start_at)]

    play(story)


def test_two_clicks_at_once_agree_one_time() -> None:
    async def story() -> None:
        agenda = await open_agenda()
        meeting = await agenda.offered()
        said = await asyncio.gather(
            *(agenda.desk.take(meeting.id, one.start_at, MONDAY, "contact") for one in meeting.offers * 2)
        )
        agreed = [one for one in said if one.said is Said.CONFIRMED]
        assert len(agreed) == 1
        assert {one.said for one in said} <= {Said.CONFIRMED, Said.ALREADY, Said.NOT_OFFERED}

    play(story)


def test_what_somebody_else_took_meanwhile_is_answered_with_other_times() -> None:
    async def story() -> None:
        agenda = await open_agenda()
        meeting = await agenda.offered()
        taken = meeting.offers[0]
        agenda.calendars.of_host("ana").taken.append(taken.span)
        answer = await agenda.desk.take(meeting.id, taken.start_at, MONDAY, "contact")
        assert answer.said is Said.TAKEN_MEANWHILE and answer.meeting is not None
        assert answer.meeting.state is MeetingState.PROPOSED
        assert taken.start_at not in {one.start_at for one in answer.meeting.offers}
        assert len(answer.meeting.offers) == 3

    play(story)


def test_an_unreadable_calendar_is_busy_and_nothing_changes() -> None:
    async def story() -> None:
        agenda = await open_agenda()
        meeting = await agenda.offered()
        agenda.calendars.of_host("ana").fault = "unreachable"
        answer = await agenda.desk.take(meeting.id, meeting.offers[0].start_at, MONDAY, "contact")
        assert answer.said is Said.UNREADABLE
        assert await agenda.store.meetings.get(meeting.id) == meeting
        assert await agenda.desk.slots("demo", None, MONDAY, MONDAY + 9 * DAY, MONDAY) == []
        assert (await agenda.desk.propose(agenda.wish("two"), MONDAY)).said is Said.UNREADABLE
        free = meeting.offers[0].start_at + 3 * DAY
        assert (await agenda.desk.book(agenda.wish("three"), free, MONDAY, "contact")).said is Said.UNREADABLE

    play(story)


def test_a_thousand_years_of_slots_read_no_calendar_beyond_the_horizon() -> None:
    async def story() -> None:
        agenda = await open_agenda()
        calendar, asked = agenda.calendars.of_host("ana"), []
        busy = calendar.busy

        async def noting(host, start_at, end_at, besides=frozenset()):  # type: ignore[no-untyped-def]
            asked.append(end_at)
            return await busy(host, start_at, end_at, besides)

        calendar.busy = noting  # type: ignore[method-assign]
        near = await agenda.desk.slots("demo", None, MONDAY, MONDAY + 60 * DAY, MONDAY)
        assert near and await agenda.desk.slots("demo", None, MONDAY, MONDAY + 365_000 * DAY, MONDAY) == near
        assert max(asked) < MONDAY + 65 * DAY
        assert await agenda.desk.slots("demo", None, MONDAY + 365_000 * DAY, MONDAY + 365_007 * DAY, MONDAY) == []

    play(story)


def test_a_block_set_since_the_offer_takes_it_back() -> None:
    async def story() -> None:
        agenda = await open_agenda()
        meeting = await agenda.offered()
        first = meeting.offers[0]
        await agenda.store.hosts.put_host(host("ana", blocks=(Block(first.start_at, first.end_at, "Dentista"),)))
        answer = await agenda.desk.take(meeting.id, first.start_at, MONDAY, "contact")
        assert answer.said is Said.TAKEN_MEANWHILE

    play(story)


def test_a_past_time_is_not_agreed() -> None:
    async def story() -> None:
        agenda = await open_agenda()
        meeting = await agenda.offered()
        first = meeting.offers[0]
        late = first.start_at + timedelta(minutes=1)
        assert (await agenda.desk.take(meeting.id, first.start_at, late, "contact")).said is Said.NOT_OFFERED
        past = agenda.wish("two")
        assert (await agenda.desk.book(past, MONDAY - DAY, MONDAY, "contact")).said is Said.NOT_OFFERED

    play(story)


def test_a_contact_moves_it_twice_and_not_too_late_but_an_operator_may() -> None:
    async def story() -> None:
        agenda = await open_agenda()
        meeting = await agenda.agreed()
        for _ in range(2):
            free = await agenda.desk.slots("demo", SAO_PAULO, MONDAY, MONDAY + 20 * DAY, MONDAY, moving=meeting.id)
            answer = await agenda.desk.move(meeting.id, free[-1].start_at - _ * DAY, MONDAY, "contact")
            assert answer.said is Said.MOVED
        free = await agenda.desk.slots("demo", SAO_PAULO, MONDAY, MONDAY + 20 * DAY, MONDAY, moving=meeting.id)
        assert (await agenda.desk.move(meeting.id, free[0].start_at, MONDAY, "contact")).said is Said.TOO_MANY
        moved = await agenda.desk.move(meeting.id, free[0].start_at, MONDAY, "operator")
        assert moved.said is Said.MOVED
        near = free[0].start_at - timedelta(minutes=30)
        assert (await agenda.desk.offer_again(meeting.id, near, "contact")).said in (Said.TOO_LATE, Said.TOO_MANY)

    play(story)


def test_cancelling_twice_is_as_once_and_frees_the_time() -> None:
    async def story() -> None:
        agenda = await open_agenda()
        meeting = await agenda.agreed()
        assert (await agenda.desk.cancel(meeting.id, "viagem", MONDAY, "contact")).said is Said.CANCELLED
        assert (await agenda.desk.cancel(meeting.id, "viagem", MONDAY, "contact")).said is Said.ALREADY
        assert await agenda.store.meetings.occupations(["ana"], MONDAY, MONDAY + 60 * DAY, MONDAY) == []
        assert (await agenda.desk.yes(meeting.id, MONDAY)).said is Said.NOT_OPEN

    play(story)


def test_the_outcome_waits_for_the_beginning_and_can_be_corrected() -> None:
    async def story() -> None:
        agenda = await open_agenda()
        meeting = await agenda.agreed()
        assert meeting.slot is not None
        assert (await agenda.desk.outcome(meeting.id, True, MONDAY, "host")).said is Said.TOO_EARLY
        after = meeting.slot.end_at
        assert (await agenda.desk.outcome(meeting.id, False, after, "host")).said is Said.OUTCOME
        assert (await agenda.desk.outcome(meeting.id, True, after, "host")).said is Said.OUTCOME
        assert (await agenda.store.meetings.get(meeting.id)).state is MeetingState.HELD

    play(story)


def test_it_is_handed_to_another_host_who_is_free() -> None:
    async def story() -> None:
        agenda = await open_agenda((host("ana"), host("beto")))
        meeting = await agenda.agreed()
        assert meeting.slot is not None
        other = "beto" if meeting.slot.hosts == ("ana",) else "ana"
        moved = await agenda.desk.hand_to(meeting.id, other, MONDAY)
        assert moved.said is Said.MOVED and moved.meeting is not None and moved.meeting.slot is not None
        assert moved.meeting.slot.hosts == (other,) and moved.meeting.slot.start_at == meeting.slot.start_at
        agenda.calendars.of_host(meeting.slot.hosts[0]).taken.append(meeting.slot.span)
        assert (await agenda.desk.hand_to(meeting.id, meeting.slot.hosts[0], MONDAY)).said is Said.NOT_OFFERED

    play(story)


def test_together_is_offered_when_all_are_free() -> None:
    async def story() -> None:
        kind = meeting_type(("ana", "beto"), assignment=Assignment.TOGETHER)
        agenda = await open_agenda((host("ana"), host("beto")), kind)
        agenda.calendars.of_host("beto").taken.append(Interval(to_ms(MONDAY), to_ms(MONDAY + 2 * DAY)))
        meeting = await agenda.agreed()
        assert meeting.slot is not None and meeting.slot.hosts == ("ana", "beto")
        assert meeting.slot.start_at >= MONDAY + 2 * DAY
        agenda.calendars.of_host("beto").fault = "down"
        assert (await agenda.desk.propose(agenda.wish("two"), MONDAY)).said is Said.UNREADABLE

    play(story)


@pytest.mark.parametrize("limits", [DayLimits(per_day=1), DayLimits(per_week=2)])
def test_limits_of_a_day_and_a_week_hold_for_everybody(limits: DayLimits) -> None:
    async def story() -> None:
        agenda = await open_agenda((host("ana", limits=limits),))
        agreed = [await agenda.agreed(key=str(number)) for number in range(6)]
        starts = [one.slot.start_at for one in agreed if one.slot is not None]
        per_day = {at.date(): sum(one.date() == at.date() for one in starts) for at in starts}
        per_week = {
            at.isocalendar()[1]: sum(one.isocalendar()[1] == at.isocalendar()[1] for one in starts) for at in starts
        }
        assert max(per_day.values()) <= (limits.per_day or 99) and max(per_week.values()) <= (limits.per_week or 99)

    play(story)


def test_sixty_four_at_once_get_times_that_never_overlap() -> None:
    async def story() -> None:
        agenda = await open_agenda(kind=meeting_type(horizon=timedelta(days=40)))

        async def one(number: int) -> None:
            answer = await agenda.desk.propose(agenda.wish(str(number)), MONDAY)
            if answer.meeting is not None and answer.meeting.offers:
                wanted = answer.meeting.offers[number % len(answer.meeting.offers)]
                await agenda.desk.take(answer.meeting.id, wanted.start_at, MONDAY, "contact")

        await asyncio.gather(*map(one, range(64)))
        await no_overlap(agenda, 64)

    play(story)


async def no_overlap(agenda: Agenda, count: int) -> None:
    kept = await agenda.store.meetings.occupations(["ana"], MONDAY, MONDAY + 60 * DAY, MONDAY)
    spans = sorted((one.span, one.meeting_id) for one in kept)
    assert len(spans) == count
    for (before, mine), (after, other) in pairwise(spans):
        assert mine == other or before.end_ms <= after.start_ms


def test_nobody_is_handed_a_meeting_who_takes_none_any_more() -> None:
    async def story() -> None:
        agenda = await open_agenda((host("ana"), host("beto", active=False)))
        meeting = await agenda.agreed()
        assert (await agenda.desk.hand_to(meeting.id, "beto", MONDAY)).said is Said.NOT_OFFERED

    play(story)


def test_one_unreadable_calendar_of_a_meeting_together_is_no_reason_to_say_that_a_time_is_gone() -> None:
    async def story() -> None:
        kind = meeting_type(("ana", "beto"), assignment=Assignment.TOGETHER)
        agenda = await open_agenda((host("ana"), host("beto")), kind)
        [free, *_] = await agenda.desk.slots("demo", SAO_PAULO, MONDAY, MONDAY + 7 * DAY, MONDAY)
        agenda.calendars.of_host("beto").fault = "down"
        answer = await agenda.desk.book(agenda.wish(), free.start_at, MONDAY, "contact")
        assert answer.said is Said.UNREADABLE

    play(story)


def test_who_loses_every_race_for_first_times_is_not_lost() -> None:
    async def story() -> None:
        agenda = await open_agenda()
        meetings = agenda.store.meetings
        real = meetings.add

        async def taken(meeting, bounds, now):  # type: ignore[no-untyped-def]
            if meeting.offers:
                raise SlotTakenError(Refusal("ana", "taken", meeting.offers[0].span))
            return await real(meeting, bounds, now)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(meetings), "add", lambda _, *args: taken(*args))
            await agenda.desk.propose(agenda.wish(insist=True), MONDAY)
        [kept] = await meetings.of_contacts([agenda.contact_id])
        assert kept.state is MeetingState.PROPOSED and kept.wake_at is not None

    play(story)


def test_yes_while_times_are_still_looked_for_is_told_so() -> None:
    async def story() -> None:
        agenda = await open_agenda()
        agenda.calendars.of_host("ana").fault = "down"
        await agenda.desk.propose(agenda.wish(insist=True), MONDAY)
        [meeting] = await agenda.store.meetings.of_contacts([agenda.contact_id])
        assert (await agenda.desk.yes(meeting.id, MONDAY)).said is Said.NO_TIMES

    play(story)


@pytest.mark.parametrize("repeats", [2, 5])
def test_what_was_said_is_acted_upon_once_however_often_and_late_it_comes(repeats: int) -> None:
    async def story() -> None:
        agenda = await open_agenda()
        meeting = await agenda.agreed()
        await agenda.desk.offer_again(meeting.id, MONDAY, "contact", event="other")
        said = await asyncio.gather(*(agenda.desk.no(meeting.id, MONDAY, event="no") for _ in range(repeats)))
        assert sorted(one.said for one in said) == [Said.ALREADY] * (repeats - 1) + [Said.DECLINED]
        assert (await agenda.desk.offer_again(meeting.id, MONDAY, "contact", event="other")).said is Said.ALREADY
        after = await agenda.store.meetings.get(meeting.id)
        assert (after.state, after.slot, after.offers) == (MeetingState.CONFIRMED, meeting.slot, ())

    play(story)
