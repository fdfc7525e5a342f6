"""Many race for the same hosts' time (I8): on one SQLite file as processes and tasks, on DynamoDB's tables as threads.

On the emulator, whose every call takes milliseconds, fewer rounds than on memory; more with DISPARO_SLOW=1.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from disparo.adapters.aws import meetings as dynamo_meetings
from disparo.adapters.aws import occupation_weeks
from disparo.adapters.aws.store import open_store as open_dynamo_store
from disparo.adapters.aws.tables import Check
from disparo.adapters.embedded import meetings as sqlite_meetings
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.ports.store import Store
from disparo.simulation.memory_tables import MemoryTables
from tests.contract.booking_process import run_all
from tests.contract.booking_race import faults, latest, racers
from tests.contract.meetings_suite import check_of_many_who_want_the_last_place_of_a_day_one_gets_it
from tests.contract.sixteen_threads import THREADS, opened, race

ROOT = Path(__file__).parents[2]
PROCESSES, TASKS, PHASES = 8, 8, 16
ROUNDS = 1_000
ROUNDS_ON_FILES = 4_000
EMULATED_ROUNDS = 1_024 if "DISPARO_SLOW" in os.environ else 512


def refuse_idleness(tally: Counter[str], rounds: int) -> None:
    """A race in which nobody was in anybody's way proves nothing."""
    assert sum(tally.values()) >= rounds
    for act in ("offer", "book", "take", "move", "again", "end", "note"):
        assert tally[act] > 0, tally
    assert tally["taken"] >= rounds / 20, tally
    assert tally["changed"] >= rounds / 20, tally
    assert tally["day_full"] + tally["week_full"] > 0, tally


def tally_of(line: str) -> Counter[str]:
    return Counter({what: int(times) for what, _, times in (pair.partition("=") for pair in line.split())})


def test_eight_processes_of_eight_tasks_never_give_the_same_time_twice(tmp_path: Path) -> None:
    path = tmp_path / "disparo.sqlite3"
    database = Database(path)
    store = open_store(database)
    each = -(-ROUNDS_ON_FILES // (PROCESSES * TASKS * PHASES))
    command = [sys.executable, "-m", "tests.contract.booking_process", str(path)]
    with ExitStack() as running:
        processes = [
            running.enter_context(
                subprocess.Popen(
                    [*command, str(seed), str(TASKS), str(each)],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for seed in range(PROCESSES)
        ]
        assert {said(process) for process in processes} == {"ready"}
        for phase in range(1, PHASES + 1):
            for process in processes:
                assert process.stdin is not None
                process.stdin.write("go\n")
                process.stdin.flush()
            lines = [said(process) for process in processes]
            assert asyncio.run(faults(store, latest(each * phase))) == []
        for process in processes:
            process.communicate(timeout=60)
            assert process.returncode == 0
    database.close()
    refuse_idleness(sum(map(tally_of, lines), Counter()), ROUNDS_ON_FILES)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_sixty_four_tasks_never_give_the_same_time_twice(tmp_path: Path) -> None:
    database = Database(tmp_path / "disparo.sqlite3")
    found, tally = asyncio.run(tasks_on(database, 64))
    assert found == []
    refuse_idleness(tally, ROUNDS)


async def tasks_on(database: Database, tasks: int) -> tuple[list[str], Counter[str]]:
    """What went wrong while tasks raced on four connections, and what they did."""
    several = [database, *(database.sibling() for _ in range(3))]
    return await raced([open_store(one) for one in several], tasks)


async def raced(stores: list[Store], tasks: int) -> tuple[list[str], Counter[str]]:
    runners, each = racers(stores, tasks, seed=7), -(-ROUNDS // (tasks * PHASES))
    found: list[str] = []
    for phase in range(1, PHASES + 1):
        await run_all(runners, each)
        found += await faults(stores[0], latest(each * phase))
    return found, sum((one.tally for one in runners), Counter())


@pytest.mark.parametrize(("kind", "rounds"), [("memory", ROUNDS), ("emulator", EMULATED_ROUNDS)])
def test_sixteen_threads_never_give_the_same_time_twice(kind: str, rounds: int) -> None:
    each = -(-rounds // (THREADS * PHASES))
    with opened(kind) as tables:
        store = open_dynamo_store(tables)
        runners = racers([store], THREADS, seed=3)

        async def story(thread: int, own: Store) -> list[Counter[str]]:
            runners[thread] = one = replace(runners[thread], store=own)
            await one.run(each)
            return [one.tally]

        for phase in range(1, PHASES + 1):
            tallies = race(tables, story)
            assert asyncio.run(faults(store, latest(each * phase))) == []
    refuse_idleness(sum(tallies, Counter()), rounds)


def test_the_race_catches_a_store_that_refuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sqlite_meetings, dynamo_meetings):
        monkeypatch.setattr(module, "refusal", lambda *_: None)
    assert asyncio.run(tasks_on(Database(None), 16))[0]
    assert asyncio.run(raced([open_dynamo_store(MemoryTables())], 16))[0]


def changed_blindly(*args: Any) -> list[Any]:
    """Weeks that are written whoever changed them since they were read."""
    return [replace(one, when={}) for one in real_changes(*args) if not isinstance(one, Check)]


def changed_unchecked(*args: Any) -> list[Any]:
    """Weeks that are written at the version read, while those that are only looked at may change."""
    return [one for one in real_changes(*args) if not isinstance(one, Check)]


real_changes = occupation_weeks.changes


def test_the_race_catches_weeks_that_change_between_look_and_write(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asyncio.run(raced([open_dynamo_store(MemoryTables())], 64))[0] == []
    monkeypatch.setattr(occupation_weeks, "changes", changed_blindly)
    assert asyncio.run(raced([open_dynamo_store(MemoryTables())], 64))[0]


def test_limits_are_passed_where_what_was_looked_at_may_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occupation_weeks, "changes", changed_unchecked)
    with pytest.raises(AssertionError):
        asyncio.run(check_of_many_who_want_the_last_place_of_a_day_one_gets_it(*two_stores()))


def two_stores() -> tuple[Store, Store]:
    tables = MemoryTables()
    return open_dynamo_store(tables), open_dynamo_store(tables.sibling())
