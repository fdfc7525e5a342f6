from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.contract import meetings_reading_suite, meetings_suite
from tests.contract.families import FAMILIES, opened_twice

SUITE = (*meetings_suite.SUITE, *meetings_reading_suite.SUITE)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("check", SUITE, ids=lambda check: check.__name__)
def test_contract(check: meetings_suite.Check, family: str, tmp_path: Path) -> None:
    async def story() -> None:
        with opened_twice(family, tmp_path) as (store, other):
            await check(store, other)

    asyncio.run(story())
