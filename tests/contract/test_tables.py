from __future__ import annotations

import asyncio

import pytest

from tests.contract import tables_suite
from tests.contract.tables_families import FAMILIES, opened_tables


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("check", tables_suite.SUITE, ids=lambda check: check.__name__)
def test_contract(check: tables_suite.Suite, family: str) -> None:
    async def story() -> None:
        with opened_tables(family) as handles:
            await check(*handles)

    asyncio.run(story())
