"""How the proofs of the channels are played: an installation, faults, kills at random, and what happens days later."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.channels_door import Door
from tests.e2e.channels_house import House, Providers, free_port, kill

LIMITS = {"whatsapp": 900, "email": 120, "sms": 900}
TIMEOUT_S = 2.0
PATIENCE_S = 150.0
QUIET_S = 8.0
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


def kill_often(house: House, door: Door, dice: random.Random, seconds: float) -> int:
    """Two at once part of the time: `serve` that answers and sends, and beside it `worker`, or another `serve`."""
    ports = (free_port(), free_port())
    door.upstreams = ports
    kinds = {0: lambda: house.serve("serve-0", ports[0]), 1: lambda: house.serve("serve-1", ports[1])}
    running: dict[int, tuple[subprocess.Popen[bytes], float]] = {}
    end, kills = time.monotonic() + seconds, 0
    while (now := time.monotonic()) < end:
        for slot, (process, until) in list(running.items()):
            if now >= until:
                assert process.poll() is None, (house.home / f"serve-{slot}.log").read_text()[-2000:]
                kill(process)
                del running[slot]
                kills += 1
        for slot, begin in kinds.items():
            if slot not in running and (slot == 0 or dice.random() < 0.02):
                process = house.begin("worker", "worker") if slot and dice.random() < 0.5 else begin()
                # A part of a life is the start, in which there is little to be killed.
                running[slot] = process, now + dice.uniform(2.0, 6.0)
        time.sleep(0.05)
    for process, _ in running.values():
        kill(process)
    return kills + len(running)


def finish(house: House, door: Door) -> None:
    """One `serve` that is left alone, until nothing moves any more."""
    port = door.upstreams[0]
    door.upstreams = (port,)
    house.serve("serve-last", port)
    last, since = None, time.monotonic()
    end = since + PATIENCE_S
    while time.monotonic() - since < QUIET_S or MOVING & set(house.states()):
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
