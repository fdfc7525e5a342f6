"""No receipt ever arrives: doubts are held for a person, and still nobody is messaged twice."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.e2e.channels_account import Account
from tests.e2e.channels_play import finish, installation, kill_often, report, three_days_later

CONTACTS, KILLS = 60, 8
SHARES = {"webhooks_lost": 1.0, "lost_answer": 0.08, "lost_request": 0.03, "reply": 0.0, "opt_out": 0.0}
FAULTS = [
    {"kind": "drop_before", "provider": "whatsapp", "times": 2},
    {"kind": "drop_before", "provider": "twilio", "times": 2},
    {"kind": "error", "provider": "twilio", "code": "20500", "times": 2},
]
STEPS = {
    "whatsapp": """
[[steps]]
channel = "whatsapp"
text = "Oi {{ nome }}"
[steps.approved]
name = "oi"
language = "pt_BR"
body = ["{{ nome }}"]
""",
    "email": '[[steps]]\nchannel = "email"\nsubject = "Oi"\ntext = "Oi {{ nome }}"\n',
    "sms": '[[steps]]\nchannel = "sms"\ntext = "Oi {{ nome }}"\n',
}


@pytest.mark.skipif("DISPARO_SLOW" not in os.environ, reason="takes over a minute: DISPARO_SLOW=1, as .ci/run sets")
def test_without_receipts_doubts_are_held_and_nobody_is_messaged_twice(tmp_path: Path) -> None:
    with installation(tmp_path, CONTACTS, SHARES, 4) as (house, door, providers):
        providers.order(*FAULTS)
        for channel, steps in STEPS.items():
            house.campaign(f"por-{channel}", steps)
        kill_often(house, door, random.Random(4), KILLS)
        finish(house, door)
        three_days_later(house, door)
        account = Account.of(house, door.passed, providers)
    report(f"without receipts: {KILLS} kills; {account.summary()}")
    assert door.passed == []
    account.check_all_ended()
    account.check_nobody_twice()
    states = {row["state"] for row in account.rows.values()}
    assert states <= {"accepted", "failed", "dead"}, states
    assert account.doubts == account.human, "a doubt that nothing can have settled"
    unsure = {row["reason"] for row in account.rows.values() if row["state"] == "dead"}
    assert unsure == {"held_in_doubt"}
    assert account.human & set(account.times), "nothing was lost: the run shows nothing"
    assert account.human - set(account.times), "nothing was lost: the run shows nothing"
