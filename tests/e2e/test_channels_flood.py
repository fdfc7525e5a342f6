"""A flood of calls at the doors of a `disparo serve` that sends: it goes on sending; forged calls leave no trace."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.channels_house import House, Providers, free_port, wait
from tests.e2e.channels_play import report
from tests.e2e.test_channels_lost import STEPS

CONTACTS = 4000
FORGED, VALID = 2000, 500
STRETCH_S, ROUNDS = 5.0, 3
SETTINGS = """
rate_limit_whatsapp_burst = 100000
rate_limit_whatsapp_hourly = 1000000
send_concurrency = 4
"""
"""With answers after 0.1 s that is about 35 messages a second, 2,100 a minute: twice the limit of a whole hour."""


class Flood:
    """Calls in a process of their own, for a stretch of time."""

    def __init__(self, port: int, key: str, marker: str) -> None:
        self._words = [str(FORGED), str(VALID), key, marker]
        self._port, self.answers = port, Counter[str]()

    def begin(self, seconds: float) -> subprocess.Popen[bytes]:
        """The process."""
        script = str(Path(__file__).with_name("channels_flood.py"))
        command = [sys.executable, script, str(self._port), str(seconds), *self._words]
        return subprocess.Popen(command, stdout=subprocess.PIPE)

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Count its answers."""
        told, _ = process.communicate(timeout=60)
        self.answers.update(json.loads(told))


def rate(providers: Providers) -> float:
    before, begun = providers.count(), time.monotonic()
    time.sleep(STRETCH_S)
    return (providers.count() - before) / (time.monotonic() - begun)


def traces(house: House, marker: str) -> list[str]:
    """The files in which something of the forged calls stands: the database, its log of writes, every log."""
    files = [*house.data.rglob("*"), *house.home.glob("*.log")]
    return [str(file) for file in files if file.is_file() and marker.encode() in file.read_bytes()]


@pytest.mark.skipif("DISPARO_SLOW" not in os.environ, reason="takes a minute: DISPARO_SLOW=1, as .ci/run sets")
def test_a_flood_of_calls_does_not_keep_messages_from_going_out(tmp_path: Path) -> None:
    port, marker = free_port(), f"falso{secrets.token_hex(8)}"
    house = House(tmp_path, f"http://127.0.0.1:{port}")
    try:
        house.write("disparo.toml", SETTINGS)
        providers = Providers.begin(house, {"reply": 0.0, "opt_out": 0.0}, latency_ms=100, pace=0.002)
        house.contacts(CONTACTS)
        house.campaign("fio", STEPS["whatsapp"])
        house.serve("serve", port)
        wait(lambda: providers.count() > 30, 30, lambda: (house.home / "serve.log").read_text())
        key = json.loads((house.data / "secrets" / "mcp-whatsapp.json").read_text())["app_secret"]
        flood, calm, flooded = Flood(port, key, marker), list[float](), list[float]()
        for _ in range(ROUNDS):
            calm.append(rate(providers))
            process = flood.begin(STRETCH_S + 2)
            time.sleep(1)
            flooded.append(rate(providers))
            flood.end(process)
        found = traces(house, marker)
        answered_late = house.ask("SELECT count(*) FROM journal WHERE event = 'doubt'")
    finally:
        house.end()
    calls, seconds = flood.answers, ROUNDS * (STRETCH_S + 2)
    rates = " ".join(f"{one:.1f}" for one in calm), " ".join(f"{one:.1f}" for one in flooded)
    report(
        f"messages a second without the flood: {rates[0]}, with it: {rates[1]} ({sum(flooded) / sum(calm):.0%}); "
        f"calls a second answered: {sum(calls.values()) / seconds:.0f} of {FORGED + VALID}; {dict(calls)}"
    )
    assert sum(flooded) >= 0.6 * sum(calm)
    forged = {name.partition(" ")[2] for name in calls if name.startswith("forged")}
    assert forged <= {"401", "503", "cut"}
    assert {name.partition(" ")[2] for name in calls if name.startswith("valid")} <= {"204", "503", "cut"}
    assert calls["forged 401"] > 500
    assert calls["valid 204"] > 100
    assert found == [], "forged calls left something"
    assert answered_late == [(0,)], "a provider's answer came too late to be heard"
