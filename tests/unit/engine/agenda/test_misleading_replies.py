"""Replies that could be taken for something else: after a kill, of a host, of one of several contacts, of a button."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.notice import NoticeKind, NoticeStep
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.receipt import Reply
from disparo.domain.reply_intent import Intent
from disparo.ports.channel import Outgoing
from tests.agenda_scene import SAO_PAULO, meeting_type
from tests.unit.engine.agenda.agenda_house import AgendaHouse

A_MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ADDRESSES = {Channel.WHATSAPP: "+5541988880000", Channel.EMAIL: "p0@example.com"}


async def offered(house: AgendaHouse) -> None:
    """Times are offered to the person and they know of it."""
    message = await house.begin_offering()
    await house.answers("sim", message)
    await house.goes_on(house.now + A_MINUTE)


async def agreed(house: AgendaHouse) -> Meeting:
    """A time is agreed and people know of it."""
    await offered(house)
    await house.answers("3")
    await house.goes_on(house.now + A_MINUTE)
    return await house.meeting()


async def with_others_beside(house: AgendaHouse) -> Meeting:
    """As `agreed`, with other times offered beside it that the person knows of."""
    await agreed(house)
    await house.answers("preciso remarcar")
    await house.goes_on(house.now + A_MINUTE)
    meeting = await house.meeting()
    assert meeting.slot is not None and meeting.offers
    return meeting


def said(house: AgendaHouse, text: str, to: str | None = None, **more: object) -> Reply:
    channel = Channel.EMAIL if more.get("meeting") else Channel.WHATSAPP
    return Reply("test", f"{text}{house.now}", to, text, house.now, channel, ADDRESSES[channel], **more)  # type: ignore[arg-type]


async def take_twice(house: AgendaHouse, reply: Reply) -> None:
    """As when the process dies after it has acted and before the reply is kept, and the provider calls again."""
    keep = house.store.inbox.keep

    async def killed(*_: object) -> bool:
        raise RuntimeError("killed")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(house.store.inbox), "keep", killed)
        with pytest.raises(RuntimeError):
            await house.engine.inbound.take_reply(reply, house.now)
    await house.goes_on(house.now + A_MINUTE)
    assert house.store.inbox.keep == keep
    await house.engine.inbound.take_reply(reply, house.now)


def notice_of(sent: list[Outgoing], kind: NoticeKind) -> Outgoing:
    steps = {NoticeStep.parse(one.id.step): one for one in sent}
    return next(one for step, one in steps.items() if step is not None and step.kind is kind)


def test_a_no_to_times_beside_what_is_agreed_is_no_cancellation_when_it_is_taken_again() -> None:
    async def story() -> None:
        house = AgendaHouse()
        before = await with_others_beside(house)
        await take_twice(house, said(house, "não quero"))
        after = await house.meeting()
        assert (after.state, after.slot, after.offers) == (MeetingState.CONFIRMED, before.slot, ())

    asyncio.run(story())


def test_a_number_taken_again_does_not_book_another_offer_of_that_number() -> None:
    async def story() -> None:
        house = AgendaHouse()
        await offered(house)
        first = await house.meeting()
        house.calendars.of_host("ana").taken.append(first.offers[0].span)
        await take_twice(house, said(house, "1"))
        after = await house.meeting()
        assert after.state is MeetingState.PROPOSED and after.slot is None
        assert first.offers[0] not in after.offers

    asyncio.run(story())


@pytest.mark.parametrize("text", ["2", "cancelar", "não quero, obrigado"])
def test_a_reply_taken_again_tells_nobody_that_nothing_is_open(text: str) -> None:
    async def story() -> None:
        house = AgendaHouse()
        await offered(house)
        await take_twice(house, said(house, text))
        await house.goes_on(house.now + A_MINUTE)
        assert not [name for name in await house.notices() if name.startswith("not_open")]
        assert Intent.OPT_OUT not in [one.heard.intent for one in await house.store.inbox.page(None, 9)]

    asyncio.run(story())


def test_the_yes_that_led_to_an_offer_is_no_answer_to_it_when_it_is_taken_again() -> None:
    async def story() -> None:
        house = AgendaHouse()
        message = await house.begin_offering(meeting_type(offers=1))
        await take_twice(house, said(house, "sim, quero", message))
        assert (await house.meeting()).state is MeetingState.PROPOSED
        assert not [name for name in await house.notices() if name.startswith("which")]

    asyncio.run(story())


def test_a_second_press_of_the_same_button_tells_nobody_that_nothing_is_open() -> None:
    async def story() -> None:
        house = AgendaHouse()
        meeting = await agreed(house)
        await house.answers("2")
        assert (await house.meeting()).slot == meeting.slot
        assert not [name for name in await house.notices() if name.startswith("not_open")]

    asyncio.run(story())


@pytest.mark.parametrize("text", ["ok, obrigada", "cancelar", "não", "2"])
def test_what_a_host_answers_is_not_the_contacts_word(text: str) -> None:
    async def story() -> None:
        house = AgendaHouse()
        await offered(house)
        await house.answers("3")
        sent = await house.goes_on(house.now + A_MINUTE)
        before = await house.meeting()
        booked = notice_of(sent, NoticeKind.HOST_BOOKED)
        reply = Reply("test", "h", str(booked.id), text, house.now, Channel.EMAIL, "ana@example.com")
        assert await house.engine.inbound.take_reply(reply, house.now)
        assert await house.meeting() == before
        [heard] = await house.store.inbox.page(None, 1)
        assert heard.heard.intent is not Intent.OPT_OUT

    asyncio.run(story())


@pytest.mark.parametrize("choice", ["confirm", "decline"])
def test_an_invitations_answer_is_about_the_time_that_is_agreed(choice: str) -> None:
    async def story() -> None:
        house = AgendaHouse()
        before = await with_others_beside(house)
        await house.engine.inbound.take_reply(said(house, "", meeting=before.uid, choice=choice), house.now)
        after = await house.meeting()
        if choice == "decline":
            assert after.state is MeetingState.CANCELLED
        else:
            assert after.attendance_at == house.now and after.slot == before.slot and after.offers == before.offers

    asyncio.run(story())


@pytest.mark.parametrize("choice", ["confirm", "decline"])
def test_a_reminders_button_is_about_the_time_that_it_reminds_of(choice: str) -> None:
    async def story() -> None:
        house = AgendaHouse()
        meeting = await agreed(house)
        assert meeting.slot is not None
        house.now = meeting.slot.start_at - 25 * HOUR
        await house.answers("preciso remarcar")
        sent = await house.goes_on(meeting.slot.start_at - 24 * HOUR)
        before = await house.meeting()
        assert before.offers
        reminder = notice_of(sent, NoticeKind.REMINDER_1)
        await house.engine.inbound.take_reply(said(house, "", str(reminder.id), choice=choice), house.now)
        after = await house.meeting()
        if choice == "decline":
            assert after.state is MeetingState.CANCELLED
        else:
            assert after.attendance_at == house.now and after.offers == before.offers

    asyncio.run(story())


def test_the_button_of_a_reminder_of_what_was_moved_declines_nothing() -> None:
    async def story() -> None:
        house = AgendaHouse()
        meeting = await agreed(house)
        assert meeting.slot is not None
        reminder = notice_of(await house.goes_on(meeting.slot.start_at - 24 * HOUR), NoticeKind.REMINDER_1)
        free = await house.desk.slots("demo", None, house.now, house.now + timedelta(days=10), house.now)
        moved = (await house.desk.move(meeting.id, free[-1].start_at, house.now, "operator")).meeting
        assert moved is not None
        await house.engine.inbound.take_reply(said(house, "", str(reminder.id), choice="decline"), house.now)
        assert (await house.meeting()).slot == moved.slot and (await house.meeting()).live

    asyncio.run(story())


def test_a_reply_finds_the_meeting_of_another_contact_with_the_same_address() -> None:
    async def story() -> None:
        house = AgendaHouse()
        await offered(house)
        draft = ContactDraft("x.csv:2", SAO_PAULO, "P.", phone=ADDRESSES[Channel.WHATSAPP])
        await house.store.contacts.fold("outra", [draft_with_key(draft)])
        await house.create(name="nova", list="outra", steps=[{"channel": "whatsapp", "text": "Novidade!"}])
        await start(house, "nova")
        await house.answers("2")
        assert (await house.meeting()).state is MeetingState.CONFIRMED

    asyncio.run(story())


def draft_with_key(draft: ContactDraft) -> ContactDraft:
    return ContactDraft(draft.source, draft.place, draft.name, phone=draft.phone, phone_key=draft.phone)


async def start(house: AgendaHouse, name: str) -> None:
    from disparo.usecases import campaigns

    await campaigns.start(house.store, name, house.now)
    await house.launch()
    assert await house.send()


def test_an_opt_out_releases_every_time_that_is_held_and_leaves_what_is_agreed() -> None:
    async def story() -> None:
        house = AgendaHouse()
        before = await with_others_beside(house)
        await house.answers("SAIR")
        after = await house.meeting()
        assert (after.state, after.slot, after.offers) == (MeetingState.CONFIRMED, before.slot, ())

    asyncio.run(story())


def test_who_asks_for_a_time_that_was_lost_is_told_when_there_is_no_other() -> None:
    async def story() -> None:
        house = AgendaHouse()
        await offered(house)
        await house.store.hosts.put_type(meeting_type(active=False))
        meeting = await house.meeting()
        house.calendars.of_host("ana").taken.append(meeting.offers[0].span)
        await house.answers("1")
        assert [name for name in await house.notices() if name.startswith("no_times")]

    asyncio.run(story())


def test_a_yes_to_what_was_missed_is_shown_the_way_to_another() -> None:
    async def story() -> None:
        house = AgendaHouse()
        meeting = await agreed(house)
        assert meeting.slot is not None
        house.now = meeting.slot.end_at
        await house.desk.outcome(meeting.id, False, house.now, "host")
        await house.goes_on(house.now + HOUR)
        await house.answers("sim, quero")
        assert [name for name in await house.notices() if name.startswith("not_open")]

    asyncio.run(story())


def test_who_says_yes_at_night_is_offered_times_at_night() -> None:
    async def story() -> None:
        house = AgendaHouse()
        message = await house.begin_offering()
        house.now += 13 * HOUR
        await house.answers("sim, quero", message)
        assert notice_of(await house.goes_on(house.now + A_MINUTE), NoticeKind.PROPOSAL).content.choices is not None

    asyncio.run(story())


@pytest.mark.parametrize("address", ["mallory@example.com", None])
@pytest.mark.parametrize("text", ["cancelar a reunião", "preciso remarcar", "não posso ir"])
def test_a_mail_from_elsewhere_changes_no_meeting_whatever_message_it_says_it_answers(
    text: str, address: str | None
) -> None:
    async def story() -> None:
        house = AgendaHouse()
        await offered(house)
        await house.answers("3")
        sent = await house.goes_on(house.now + A_MINUTE)
        before = await house.meeting()
        confirmed = notice_of(sent, NoticeKind.CONFIRMED)
        reply = Reply("test", "forged", str(confirmed.id), text, house.now, Channel.EMAIL, address)
        assert await house.engine.inbound.take_reply(reply, house.now)
        assert await house.meeting() == before
        [heard] = await house.store.inbox.page(None, 1)  # for people to read
        assert heard.heard.text == text and heard.handled_at is None

    asyncio.run(story())
