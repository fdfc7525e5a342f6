"""`disparo demo` as people start it: a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = (sys.executable, "-m", "disparo", "demo")
PROMISES = ("lost", "repeated", "outside_hours", "above_limit", "after_opt_out")


def run(*options: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *options], cwd=cwd, capture_output=True, encoding="utf-8", timeout=120)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def summary(folder: Path) -> dict[str, Any]:
    done = run("--json", "--data", "dados", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    loaded: dict[str, Any] = json.loads(done.stdout)
    return loaded


def test_the_sample_campaign_shows_everything_it_should(summary: dict[str, Any]) -> None:
    contacts = summary["contacts"]
    assert contacts["imported"] >= 500
    assert contacts["rejected"] >= 1 and contacts["duplicates"] >= 1
    assert all(summary["channels"][channel]["sent"] >= 1 for channel in ("whatsapp", "email", "sms"))
    assert len([step for step in summary["steps"] if step["sent"]]) >= 3
    assert summary["breaker_openings"] >= 1
    assert summary["retries"] >= 1
    assert summary["opt_outs"] >= 1 and summary["cancelled_by_opt_out"] >= 1
    assert summary["in_doubt"]["had_arrived"] >= 1 and summary["in_doubt"]["sent_again"] >= 1
    assert summary["waits"]["lunch_break"]["messages"] >= 1
    assert summary["waits"]["weekend"]["messages"] >= 1


def test_the_sample_campaign_keeps_every_promise(summary: dict[str, Any]) -> None:
    assert {promise: summary["proof"][promise] for promise in PROMISES} == dict.fromkeys(PROMISES, 0)
    assert summary["proof"]["holds"] is True
    assert summary["proof"]["messages"] == sum(
        step["sent"] + step["failed"].get("refused_later", 0) for step in summary["steps"]
    )


def test_the_sample_campaign_ends_with_meetings_of_every_kind(summary: dict[str, Any]) -> None:
    meetings = summary["meetings"]
    assert all(meetings[kind] > 0 for kind in ("proposed", "booked", "attending", "moved", "held", "missed"))
    assert meetings["double_booked"] == 0 and meetings["upcoming"] == 0
    ended = sum(meetings[kind] for kind in ("held", "missed", "cancelled", "not_agreed"))
    assert ended == meetings["proposed"]


def test_its_data_can_be_looked_into_afterwards(summary: dict[str, Any], folder: Path) -> None:
    command = [sys.executable, "-m", "disparo", "--data", summary["data"], "campaign", "show", summary["campaign"]]
    done = subprocess.run([*command, "--json"], cwd=folder, capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["state"] == "completed"
    assert shown["totals"]["sent"] == sum(step["sent"] for step in summary["steps"])


def test_a_folder_with_data_is_refused(summary: dict[str, Any], folder: Path) -> None:
    done = run("--data", summary["data"], cwd=folder)
    assert done.returncode == 2
    assert "já tem dados" in done.stderr


def test_an_interruption_ends_it_cleanly(tmp_path: Path) -> None:
    process = subprocess.Popen(
        COMMAND, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", bufsize=1
    )
    assert process.stdout is not None
    while "o passo 1 começa" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors == "erro: interrompido\n"
