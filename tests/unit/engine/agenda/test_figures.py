"""What came of meetings is counted by campaign, beside what CloudWatch is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from disparo.domain.figure import Counted, Series
from tests.unit.engine.agenda.agenda_house import AgendaHouse

A_MINUTE = timedelta(minutes=1)


async def proposed(house: AgendaHouse) -> None:
    message = await house.begin_offering()
    await house.answers("sim", message)
    await house.goes_on(house.now + A_MINUTE)


def test_an_agreed_proposal_is_counted_for_its_campaign_and_once() -> None:
    async def story() -> None:
        house = AgendaHouse()
        await proposed(house)
        await house.answers("1")
        await house.attend()
        campaign_id = (await house.meeting()).campaign_id
        assert campaign_id is not None
        assert house.figures.take().counts == {Series("", campaign_id, Counted.AGREED): 1}
        assert house.figures.take().counts == {}

    asyncio.run(story())


def test_a_proposal_that_came_to_nothing_is_counted_as_such() -> None:
    async def story() -> None:
        house = AgendaHouse()
        await proposed(house)
        meeting = await house.meeting()
        await house.desk.cancel(meeting.id, "", house.now, "operator")
        await house.attend()
        counts = house.figures.take().counts
        assert counts == {Series("", meeting.campaign_id or "", Counted.NOT_AGREED): 1}

    asyncio.run(story())


def test_looks_in_vain_are_counted_for_nobody_in_particular() -> None:
    house = AgendaHouse()
    house.figures.unreadable = 3
    assert house.figures.take().counts == {Series("", "", Counted.UNREADABLE): 3}
