"""The families of adapters on which every contract is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.ports.store import Store

FAMILIES = ("embedded-memory", "embedded-file")


@contextmanager
def opened_twice(family: str, folder: Path) -> Iterator[tuple[Store, Store]]:
    """The ports of a family over no data yet, twice: as two processes have them that share their data."""
    on_disk = family == "embedded-file"
    database = Database(folder / "disparo.sqlite3" if on_disk else None)
    other = database.sibling()
    try:
        yield open_store(database), open_store(other)
    finally:
        other.close()
        database.close()
