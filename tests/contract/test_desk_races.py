"""Eight processes of eight visitors want one host's time a thousand times: nothing overlaps, losers get other times."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.agenda.meeting import MeetingState
from disparo.ports.agenda import MeetingFilter
from disparo.ports.store import Store
from tests.contract import desk_race

ROOT = Path(__file__).parents[2]
PROCESSES, ROUNDS = 8, 16
"""Rounds of each visitor: 8 processes of 8 visitors play 1,024."""


def run_at_once(path: Path) -> list[str]:
    """What all processes printed; all begin at once."""
    command = [sys.executable, "-m", "tests.contract.desk_race", str(path)]
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen([*command, str(seed), str(ROUNDS)], cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        for seed in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    printed: list[str] = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        output, errors = process.communicate(timeout=300)
        assert (errors, process.returncode) == ("", 0)
        printed += output.splitlines()
    return printed


async def overlaps(store: Store) -> list[tuple[str, str]]:
    """Pairs of meetings that keep time of the same host at once, buffers included, counted one by one."""
    spans = []
    after: str | None = None
    while page := await store.meetings.page(MeetingFilter(), after, 500):
        after = page[-1].id
        for one in page:
            if one.state in (MeetingState.PROPOSED, MeetingState.CONFIRMED):
                agreed = [] if one.slot is None else [one.slot]
                for slot in [*agreed, *one.offers]:
                    spans.append((slot.start_at - one.buffer_before, slot.end_at + one.buffer_after, one.id))
    return [
        (mine, other)
        for number, (start, end, mine) in enumerate(spans)
        for start_of_other, end_of_other, other in spans[number + 1 :]
        if mine != other and start < end_of_other and start_of_other < end
    ]


def test_a_thousand_races_for_one_host_never_overlap_and_every_loser_gets_other_times(tmp_path: Path) -> None:
    database = Database(tmp_path / "agenda.sqlite3")
    store = open_store(database)
    asyncio.run(desk_race.prepare(store))
    heard = Counter(run_at_once(tmp_path / "agenda.sqlite3"))
    assert asyncio.run(overlaps(store)) == []
    played = sum(count for line, count in heard.items() if line.startswith(("propose ", "book ")))
    assert played == PROCESSES * desk_race.TASKS * ROUNDS
    lost = sum(heard[line] for line in ("book taken_meanwhile", "book not_offered", "take taken_meanwhile"))
    assert lost > 20, heard  # else there was no race
    # Everybody who lost was offered something else.
    assert heard["lost nothing"] == 0 and heard["instead no_times"] == 0 and heard["propose no_times"] == 0, heard
    assert heard["changed"] == 0, heard
    database.close()


def test_sixty_four_visitors_of_one_process_never_overlap(tmp_path: Path) -> None:
    database = Database(tmp_path / "agenda.sqlite3")
    store = open_store(database)

    async def story() -> Counter[str]:
        await desk_race.prepare(store)
        every = await asyncio.gather(*(desk_race.race(store, seed, 4) for seed in range(8)))
        return Counter(line for one in every for line in one)

    heard = asyncio.run(story())
    assert asyncio.run(overlaps(store)) == []
    assert heard["lost nothing"] == 0 and heard["propose no_times"] == 0, heard
    assert sum(count for line, count in heard.items() if line.startswith("take confirmed")) > 50
    database.close()
