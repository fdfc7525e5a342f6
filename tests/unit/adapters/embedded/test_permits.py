"""Permit books in SQLite: kept as runs, read only as far as the next permits look, forgotten when no window looks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import apsw
import pytest

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.ledger import SqliteLedger
from disparo.adapters.embedded.permits import load_book, load_breaker, save_book, save_breaker
from disparo.domain.instants import from_ms
from disparo.domain.policies.circuit_breaker import CLOSED, Breaker
from disparo.domain.policies.rate_limit import Limits, PermitBook, reserve

MONDAY = 1_700_000_000_000
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000


@pytest.fixture
def connection() -> Iterator[apsw.Connection]:
    database = Database(None)
    yield database.reader
    database.close()


def give(connection: apsw.Connection, limits: Limits, count: int, at_ms: int) -> PermitBook:
    """Take permits as a claim does: read, reserve, write."""
    book = load_book(connection, "sms", limits, count)
    before = book.given
    reserve([book], count, at_ms)
    save_book(connection, book, before)
    return book


def rows(connection: apsw.Connection) -> list[tuple[int, int]]:
    return [(int(first), int(at)) for first, at in connection.execute("SELECT first, at FROM permit ORDER BY first")]


def test_permits_of_one_instant_are_one_row(connection: apsw.Connection) -> None:
    give(connection, Limits(), 500, MONDAY)
    assert rows(connection) == [(0, MONDAY)]
    give(connection, Limits(), 20, MONDAY + 7)
    assert rows(connection) == [(0, MONDAY), (500, MONDAY + 7)]


def test_more_permits_at_the_same_instant_are_the_same_run(connection: apsw.Connection) -> None:
    for _ in range(3):
        give(connection, Limits(burst=10), 2, MONDAY)
    book = load_book(connection, "sms", Limits(burst=10), 5)
    assert (book.given, book.last_at_ms, book.firsts) == (6, MONDAY, [0])


def test_what_is_added_to_a_run_does_not_move_it(connection: apsw.Connection) -> None:
    limits = Limits(burst=4)
    give(connection, limits, 3, MONDAY)
    give(connection, limits, 1, MONDAY)
    assert {at for _, at in rows(connection)} == {MONDAY}
    assert give(connection, limits, 1, MONDAY + MINUTE).given == 4
    assert give(connection, limits, 4, MONDAY + MINUTE + SECOND).given == 8


def test_only_what_the_next_permits_look_at_is_read(connection: apsw.Connection) -> None:
    limits = Limits(hourly=10_000)
    for second in range(300):
        give(connection, limits, 1, MONDAY + second * SECOND)
    assert load_book(connection, "sms", limits, 5).firsts == []
    narrow = load_book(connection, "sms", Limits(burst=20), 5)
    assert (narrow.given, narrow.firsts) == (300, list(range(280, 286)))


def test_a_book_that_was_read_in_part_gives_what_the_whole_one_gives(connection: apsw.Connection) -> None:
    limits = Limits(burst=7, hourly=60, daily=200)
    whole, at = PermitBook("sms", limits), MONDAY
    for turn in range(120):
        count = 1 + turn % 9
        part = load_book(connection, "sms", limits, count)
        before = part.given
        granted, expected = reserve([part], count, at), reserve([whole], count, at)
        assert (granted.count, granted.next_at_ms, granted.reason) == (
            expected.count,
            expected.next_at_ms,
            expected.reason,
        )
        save_book(connection, part, before)
        at = (granted.next_at_ms or at) + turn % 3
    assert whole.given > 200


def test_books_of_other_names_are_apart(connection: apsw.Connection) -> None:
    give(connection, Limits(burst=3), 3, MONDAY)
    other = load_book(connection, "sms/1", Limits(burst=3), 3)
    assert (other.given, other.last_at_ms, other.firsts) == (0, 0, [])


def test_a_limit_that_is_added_later_counts_what_was_given_before(connection: apsw.Connection) -> None:
    give(connection, Limits(), 9, MONDAY)
    book = load_book(connection, "sms", Limits(hourly=10), 5)
    assert reserve([book], 5, MONDAY + MINUTE).count == 1


def test_nothing_given_writes_nothing(connection: apsw.Connection) -> None:
    give(connection, Limits(burst=2), 2, MONDAY)
    before = connection.total_changes()
    give(connection, Limits(burst=2), 2, MONDAY + SECOND)
    assert connection.total_changes() == before


def test_pruning_keeps_what_a_day_can_look_at() -> None:
    database = Database(None)
    for hour in (0, 10, 23, 26, 30):
        give(database.reader, Limits(), 1, MONDAY + hour * HOUR)
    asyncio.run(SqliteLedger(database).prune())
    assert [(at - MONDAY) // HOUR for _, at in rows(database.reader)] == [10, 23, 26, 30]
    book = load_book(database.reader, "sms", Limits(daily=4), 3)
    assert book.given == 5
    assert reserve([book], 1, MONDAY + 31 * HOUR).next_at_ms == MONDAY + (10 + 24) * HOUR + SECOND
    database.close()


def test_a_book_at_rest_is_not_pruned_by_the_passing_of_time() -> None:
    """Pruning counts from each book's latest permit, so a busy book does not make a quiet one forget."""
    database = Database(None)
    give(database.reader, Limits(), 1, MONDAY)
    busy = load_book(database.reader, "busy", Limits(), 1)
    reserve([busy], 1, MONDAY + 30 * DAY)
    save_book(database.reader, busy, 0)
    asyncio.run(SqliteLedger(database).prune())
    assert len(rows(database.reader)) == 2
    database.close()


def test_a_breaker_comes_back_as_it_was_kept(connection: apsw.Connection) -> None:
    assert load_breaker(connection, "sms") == CLOSED
    opened = Breaker(12, from_ms(MONDAY), from_ms(MONDAY) + timedelta(seconds=60))
    for breaker in (opened, Breaker(3), CLOSED):
        save_breaker(connection, "sms", breaker)
        assert load_breaker(connection, "sms") == breaker
    assert load_breaker(connection, "email") == CLOSED
