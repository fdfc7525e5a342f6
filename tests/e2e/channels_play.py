"""How the proofs of the channels are played: an installation, faults, kills at random, and what happens days later."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.channels_door import Door
from tests.e2e.channels_house import House, Providers, free_port, kill, up

LIMITS = {"whatsapp": 900, "email": 120, "sms": 900}
TIMEOUT_S = 2.0
PATIENCE_S = 240.0
QUIET_S = 6.0
"""Longer than the latest webhook is late."""
MOVING = {"due", "claimed", "sending"}

SETTINGS = f"""
send_timeout_s = {TIMEOUT_S}
lease_s = 7.5
send_concurrency = 3
max_retries = 12
initial_backoff_ms = 500
backoff_multiplier = 1
circuit_breaker_threshold = 6
circuit_breaker_timeout_ms = 2000
""" + "".join(
    f"rate_limit_{channel}_burst = {most}\nrate_limit_{channel}_hourly = 100000\n" for channel, most in LIMITS.items()
)


@contextmanager
def installation(
    home: Path, contacts: int, shares: Mapping[str, float], seed: int, settings: str = ""
) -> Iterator[tuple[House, Door, Providers]]:
    with Door() as door:
        house = House(home, door.url)
        try:
            house.write("disparo.toml", SETTINGS + settings)
            providers = Providers.begin(house, shares, latency_ms=150, pace=0.002, seed=seed)
            house.contacts(contacts)
            yield house, door, providers
        finally:
            house.end()


@dataclass
class Life:
    """A process, and when it is to be killed: not before it answers, if it is one of most."""

    process: subprocess.Popen[bytes]
    port: int | None
    left_s: float
    until: float | None = None

    def over(self, now: float) -> bool:
        """Whether it is time."""
        if self.until is None and (self.port is None or up(self.port)):
            self.until = now + self.left_s
        return self.until is not None and now >= self.until


def kill_often(house: House, door: Door, dice: random.Random, kills: int) -> None:
    """Two at once part of the time: `serve` that answers and sends, and beside it `worker`, or another `serve`."""
    door.upstreams = (free_port(), free_port())
    living: dict[int, Life] = {}
    end = time.monotonic() + PATIENCE_S
    while kills:
        now = time.monotonic()
        assert now < end, f"{kills} kills are left"
        for slot, life in list(living.items()):
            if kills and life.over(now):
                assert life.process.poll() is None, (house.home / f"serve-{slot}.log").read_text()[-2000:]
                kill(living.pop(slot).process)
                kills -= 1
        for slot in (0, 1):
            if slot not in living and (slot == 0 or dice.random() < 0.02):
                living[slot] = _born(house, dice, slot, door.upstreams[slot])
        time.sleep(0.05)
    for life in living.values():
        kill(life.process)


def _born(house: House, dice: random.Random, slot: int, port: int) -> Life:
    if slot and dice.random() < 0.5:
        return Life(house.begin("worker", "worker"), None, dice.uniform(2, 6))
    waits = dice.random() < 0.8  # the others are killed while they start
    return Life(house.serve(f"serve-{slot}", port), port if waits else None, dice.uniform(0.1, 3))


def finish(house: House, door: Door) -> None:
    """One `serve` that is left alone, until nothing moves any more."""
    port = door.upstreams[0]
    door.upstreams = (port,)
    house.serve("serve-last", port)
    last, since = (house.states(), 0), time.monotonic()
    end = since + PATIENCE_S
    while time.monotonic() - since < QUIET_S or not last[0] or MOVING & set(last[0]):
        if (now := (house.states(), len(door.passed))) != last:
            last, since = now, time.monotonic()
        assert time.monotonic() < end, f"it does not end: {last}"
        time.sleep(0.3)


def three_days_later(house: House, door: Door) -> None:
    """What nobody's receipt has settled is given to a person, and what waited for it goes on."""
    if "in_doubt" not in house.states():
        return
    house.end_serving()
    house.serve("serve-after", door.upstreams[0], "--no-send")
    house.later(73)
    calls = -1
    while calls < len(door.passed):
        calls = len(door.passed)
        time.sleep(2)


def report(text: str) -> None:
    print(f"\n{text}")  # noqa: T201  # what the run reports
