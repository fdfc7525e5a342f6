"""A campaign over the three emulated providers under faults, its processes killed at random instants.

The emulators run in a process of their own and know whom they messaged; the door in front of the installation knows
what was answered to each of their calls. Both outlive every kill, and the ledger is measured by them.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.e2e.channels_account import Account
from tests.e2e.channels_play import (
    LIMITS,
    TIMEOUT_S,
    finish,
    installation,
    kill_often,
    report,
    three_days_later,
)

SLOW = pytest.mark.skipif("DISPARO_SLOW" not in os.environ, reason="takes minutes: DISPARO_SLOW=1, as .ci/run sets")
GRACE_S = TIMEOUT_S + 1.5
"""For what was on the wire when an opt-out was answered: the emulators take their time before they take a message."""

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
        {"kind": "webhooks_late", "seconds": 4, "times": 25},
        {"kind": "error", "provider": "whatsapp", "code": "131016", "times": 8},
        {"kind": "error", "provider": "whatsapp", "code": "130429", "times": 4},
        {"kind": "error", "provider": "sendgrid", "code": "429", "times": 3},
        {"kind": "error", "provider": "twilio", "code": "20429", "times": 4},
        {"kind": "drop_after", "provider": "whatsapp", "times": 3},
        {"kind": "drop_after", "provider": "sendgrid", "times": 2},
        {"kind": "drop_after", "provider": "twilio", "times": 3},
    ]
    return faults


def play(home: Path, contacts: int, kills: int, seed: int, **shares: float) -> Account:
    dice = random.Random(seed)
    with installation(home, contacts, SHARES | shares, seed) as (house, door, providers):
        providers.order(*people(dice, contacts))
        house.campaign("fio", STEPS)
        kill_often(house, door, dice, kills)
        finish(house, door)
        three_days_later(house, door)
        house.end_serving()
        account = Account.of(house, door.passed, providers)
        report(f"{kills} kills; {account.summary()}")
        replies = house.run("inbox", "list", "--limit", "1000")["items"]
        suppressed = str(house.run("contacts", "suppressed", "--limit", "100000"))
    checked(account)
    account.check_opt_outs(GRACE_S)
    account.check_bounces(suppressed)
    account.check_replies(replies)
    return account


def checked(account: Account) -> None:
    """The promises, whatever went wrong, and that receipts settle whatever they can."""
    account.check_all_ended()
    account.check_nobody_twice()
    account.check_waiting_is_free()
    for provider, channel in (("whatsapp", "whatsapp"), ("sendgrid", "email"), ("twilio", "sms")):
        assert account.check_limit(provider, LIMITS[channel]) > 0
    held = sorted(account.human & set(account.times))
    assert held == [], f"taken, and no receipt settled it: {held}; {account.summary()}"
    assert account.human <= account.cut_off, f"held without a kill: {account.summary()}"


@SLOW
def test_killed_processes_lose_nobody_and_repeat_nobody(tmp_path: Path) -> None:
    """Kills between intent and request included: then no provider has the message, and no receipt can come."""
    play(tmp_path, contacts=36, kills=2, seed=20261122)


@SLOW
def test_a_campaign_over_three_providers_under_faults_keeps_its_promises(tmp_path: Path) -> None:
    """Providers take a message when it comes and answer later, so that kills fall between accept and record."""
    account = play(tmp_path, contacts=160, kills=25, seed=20261123, taken_late=0.0)
    assert len(account.opted_out) >= 10
    assert len(account.doubts) >= 10
    assert account.orphans, "no kill fell between accept and record: the run shows nothing"
    assert any(times > 1 for times in account.batches.values()), "no request took more than one e-mail along"
