"""The families of adapters on which every contract is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from disparo.adapters.aws.store import open_store as open_dynamo_store
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.ports.store import Store
from disparo.simulation.memory_tables import MemoryTables
from tests.contract.emulated_tables import emulated_tables

FAMILIES = ("embedded-memory", "embedded-file", "dynamo-memory", "dynamo-emulator")


@contextmanager
def opened_twice(family: str, folder: Path) -> Iterator[tuple[Store, Store]]:
    """The ports of a family over no data yet, twice: as two processes have them that share their data."""
    if family == "dynamo-memory":
        tables = MemoryTables()
        yield open_dynamo_store(tables), open_dynamo_store(tables.sibling())
    elif family == "dynamo-emulator":
        with emulated_tables() as (one, other):
            yield open_dynamo_store(one), open_dynamo_store(other)
    else:
        with _embedded(folder / "disparo.sqlite3" if family == "embedded-file" else None) as stores:
            yield stores


@contextmanager
def _embedded(path: Path | None) -> Iterator[tuple[Store, Store]]:
    database = Database(path)
    other = database.sibling()
    try:
        yield open_store(database), open_store(other)
    finally:
        other.close()
        database.close()
