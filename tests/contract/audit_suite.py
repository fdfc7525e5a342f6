"""What every family's audit does; each check gets one empty store as two processes have it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from disparo.domain.audit import AuditEntry, AuditFilter
from disparo.ports.store import Store

Check = Callable[[Store, Store], Awaitable[None]]
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ALL = AuditFilter()
ENTRY = AuditEntry(NOW, "user:1", "Ana", "campaigns.start", "name=12", detail={"contacts": "3"}, address="10.0.0.1")


async def check_an_entry_comes_back_as_it_was_written(store: Store, other: Store) -> None:
    kept = await store.audit.append(ENTRY)
    assert replace(kept, id="") == ENTRY
    assert list(await other.audit.page(ALL, None, 10)) == [kept]


async def check_the_same_entry_twice_is_two(store: Store, other: Store) -> None:
    first, second = await store.audit.append(ENTRY), await other.audit.append(ENTRY)
    assert first.id != second.id
    assert len(await store.audit.page(ALL, None, 10)) == 2


async def check_an_entry_that_has_an_id_is_written_once(store: Store, other: Store) -> None:
    kept = await store.audit.append(replace(ENTRY, id="001772452800000-00000001abcdef01"))
    assert kept.id == "001772452800000-00000001abcdef01"
    await other.audit.append(replace(kept, detail={"late": "true"}))
    assert list(await store.audit.page(ALL, None, 10)) == [kept], "nor is it changed"


async def check_what_is_written_in_one_instant_stays_in_its_order(store: Store, other: Store) -> None:
    kept = [await store.audit.append(replace(ENTRY, object=f"name={n}")) for n in range(12)]
    assert list(await other.audit.page(ALL, None, 20)) == kept[::-1]


async def check_entries_come_newest_first_page_by_page_over_days(store: Store, other: Store) -> None:
    kept = [await store.audit.append(replace(ENTRY, at=NOW + timedelta(hours=9 * n))) for n in range(12)]
    found: list[AuditEntry] = []
    while page := await other.audit.page(ALL, found[-1].id if found else None, 5):
        found += page
    assert found == kept[::-1]


async def check_a_filter_finds_its_own(store: Store, other: Store) -> None:
    by_bia = await store.audit.append(replace(ENTRY, at=NOW + timedelta(hours=1), actor="user:2"))
    paused = await store.audit.append(replace(ENTRY, at=NOW + timedelta(days=1), action="campaigns.pause"))
    erased = await store.audit.append(replace(ENTRY, at=NOW + timedelta(days=2), action="contacts.erase", object="x=7"))
    first = await store.audit.append(ENTRY)
    for wanted, expected in (
        (AuditFilter(actor="user:2"), [by_bia]),
        (AuditFilter(action="campaigns.start"), [by_bia, first]),
        (AuditFilter(action="campaigns."), [paused, by_bia, first]),
        (AuditFilter(object="x=7"), [erased]),
        (AuditFilter(object="x=7", actor="user:1"), [erased]),
        (AuditFilter(object="x=7", actor="user:2"), []),
        (AuditFilter(since=NOW + timedelta(hours=1)), [erased, paused, by_bia]),
        (AuditFilter(until=NOW + timedelta(hours=1)), [first]),
        (AuditFilter(since=NOW + timedelta(hours=1), until=NOW + timedelta(days=2)), [paused, by_bia]),
    ):
        assert list(await other.audit.page(wanted, None, 10)) == expected, wanted


async def check_a_few_among_many_are_found(store: Store, other: Store) -> None:
    for n in range(450):
        actor = "user:2" if n in (3, 300) else "user:1"
        await store.audit.append(replace(ENTRY, at=NOW + timedelta(seconds=n), actor=actor))
    found = await other.audit.page(AuditFilter(actor="user:2"), None, 10)
    assert [one.at for one in found] == [NOW + timedelta(seconds=300), NOW + timedelta(seconds=3)]
    assert [one.at for one in await other.audit.page(AuditFilter(actor="user:2"), found[0].id, 10)] == [found[1].at]


async def check_age_removes_the_oldest_first_and_nothing_younger(store: Store, other: Store) -> None:
    long_ago = datetime(2020, 3, 2, 12, 0, tzinfo=UTC)  # SQLite's table itself keeps what is younger than a year
    kept = [await store.audit.append(replace(ENTRY, at=long_ago + timedelta(hours=9 * n))) for n in range(6)]
    before = kept[4].at
    assert await other.audit.prune(before, 3) == 3
    assert list(await store.audit.page(ALL, None, 10)) == kept[:2:-1]
    assert await other.audit.prune(before, 3) == 1
    assert await other.audit.prune(before, 3) == 0
    assert list(await store.audit.page(ALL, None, 10)) == kept[:3:-1]


SUITE: tuple[Check, ...] = (
    check_an_entry_comes_back_as_it_was_written,
    check_the_same_entry_twice_is_two,
    check_what_is_written_in_one_instant_stays_in_its_order,
    check_entries_come_newest_first_page_by_page_over_days,
    check_a_filter_finds_its_own,
    check_a_few_among_many_are_found,
    check_age_removes_the_oldest_first_and_nothing_younger,
)
