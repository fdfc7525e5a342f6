"""A person who was erased goes out of the calendars of their hosts, too."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from disparo.domain.contact import Channel
from disparo.ports.desk import Wish
from tests.agenda_scene import SAO_PAULO
from tests.unit.engine.agenda.agenda_house import AgendaHouse


def test_a_past_meeting_of_somebody_who_was_erased_is_taken_out_of_the_calendar() -> None:
    async def story() -> None:
        house = AgendaHouse()
        await house.begin_offering()
        wish = Wish("demo", "1", Channel.EMAIL, SAO_PAULO, "k")
        [slot, *_] = await house.desk.slots("demo", SAO_PAULO, house.now, house.now + timedelta(days=5), house.now)
        await house.desk.book(wish, slot.start_at, house.now, "operator")
        await house.attend()
        calendar = house.calendars.of(await house.store.hosts.host("ana"))
        assert len(calendar.written) == 1
        house.now = slot.end_at + timedelta(minutes=5)
        await house.attend()
        before = await house.meeting()
        for _ in range(2):
            await house.store.meetings.forget("1")
            await house.attend()
            assert calendar.written == {}
        after = await house.meeting()
        assert (after.state, after.slot, after.calendar) == (before.state, before.slot, ())
        assert await house.store.meetings.next_due() is None

    asyncio.run(story())
