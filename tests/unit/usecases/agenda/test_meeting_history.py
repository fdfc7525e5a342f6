"""A meeting with its notices, and rates over what a store keeps."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from disparo.domain.agenda.notice import NoticeKind
from disparo.domain.agenda.rates import Grouping
from disparo.domain.errors import NotFoundError
from disparo.domain.policies.business_hours import BusinessHours
from disparo.engine.agenda.notices import Notices
from disparo.ports.agenda import MeetingFilter
from disparo.usecases.agenda import rates as rates_module
from disparo.usecases.agenda.history import history
from disparo.usecases.agenda.rates import RatesWanted, rates
from tests.agenda_scene import MONDAY, open_agenda

HOUR = timedelta(hours=1)


def test_a_meeting_is_told_with_the_notices_to_contact_and_host() -> None:
    async def story() -> None:
        agenda = await open_agenda()
        notices = Notices(agenda.store, BusinessHours())
        kind = await agenda.store.hosts.type("demo")
        other = await agenda.agreed(key="other")
        await notices.tell(other, kind, MONDAY)
        meeting = await agenda.agreed()
        await notices.tell(meeting, kind, MONDAY)
        found = await history(agenda.store, meeting.id)
        assert found.meeting == meeting
        assert (found.type, found.contact and found.contact.name) == (kind, "Bia Souza")
        assert set(found.hosts) == {"ana"}
        told = {(one.step.kind, one.contact.email) for one in found.notices}
        assert (NoticeKind.CONFIRMED, "bia@example.com") in told
        assert (NoticeKind.HOST_BOOKED, "ana@example.com") in told
        assert {one.step.meeting_id for one in found.notices} == {meeting.id}
        due = [one.row.due_at for one in found.notices if one.row.due_at]
        assert due == sorted(due)

    asyncio.run(story())


def test_what_is_gone_is_left_out_and_what_never_was_is_not_found() -> None:
    async def story() -> None:
        agenda = await open_agenda()
        meeting = await agenda.offered()
        await agenda.store.contacts.erase(agenda.contact_id, MONDAY)
        found = await history(agenda.store, meeting.id)
        assert (found.meeting.id, found.notices) == (meeting.id, [])
        with pytest.raises(NotFoundError):
            await history(agenda.store, "99")

    asyncio.run(story())


def test_rates_are_of_all_pages_and_of_the_span_in_which_meetings_were_proposed(monkeypatch) -> None:
    monkeypatch.setattr(rates_module, "PAGE", 2)

    async def story() -> None:
        agenda = await open_agenda()
        for number in range(5):
            await agenda.offered(MONDAY + number * HOUR, key=str(number))
        await agenda.agreed(MONDAY + 5 * HOUR, key="5")
        wanted = RatesWanted(MeetingFilter(), (Grouping.TYPE,), "America/Sao_Paulo")
        found = await rates(agenda.store.meetings, wanted, MONDAY + 6 * HOUR)
        assert (found[("demo",)].offered, found[("demo",)].agreed) == (6, 1)
        some = RatesWanted(MeetingFilter(), (), "UTC", MONDAY + HOUR, MONDAY + 3 * HOUR)
        assert (await rates(agenda.store.meetings, some, MONDAY))[()].offered == 2

    asyncio.run(story())
