"""Launch: everybody gets rows once, page by page, whatever is killed in between."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from disparo.domain.campaign import Campaign, OnFailure, Step, When
from disparo.domain.contact import Channel, Contact
from disparo.domain.message import MessageState
from disparo.domain.place import Place
from disparo.domain.suppression import Suppression
from disparo.domain.template import Template
from disparo.domain.waiting import parse_wait
from disparo.engine.launch import PAGE, first_rows
from disparo.ports.ledger import MessageFilter
from disparo.usecases import campaigns
from tests.unit.usecases.conftest import House

ANA = Contact(
    "7",
    "lista",
    "a.csv:2",
    Place("America/Manaus", "BR-AM"),
    phone="+5592988887777",
    email="ana@x.com",
    keys=("5592988887777",),
)
NOBODY: tuple[Suppression, ...] = ()


def step(channel: Channel, wait: str = "0m", when: When = When.ALWAYS) -> Step:
    return Step(channel, Template("t", "Oi", "Oi" if channel is Channel.EMAIL else None), parse_wait(wait), when=when)


THREE = (step(Channel.WHATSAPP, "2h"), step(Channel.SMS, when=When.PREVIOUS_FAILED), step(Channel.EMAIL, "1d"))


async def _counts(house: House) -> Counter[str]:
    everything = await house.store.ledger.page(MessageFilter(), None, 100_000)
    assert len({row.id for row in everything}) == len(everything)
    return Counter(str(row.state) for row in everything)


def test_everybody_is_entered_page_by_page(house: House) -> None:
    async def story() -> None:
        await house.people(2500)
        await house.create()
        await campaigns.start(house.store, "camp", house.now)
        entered = []
        while await house.engine.launch.run(house.now) == house.now:
            entered.append((await _counts(house)).total())
        assert entered == [PAGE, 2 * PAGE, 2500]
        assert await house.engine.launch.run(house.now) is None
        assert (await house.store.campaigns.get("camp")).launched

    asyncio.run(story())


def test_a_launch_that_was_killed_between_pages_goes_on_where_it_stopped(house: House) -> None:
    async def story() -> None:
        await house.people(2500)
        await house.create()
        await campaigns.start(house.store, "camp", house.now)
        await house.engine.launch.run(house.now)
        house.configure()  # another process: an engine that remembers nothing
        await house.launch()
        assert await _counts(house) == {"due": 2500}

    asyncio.run(story())


def test_two_workers_may_launch_at_once(house: House) -> None:
    async def story() -> None:
        await house.people(2500)
        await house.create()
        await campaigns.start(house.store, "camp", house.now)
        one = house.engine
        house.configure()
        for _ in range(4):
            await asyncio.gather(one.launch.run(house.now), house.engine.launch.run(house.now))
        assert await _counts(house) == {"due": 2500}

    asyncio.run(story())


def test_a_paused_campaign_waits(house: House) -> None:
    async def story() -> None:
        await house.people(3)
        await house.create()
        await campaigns.start(house.store, "camp", house.now)
        await campaigns.pause(house.store, "camp", house.now)
        assert await house.engine.launch.run(house.now) is None
        await campaigns.resume(house.store, "camp", house.now)
        await house.launch()
        assert await _counts(house) == {"due": 3}

    asyncio.run(story())


def test_a_draft_is_not_launched(house: House) -> None:
    async def story() -> None:
        await house.people(3)
        await house.create()
        assert await house.engine.launch.run(house.now) is None
        assert await _counts(house) == {}

    asyncio.run(story())


def test_the_first_step_is_due_after_its_wait_and_the_others_wait(house: House) -> None:
    campaign = asyncio.run(_campaign(house))
    first, second, third = first_rows(replace(campaign, steps=THREE), ANA, NOBODY, house.now)
    assert (first.state, first.due_at, first.place) == (MessageState.DUE, house.now + timedelta(hours=2), ANA.place)
    # A fallback is needed only when the step before it fails, so it is not cancelled yet.
    assert [(one.state, one.due_at) for one in (second, third)][1] == (MessageState.WAITING, None)
    assert second.state is MessageState.WAITING


def test_who_has_no_phone_begins_with_the_step_that_reaches(house: House) -> None:
    campaign = asyncio.run(_campaign(house))
    rows = first_rows(replace(campaign, steps=THREE), replace(ANA, phone=None), NOBODY, house.now)
    assert [(one.state, one.reason) for one in rows] == [
        (MessageState.CANCELLED, "no_phone"),
        (MessageState.CANCELLED, "no_phone"),
        (MessageState.DUE, ""),
    ]
    assert rows[2].due_at == house.now + timedelta(days=1)


def test_a_fallback_goes_at_its_own_time_when_the_step_before_it_cannot_reach(house: House) -> None:
    campaign = asyncio.run(_campaign(house))
    steps = (step(Channel.EMAIL), step(Channel.SMS, when=When.PREVIOUS_FAILED))
    rows = first_rows(replace(campaign, steps=steps), replace(ANA, email=None), NOBODY, house.now)
    assert [(one.state, one.reason) for one in rows] == [
        (MessageState.CANCELLED, "no_email"),
        (MessageState.DUE, ""),
    ]


def test_a_suppressed_channel_is_left_out_from_the_start(house: House) -> None:
    campaign = asyncio.run(_campaign(house))
    key = ANA.keys[0]
    given = [
        Suppression(key, Channel.WHATSAPP, "opted_out", "test", house.now),
        Suppression(key, Channel.EMAIL, "bounced", "test", house.now),
    ]
    rows = first_rows(replace(campaign, steps=THREE), ANA, given, house.now)
    assert [(one.state, one.reason) for one in rows] == [
        (MessageState.CANCELLED, "opted_out"),
        (MessageState.DUE, ""),
        (MessageState.CANCELLED, "bounced"),
    ]


def test_somebody_whom_nothing_reaches_has_only_ended_rows(house: House) -> None:
    campaign = asyncio.run(_campaign(house))
    everywhere = [Suppression(ANA.keys[0], None, "opted_out", "test", house.now)]
    rows = first_rows(replace(campaign, steps=THREE), ANA, everywhere, house.now)
    assert {(one.state, one.reason) for one in rows} == {(MessageState.CANCELLED, "opted_out")}


def test_who_lives_nowhere_known_lives_where_the_campaign_says(house: House) -> None:
    campaign = asyncio.run(_campaign(house))
    rows = first_rows(replace(campaign, steps=THREE), replace(ANA, place=None), NOBODY, house.now)
    assert {one.place for one in rows} == {campaign.place}


async def _campaign(house: House) -> Campaign:
    await house.people(1)
    return await house.create(steps=[{"channel": "whatsapp", "text": "Oi", "on_failure": str(OnFailure.NEXT)}])
