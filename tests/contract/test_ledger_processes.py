"""Several real processes on one file: nobody is claimed twice, and no limit is broken in any window."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.message import MessageState
from disparo.ports.ledger import MessageFilter
from disparo.ports.store import Store
from tests.contract.claiming_process import OWN, SENDER
from tests.contract.scene import Scene

ROOT = Path(__file__).parents[2]
PROCESSES, CAMPAIGNS, PEOPLE = 4, 3, 300
LATEST_SEND_MS = 999
MINUTE_MS, HOUR_MS = 60_000, 3_600_000


async def prepare(store: Store) -> None:
    scene = Scene(store, store)
    for number in range(CAMPAIGNS):
        await scene.begin(PEOPLE, f"c{number}")


def run_at_once(path: Path) -> list[list[str]]:
    """What each process printed; all of them begin at the same line, and go on once each has got something."""
    command = [sys.executable, "-m", "tests.contract.claiming_process", str(path)]
    processes = [
        subprocess.Popen(
            [*command, str(seed)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in range(PROCESSES)
    ]
    for said in ("ready\n", "claimed\n"):
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == said
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
    printed = []
    for process in processes:
        output, errors = process.communicate(timeout=120)
        assert (process.returncode, errors) == (0, "")
        printed.append(output.splitlines())
    return printed


def fullest(instants_ms: list[int], window_ms: int) -> int:
    """The most that may leave in any window, each up to a second less a millisecond after its permit."""
    instants_ms, most, first = sorted(instants_ms), 0, 0
    for last, at in enumerate(instants_ms):
        while at - instants_ms[first] >= window_ms + LATEST_SEND_MS:
            first += 1
        most = max(most, last - first + 1)
    return most


def test_processes_that_claim_at_once_share_everything_and_keep_every_limit(tmp_path: Path) -> None:
    path = tmp_path / "disparo.sqlite3"
    database = Database(path)
    store = open_store(database)
    asyncio.run(prepare(store))

    printed = run_at_once(path)

    claimed = [line.split() for lines in printed for line in lines]
    everybody = asyncio.run(store.ledger.page(MessageFilter(), None, 10_000))
    database.close()
    assert Counter(name for name, _ in claimed) == Counter(str(row.id) for row in everybody), "each once, all of them"
    assert {(row.state, row.attempts) for row in everybody} == {(MessageState.SENDING, 1)}
    assert sum(1 for lines in printed if lines) > 1, "one process was alone"

    permits = [int(at) for _, at in claimed]
    assert fullest(permits, MINUTE_MS) == SENDER.limits.burst
    assert fullest(permits, HOUR_MS) == SENDER.limits.hourly
    for campaign in {name.partition(".")[0] for name, _ in claimed}:
        own = [int(at) for name, at in claimed if name.partition(".")[0] == campaign]
        assert OWN.burst is not None
        assert fullest(own, MINUTE_MS) <= OWN.burst
