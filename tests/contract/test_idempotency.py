from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from disparo.adapters.aws.idempotency import DynamoIdempotency
from disparo.adapters.aws.tables import CONTROL
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.idempotency import SqliteIdempotency
from disparo.ports.idempotency import IN_FLIGHT_FOR, KEPT_FOR
from disparo.simulation.memory_tables import MemoryTables
from tests.contract import idempotency_suite, tables_families
from tests.contract.idempotency_suite import ANSWER, NOW
from tests.contract.tables_families import opened_tables

EMBEDDED = ("embedded-memory", "embedded-file")


@contextmanager
def opened(family: str, folder: Path) -> Iterator[idempotency_suite.Ports]:
    if family not in EMBEDDED:
        with opened_tables(family) as (one, other):
            yield idempotency_suite.Ports(DynamoIdempotency(one), DynamoIdempotency(other))
        return
    database = Database(None if family == "embedded-memory" else folder / "disparo.sqlite3")
    shared = database.sibling()
    yield idempotency_suite.Ports(SqliteIdempotency(database), SqliteIdempotency(shared))
    shared.close()
    database.close()


@pytest.mark.parametrize("family", [*EMBEDDED, *tables_families.FAMILIES])
@pytest.mark.parametrize("check", idempotency_suite.SUITE, ids=lambda check: check.__name__)
def test_contract(check: idempotency_suite.Check, family: str, tmp_path: Path) -> None:
    async def story() -> None:
        with opened(family, tmp_path) as ports:
            await check(ports)

    asyncio.run(story())


def test_a_file_forgets_what_is_over() -> None:
    async def story() -> None:
        database = Database(None)
        store = SqliteIdempotency(database)
        for number in range(3):
            await store.begin(f"k{number}", "f", "t", NOW)
        await store.finish("k2", "t", ANSWER, NOW)
        assert await store.prune(NOW + IN_FLIGHT_FOR) == 2
        assert await store.prune(NOW + KEPT_FOR) == 1

    asyncio.run(story())


def test_dynamodb_is_told_when_to_forget_and_not_before_the_key_is_free() -> None:
    async def story() -> None:
        tables = MemoryTables()
        store = DynamoIdempotency(tables)
        await store.begin("k", "f", "t", NOW)
        await store.finish("k", "t", ANSWER, NOW)
        [item] = await tables.scan(CONTROL)
        assert (NOW + KEPT_FOR).timestamp() < int(str(item["expires_at"])) < (NOW + 2 * KEPT_FOR).timestamp()

    asyncio.run(story())
