from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.imports import SqliteImports
from disparo.domain.agenda.host import CalendarKind, CalendarRef, DayLimits, Host
from disparo.domain.agenda.meeting import CalendarNote, Meeting, MeetingState
from disparo.domain.agenda.slot import HostBounds, Slot
from disparo.domain.contact import Channel
from disparo.domain.contact_import import Import
from disparo.domain.figure import Counted, Series
from disparo.domain.inbox_entry import Heard
from disparo.domain.numbers import Window
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.policies.retry import FailureClass
from disparo.usecases import campaigns
from disparo.usecases.today import MOST_CAMPAIGNS, MOST_CONVERSATIONS, Today, next_moment, today

House = Any
HOME = Place("America/Sao_Paulo")


async def look(house: House, window: Window = Window.HOUR) -> Today:
    midnight = house.now.replace(hour=3, minute=0)
    imports = SqliteImports(Database(None))
    await imports.create(Import("000-a", "k", "contatos.csv", "lista", house.now, house.now))
    senders = list(house.senders.values())
    return await today(house.store, imports, senders, house.now, (midnight, midnight + timedelta(days=1)), window)


async def meet(house: House, number: int, at: datetime, state: MeetingState, host: str = "ana") -> Meeting:
    slot = Slot((host,), at, at + timedelta(minutes=30))
    meeting = Meeting(
        "", "visita", "1", Channel.WHATSAPP, HOME, "pt", f"uid-{number}", house.now, state=state, slot=slot
    )
    bounds = {host: HostBounds(DayLimits(), HOME.zone)}
    added: Meeting = await house.store.meetings.add(meeting, bounds, house.now)
    return added


def test_a_new_installation_has_its_first_steps_before_it(house: House) -> None:
    async def check() -> None:
        empty = await look(house)
        assert (empty.steps.contacts, empty.steps.campaigns, empty.steps.hosts) == (0, False, 0)
        assert (empty.live, empty.waiting, empty.dead_letters, empty.day.meetings) == ([], [], 0, 0)
        await house.people(3)
        await house.create()
        await house.store.hosts.put_host(Host("ana", "Ana", HOME, BusinessHours()))
        begun = await look(house)
        assert (begun.steps.contacts, begun.steps.campaigns, begun.steps.hosts) == (3, True, 1)

    asyncio.run(check())


def test_what_runs_is_told_with_its_pace_and_what_is_held_behind_it(house: House) -> None:
    async def check() -> None:
        await house.begin(4)
        await house.send(count=2)
        await house.begin(4, name="parada")
        await campaigns.pause(house.store, "parada", house.now)
        counts = Counter({Series("whatsapp", "1", Counted.SENT): 50})
        await house.store.numbers.add(counts, house.now)
        await house.store.numbers.add(counts, house.now - timedelta(minutes=20))
        found = await look(house)
        first, second = found.live
        assert (first.report.campaign.name, first.per_minute, first.last_hour) == ("camp", 10, 100)
        assert (first.report.totals.sent, first.report.totals.open, first.next_at) == (2, 2, house.now)
        assert (second.report.campaign.name, second.next_at) == ("parada", None)
        assert (found.numbers.all.figure.sent, found.numbers.all.queue_depth) == (100, 2)
        assert (found.hours[-1], sum(found.hours), len(found.hours)) == (2, 2, 24)

    asyncio.run(check())


@pytest.mark.parametrize(
    ("later", "wait"), [(timedelta(0), timedelta(seconds=61)), (timedelta(hours=11), timedelta(hours=11))]
)
def test_the_next_moment_is_the_one_that_a_claim_waits_for(house: House, later: timedelta, wait: timedelta) -> None:
    """At ten the limit of two a minute; at nine in the evening the next morning."""

    async def check() -> None:
        house.configure(limits=Limits(burst=2))
        await house.begin(4)
        await house.send()
        at = house.now + later
        report = await campaigns.report(house.store, "camp", at, list(house.senders.values()))
        claim = await house.engine.dispatch.claim("whatsapp", 10, at)
        assert next_moment(report, at) == claim.next_at == at + wait

    asyncio.run(check())


def test_a_broken_provider_is_waited_for(house: House) -> None:
    async def check() -> None:
        house.configure(threshold=1)
        await house.begin(3)
        house.provider.failures.append(FailureClass.TRANSIENT)
        await house.send(count=1)
        found = await look(house)
        [live] = found.live
        assert live.next_at == house.now + timedelta(seconds=60)
        states = {sender.name: state.breaker.reason for sender, state in found.health.senders}
        assert states == {"whatsapp": "breaker_open", "email": "closed"}

    asyncio.run(check())


def test_who_wrote_and_got_no_answer_is_told_the_latest_first(house: House) -> None:
    async def check() -> None:
        [contact] = await house.people(1)
        for number in range(MOST_CONVERSATIONS + 2):
            whose = contact if number == MOST_CONVERSATIONS + 1 else None
            heard = Heard(
                f"e{number}",
                Channel.WHATSAPP,
                "whatsapp",
                f"+5541{number:09}",
                whose,
                None,
                "oi",
                "question",
                house.now,
            )
            await house.store.inbox.keep(heard, house.now + timedelta(seconds=number))
        found = await look(house)
        assert (len(found.waiting), found.more_waiting) == (MOST_CONVERSATIONS, True)
        assert found.waiting[0].contact is not None
        assert found.waiting[0].contact.name == "Pessoa 0"
        assert found.waiting[1].contact is None

    asyncio.run(check())


def test_the_days_meetings_are_told_host_by_host(house: House) -> None:
    async def check() -> None:
        await house.people(1)
        google = CalendarRef(CalendarKind.GOOGLE, "g")
        for host_id, ref in (("ana", CalendarRef()), ("bruno", google), ("carla", google)):
            await house.store.hosts.put_host(Host(host_id, host_id.title(), HOME, BusinessHours(), calendar=ref))
        one = await meet(house, 1, house.now + timedelta(hours=2), MeetingState.CONFIRMED)
        two = await meet(house, 2, house.now - timedelta(hours=2), MeetingState.HELD)
        three = await meet(house, 3, house.now + timedelta(hours=1), MeetingState.CONFIRMED, "bruno")
        noted = replace(three, calendar=(CalendarNote("bruno", fault="unreachable"),))
        await house.store.meetings.replace(noted, {"bruno": HostBounds(DayLimits(), HOME.zone)}, house.now)
        await meet(house, 4, house.now + timedelta(days=1), MeetingState.CONFIRMED)
        await meet(house, 5, house.now + timedelta(hours=3), MeetingState.CANCELLED)
        old = await meet(house, 6, house.now - timedelta(days=2), MeetingState.CONFIRMED)
        await meet(house, 7, house.now - timedelta(days=30), MeetingState.CONFIRMED)
        found = await look(house)
        assert [(host.id if host else None, [met.meeting.id for met in of]) for host, of in found.day.hosts] == [
            ("ana", [two.id, one.id]),
            ("bruno", [three.id]),
        ]
        assert (found.day.meetings, [met.meeting.id for met in found.day.unsaid]) == (3, [old.id])
        assert found.day.unsaid_in_all == 1
        assert [(host.id, fault) for host, fault in found.health.calendars] == [("bruno", "unreachable"), ("carla", "")]

    asyncio.run(check())


def test_hosts_whose_days_begin_together_stand_by_name(house: House) -> None:
    async def check() -> None:
        await house.people(1)
        for host_id, name in (("a", "Zeca"), ("b", "Ângela"), ("c", "Bruno")):
            await house.store.hosts.put_host(Host(host_id, name, HOME, BusinessHours()))
        for number, host_id in enumerate("abc", 1):
            await meet(house, number, house.now + timedelta(hours=2), MeetingState.CONFIRMED, host_id)
        found = await look(house)
        assert [host.name for host, _ in found.day.hosts if host] == ["Ângela", "Bruno", "Zeca"]

    asyncio.run(check())


def test_only_so_many_campaigns_are_told_one_by_one(house: House) -> None:
    async def check() -> None:
        await house.people(1)
        for number in range(MOST_CAMPAIGNS + 2):
            await house.create(name=f"c{number}")
            await campaigns.start(house.store, f"c{number}", house.now)
        found = await look(house)
        assert (len(found.live), found.more_live) == (MOST_CAMPAIGNS, 2)
        assert [one.file for one in found.imports] == ["contatos.csv"]

    asyncio.run(check())
