from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.contract import campaigns_suite
from tests.contract.families import FAMILIES, opened_twice
from tests.contract.scene import Scene


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("check", campaigns_suite.SUITE, ids=lambda check: check.__name__)
def test_contract(check: campaigns_suite.Check, family: str, tmp_path: Path) -> None:
    async def story() -> None:
        with opened_twice(family, tmp_path) as stores:
            scene = Scene(*stores)
            await check(scene)
            await scene.check_tallies()
            await scene.check_hours()

    asyncio.run(story())
