"""The inbox on DynamoDB: what it costs, and what a kill at any of its writes leaves."""

from __future__ import annotations

from datetime import timedelta

from disparo.adapters.aws.store import open_store
from disparo.adapters.aws.tables import CONTROL
from disparo.domain.contact import Channel
from disparo.simulation.memory_tables import MemoryTables
from disparo.simulation.virtual_time import run_virtually
from tests.contract.inbox_suite import NOW, SENDER, WHATSAPP, heard, notice, texts
from tests.contract.suppressions_suite import ANA, BIA
from tests.unit.adapters.aws.killing import killed_everywhere

LATER = NOW + timedelta(minutes=5)


async def empty() -> MemoryTables:
    return MemoryTables()


async def seen_once(tables: MemoryTables) -> None:
    """Whatever of the first keeping is left, its repeat makes it whole."""
    inbox = open_store(tables).inbox
    known = await inbox.knows(heard().event_id)
    assert len(await texts(inbox)) == known
    assert await inbox.keep(heard(), LATER) is not known
    for listing in (
        await inbox.page(None, 9),
        await inbox.page(None, 9, unhandled=True),
        await inbox.page(None, 9, contact_id="7"),
    ):
        assert [one.heard for one in listing] == [heard()]
    for unhandled in (False, True):
        [line] = await inbox.conversations(None, 9, unhandled=unhandled)
        assert (line.owner, line.latest.heard, line.entries, line.unhandled) == ("7", heard(), 1, 1)
    assert await inbox.last_heard(WHATSAPP, SENDER, [ANA]) == heard().at


def test_a_keeping_that_is_killed_is_none_and_its_repeat_makes_it_whole() -> None:
    async def keep(tables: MemoryTables) -> bool:
        return await open_store(tables).inbox.keep(heard(), NOW)

    assert run_virtually(killed_everywhere(empty, keep, seen_once)) == 2 * 8


def test_a_notice_that_is_killed_is_kept_by_its_repeat() -> None:
    async def keep(tables: MemoryTables) -> bool:
        return await open_store(tables).inbox.keep_notice(notice(1), NOW)

    async def after(tables: MemoryTables) -> None:
        inbox = open_store(tables).inbox
        known = len(await inbox.notices(None, 9)) == 1
        assert await inbox.keep_notice(notice(1), LATER) is not known
        assert [one for _, one in await inbox.notices(None, 9)] == [notice(1)]

    assert run_virtually(killed_everywhere(empty, keep, after)) == 2 * 2


async def talked() -> MemoryTables:
    """Ana wrote under her number and under a provider's name; Bia wrote too."""
    tables = MemoryTables()
    inbox = open_store(tables).inbox
    await inbox.learn("whatsapp", "BR.77", ANA)
    await inbox.keep(heard(1), NOW)
    await inbox.keep(heard(2, key="user:whatsapp:BR.77", contact_id=None), NOW)
    await inbox.keep(heard(3, key=BIA, contact_id="8"), NOW)
    return tables


def test_a_forgetting_that_is_killed_is_ended_by_its_repeat() -> None:
    async def forget(tables: MemoryTables) -> None:
        await open_store(tables).inbox.forget("7", [ANA])

    async def after(tables: MemoryTables) -> None:
        inbox = open_store(tables).inbox
        await inbox.forget("7", [ANA])
        left = str(await tables.scan(CONTROL))
        assert not [personal for personal in (ANA, "BR.77", "wamid.1", "wamid.2") if personal in left]
        assert [one.heard.key for one in await inbox.page(None, 9)] == [BIA]
        assert await inbox.knows(heard(1).event_id)
        assert await inbox.knows(heard(2).event_id)

    assert run_virtually(killed_everywhere(talked, forget, after)) > 20


def test_a_handling_that_is_killed_is_ended_by_its_repeat() -> None:
    async def handle(tables: MemoryTables) -> None:
        inbox = open_store(tables).inbox
        [entry] = await inbox.page(None, 9, contact_id="8")
        await inbox.handle(entry.id, LATER)

    async def after(tables: MemoryTables) -> None:
        await handle(tables)
        assert "8" not in [one.heard.contact_id for one in await open_store(tables).inbox.page(None, 9, unhandled=True)]

    assert run_virtually(killed_everywhere(talked, handle, after)) == 2 * 3


def test_what_the_inbox_costs() -> None:
    async def story() -> None:
        tables = MemoryTables()
        inbox = open_store(tables).inbox
        await inbox.keep(heard(1), NOW)
        assert tables.units.writes == 13, "entry, person and check (6), places (2), three lists, the window, the month"
        before = tables.units.copy()
        await inbox.keep(heard(2), NOW)
        assert tables.units.since(before).writes == 14, "the last place is taken away (2), the month is there"
        before = tables.units.copy()
        await inbox.keep(heard(2), NOW)
        assert (tables.units.since(before).writes, tables.units.since(before).reads) == (0, 1)
        before = tables.units.copy()
        await inbox.last_heard(Channel.WHATSAPP, SENDER, [ANA, BIA])
        assert tables.units.since(before).reads == 2

    run_virtually(story())
