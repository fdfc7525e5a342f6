"""A campaign over the three emulated providers under faults, its processes killed at random instants.

The emulators run in a process of their own and know whom they messaged; the door in front of the installation knows what
was answered to each of their calls. Both outlive every kill, and the ledger is measured by them.
"""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.channels_account import Account
from tests.e2e.channels_door import Door
from tests.e2e.channels_house import House, Providers, free_port, kill, up, wait

SLOW = pytest.mark.skipif("DISPARO_SLOW" not in os.environ, reason="takes minutes: DISPARO_SLOW=1, as .ci/run sets")
LIMITS = {"whatsapp": 900, "email": 120, "sms": 900}
TIMEOUT_S = 2.0
GRACE_S = TIMEOUT_S + 1.5
QUIET_S = 8.0
PATIENCE_S = 150.0
MOVING = {"due", "claimed", "sending"}
"""For what was on the wire when an opt-out was answered: the emulators take their time before they take a message."""

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

STEPS = """
[[steps]]
channel = "whatsapp"
text = "Oi {{ nome }}"
on_failure = "next"

[steps.approved]
name = "oi"
language = "pt_BR"
body = ["{{ nome }}"]

[[steps]]
channel = "email"
subject = "Oi"
text = "Oi {{ nome }}"
html = "<p>Oi {{ nome }}</p>"
on_failure = "next"

[[steps]]
channel = "sms"
text = "Oi {{ nome }}"
"""

SHARES = {
    "recipient": 0.02, "permanent": 0.01, "lost_answer": 0.06, "undelivered": 0.03,
    "reply": 0.06, "opt_out": 0.06, "deferred": 0.1, "withheld": 0.1, "old_ids": 0.3,
    "webhooks_twice": 0.2, "webhooks_reversed": 0.2,
}  # fmt: skip


def number(person: int) -> str:
    return f"+55419{80000000 + person}"


def people(dice: random.Random, contacts: int) -> list[dict[str, object]]:
    """What some people are to do, and what goes wrong with some messages."""
    chosen = dice.sample(range(contacts), 36)
    faults: list[dict[str, object]] = [
        *({"kind": "opt_out", "provider": "whatsapp", "to": number(one)[1:]} for one in chosen[:6]),
        *({"kind": "opt_out", "provider": "twilio", "to": number(one)} for one in chosen[6:10]),
        *({"kind": "opt_out", "provider": "sendgrid", "to": f"p{one}@example.com"} for one in chosen[10:15]),
        *({"kind": "complaint", "provider": "sendgrid", "to": f"p{one}@example.com"} for one in chosen[15:18]),
        *(
            {"kind": "undelivered", "provider": "sendgrid", "code": "bounce", "to": f"p{one}@example.com"}
            for one in chosen[18:24]
        ),
        *({"kind": "reply", "provider": "whatsapp", "text": "Quem é?", "to": number(one)[1:]} for one in chosen[24:30]),
        *({"kind": "slow", "provider": "whatsapp", "seconds": 3, "to": number(one)[1:]} for one in chosen[30:33]),
        *({"kind": "slow", "provider": "twilio", "seconds": 3, "to": number(one)} for one in chosen[33:36]),
        {"kind": "webhooks_late", "seconds": 6, "times": 25},
        {"kind": "error", "provider": "whatsapp", "code": "131016", "times": 8},
        {"kind": "error", "provider": "whatsapp", "code": "130429", "times": 4},
        {"kind": "error", "provider": "sendgrid", "code": "429", "times": 3},
        {"kind": "error", "provider": "twilio", "code": "20429", "times": 4},
        {"kind": "drop_after", "provider": "whatsapp", "times": 3},
        {"kind": "drop_after", "provider": "sendgrid", "times": 2},
        {"kind": "drop_after", "provider": "twilio", "times": 3},
    ]
    return faults


@contextmanager
def installation(
    home: Path, contacts: int, shares: dict[str, float], seed: int
) -> Iterator[tuple[House, Door, Providers]]:
    with Door() as door:
        house = House(home, door.url)
        try:
            house.write("disparo.toml", SETTINGS)
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


def finish(house: House, door: Door, patience_s: float) -> None:
    """One `serve` that is left alone, until nothing moves any more."""
    port = door.upstreams[0]
    door.upstreams = (port,)
    house.serve("serve-last", port)
    last, since = None, time.monotonic()
    end = since + patience_s
    while time.monotonic() - since < QUIET_S or MOVING & set(house.states()):
        if (now := (house.states(), len(door.passed))) != last:
            last, since = now, time.monotonic()
        assert time.monotonic() < end, f"it does not end: {last}"
        time.sleep(0.3)


def three_days_later(house: House, door: Door) -> None:
    """What nobody's receipt has settled is given to a person, and what waited for it goes on."""
    house.end_serving()
    house.serve("serve-after", door.upstreams[0], "--no-send")
    house.later(73)
    calls = -1
    while calls < len(door.passed):
        calls = len(door.passed)
        time.sleep(2)


def checked(account: Account, taken_only: bool = True) -> None:
    """The promises, whatever went wrong."""
    account.check_all_ended()
    account.check_nobody_twice()
    account.check_waiting_is_free()
    for provider, channel in (("whatsapp", "whatsapp"), ("sendgrid", "email"), ("twilio", "sms")):
        assert account.check_limit(provider, LIMITS[channel]) > 0
    if taken_only:
        held = sorted(account.human & set(account.times))
        assert held == [], f"taken, and no receipt settled it: {held}; {account.summary()}"


def report(text: str) -> None:
    print(f"\n{text}")  # noqa: T201  # what the run reports


def play(home: Path, contacts: int, kills_s: float, seed: int) -> tuple[Account, int]:
    dice = random.Random(seed)
    with installation(home, contacts, SHARES, seed) as (house, door, providers):
        providers.order(*people(dice, contacts))
        house.campaign("fio", STEPS)
        kills = kill_often(house, door, dice, kills_s)
        finish(house, door, PATIENCE_S)
        three_days_later(house, door)
        account = Account.of(house, door.passed, providers)
        report(f"{kills} kills; {account.summary()}")
        replies = house.run("inbox", "list", "--limit", "1000")["items"]
        suppressed = str(house.run("contacts", "suppressed", "--limit", "100000"))
    checked(account)
    account.check_opt_outs(GRACE_S)
    account.check_bounces(suppressed)
    account.check_replies(replies)
    return account, kills


def test_killed_processes_lose_nobody_and_repeat_nobody(tmp_path: Path) -> None:
    account, kills = play(tmp_path, contacts=40, kills_s=8, seed=20261122)
    assert kills > 2, account.summary()


@SLOW
def test_a_campaign_over_three_providers_under_faults_keeps_its_promises(tmp_path: Path) -> None:
    account, kills = play(tmp_path, contacts=160, kills_s=50, seed=20261123)
    assert kills >= 15, account.summary()
    assert account.check_opt_outs(GRACE_S) >= 10
    assert len(account.doubts) >= 10
    assert any(times > 1 for times in account.batches.values()), "no request took more than one e-mail along"
