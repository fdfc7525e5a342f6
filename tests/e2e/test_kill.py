"""`kill -9` of real workers at random instants: nobody lost, nobody messaged twice, no limit or hour broken.

What happened is counted from the sandbox's own log, which the killed processes wrote as a provider would, and not from
the ledger's word.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Sao_Paulo")  # of every number below, by its area code
KILLS = int(os.environ.get("DISPARO_KILLS") or (100 if "DISPARO_SLOW" in os.environ else 25))
CONTACTS = 240 if KILLS > 25 else 150
BURST = 120
STEPS = 2
LONGEST_LIFE_S = 1.6
PATIENCE_S = 420

SETTINGS = f"""
rate_limit_whatsapp_burst = {BURST}
rate_limit_whatsapp_hourly = 100000
rate_limit_email_burst = {BURST}
rate_limit_email_hourly = 100000
send_timeout_s = 1
lease_s = 6.5
send_concurrency = 10
sandbox_latency_ms_min = 5
sandbox_latency_ms_max = 400
sandbox_recipient_failure_rate = 0.02
sandbox_transient_rate = 0.03
sandbox_lost_answer_rate = 0.02
sandbox_reply_rate = 0.02
sandbox_opt_out_rate = 0.0
"""

CAMPAIGN = """
name = "mortes"
list = "contatos"

[hours]
timezone = "America/Sao_Paulo"
workingDays = [1, 2, 3, 4, 5, 6, 7]
startTime = "00:00"
endTime = "24:00"
publicHolidays = false
lunchBreak = {{ start = "{start}", end = "{end}" }}

[[steps]]
channel = "whatsapp"
text = "Oi {{{{ nome }}}}"
on_failure = "next"

[[steps]]
channel = "email"
subject = "Oi"
text = "Oi {{{{ nome }}}}"
"""


def disparo(home: Path, *words: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "disparo", "--data", "data", "--json", *words],
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return json.loads(done.stdout) if done.stdout.strip() else None


def start_worker(home: Path, name: str) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "disparo", "--data", "data", "worker", "--name", name]
    with (home / f"{name}.log").open("ab") as log:
        return subprocess.Popen(words, cwd=home, stdout=log, stderr=log)


def lunch_soon(now: datetime) -> tuple[datetime, datetime]:
    """One minute without messages, a little after the start, so that the kills fall before, into and behind it."""
    start = (now + timedelta(seconds=50)).replace(second=0, microsecond=0)
    return start, start + timedelta(minutes=1)


def prepare(home: Path) -> tuple[datetime, datetime]:
    start, end = lunch_soon(datetime.now(ZONE))
    (home / "disparo.toml").write_text(SETTINGS)
    (home / "campanha.toml").write_text(CAMPAIGN.format(start=f"{start:%H:%M}", end=f"{end:%H:%M}"))
    lines = [f"Pessoa {i},+55419{80000000 + i},p{i}@example.com" for i in range(CONTACTS)]
    (home / "contatos.csv").write_text("\n".join(["Nome,Telefone,Email", *lines]))
    disparo(home, "import", "contatos.csv", "--list", "contatos")
    disparo(home, "campaign", "create", "campanha.toml")
    disparo(home, "campaign", "start", "mortes")
    return start, end


def kill_often(home: Path, dice: random.Random) -> None:
    workers = {name: start_worker(home, name) for name in ("um", "dois")}
    try:
        for _ in range(KILLS):
            name = dice.choice(sorted(workers))
            time.sleep(dice.uniform(0, LONGEST_LIFE_S) / 2)
            assert workers[name].poll() is None, (home / f"{name}.log").read_text()[-2000:]
            workers[name].send_signal(signal.SIGKILL)
            workers[name].wait()
            workers[name] = start_worker(home, name)
    finally:
        for worker in workers.values():
            worker.kill()
            worker.wait()


def finish(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "disparo", "--data", "data", "worker", "--name", "tres", "--until-idle"],
        cwd=home,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def most_in_a_minute(instants_ms: list[int]) -> int:
    instants_ms = sorted(instants_ms)
    most = first = 0
    for last, at in enumerate(instants_ms):
        while at - instants_ms[first] >= 60_000:
            first += 1
        most = max(most, last - first + 1)
    return most


def all_messages(home: Path) -> list[dict[str, Any]]:
    return list(disparo(home, "messages", "--campaign", "mortes", "--limit", "100000")["items"])


def test_killed_workers_lose_nobody_repeat_nobody_and_break_no_limit(tmp_path: Path) -> None:
    lunch_start, lunch_end = prepare(tmp_path)
    kill_often(tmp_path, random.Random(20261122))
    finish(tmp_path)

    log = [json.loads(line) for line in (tmp_path / "data" / "sandbox.jsonl").read_text().splitlines()]
    taken = Counter(entry["id"] for entry in log)
    rows = {row["id"]: row for row in all_messages(tmp_path)}

    assert len(rows) == CONTACTS * STEPS
    open_states = {"waiting", "due", "claimed", "sending", "in_doubt"}
    assert not [row for row in rows.values() if row["state"] in open_states], "lost: not brought to an end"
    sent = {id_ for id_, row in rows.items() if row["state"] in {"accepted", "delivered", "read"}}
    assert sent == set(taken), "the ledger and the provider's log tell different stories"
    assert [id_ for id_, times in taken.items() if times > 1] == [], "sent twice"
    assert all(row["reason"] for row in rows.values() if row["state"] in {"failed", "dead", "cancelled"})
    for channel in ("whatsapp", "email"):
        instants = [entry["at_ms"] for entry in log if entry["channel"] == channel]
        assert len(instants) > CONTACTS / 2
        assert most_in_a_minute(instants) <= BURST
    at_lunch = [
        entry for entry in log if lunch_start.timestamp() * 1000 <= entry["at_ms"] < lunch_end.timestamp() * 1000
    ]
    assert at_lunch == []
