"""What every family's numbers do; each check gets one empty store as two processes have it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone

from disparo.domain.figure import Counted, Counts, Series, within
from disparo.ports.store import Store

Check = Callable[[Store, Store], Awaitable[None]]
NOW = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SENT = Series("whatsapp", "3", Counted.SENT)
LIMITED = Series("sms", "", Counted.LIMITED)
AGREED = Series("", "7", Counted.AGREED)
NOWHERE = Series("", "", Counted.UNREADABLE)


def begun(minutes_ago: int) -> datetime:
    return NOW.replace(second=0) - minutes_ago * MINUTE


async def check_what_was_never_counted_is_nothing(store: Store, _: Store) -> None:
    assert await store.numbers.between(NOW - DAY, NOW) == {}
    assert await store.numbers.ever() == {}
    assert await store.numbers.last_beat() is None


async def check_processes_add_to_the_same_counts(store: Store, other: Store) -> None:
    await store.numbers.add({SENT: 2, LIMITED: 1, AGREED: 1, NOWHERE: 1}, NOW)
    await other.numbers.add({SENT: 3, Series("whatsapp", "3", within(250)): 3}, NOW + timedelta(seconds=10))
    both = {SENT: 5, LIMITED: 1, AGREED: 1, NOWHERE: 1, Series("whatsapp", "3", within(250)): 3}
    assert await store.numbers.between(begun(0), begun(-1)) == both
    assert await other.numbers.ever() == both


async def check_what_is_added_at_the_same_time_is_all_there(store: Store, other: Store) -> None:
    await asyncio.gather(*(one.numbers.add({SENT: 1}, NOW) for one in (store, other) * 10))
    assert await store.numbers.ever() == {SENT: 20}


async def check_minutes_are_told_apart_by_where_they_begin(store: Store, _: Store) -> None:
    for ago in range(4):
        await store.numbers.add({SENT: 10**ago}, NOW - ago * MINUTE)
    assert await store.numbers.between(begun(2), begun(0)) == {SENT: 110}
    assert await store.numbers.between(begun(2) + timedelta(seconds=1), NOW) == {SENT: 11}
    assert await store.numbers.between(begun(0), begun(0)) == {}
    assert await store.numbers.between(begun(9), begun(-9)) == {SENT: 1111}


async def check_a_window_may_go_over_midnight_and_be_asked_for_in_any_zone(store: Store, _: Store) -> None:
    midnight = NOW.replace(hour=0, minute=0, second=0)
    for at in (midnight - MINUTE, midnight, midnight + MINUTE, midnight - DAY):
        await store.numbers.add({SENT: 1}, at)
    assert await store.numbers.between(midnight - MINUTE, midnight + MINUTE) == {SENT: 2}
    assert await store.numbers.between(midnight - MINUTE, midnight) == {SENT: 1}
    there = timezone(timedelta(hours=-3))
    edges = [at.astimezone(there) for at in (midnight - DAY, midnight + MINUTE)]
    assert await store.numbers.between(*edges) == {SENT: 3}


async def check_any_span_of_minutes_is_their_sum(store: Store, _: Store) -> None:
    for ago in range(0, 400, 7):
        await store.numbers.add({SENT: ago + 1}, NOW - ago * MINUTE)
    for first, end in ((400, 0), (399, 31), (240, 120), (200, 199), (121, 59), (60, 60), (90, 30), (361, 1)):
        found = await store.numbers.between(begun(first), begun(end))
        assert found.get(SENT, 0) == sum(ago + 1 for ago in range(0, 400, 7) if end < ago <= first), (first, end)


async def check_totals_outlive_minutes(store: Store, _: Store) -> None:
    await store.numbers.add({SENT: 1}, NOW - 3 * DAY)
    await store.numbers.add({SENT: 1}, NOW)
    assert await store.numbers.ever() == {SENT: 2}
    assert await store.numbers.between(NOW - DAY, NOW + MINUTE) == {SENT: 1}


async def check_names_of_campaigns_and_channels_do_not_run_together(store: Store, _: Store) -> None:
    counts: Counts = {Series("sms", "1", Counted.SENT): 1, Series("sms", "11", Counted.SENT): 2, LIMITED: 3}
    await store.numbers.add(counts, NOW)
    assert await store.numbers.between(begun(1), NOW) == counts
    assert await store.numbers.ever() == counts


async def check_adding_nothing_changes_nothing(store: Store, _: Store) -> None:
    await store.numbers.add({}, NOW)
    assert await store.numbers.ever() == {}


async def check_the_latest_sign_of_any_worker_counts(store: Store, other: Store) -> None:
    await store.numbers.beat("w1", NOW)
    await other.numbers.beat("w2", NOW + MINUTE)
    await store.numbers.beat("w1", NOW + timedelta(seconds=20))
    assert await store.numbers.last_beat() == NOW + MINUTE


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
