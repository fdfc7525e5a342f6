"""Meetings on DynamoDB: what a kill at any write leaves, what they cost, and how much fits into one change."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from disparo.adapters.aws.store import open_store
from disparo.adapters.aws.tables import AGENDA
from disparo.domain.agenda.meeting import CalendarNote
from disparo.domain.errors import InputError
from disparo.domain.instants import to_ms
from disparo.ports.agenda import MeetingChangedError, MeetingFilter
from disparo.simulation.memory_tables import MemoryTables
from disparo.simulation.virtual_time import run_virtually
from tests.contract.meetings_scene import (
    DAY,
    FREE,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    agreed,
    limited,
    offered,
    reason,
    slot,
    taken,
)
from tests.unit.adapters.aws.killing import killed_everywhere

MOST_FOR_AN_OFFER, MOST_FOR_A_CONFIRMATION, MOST_FOR_A_NOTE = 11, 10, 6
"""Write units: a number, then twice (it is a transaction) meeting, name, contact, queue and week; a confirmation
writes meeting, queue (out and in), when it begins and week; what keeps no other time the meeting and its place in the
queue."""

OFFERS = (slot(5), slot(7), slot(26))


async def empty() -> MemoryTables:
    return MemoryTables()


async def held() -> MemoryTables:
    tables = MemoryTables()
    await open_store(tables).meetings.add(offered("u1", *OFFERS, changed_at=NOW), FREE, NOW)
    return tables


def test_an_adding_that_is_killed_is_none_or_whole_and_its_repeat_adds_one() -> None:
    async def add(tables: MemoryTables) -> object:
        return await open_store(tables).meetings.add(offered("u1", *OFFERS), FREE, NOW)

    async def after(tables: MemoryTables) -> None:
        meetings = open_store(tables).meetings
        there = await meetings.by_uid("u1") is not None
        assert len(await meetings.occupations(["ana"], NOW, NOW + DAY * 3, NOW)) == (3 if there else 0)
        assert (await meetings.next_due() is not None) is there
        kept = await meetings.add(offered("u1", *OFFERS), FREE, NOW)
        assert list(await meetings.page(MeetingFilter(), None, 9)) == [kept]
        assert list(await meetings.of_contacts(["7"])) == [kept]
        assert {one.meeting_id for one in await meetings.occupations(["ana"], NOW, NOW + DAY * 3, NOW)} == {kept.id}

    assert run_virtually(killed_everywhere(empty, add, after)) == 2 * 2


def test_a_change_that_is_killed_is_none_or_whole() -> None:
    async def confirm(tables: MemoryTables) -> object:
        meetings = open_store(tables).meetings
        return await meetings.replace(taken(await meetings.get("1"), OFFERS[1]), FREE, NOW)

    async def after(tables: MemoryTables) -> None:
        meetings = open_store(tables).meetings
        one = await meetings.get("1")
        kept = await meetings.occupations(["ana"], NOW, NOW + DAY * 3, NOW)
        assert {each.starts_ms for each in kept} == {each.starts_ms for each in one.occupations()}
        assert await meetings.next_due() == one.wake_at
        again = taken(replace(one, revision=1), OFFERS[1])
        if one.slot is None:
            assert (await meetings.replace(again, FREE, NOW)).revision == 2
        else:
            with pytest.raises(MeetingChangedError):
                await meetings.replace(again, FREE, NOW)

    assert run_virtually(killed_everywhere(held, confirm, after)) == 2 * 1


def test_a_forgetting_that_is_killed_is_ended_by_its_repeat() -> None:
    async def noted() -> MemoryTables:
        tables = MemoryTables()
        for number in range(3):
            await open_store(tables).meetings.add(agreed(f"u{number}", slot(number), notes="segredo"), FREE, NOW)
        return tables

    async def forget(tables: MemoryTables) -> None:
        await open_store(tables).meetings.forget("7")

    async def after(tables: MemoryTables) -> None:
        await forget(tables)
        assert "segredo" not in str(await tables.scan(AGENDA))

    assert run_virtually(killed_everywhere(noted, forget, after)) == 2 * 3


def test_a_forgetting_and_a_change_at_once_leave_no_notes() -> None:
    async def story() -> str:
        tables = MemoryTables()
        meetings = open_store(tables).meetings
        one = await meetings.add(agreed("u1", slot(5), notes="segredo"), FREE, NOW)

        async def between(side: str, what: str) -> None:
            if side == "before" and (await meetings.get("1")).revision == 1:
                await meetings.replace(replace(one, told=3), FREE, NOW)

        await open_store(tables.sibling(between)).meetings.forget("7")
        assert (await meetings.get("1")).told == 3
        return str(await tables.scan(AGENDA))

    assert "segredo" not in run_virtually(story())


def test_an_offer_a_confirmation_and_a_note_cost_what_is_planned() -> None:
    async def story() -> tuple[list[float], MemoryTables]:
        tables = MemoryTables()
        meetings = open_store(tables).meetings
        for number in range(12):  # what the week has already
            await meetings.add(agreed(f"w{number}", slot(40 + number)), FREE, NOW)
        spent = [tables.units.writes]
        values = {"changed_at": NOW, "by": "system", "campaign_id": "3", "message_id": "3.1.7", "buffer_after": MINUTE}
        one = await meetings.add(offered("5f0c2a9e@disparo", *OFFERS, **values), FREE, NOW)
        spent.append(tables.units.writes)
        note = CalendarNote("ana", due_at=NOW + SECOND)
        one = await meetings.replace(
            replace(taken(one, OFFERS[0]), sequence=1, confirmed_at=NOW, changed_at=NOW + SECOND, calendar=(note,)),
            FREE,
            NOW,
        )
        spent.append(tables.units.writes)
        await meetings.replace(replace(one, told=1, calendar=(replace(note, due_at=NOW + HOUR),)), FREE, NOW)
        spent.append(tables.units.writes)
        return [after - before for before, after in pairwise(spent)], tables

    units, tables = run_virtually(story())
    most = [MOST_FOR_AN_OFFER, MOST_FOR_A_CONFIRMATION, MOST_FOR_A_NOTE]
    assert all(spent <= limit for spent, limit in zip(units, most, strict=True)), f"{units}\n{tables.units.report()}"


def test_a_full_week_of_a_host_is_small() -> None:
    """Forty hours of meetings of half an hour, with buffers."""

    async def story() -> int:
        tables = MemoryTables()
        meetings = open_store(tables).meetings
        for number in range(80):
            at = slot(24 * (number // 16) + (number % 16) / 2, minutes=25)
            await meetings.add(agreed(f"u{number}", at, buffer_after=5 * MINUTE), FREE, NOW)
        [week] = await tables.query(AGENDA, "week#ana")
        return len(str(week["kept"]))

    assert run_virtually(story()) < 3 * 1024


def test_what_runs_out_does_not_stay_in_a_week() -> None:
    async def story() -> list[int]:
        tables = MemoryTables()
        meetings = open_store(tables).meetings
        sizes = []
        for number in range(20):
            now = NOW + number * HOUR
            await meetings.add(offered(f"u{number}", slot(70), slot(72), until=now + HOUR), FREE, now)
            [week] = await tables.query(AGENDA, "week#ana")
            sizes.append(len(str(week["kept"])))
        return sizes

    sizes = run_virtually(story())
    assert max(sizes) < sizes[0] * 1.3


def test_only_weeks_of_which_something_is_wanted_are_touched() -> None:
    async def story() -> set[str]:
        tables = MemoryTables()
        meetings = open_store(tables).meetings
        await meetings.add(agreed("u1", slot(24 * 7 * 10, "ana")), limited(per_week=3), NOW)
        one = await meetings.add(offered("u2", slot(5), slot(24 * 7 * 3)), FREE, NOW)
        await meetings.replace(taken(one, slot(5)), FREE, NOW)
        return {str(item["sk"]) for item in await tables.query(AGENDA, "week#ana")}

    assert run_virtually(story()) == {"2026-03-02", "2026-03-23", "2026-05-11"}


def test_more_times_than_one_change_can_hold_are_refused() -> None:
    hosts = [f"h{number}" for number in range(8)]
    bounds = dict.fromkeys(hosts, limited(per_week=5)["ana"])

    async def story() -> None:
        meetings = open_store(MemoryTables()).meetings
        fits = [slot(24 * 7 * week, *hosts) for week in range(10)]
        one = await meetings.add(offered("u1", *fits), bounds, NOW)
        assert len(await meetings.occupations(hosts, NOW, NOW + 100 * DAY, NOW)) == 80
        assert await reason(meetings, agreed("u2", fits[9]), bounds) == "taken"
        await meetings.replace(taken(one, fits[9]), bounds, NOW)
        with pytest.raises(InputError):
            await meetings.add(offered("u3", *(slot(24 * 14 * n + 9, *hosts) for n in range(10))), bounds, NOW)
        assert await meetings.by_uid("u3") is None
        assert (await meetings.get(one.id)).slot == fits[9]

    run_virtually(story())


def test_wake_items_are_as_many_as_meetings_that_wait() -> None:
    async def story() -> list[str]:
        tables = await held()
        meetings = open_store(tables).meetings
        one = await meetings.get("1")
        for told in range(4):
            one = await meetings.replace(replace(one, told=told, offers_until=NOW + (told + 1) * HOUR), FREE, NOW)
        return [str(item["sk"]) for item in await tables.query(AGENDA, "wake")]

    assert run_virtually(story()) == [f"{to_ms(NOW + 4 * HOUR):015}#{1:015}"]
