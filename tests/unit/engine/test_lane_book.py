"""Which lanes are open, in which order they are served, and when that is decided anew."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError
from disparo.domain.sender import Sender
from disparo.engine.lane_book import LaneBook
from disparo.usecases import campaigns
from tests.unit.usecases.conftest import MONDAY, House

HOURS = {"startTime": "09:00", "endTime": "18:00", "publicHolidays": False}
ALWAYS = {"startTime": "00:00", "endTime": "24:00", "workingDays": [1, 2, 3, 4, 5, 6, 7], "publicHolidays": False}
SAO_PAULO_CLOSES = datetime(2026, 11, 23, 21, 0, tzinfo=MONDAY.tzinfo)
HOUR = timedelta(hours=1)


async def begin(house: House, *zones: str, **keys: object) -> LaneBook:
    """A campaign with a person in each of these zones."""
    for number, zone in enumerate(zones):
        await house.people(1, first=number, zone=zone)
    await house.create(**{"hours": HOURS, **keys})
    await campaigns.start(house.store, "camp", house.now)
    await house.launch()
    return await fresh(house)


async def fresh(house: House) -> LaneBook:
    book = LaneBook(house.store.ledger, house.store.campaigns)
    await book.refresh()
    return book


async def zones_of(house: House, book: LaneBook, now: datetime) -> list[str]:
    """The zones of the open lanes, in the order in which they are served."""
    places = {lane.id: lane.place.zone for lane in await house.store.ledger.lanes()}
    return [places[lane.id].removeprefix("America/") for lane in book.view(WHATSAPP, now).open]


WHATSAPP = Sender("whatsapp", Channel.WHATSAPP)


def test_lanes_that_close_first_are_served_first(house: House) -> None:
    async def story() -> None:
        book = await begin(house, "America/Manaus", "America/Sao_Paulo", "America/Noronha")
        assert await zones_of(house, book, MONDAY) == ["Noronha", "Sao_Paulo", "Manaus"]
        closings = [lane.closes_at for lane in book.view(WHATSAPP, MONDAY).open]
        assert closings == sorted(closings, key=lambda at: at or MONDAY)

    asyncio.run(story())


def test_a_closed_lane_says_when_it_opens(house: House) -> None:
    async def story() -> None:
        book = await begin(house, "America/Rio_Branco", "America/Sao_Paulo")
        view = book.view(WHATSAPP, MONDAY)
        assert await zones_of(house, book, MONDAY) == ["Sao_Paulo"]
        assert view.opens_at == MONDAY + HOUR
        assert await zones_of(house, book, MONDAY + HOUR) == ["Sao_Paulo", "Rio_Branco"]

    asyncio.run(story())


def test_nothing_is_open_at_the_instant_of_closing(house: House) -> None:
    async def story() -> None:
        book = await begin(house, "America/Sao_Paulo")
        assert await zones_of(house, book, SAO_PAULO_CLOSES - timedelta(milliseconds=1)) == ["Sao_Paulo"]
        view = book.view(WHATSAPP, SAO_PAULO_CLOSES)
        assert (view.open, view.opens_at) == ((), SAO_PAULO_CLOSES + 15 * HOUR)

    asyncio.run(story())


def test_what_was_decided_is_kept_until_it_changes(house: House) -> None:
    async def story() -> None:
        book = await begin(house, "America/Sao_Paulo")
        first = book.view(WHATSAPP, MONDAY)
        assert book.view(WHATSAPP, MONDAY + HOUR) is first
        assert first.changes_at is not None
        assert book.view(WHATSAPP, first.changes_at) is not first

    asyncio.run(story())


def test_a_clock_that_was_set_back_is_asked_anew(house: House) -> None:
    async def story() -> None:
        book = await begin(house, "America/Sao_Paulo")
        assert book.view(WHATSAPP, MONDAY).open
        assert not book.view(WHATSAPP, MONDAY - 3 * HOUR).open
        assert book.view(WHATSAPP, MONDAY).open

    asyncio.run(story())


def test_a_change_by_another_process_is_seen_at_the_next_refresh(house: House) -> None:
    async def story() -> None:
        book = await begin(house, "America/Sao_Paulo")
        revision, before = book.revision, book.view(WHATSAPP, MONDAY)
        await book.refresh()
        assert (book.revision, book.view(WHATSAPP, MONDAY)) == (revision, before)
        await campaigns.pause(house.store, "camp", house.now)
        assert book.view(WHATSAPP, MONDAY) is before
        await book.refresh()
        assert book.revision > revision
        assert book.view(WHATSAPP, MONDAY).open == ()

    asyncio.run(story())


def test_a_campaign_that_begins_later_is_closed_until_then(house: House) -> None:
    async def story() -> None:
        start_at = MONDAY + 2 * HOUR
        book = await begin(house, "America/Sao_Paulo", start_at=start_at.isoformat())
        view = book.view(WHATSAPP, MONDAY)
        assert (view.open, view.opens_at) == ((), start_at)
        assert book.view(WHATSAPP, start_at).open

    asyncio.run(story())


def test_a_start_outside_of_hours_waits_for_the_first_open_instant(house: House) -> None:
    async def story() -> None:
        book = await begin(house, "America/Sao_Paulo", start_at=(SAO_PAULO_CLOSES + HOUR).isoformat())
        assert book.view(WHATSAPP, MONDAY).opens_at == SAO_PAULO_CLOSES + 15 * HOUR

    asyncio.run(story())


def test_lanes_of_other_channels_are_not_shown(house: House) -> None:
    async def story() -> None:
        book = await begin(house, "America/Sao_Paulo")
        assert book.view(Sender("email", Channel.EMAIL), MONDAY).open == ()
        assert book.view(Sender("email", Channel.EMAIL), MONDAY).opens_at is None

    asyncio.run(story())


def test_a_lane_brings_its_campaigns_limits_and_closes_as_late_as_its_hours(house: House) -> None:
    async def story() -> None:
        limits = {"whatsapp": {"burst": 3}}
        book = await begin(house, "America/Sao_Paulo", hours=ALWAYS, limits=limits)
        [lane] = book.view(WHATSAPP, MONDAY).open
        assert lane.limits.burst == 3
        assert lane.closes_at is None or lane.closes_at > MONDAY + 24 * 20 * HOUR

    asyncio.run(story())


def test_an_ended_campaign_is_still_found_by_its_id(house: House) -> None:
    async def story() -> None:
        book = await begin(house, "America/Sao_Paulo")
        live = await book.campaign("1")
        assert live in book.campaigns()
        await house.send()
        await house.tidy()
        await book.refresh()
        assert book.campaigns() == ()
        assert (await book.campaign("1")).name == "camp"
        with pytest.raises(NotFoundError):
            await book.campaign("999")

    asyncio.run(story())
