"""Notices that have several readers or several ways to go: each reader's own words, and one way for each notice."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from disparo.adapters.babel_wording import BabelWording
from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.meeting_type import Assignment
from disparo.domain.message import MessageState
from disparo.domain.place import Place
from disparo.ports.channel import Outgoing
from tests.agenda_scene import host, meeting_type
from tests.unit.engine.agenda.agenda_house import AgendaHouse, kinds

A_MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LISBON = Place("Europe/Lisbon", None)


async def with_two_hosts(house: AgendaHouse, second: Host) -> Meeting:
    """Times are taken of a meeting together with Ana and a second host; nobody was told yet."""
    await house.store.hosts.put_host(second)
    message = await house.begin_offering(meeting_type(["ana", second.id], assignment=Assignment.TOGETHER))
    await house.answers("sim", message)
    await house.goes_on(house.now + A_MINUTE)
    await house.answers("2")
    return await house.meeting()


def to(sent: list[Outgoing], address: str) -> str:
    return "\n".join(one.content.text for one in sent if one.address == address)


def test_each_host_is_told_in_their_own_zone_and_language() -> None:
    async def story() -> None:
        house = AgendaHouse()
        meeting = await with_two_hosts(house, host("rui", place=LISBON, language="en"))
        assert meeting.slot is not None
        sent = await house.goes_on(house.now + A_MINUTE)
        sent += await house.goes_on(meeting.slot.start_at - HOUR / 4)
        assert "Quando: " in to(sent, "ana@example.com") and "Lisbo" not in to(sent, "ana@example.com")
        assert "When: " in to(sent, "rui@example.com") and "Quando" not in to(sent, "rui@example.com")
        in_lisbon = BabelWording().clock(meeting.slot.start_at, LISBON.zone, "en")
        assert in_lisbon in to(sent, "rui@example.com")
        assert "Western European" in to(sent, "rui@example.com").split("Soon")[0]

    asyncio.run(story())


def test_only_the_host_whose_calendar_is_at_fault_is_told_of_it() -> None:
    async def story() -> None:
        house = AgendaHouse()
        await with_two_hosts(house, host("rui"))
        house.calendars.of_host("rui").fault = "forbidden"
        sent = []
        for _ in range(8):
            sent += await house.goes_on(house.now + 5 * A_MINUTE)
        faults = [one for one in sent if "forbidden" in one.content.text]
        assert [one.address for one in faults] == ["rui@example.com"]
        assert "Rui" in faults[0].content.text

    asyncio.run(story())


def test_a_notice_that_was_entered_before_a_kill_goes_by_no_other_channel_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> None:
        house = AgendaHouse()
        message = await house.begin_offering()
        await house.answers("sim", message)
        await house.goes_on(house.now + A_MINUTE)
        await house.answers("3")
        slot = (await house.meeting()).slot
        assert slot is not None
        real = house.store.meetings.replace

        async def killed(meeting: Meeting, *rest: object) -> Meeting:
            if meeting.told == meeting.sequence:
                raise RuntimeError("killed")
            return await real(meeting, *rest)  # type: ignore[arg-type]

        with monkeypatch.context() as patch:
            patch.setattr(type(house.store.meetings), "replace", lambda _, *args: killed(*args))
            await house.engine.attend.run(house.now)  # type: ignore[union-attr]
        before = await house.notices()
        # When somebody else goes on, the reminder is so near that WhatsApp might take it.
        house.now = slot.start_at - 26 * HOUR
        await house.attend()
        assert set(await house.notices()) == set(before)

    asyncio.run(story())


def test_who_has_not_written_for_a_day_is_told_by_mail() -> None:
    async def story() -> None:
        house = AgendaHouse()
        message = await house.begin_offering()
        await house.answers("sim", message)
        assert kinds(await house.goes_on(house.now + A_MINUTE)) == ["proposal +"]
        assert kinds(await house.goes_on(house.now + 25 * HOUR)) == ["proposal @"]
        await house.answers("outro horário")
        assert kinds(await house.goes_on(house.now + A_MINUTE)) == ["proposal +"]

    asyncio.run(story())


def test_a_reminder_that_is_entered_is_due_once() -> None:
    async def story() -> None:
        house = AgendaHouse()
        message = await house.begin_offering()
        await house.answers("sim", message)
        await house.goes_on(house.now + A_MINUTE)
        await house.answers("3")
        await house.goes_on(house.now + A_MINUTE)
        names = [name for name, state in (await house.notices()).items() if state is MessageState.DUE]
        assert sorted(name.split()[0] for name in names) == ["reminder_1", "reminder_2"]

    asyncio.run(story())
