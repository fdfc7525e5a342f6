"""An import whose process is killed again and again ends as if nothing had happened."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

from disparo.bootstrap import open_app
from disparo.domain.contact_import import Import, ImportState
from disparo.settings import Settings
from disparo.usecases import imports as usecase

ROWS = 30_000
TABLE = "Nome;Celular\n" + "".join(f"P{n};41 9{80000000 + n}\n" for n in range(ROWS)) + "X;12\n"


@contextmanager
def working(data: Path) -> Iterator[None]:
    """A process at work, killed at the end of the block."""
    process = subprocess.Popen([sys.executable, "-m", "tests.e2e.import_until_killed", str(data)])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def test_a_kill_in_the_middle_loses_no_row_and_counts_none_twice(tmp_path: Path) -> None:
    app = open_app(Settings(data=tmp_path))

    async def begin() -> Import:
        record = await usecase.announce(app.imports, usecase.ImportOrder("a.csv", "l"), app.clock.now(), "t")

        async def chunks() -> AsyncIterator[bytes]:
            yield TABLE.encode()

        await app.contact_files.take(record.key, chunks())  # type: ignore[attr-defined]
        return record

    record = asyncio.run(begin())

    def standing() -> Import:
        return asyncio.run(app.imports.get(record.id))

    def wait_for(line: int) -> None:
        began = time.monotonic()
        while standing().line < line and standing().state is not ImportState.COMPLETED:
            assert time.monotonic() - began < 60, "it does not go on"

    for line in (2_000, 12_000):
        with working(tmp_path):
            wait_for(line)
    assert standing().state is ImportState.RUNNING
    with working(tmp_path):
        wait_for(ROWS + 10)
    done = standing()
    app.close()
    assert (done.state, done.counts.rows, done.counts.created, done.counts.rejected) == (
        ImportState.COMPLETED,
        ROWS + 1,
        ROWS,
        1,
    )
