from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from disparo.adapters.aws.imports import DynamoImports
from disparo.adapters.aws.store import open_store as open_dynamo_store
from disparo.adapters.embedded.contacts import SqliteContacts
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.imports import SqliteImports
from tests.contract import imports_suite, tables_families
from tests.contract.tables_families import opened_tables

EMBEDDED = ("embedded-memory", "embedded-file")


@contextmanager
def opened(family: str, folder: Path) -> Iterator[imports_suite.Ports]:
    if family not in EMBEDDED:
        with opened_tables(family) as (one, other):
            yield imports_suite.Ports(DynamoImports(one), DynamoImports(other), open_dynamo_store(one).contacts)
        return
    database = Database(None if family == "embedded-memory" else folder / "disparo.sqlite3")
    shared = database.sibling()
    yield imports_suite.Ports(SqliteImports(database), SqliteImports(shared), SqliteContacts(database))
    shared.close()
    database.close()


@pytest.mark.parametrize("family", [*EMBEDDED, *tables_families.FAMILIES])
@pytest.mark.parametrize("check", imports_suite.SUITE, ids=lambda check: check.__name__)
def test_contract(check: imports_suite.Check, family: str, tmp_path: Path) -> None:
    async def story() -> None:
        with opened(family, tmp_path) as ports:
            await check(ports)

    asyncio.run(story())
