"""The demo campaign through the four functions, against the emulator, in real time: it ends as on one machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("moto", reason="moto, of the group dev, is not installed")
pytest.importorskip("awslambdaric", reason="awslambdaric, of the group dev, is not installed")

ROOT = Path(__file__).parents[2]
PATIENCE_S = 500
CONTACTS = 16
TOLD = ["confirmed +", "confirmed @", "host_booked @", "proposal +"]
"""The notices of a meeting that was offered by WhatsApp and agreed, each with the kind of address it goes to."""
KEPT = {"lost": 0, "repeated": 0, "outside_hours": 0, "above_limit": 0, "after_opt_out": 0}


@pytest.mark.skipif("DISPARO_SLOW" not in os.environ, reason="takes over two minutes: DISPARO_SLOW=1, as .ci/run sets")
def test_the_campaign_ends_as_on_one_machine(tmp_path: Path) -> None:
    result = _run(tmp_path, "--contacts", str(CONTACTS))
    assert result["differences"] == []
    assert {name: result["proof"][name] for name in KEPT} == KEPT
    assert [step["rows"] for step in result["steps"]] == [CONTACTS] * 4
    assert result["proof"]["messages"] == sum(step["sent"] for step in result["steps"]) > CONTACTS
    assert result["steps"][0]["opted_out"] + result["steps"][0]["replied"] > 0
    assert result["meeting"] == {
        "state": "confirmed",
        "picked": True,
        "page": 200,
        "page_says_when": True,
        "notices": TOLD,
    }
    assert set(result["cold_starts"]) == {"api", "send", "schedule", "ingest"}
    assert result["failed_schedules"] == []


@pytest.mark.skipif("DISPARO_SLOW" not in os.environ, reason="takes over four minutes: DISPARO_SLOW=1, as .ci/run sets")
def test_functions_killed_at_work_lose_and_repeat_nothing(tmp_path: Path) -> None:
    result = _run(tmp_path, "--contacts", str(CONTACTS), "--kills", "6")
    assert {name: result["proof"][name] for name in KEPT} == KEPT
    assert result["differences"] == []
    assert (result["meeting"]["state"], result["meeting"]["notices"]) == ("confirmed", TOLD)


@pytest.mark.skipif("DISPARO_SLOW" not in os.environ, reason="takes three minutes: DISPARO_SLOW=1, as .ci/run sets")
def test_a_campaign_through_real_channels_messages_nobody_twice_and_leaves_nothing_to_a_person(tmp_path: Path) -> None:
    result = _run(tmp_path, "--contacts", str(CONTACTS), "--channels")
    assert (result["repeated"], result["lost"], result["unsettled"]) == ([], [], [])
    assert result["failed_schedules"] == []
    assert set(result["taken"]) == {"whatsapp", "sendgrid", "twilio"} == set(result["webhooks"])
    assert sum(result["taken"].values()) > CONTACTS
    assert min(result["webhooks"].values()) > 0
    assert result["opted_out"] > 0


def _run(tmp_path: Path, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "aws_local", "--without-terraform", "--json", "--logs", str(tmp_path), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.stdout, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document
