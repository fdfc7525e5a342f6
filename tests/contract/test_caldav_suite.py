"""What every calendar promises, kept on a real CalDAV server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.contract import calendar_suite
from tests.contract.radicale_stage import Radicale, RadicaleStage

NUMBERS = count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    folder: Path = tmp_path_factory.mktemp("radicale")
    radicale = Radicale(folder)
    yield radicale
    radicale.stop()


@pytest.mark.parametrize("check", calendar_suite.SUITE, ids=lambda check: check.__name__)
def test_every_calendars_promises(check: calendar_suite.Check, server: Radicale) -> None:
    async def scene() -> None:
        stage = RadicaleStage(server, f"suite-{next(NUMBERS)}")
        try:
            await check(stage)
        finally:
            await stage.calendar.close()

    asyncio.run(scene())
