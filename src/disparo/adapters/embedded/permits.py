"""Permit books and breakers in SQLite."""

from __future__ import annotations

import apsw

from disparo.domain.instants import from_ms, to_ms
from disparo.domain.policies.circuit_breaker import CLOSED, Breaker
from disparo.domain.policies.rate_limit import Limits, PermitBook

BOOK = "SELECT given, last_at FROM permit_book WHERE name = ?"

RUNS = """
-- The runs that hold the permits numbered from :low to :high: the one that contains :low, and those that begin later.
SELECT first, at FROM permit
WHERE book = :book AND first <= :high
  AND first >= coalesce((SELECT max(first) FROM permit WHERE book = :book AND first <= :low), 0)
"""

RUN_OF = """
-- The run that holds the permit of this number.
SELECT first, at FROM permit WHERE book = ? AND first <= ? ORDER BY first DESC LIMIT 1
"""

SAVE_BOOK = """
INSERT INTO permit_book VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET given = excluded.given, last_at = excluded.last_at
"""

SAVE_RUN = "INSERT INTO permit VALUES (?, ?, ?) ON CONFLICT DO NOTHING"

PRUNE = """
-- Counted from each book's latest permit, not from now: a clock that was ahead by mistake must not make it forget.
DELETE FROM permit WHERE at < (SELECT last_at FROM permit_book WHERE name = permit.book) - ?
"""

BREAKER = "SELECT faults, opened_at, probe_until FROM breaker WHERE sender = ?"

SAVE_BREAKER = """
INSERT INTO breaker VALUES (?, ?, ?, ?) ON CONFLICT (sender) DO UPDATE
SET faults = excluded.faults, opened_at = excluded.opened_at, probe_until = excluded.probe_until
"""


def load_book(connection: apsw.Connection, name: str, limits: Limits, count: int) -> PermitBook:
    """The book with all runs that the next `count` permits have to look at."""
    given, last_at = connection.execute(BOOK, (name,)).fetchone() or (0, 0)
    runs: dict[int, int] = {}
    for _, limit, _ in limits.windows():
        low = given - limit
        bounds = {"book": name, "low": low, "high": low + count}
        runs.update(connection.execute(RUNS, bounds))
    firsts = sorted(runs)
    return PermitBook(name, limits, given, last_at, firsts, [runs[first] for first in firsts])


def given_since(connection: apsw.Connection, name: str, since_ms: int) -> int:
    """How many permits a book gave after an instant; the first of them is looked for by halves, as all are in order."""
    given, _ = connection.execute(BOOK, (name,)).fetchone() or (0, 0)
    low, high = 0, given
    while low < high:
        middle = (low + high) // 2
        first, at = connection.execute(RUN_OF, (name, middle)).fetchone() or (0, since_ms)
        low, high = (middle + 1, high) if at <= since_ms else (low, max(low, first))
    return int(given - low)


def save_book(connection: apsw.Connection, book: PermitBook, given_before: int) -> None:
    """Write down the permits given since the book had `given_before`."""
    if book.given == given_before:
        return
    connection.execute(SAVE_BOOK, (book.name, book.given, book.last_at_ms))
    new = (
        (book.name, max(first, given_before), at)
        for first, at in zip(book.firsts, book.ats, strict=True)
        if first >= given_before or first == book.firsts[-1]
    )
    connection.executemany(SAVE_RUN, new)


def load_breaker(connection: apsw.Connection, sender: str) -> Breaker:
    """The sender's breaker; closed when nothing ever happened to it."""
    if (row := connection.execute(BREAKER, (sender,)).fetchone()) is None:
        return CLOSED
    faults, opened_at, probe_until = row
    return Breaker(
        faults,
        None if opened_at is None else from_ms(opened_at),
        None if probe_until is None else from_ms(probe_until),
    )


def save_breaker(connection: apsw.Connection, sender: str, breaker: Breaker) -> None:
    """Keep the sender's breaker."""
    opened_at = None if breaker.opened_at is None else to_ms(breaker.opened_at)
    probe_until = None if breaker.probe_until is None else to_ms(breaker.probe_until)
    connection.execute(SAVE_BREAKER, (sender, breaker.faults, opened_at, probe_until))
