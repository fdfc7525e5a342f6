"""Whether a worker that is to end by itself still has something to do."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from disparo.domain.agenda.host import DayLimits
from disparo.domain.agenda.slot import HostBounds
from disparo.domain.message import MessageEvent, MessageRecord
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.settlement import Settlement
from disparo.engine.agenda.notices import Notices
from disparo.ports.ledger import MessageFilter
from disparo.usecases.work_left import SOON, is_work_left
from tests.agenda_scene import MONDAY, Agenda, open_agenda


async def looked(agenda: Agenda, at=MONDAY) -> bool:
    return await is_work_left(agenda.store, await agenda.store.campaigns.live(), at)


def test_an_agenda_without_meetings_has_nothing_to_do() -> None:
    async def story() -> None:
        assert not await looked(await open_agenda())

    asyncio.run(story())


def test_a_meeting_that_was_not_attended_to_is_work() -> None:
    async def story() -> None:
        agenda = await open_agenda()
        await agenda.offered()
        assert await looked(agenda)

    asyncio.run(story())


def test_a_notice_that_is_due_is_work_and_reminders_of_later_are_none() -> None:
    async def story() -> None:
        agenda = await open_agenda()
        meeting = await agenda.agreed()
        await Notices(agenda.store, BusinessHours()).tell(meeting, await agenda.store.hosts.type("demo"), MONDAY)
        attended = replace(meeting, told=meeting.sequence, calendar=())
        bounds = {"ana": HostBounds(DayLimits(), "UTC")}
        await agenda.store.meetings.replace(attended, bounds, MONDAY)
        assert await looked(agenda)
        rows = await entered(agenda)
        now = [row for row in rows if row.due_at is not None and row.due_at <= MONDAY]
        later = [row.due_at for row in rows if row.due_at is not None and row.due_at > MONDAY + SOON]
        assert now
        assert later
        cancels = [Settlement(row.id, MessageEvent.CANCEL, row.attempts, "replied") for row in now]
        await agenda.store.ledger.settle(cancels, MONDAY)
        assert not await looked(agenda)
        assert await looked(agenda, min(later) - SOON)

    asyncio.run(story())


async def entered(agenda: Agenda) -> list[MessageRecord]:
    """The notices of every campaign, whoever they go to."""
    found: list[MessageRecord] = []
    for campaign in await agenda.store.campaigns.live():
        assert campaign.standing
        found += await agenda.store.ledger.page(MessageFilter(campaign.id), None, 100)
    return found
