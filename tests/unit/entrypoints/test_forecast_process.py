"""A forecast in a process of its own: it tells how far it is, gives way, keeps to its memory, ends with its parent."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from disparo.bootstrap import open_app, renderer
from disparo.domain.campaign import Campaign
from disparo.domain.contact import ContactDraft
from disparo.domain.errors import StoreError
from disparo.domain.place import Place
from disparo.entrypoints import forecast_process
from disparo.entrypoints.forecast_orders import Order, Standing
from disparo.entrypoints.forecast_process import StoppedError, play_beside
from disparo.settings import Settings
from disparo.simulation.progress import Progress
from disparo.usecases import campaigns

MONDAY = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
MANY = 12_000
"""Contacts for whom a forecast is not over before anybody looks."""


def build(folder: Path, people: int) -> Order:
    """A data folder with a campaign for so many people."""
    app = open_app(Settings(data=folder))

    async def made() -> Campaign:
        drafts = [
            ContactDraft(f"l:{n}", Place("America/Sao_Paulo"), email=f"p{n}@e.com", email_key=f"p{n}@e.com")
            for n in range(people)
        ]
        await app.store.contacts.fold("lista", drafts)
        steps = [{"channel": "email", "subject": "Oi", "text": "Oi"}]
        document = {"name": "camp", "list": "lista", "steps": steps}
        return await campaigns.create(app.store, document, renderer(), MONDAY)

    try:
        return Order(asyncio.run(made()), MONDAY)
    finally:
        app.close()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Order]:
    folder = tmp_path_factory.mktemp("large")
    return Settings(data=folder), build(folder, MANY)


def ends(pid: int) -> bool:
    """Whether a process ends within a few seconds."""
    waiting = threading.Event()
    for _ in range(500):
        if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]:
            return True
        waiting.wait(0.01)
    return False


def test_it_tells_how_far_it_is(large: tuple[Settings, Order]) -> None:
    told: list[Standing] = []
    found = play_beside(*large, told.append, threading.Event())
    assert found.messages == MANY
    assert [one.played for one in told] == sorted(one.played for one in told)
    assert all(0 <= one.share <= 1 for one in told)
    assert told[-1].contacts == MANY
    assert told[-1].messages == MANY


def test_it_ends_when_nobody_wants_it_any_more(large: tuple[Settings, Order]) -> None:
    stop = threading.Event()

    def tell(_: Standing) -> None:
        stop.set()

    with pytest.raises(StoppedError):
        play_beside(*large, tell, stop)


def test_one_that_dies_is_told_as_what_broke(large: tuple[Settings, Order], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast_process, "_answer", os._exit)  # found by its name there, and called with arguments
    with pytest.raises(StoreError, match="parou no meio"):
        play_beside(*large, lambda _: None, threading.Event())


PARENT = """
import os, signal, sys, threading
from multiprocessing import active_children
from pathlib import Path
from disparo.entrypoints.forecast_orders import Order
from disparo.entrypoints.forecast_process import play_beside
from disparo.settings import Settings
from tests.unit.entrypoints.test_forecast_process import MONDAY, kept

if __name__ == "__main__":
    def tell(_):
        child = active_children()[0].pid
        given = Path(f"/proc/{child}/oom_score_adj").read_text().strip()
        print(child, os.getpriority(os.PRIO_PROCESS, child), given, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

    settings = Settings(data=Path(sys.argv[1]))
    play_beside(settings, kept(settings), tell, threading.Event())
"""


def kept(settings: Settings) -> Order:
    """The order of the campaign that a folder has."""
    app = open_app(settings)
    try:
        return Order(asyncio.run(app.store.campaigns.get("camp")), MONDAY)
    finally:
        app.close()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_it_gives_way_to_others_and_does_not_outlive_a_server_that_is_killed(
    large: tuple[Settings, Order], tmp_path: Path
) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    parent = subprocess.run(
        [sys.executable, str(script), str(large[0].data)], env=environment, stdout=subprocess.PIPE, check=False
    )
    child, niceness, first_to_go = map(int, parent.stdout.split())
    assert (niceness, first_to_go) == (10, 1000)
    assert ends(child)


BOUND = """
import resource, sys
from pathlib import Path
from disparo.entrypoints.forecast_process import _played
from disparo.settings import Settings
from tests.unit.entrypoints.test_forecast_process import kept

settings = Settings(data=Path(sys.argv[1]))
order = kept(settings)
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
room = (int(status["VmData"].split()[0]) + 4096) * 1024
resource.setrlimit(resource.RLIMIT_DATA, (room, room))
result = _played(settings, order, lambda _: None)
print(result.error.__name__, result.words)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="bounds memory as Linux does")
def test_what_does_not_fit_into_memory_is_refused_in_words(large: tuple[Settings, Order]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    told = subprocess.run(
        [sys.executable, "-c", BOUND, str(large[0].data)], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.startswith("InputError a previsão não cabe em")
    assert "disparo forecast camp" in told.stdout


def test_one_that_takes_long_comes_last_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    given: list[int] = []
    told: list[Standing] = []
    monkeypatch.setattr("time.monotonic", lambda: now)
    monkeypatch.setattr("os.nice", given.append)
    telling = forecast_process._Telling(cast(Any, SimpleNamespace(send=told.append)))
    telling(Progress(10, 1, 100))
    assert given == []
    now += 26
    telling(Progress(10, 51, 100))
    now += 1
    telling(Progress(10, 55, 100))
    assert given == [9]
    assert [one.left for one in told] == [None, timedelta(seconds=25), timedelta(seconds=22)]


@pytest.mark.parametrize(("there_is", "may_take"), [(1 << 40, 4 << 30), (3 << 30, 3 << 29), (1 << 28, 512 << 20)])
def test_it_takes_half_of_the_memory_within_bounds(
    there_is: int, may_take: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Callable[..., None]] = []
    monkeypatch.setattr(forecast_process, "_memory", lambda: there_is)
    monkeypatch.setattr("resource.setrlimit", lambda *given: taken.append(given))
    monkeypatch.setattr("resource.getrlimit", lambda _: (-1, -1))
    assert forecast_process._bound_memory() == may_take
    assert taken
