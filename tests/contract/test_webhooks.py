from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.contract import webhooks_suite
from tests.contract.families import FAMILIES, opened_twice


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("check", webhooks_suite.SUITE, ids=lambda check: check.__name__)
def test_contract(check: webhooks_suite.Check, family: str, tmp_path: Path) -> None:
    async def story() -> None:
        with opened_twice(family, tmp_path) as (store, other):
            await check(store, other)

    asyncio.run(story())
