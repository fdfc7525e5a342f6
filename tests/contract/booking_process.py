"""A process that races for hosts' time; `python -m tests.contract.booking_process FILE SEED TASKS ROUNDS`.

Its tasks race with one another on one SQLite file, and with those of its siblings. It says `ready`; at each line that
it reads, every task goes so many rounds, and it prints what came of them all: `<what>=<times> ...`.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from tests.contract.booking_race import Racer, racers


async def run_all(several: Sequence[Racer], rounds: int) -> None:
    """All of them at once."""
    await asyncio.gather(*(one.run(rounds) for one in several))


def main(path: Path, seed: int, tasks: int, rounds: int) -> Iterator[str]:
    """What is printed, line by line."""
    database = Database(path)
    several = racers([open_store(database)], tasks, seed)
    yield "ready"
    while sys.stdin.readline():
        asyncio.run(run_all(several, rounds))
        total = sum((one.tally for one in several), Counter[str]())
        yield " ".join(f"{what}={times}" for what, times in sorted(total.items()))
    database.close()


if __name__ == "__main__":
    for line in main(Path(sys.argv[1]), *map(int, sys.argv[2:])):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
