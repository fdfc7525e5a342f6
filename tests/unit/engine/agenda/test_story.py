"""From a reply to a meeting that happens, or does not."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from disparo.domain.agenda.meeting import MeetingState
from disparo.domain.contact import Channel
from disparo.domain.message import MessageState
from tests.unit.engine.agenda.agenda_house import AgendaHouse, kinds

HOUR = timedelta(hours=1)


def test_a_yes_is_offered_three_times_and_the_second_is_taken() -> None:
    async def story() -> None:
        house = AgendaHouse()
        message = await house.begin_offering()
        await house.answers("sim, quero", message)
        [proposal] = await house.goes_on(house.now + timedelta(minutes=1))
        assert proposal.content.choices is not None
        assert [one.id for one in proposal.content.choices.options] == ["slot:1", "slot:2", "slot:3"]
        assert "1) " in proposal.content.text and "https://agenda.example.com/book/" in proposal.content.text
        meeting = await house.meeting()
        await house.answers("2", str(proposal.id))
        agreed = await house.meeting()
        assert agreed.state is MeetingState.CONFIRMED and agreed.slot == meeting.offers[1]
        sent = await house.goes_on(house.now + timedelta(minutes=1))
        assert kinds(sent) == ["confirmed +", "confirmed @", "host_booked @"]
        [mail] = [one for one in sent if one.content.invitation and one.address == "p0@example.com"]
        assert mail.content.invitation is not None and mail.content.invitation.method == "REQUEST"
        assert "agenda@example.com" in mail.content.invitation.text.replace("\r\n ", "")
        [event] = house.calendars.of_host("ana").written.values()
        assert event.start_at == agreed.slot.start_at and "Pessoa 0" in event.host_notes

    asyncio.run(story())


def test_what_the_campaign_would_still_have_sent_is_not_sent_once_booked() -> None:
    async def story() -> None:
        house = AgendaHouse()
        message = await house.begin_offering()
        await house.answers("sim", message)
        await house.goes_on(house.now + timedelta(minutes=1))
        rows = await house.store.ledger.rows_of(message.split(".")[0], "1")
        assert rows[1].state is MessageState.WAITING or rows[1].state is MessageState.DUE
        await house.answers("1")
        await house.goes_on(house.now + timedelta(minutes=1))
        rows = await house.store.ledger.rows_of(message.split(".")[0], "1")
        assert (rows[1].state, rows[1].reason) == (MessageState.CANCELLED, "meeting_booked")

    asyncio.run(story())


def test_reminders_go_before_the_meeting_and_the_host_is_asked_after_it() -> None:
    async def story() -> None:
        house = AgendaHouse()
        message = await house.begin_offering()
        await house.answers("sim", message)
        await house.goes_on(house.now + timedelta(minutes=1))
        await house.answers("3")
        await house.goes_on(house.now + timedelta(minutes=1))
        slot = (await house.meeting()).slot
        assert slot is not None
        assert kinds(await house.goes_on(slot.start_at - 24 * HOUR)) == ["reminder_1 @"]
        [reminder] = await house.goes_on(slot.start_at - HOUR)
        assert "remarcar" in reminder.content.text.lower()
        assert kinds(await house.goes_on(slot.start_at - HOUR / 2)) == ["briefing @"]
        assert kinds(await house.goes_on(slot.end_at)) == ["outcome @"]
        await house.desk.outcome((await house.meeting()).id, False, house.now, "host")
        # They last wrote days ago: WhatsApp would take no free text.
        assert kinds(await house.goes_on(house.now + timedelta(minutes=31))) == ["no_show_1 @"]

    asyncio.run(story())


def test_a_reminder_of_what_was_moved_is_never_sent() -> None:
    async def story() -> None:
        house = AgendaHouse()
        message = await house.begin_offering()
        await house.answers("sim", message)
        await house.goes_on(house.now + timedelta(minutes=1))
        await house.answers("3")
        await house.goes_on(house.now + timedelta(minutes=1))
        before = (await house.meeting()).slot
        assert before is not None
        # Claimed before the move, so that only the last look can stop it.
        house.now = before.start_at - HOUR
        claimed = await house.claim(Channel.EMAIL)
        assert claimed
        meeting = await house.meeting()
        free = await house.desk.slots("demo", None, house.now, house.now + timedelta(days=10), house.now)
        await house.desk.move(meeting.id, free[-1].start_at, house.now, "operator")
        assert await house.deliver(claimed) == set()

    asyncio.run(story())


def test_another_time_is_offered_and_the_old_one_stands_until_it_is_taken() -> None:
    async def story() -> None:
        house = AgendaHouse()
        message = await house.begin_offering()
        await house.answers("sim", message)
        await house.goes_on(house.now + timedelta(minutes=1))
        await house.answers("2")
        await house.goes_on(house.now + timedelta(minutes=1))
        old = (await house.meeting()).slot
        await house.answers("preciso remarcar")
        meeting = await house.meeting()
        assert meeting.slot == old and len(meeting.offers) == 3
        assert kinds(await house.goes_on(house.now + timedelta(minutes=1))) == ["proposal +"]
        await house.answers("1")
        moved = await house.meeting()
        assert moved.slot == meeting.offers[0] and moved.reschedules == 1
        assert kinds(await house.goes_on(house.now + timedelta(minutes=1))) == ["host_moved @", "moved +", "moved @"]

    asyncio.run(story())


def test_cannot_is_offered_other_times_and_no_is_left_alone() -> None:
    async def story() -> None:
        house = AgendaHouse()
        message = await house.begin_offering()
        await house.answers("sim", message)
        first = await house.meeting()
        await house.answers("não posso nesses horários")
        second = await house.meeting()
        assert second.state is MeetingState.PROPOSED
        assert not {one.start_at for one in first.offers} & {one.start_at for one in second.offers}
        await house.answers("não quero mais, obrigado")
        assert (await house.meeting()).state is MeetingState.DECLINED
        assert (
            await house.store.meetings.occupations(["ana"], house.now, house.now + timedelta(days=60), house.now) == []
        )

    asyncio.run(story())


def test_silence_is_offered_other_times_up_to_the_limit_and_then_released() -> None:
    async def story() -> None:
        house = AgendaHouse()
        message = await house.begin_offering()
        await house.answers("sim", message)
        seen = []
        for _ in range(8):
            await house.goes_on(house.now + timedelta(hours=25))
            seen.append((await house.meeting()).state)
        meeting = await house.meeting()
        assert meeting.state is MeetingState.EXPIRED and meeting.proposals == 3
        assert MeetingState.PROPOSED in seen

    asyncio.run(story())


def test_nothing_is_lost_while_the_calendar_cannot_be_read() -> None:
    async def story() -> None:
        house = AgendaHouse()
        message = await house.begin_offering()
        house.calendars.of_host("ana").fault = "unreachable"
        await house.answers("sim", message)
        assert await house.goes_on(house.now + timedelta(minutes=5)) == []
        house.calendars.of_host("ana").fault = ""
        assert kinds(await house.goes_on(house.now + timedelta(minutes=20))) == ["proposal +"]

    asyncio.run(story())


def test_the_same_replies_again_change_nothing() -> None:
    async def story() -> None:
        house = AgendaHouse()
        message = await house.begin_offering()
        await house.answers("sim", message)
        await house.answers("sim", message)
        assert len(await house.store.meetings.of_contacts(["1"])) == 1
        await house.answers("outro horário")
        once = await house.meeting()
        await house.answers("outro horário")
        assert await house.meeting() == once

    asyncio.run(story())


def test_the_calendar_is_written_when_it_can_be_and_its_host_told_when_not() -> None:
    async def story() -> None:
        house = AgendaHouse()
        message = await house.begin_offering()
        await house.answers("sim", message)
        await house.answers("2")
        house.calendars.of_host("ana").fault = "unreachable"
        told: list[str] = []
        for _ in range(12):
            told += kinds(await house.goes_on(house.now + timedelta(minutes=5)))
        assert told.count("calendar_fault @") == 1 and not house.calendars.of_host("ana").written
        house.calendars.of_host("ana").fault = ""
        await house.goes_on(house.now + timedelta(minutes=31))
        assert len(house.calendars.of_host("ana").written) == 1
        assert (await house.meeting()).calendar[0].fault == ""
        await house.answers("cancelar")
        await house.goes_on(house.now + timedelta(minutes=1))
        assert not house.calendars.of_host("ana").written

    asyncio.run(story())
