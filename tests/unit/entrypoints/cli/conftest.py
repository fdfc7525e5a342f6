"""Command lines run in the test's own process, in an empty working directory."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from disparo.entrypoints.cli.app import run

CONTACTS = """Nome;Telefone;Email;Cidade Natal
Ana Souza;41 99888-7701;ana@example.com;Lapa
Bruno Lima;92 99888-7702;bruno@example.com;Tefé
Carla Dias;41 99888-7703;;
Sem Endereço;;;
Davi Reis;123;;
"""

CAMPAIGN = """
name = "teste"
list = "contatos"

[hours]
workingDays = [1, 2, 3, 4, 5, 6, 7]
startTime = "00:00"
endTime = "24:00"
lunchBreak = false
publicHolidays = false

[[steps]]
channel = "whatsapp"
on_failure = "next"
text = "Oi {{ nome }}, de {{ cidade_natal }}"

[[steps]]
channel = "email"
subject = "Oi {{ nome }}"
text = "Tudo bem, {{ nome }}?"
"""


@dataclass(frozen=True)
class Result:
    """What a command line left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)

    @property
    def rows(self) -> list[list[str]]:
        """The lines of a table on stdout, split at tabs, without the first, which names the columns."""
        return [line.split("\t") for line in self.out.splitlines()[1:]]


Cli = Callable[..., Result]


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Working directories to copy: `empty` of data, with a campaign that is a draft, with one that is `sent`."""
    from datetime import timedelta

    from disparo.entrypoints.cli import worker

    made = {name: tmp_path_factory.mktemp(name) for name in ("empty", "drafted", "sent")}
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("DISPARO_")]:
            patch.delenv(name)
        patch.setattr(worker, "LOOK_EVERY", timedelta(milliseconds=50))
        _write_files(made["empty"])
        shutil.copytree(made["empty"], made["drafted"], dirs_exist_ok=True)
        patch.chdir(made["drafted"])
        assert run(["import", "contatos.csv"]) == 0
        assert run(["campaign", "create", "teste.toml"]) == 0
        shutil.copytree(made["drafted"], made["sent"], dirs_exist_ok=True)
        patch.chdir(made["sent"])
        assert run(["campaign", "start", "teste"]) == 0
        assert run(["worker", "--until-idle"]) == 0
    return made


def _write_files(folder: Path) -> None:
    (folder / "contatos.csv").write_text(CONTACTS, encoding="utf-8")
    (folder / "teste.toml").write_text(CAMPAIGN, encoding="utf-8")
    rates = ("recipient_failure", "transient", "throttled", "lost_answer", "reply", "opt_out")
    quiet = [f"sandbox_{name}_rate = 0" for name in rates]
    settings = ["rate_limit_whatsapp_burst = 1000", "sandbox_latency_ms_min = 0", "sandbox_latency_ms_max = 0", *quiet]
    (folder / "disparo.toml").write_text("\n".join(settings) + "\n", encoding="utf-8")


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command line in `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    for name in [name for name in os.environ if name.startswith("DISPARO_")]:
        monkeypatch.delenv(name)

    def run_and_capture(*argv: str) -> Result:
        capsys.readouterr()
        code = run(list(argv))
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run_and_capture


@pytest.fixture
def cli(call: Cli, places: dict[str, Path], tmp_path: Path) -> Cli:
    """A command line where a contact file, a campaign file and a sandbox that never fails are, and no data yet."""
    shutil.copytree(places["empty"], tmp_path, dirs_exist_ok=True)
    return call


@pytest.fixture
def drafted(call: Cli, places: dict[str, Path], tmp_path: Path) -> Cli:
    """A command line where a campaign of three contacts is a draft."""
    shutil.copytree(places["drafted"], tmp_path, dirs_exist_ok=True)
    return call


@pytest.fixture
def sent(call: Cli, places: dict[str, Path], tmp_path: Path) -> Cli:
    """A command line where that campaign has come to its end."""
    shutil.copytree(places["sent"], tmp_path, dirs_exist_ok=True)
    return call
