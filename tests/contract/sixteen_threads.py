"""Sixteen threads over the same tables, each a process of its own to DynamoDB."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from disparo.adapters.aws.store import open_store
from disparo.adapters.aws.tables import Change, Check, Item, Key, Table, Tables
from disparo.ports.store import Store
from disparo.simulation.memory_tables import MemoryTables
from tests.contract.emulated_tables import emulated_tables

THREADS = 16
Got = TypeVar("Got")
Story = Callable[[int, Store], Coroutine[Any, Any, list[Got]]]


class LockedTables(MemoryTables):
    """The tables in memory for several threads: one call at a time."""

    lock = threading.RLock()

    async def get_many(self, wanted: Sequence[tuple[Table, Key]]) -> list[Item | None]:
        with self.lock:
            return await super().get_many(wanted)

    async def write(self, change: Change) -> Item | None:
        with self.lock:
            return await super().write(change)

    async def transact(self, changes: Sequence[Change | Check]) -> None:
        with self.lock:
            await super().transact(changes)

    async def query(self, table: Table, value: str, **options: Any) -> list[Item]:
        with self.lock:
            return await super().query(table, value, **options)


@contextmanager
def opened(kind: str) -> Iterator[Tables]:
    """Empty tables: `memory` or `emulator`."""
    if kind == "memory":
        yield LockedTables()
        return
    with emulated_tables() as (tables, _):
        yield tables


def race(tables: Tables, story: Story[Got]) -> list[Got]:
    """What all threads got that ran the story at the same time."""
    start, got, errors = threading.Barrier(THREADS), list[Got](), list[BaseException]()

    def run(thread: int) -> None:
        store = open_store(tables)
        start.wait()
        try:
            got.extend(asyncio.run(story(thread, store)))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    if errors:
        raise errors[0]
    return got
