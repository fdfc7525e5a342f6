"""What every family's book of alarms does; each check gets one empty store as two processes have it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from disparo.domain.alarm import AlarmChange, AlarmName, AlarmStanding, AlarmState, Unit
from disparo.ports.store import Store

Check = Callable[[Store, Store], Awaitable[None]]
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WELL = AlarmStanding(AlarmName.DLQ_MESSAGES, AlarmState.OK, NOW, NOW, 0.0, 0.0, Unit.COUNT)
RINGING = AlarmStanding(
    AlarmName.BREAKER_OPEN, AlarmState.ALARM, NOW, NOW, 1.5, 0.0, Unit.COUNT, ("principal", "reserva"), NOW - MINUTE
)
WAYS = frozenset({"webhook", "email"})


def changed(at: datetime, waiting: frozenset[str] = WAYS, state: AlarmState = AlarmState.ALARM) -> AlarmChange:
    return AlarmChange(AlarmState.OK, replace(WELL, state=state, since=at, checked_at=at, value=3.0), waiting)


async def keep_changes(store: Store, *changes: AlarmChange) -> None:
    before = None
    for change in changes:
        assert await store.alarms.keep(change.standing, before, change)
        before = change.standing


async def check_standings_are_kept_as_they_were_found_in_the_order_of_alarms(store: Store, other: Store) -> None:
    assert list(await store.alarms.standings()) == []
    assert await store.alarms.keep(RINGING, None, None)
    assert await store.alarms.keep(WELL, None, None)
    assert list(await other.alarms.standings()) == [WELL, RINGING]


async def check_a_standing_follows_the_one_before(store: Store, other: Store) -> None:
    await store.alarms.keep(WELL, None, None)
    later = replace(WELL, checked_at=NOW + MINUTE, value=None)
    assert await other.alarms.keep(later, WELL, None)
    assert list(await store.alarms.standings()) == [later]


async def check_of_two_that_find_the_same_change_one_keeps_it(store: Store, other: Store) -> None:
    await store.alarms.keep(WELL, None, None)
    change, same = changed(NOW + MINUTE), changed(NOW + MINUTE + timedelta(seconds=1))
    kept = await asyncio.gather(
        store.alarms.keep(change.standing, WELL, change), other.alarms.keep(same.standing, WELL, same)
    )
    assert sorted(kept) == [False, True]
    assert len(await store.alarms.changes(None, 10)) == 1
    assert not await store.alarms.keep(WELL, None, None), "it is kept already"


async def check_changes_come_newest_first_from_behind_one(store: Store, other: Store) -> None:
    changes = [changed(NOW + at * MINUTE) for at in range(5)]
    await keep_changes(store, *changes)
    assert list(await other.alarms.changes(None, 3)) == changes[:1:-1]
    assert list(await other.alarms.changes(changes[2].id, 3)) == changes[1::-1]
    assert list(await other.alarms.changes(changes[0].id, 3)) == []


async def check_who_was_told_by_one_way_is_told_by_the_other_still(store: Store, other: Store) -> None:
    first, second = changed(NOW), changed(NOW + MINUTE)
    await keep_changes(store, first, second)
    assert list(await store.alarms.untold("email", NOW)) == [first, second]
    for at in (NOW + MINUTE, NOW + 2 * MINUTE):  # once said it stays so
        await other.alarms.told(first.id, "webhook", at)
    [told] = [one for one in await store.alarms.changes(None, 10) if one.id == first.id]
    assert (told.waiting, told.told) == ({"email"}, {"webhook": NOW + MINUTE})
    assert [one.id for one in await store.alarms.untold("webhook", NOW)] == [second.id]
    assert [one.id for one in await store.alarms.untold("email", NOW)] == [first.id, second.id]
    assert [one.id for one in await store.alarms.untold("email", NOW + MINUTE)] == [second.id]
    await other.alarms.told(first.id, "email", NOW + 3 * MINUTE)
    [told] = [one for one in await store.alarms.changes(None, 10) if one.id == first.id]
    assert (told.waiting, set(told.told)) == (frozenset(), WAYS)


async def check_nobody_is_told_of_what_is_no_news(store: Store, _: Store) -> None:
    await keep_changes(store, changed(NOW, frozenset()))
    assert list(await store.alarms.untold("email", NOW - MINUTE)) == []
    assert len(await store.alarms.changes(None, 10)) == 1


async def check_what_is_said_of_a_change_that_is_gone_is_forgotten(store: Store, _: Store) -> None:
    await store.alarms.told("0000000000001-no_tick", "email", NOW)
    assert list(await store.alarms.changes(None, 10)) == []


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
