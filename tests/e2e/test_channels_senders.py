"""Two numbers: when the first one's provider is down the second takes over, and the first comes back by and by."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.channels_account import Account
from tests.e2e.channels_house import Providers, free_port, wait
from tests.e2e.channels_play import finish, installation, report

CONTACTS = 900
THRESHOLD, TIMEOUT_S, CONCURRENCY = 6, 2.0, 3
RECOVERY_S = 9.0
OUTAGE_S = 6.0
MANY = 1_000_000

SENDERS = f"""
sender_recovery_minutes = {RECOVERY_S / 60}

[senders.principal]
channel = "whatsapp"
provider = "whatsapp"
weight = 3
burst = 100000

[senders.reserva]
channel = "whatsapp"
provider = "whatsapp"
secret = "mcp-whatsapp-2"
burst = 100000
"""
STEP = """
[[steps]]
channel = "whatsapp"
text = "Oi {{ nome }}"
[steps.approved]
name = "oi"
language = "pt_BR"
body = ["{{ nome }}"]
"""


@dataclass
class Rates:
    """What each number sends a second, in a stretch of time."""

    first: float
    second: float

    @property
    def share(self) -> float:
        """The first one's."""
        return self.first / (self.first + self.second)


def measured(first: Providers, second: Providers, seconds: float) -> Rates:
    before, begun = (first.count(), second.count()), time.monotonic()
    time.sleep(seconds)
    after, took = (first.count(), second.count()), time.monotonic() - begun
    return Rates((after[0] - before[0]) / took, (after[1] - before[1]) / took)


@pytest.mark.skipif("DISPARO_SLOW" not in os.environ, reason="takes a minute: DISPARO_SLOW=1, as .ci/run sets")
def test_a_second_number_takes_over_and_the_first_drifts_back(tmp_path: Path) -> None:
    with installation(tmp_path, CONTACTS, {"reply": 0.0, "opt_out": 0.0}, 5, SENDERS) as (house, door, first):
        second = Providers.begin(house, {"reply": 0.0, "opt_out": 0.0}, data="data2", latency_ms=150, pace=0.002)
        secrets = house.data / "secrets"
        shutil.copy(house.home / "data2" / "secrets" / "mcp-whatsapp.json", secrets / "mcp-whatsapp-2.json")
        house.campaign("fio", STEP)
        door.upstreams = (free_port(),)
        serving = house.serve("serve", door.upstreams[0])
        wait(lambda: first.count() + second.count() > 30, 30, lambda: (house.home / "serve.log").read_text())
        usual = measured(first, second, 4)

        first.order({"kind": "error", "provider": "whatsapp", "code": "131016", "times": MANY})
        outage = measured(first, second, OUTAGE_S)
        tried = MANY - first.coming()[0]["times"]
        time.sleep(OUTAGE_S)
        tried_later = MANY - first.coming()[0]["times"] - tried
        first.clear()

        back = first.count()
        wait(lambda: first.count() > back, 3 * TIMEOUT_S, lambda: "the first number does not come back")
        early = measured(first, second, 3)
        time.sleep(RECOVERY_S - 3)
        late = measured(first, second, 3)
        serving.terminate()
        assert serving.wait(30) == 0
        finish(house, door)
        account = Account.of(house, door.passed, first, second)
    report(
        f"the first number's share: {usual.share:.0%}, in its outage {outage.share:.0%} "
        f"({tried} attempts, then {tried_later}), back {early.share:.0%}, "
        f"later {late.share:.0%}; rates {usual}, {outage}, {early}, {late}; {account.summary()}"
    )
    assert usual.share > 0.6, "3 : 1"
    assert outage.first * OUTAGE_S <= CONCURRENCY, "only what was on the wire"
    assert outage.second > 1.5 * usual.second, "the second takes over"
    # What was on the wire and went well may have come back in between: then faults are counted from the start again.
    assert tried <= 2 * THRESHOLD + CONCURRENCY + OUTAGE_S / TIMEOUT_S + 1, "I7: it is left alone"
    assert 0 < tried_later <= OUTAGE_S / TIMEOUT_S + 1, "I7: one at a time, and not more often than the breaker says"
    assert early.share < late.share, "it comes back by and by"
    assert late.share > 0.6
    account.check_all_ended()
    account.check_nobody_twice()
    assert account.human == set()
