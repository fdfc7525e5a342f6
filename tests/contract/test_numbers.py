from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from disparo.adapters.aws.numbers import DynamoNumbers
from disparo.adapters.aws.tables import CONTROL
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.numbers import SqliteNumbers
from disparo.ports.numbers import KEPT_FOR
from disparo.simulation.memory_tables import MemoryTables
from tests.contract import numbers_suite
from tests.contract.families import FAMILIES, opened_twice
from tests.contract.numbers_suite import MINUTE, NOW


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("check", numbers_suite.SUITE, ids=lambda check: check.__name__)
def test_contract(check: numbers_suite.Check, family: str, tmp_path: Path) -> None:
    async def story() -> None:
        with opened_twice(family, tmp_path) as (store, other):
            await check(store, other)

    asyncio.run(story())


def test_a_file_keeps_minutes_for_a_day_and_no_longer() -> None:
    async def story() -> None:
        database = Database(None)
        store = SqliteNumbers(database)
        for ago in (timedelta(0), KEPT_FOR - MINUTE, KEPT_FOR + MINUTE):
            await store.add({numbers_suite.SENT: 1}, NOW - ago)
        await store.add({numbers_suite.SENT: 1}, NOW)
        assert await store.between(NOW - 9 * KEPT_FOR, NOW + MINUTE) == {numbers_suite.SENT: 3}
        assert await store.ever() == {numbers_suite.SENT: 4}

    asyncio.run(story())


def test_dynamodb_is_told_when_to_forget_a_minute_and_never_a_total() -> None:
    async def story() -> None:
        tables = MemoryTables()
        await DynamoNumbers(tables).add({numbers_suite.SENT: 1}, NOW)
        await DynamoNumbers(tables).beat("w", NOW)
        over = {str(item["pk"]): item.get("expires_at") for item in await tables.scan(CONTROL)}
        assert over["numbers"] is None
        assert int(str(over["numbers#2026-03-02"])) > (NOW + KEPT_FOR).timestamp()
        assert int(str(over["beat"])) > NOW.timestamp()

    asyncio.run(story())
