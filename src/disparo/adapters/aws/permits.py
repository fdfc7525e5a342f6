"""Permit books and breakers in DynamoDB.

A book has one item with its numbers and turns, under a version, and a chunk of runs for each claim. A claim writes the
item and its chunk in one transaction, so two claims at one sender never hand out the same permit (I4).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from disparo.adapters.aws.attributes import instant, number
from disparo.adapters.aws.ledger_keys import number_key
from disparo.adapters.aws.tables import ABSENT, CONTROL, Condition, Delete, Item, Key, Put, Tables
from disparo.domain.instants import MILLISECOND, to_ms
from disparo.domain.policies.circuit_breaker import CLOSED, Breaker
from disparo.domain.policies.rate_limit import HISTORY_KEPT, Limits, PermitBook

MOST_TURNS = 256
"""Campaigns whose turn a sender's book remembers: it is written with every claim, and paid by its size."""


def book_key(name: str) -> Key:
    """Where a book's numbers are."""
    return {"pk": "book", "sk": name}


def breaker_key(sender: str) -> Key:
    """Where a sender's breaker is."""
    return {"pk": "breaker", "sk": sender}


@dataclass(slots=True)
class KeptBook:
    """A book as it was read, to be written only if it is still so."""

    book: PermitBook
    version: int
    given_before: int
    last_run_at: int | None
    turns: dict[str, int] = field(default_factory=dict)
    """Who was served when, last served highest; in a sender's book only."""

    def changes(self) -> list[Put]:
        """The writes that keep the permits given since it was read."""
        book = self.book
        key = book_key(book.name)
        item: Item = {
            **key,
            "v": self.version + 1,
            "given": book.given,
            "last_at": book.last_at_ms,
            **({"turns": json.dumps(self.turns)} if self.turns else {}),
        }
        runs = [
            (max(first, self.given_before), at)
            for index, (first, at) in enumerate(zip(book.firsts, book.ats, strict=True))
            if _end(book, index) > self.given_before
        ]
        if runs and runs[0] == (self.given_before, self.last_run_at):
            # More permits at the instant of the latest run: it has grown, and no run needs to be told.
            runs = runs[1:]
        puts = [Put(CONTROL, item, when=same_version(self.version))]
        if runs:
            puts.append(Put(CONTROL, {**_chunk_key(book.name, runs[0][0]), "runs": json.dumps(runs)}))
        return puts

    def serve(self, campaigns: list[str]) -> None:
        """Put these campaigns behind all others; those that were served longest ago are forgotten in the end."""
        turn = max(self.turns.values(), default=0) + 1
        self.turns.update((campaign, number) for number, campaign in enumerate(campaigns, turn))
        latest = sorted(self.turns.items(), key=lambda served: served[1])[-MOST_TURNS:]
        self.turns = dict(latest)


def _end(book: PermitBook, index: int) -> int:
    return book.firsts[index + 1] if index + 1 < len(book.firsts) else book.given


def same_version(version: int) -> Condition:
    """The condition that an item is as it was read; version 0 was not there."""
    return {"v": version} if version else {"pk": ABSENT}


def version_of(item: Item | None) -> int:
    """The version of an item, 0 when it is not there."""
    return number(item, "v") if item else 0


async def load_book(tables: Tables, item: Item | None, name: str, limits: Limits, count: int) -> KeptBook:
    """The book with all runs that the next `count` permits have to look at; `item` is its own."""
    given, last_at = (number(item, "given"), number(item, "last_at")) if item else (0, 0)
    runs: dict[int, int] = {}
    for _, limit, _ in limits.windows():
        for first, at in await _runs(tables, name, given - limit, given - limit + count):
            runs[first] = at
    if given:
        runs.update(await _runs(tables, name, given - 1, given))
    firsts = sorted(runs)
    book = PermitBook(name, limits, given, last_at, firsts, [runs[first] for first in firsts])
    turns = json.loads(str(item.get("turns", "{}"))) if item else {}
    return KeptBook(book, version_of(item), given, book.ats[-1] if book.ats else None, turns)


async def given_since(tables: Tables, name: str, since_ms: Sequence[int]) -> list[int]:
    """How many permits a book gave after each instant: its chunks are read from the latest back to the first one."""
    runs: list[tuple[int, int]] = []
    highest: str | None = None
    for at_once in _ever_more():
        # The bounds of a query are inclusive: from the second on, the first chunk has been seen.
        chunks = await tables.query(CONTROL, _partition(name), highest=highest, descending=True, limit=at_once)
        for chunk in chunks[0 if highest is None else 1 :]:
            runs += reversed(json.loads(str(chunk["runs"])))
        if len(chunks) < at_once or runs[-1][1] <= min(since_ms, default=0):
            break
        highest = str(chunks[-1]["sk"])
    item = await tables.get(CONTROL, book_key(name))
    given = number(item, "given") if item else 0
    return [given - min((first for first, at in runs if at > since), default=given) for since in since_ms]


def _ever_more() -> Iterator[int]:
    """How many chunks to read at once: a minute's are few, a day's may be thousands."""
    at_once = 16
    while True:
        yield at_once
        at_once *= 4


async def _runs(tables: Tables, name: str, low: int, high: int) -> list[tuple[int, int]]:
    """The runs that hold the permits numbered from `low` to `high`: the one that contains `low`, and later ones."""
    partition, low = _partition(name), max(low, 0)
    if high < 0:
        return []
    containing = await tables.query(CONTROL, partition, highest=number_key(low), descending=True, limit=1)
    lowest = str(containing[0]["sk"]) if containing else number_key(0)
    chunks = await tables.query(CONTROL, partition, lowest=lowest, highest=number_key(high))
    runs = [(first, at) for chunk in chunks for first, at in json.loads(str(chunk["runs"])) if first <= high]
    begins = max((first for first, _ in runs if first <= low), default=0)
    return [(first, at) for first, at in runs if first >= begins]


async def prune(tables: Tables) -> None:
    """Forget chunks that no window can look at any more.

    Counted from each book's latest permit, not from now: a clock that was ahead by mistake must not make it forget.
    """
    for item in await tables.query(CONTROL, "book"):
        name, before = str(item["sk"]), number(item, "last_at") - HISTORY_KEPT // MILLISECOND
        chunks = await tables.query(CONTROL, _partition(name))
        old = [chunk for chunk in chunks if json.loads(str(chunk["runs"]))[-1][1] < before]
        await tables.write_many([Delete(CONTROL, CONTROL.key_of(chunk)) for chunk in old])


def _partition(name: str) -> str:
    return f"permits#{name}"


def _chunk_key(name: str, first: int) -> Key:
    return {"pk": _partition(name), "sk": number_key(first)}


def breaker_of(item: Item | None) -> Breaker:
    """A breaker from its item; closed when nothing ever happened to it."""
    if item is None:
        return CLOSED
    return Breaker(
        number(item, "faults"),
        instant(item, "opened_at"),
        instant(item, "probe_until"),
    )


def breaker_put(sender: str, breaker: Breaker, version: int) -> Put:
    """The write that keeps a breaker, if it is still as it was read."""
    item: dict[str, str | int] = {**breaker_key(sender), "v": version + 1, "faults": breaker.faults}
    if breaker.opened_at is not None:
        item["opened_at"] = to_ms(breaker.opened_at)
    if breaker.probe_until is not None:
        item["probe_until"] = to_ms(breaker.probe_until)
    return Put(CONTROL, item, when=same_version(version))
