"""A campaign by WhatsApp, SMS and e-mail over the wire, its workers killed while a provider has taken and not answered.

The emulators live in this process and know whom they messaged. The workers that send are killed (SIGKILL) at the very
moment when a provider took a message; a `disparo serve` that does not send hears what comes back.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from disparo.adapters.channels.sandbox.script import Rates, Script
from disparo.simulation.emulators.plan import Plan, Posting
from disparo.simulation.emulators.secret_files import write_secrets
from disparo.simulation.emulators.server import Running, emulators
from disparo.simulation.emulators.taken import Taken

CONTACTS = 40
STEPS = 3
KILLS = int(os.environ.get("DISPARO_EMULATOR_KILLS", "8"))
CONCURRENCY = 10
PATIENCE_S = 180
CAMPAIGN_ID = "1."
"""How the ids of its messages begin: it is the first of a new installation."""
OPEN = {"waiting", "due", "claimed", "sending", "in_doubt"}
SENT = {"accepted", "delivered", "read"}

PLAN = Plan(
    Script(
        seed=20261122,
        rates=Rates(permanent=0.02, throttled=0.05, lost_answer=0.08, undelivered=0.05, reply=0.05, opt_out=0.1),
        latency_s=(0.02, 0.4),
    ),
    pace=0.003,
    posting=Posting(late=0.05, late_s=3.0, twice=0.2, reversed=0.3),
    withheld=0.2,
    old_ids=0.3,
)

SETTINGS = f"""
rate_limit_whatsapp_burst = 100000
rate_limit_whatsapp_hourly = 100000
rate_limit_sms_burst = 100000
rate_limit_sms_hourly = 100000
rate_limit_email_burst = 100000
rate_limit_email_hourly = 100000
send_timeout_s = 1
lease_s = 6.5
send_concurrency = {CONCURRENCY}
"""

CAMPAIGN = """
name = "pelo-fio"
list = "contatos"

[hours]
timezone = "America/Sao_Paulo"
workingDays = [1, 2, 3, 4, 5, 6, 7]
startTime = "00:00"
endTime = "24:00"
publicHolidays = false

[[steps]]
channel = "whatsapp"
text = "Oi {{ nome }}"
on_failure = "next"

[steps.approved]
name = "oi"
language = "pt_BR"
body = ["{{ nome }}"]

[[steps]]
channel = "sms"
text = "Oi {{ nome }}"
on_failure = "next"

[[steps]]
channel = "email"
subject = "Oi"
text = "Oi {{ nome }}"
html = "<p>Oi {{ nome }}</p>"
"""


class House:
    """An installation in a folder, and its processes."""

    def __init__(self, home: Path, door: str) -> None:
        self.home, self.door = home, door
        self._environ = {**os.environ, "DISPARO_LIVE": "true", "DISPARO_PUBLIC_URL": door}

    def run(self, *words: str) -> Any:
        """What a command prints."""
        done = subprocess.run(
            [sys.executable, "-m", "disparo", "--data", "data", "--json", *words],
            cwd=self.home,
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def begin(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        """A process that goes on."""
        with (self.home / f"{name}.log").open("ab") as log:
            command = [sys.executable, "-m", "disparo", "--data", "data", *words]
            return subprocess.Popen(command, cwd=self.home, env=self._environ, stdout=log, stderr=log)

    def prepare(self) -> None:
        """A list, and a campaign that has started."""
        (self.home / "disparo.toml").write_text(SETTINGS, encoding="utf-8")
        (self.home / "campanha.toml").write_text(CAMPAIGN, encoding="utf-8")
        lines = [f"Pessoa {i},+55419{80000000 + i},p{i}@example.com" for i in range(CONTACTS)]
        (self.home / "contatos.csv").write_text("\n".join(["Nome,Telefone,Email", *lines]), encoding="utf-8")
        self.run("import", "contatos.csv", "--list", "contatos")
        self.run("campaign", "create", "campanha.toml")
        self.run("campaign", "start", "pelo-fio")

    def rows(self) -> dict[str, dict[str, Any]]:
        """The ledger's word, by message id."""
        found = self.run("messages", "--campaign", "pelo-fio", "--limit", "100000")["items"]
        return {row["id"]: row for row in found}


class Killer:
    """Kills a worker at the moment when a provider takes a message, and starts another in its place."""

    def __init__(self, house: House) -> None:
        self._house, self._dice, self.left = house, random.Random(7), KILLS
        self.workers = {name: self._begin(name) for name in ("um", "dois")}

    def _begin(self, name: str) -> subprocess.Popen[bytes]:
        return self._house.begin(name, "worker", "--name", name)

    def on_taken(self, taken: Taken) -> None:
        """Perhaps now: nobody has been told yet that it was taken."""
        if self.left and self._dice.random() < 0.15:
            self.left -= 1
            name = self._dice.choice(sorted(self.workers))
            self.workers[name].kill()
            self.workers[name].wait()
            self.workers[name] = self._begin(name)

    def end(self) -> None:
        """End them all."""
        for worker in self.workers.values():
            worker.kill()
            worker.wait()


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


async def open_to_calls(port: int) -> None:
    """Wait until somebody answers there."""
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            writer.close()
            return await writer.wait_closed()


def settled(rows: dict[str, dict[str, Any]], taken: set[str]) -> bool:
    """Whether nothing more can come: what is in doubt was never taken, what waits stands behind such a one."""
    doubtful = {id_ for id_, row in rows.items() if row["state"] == "in_doubt"}
    stuck = {id_.rpartition(".")[2] for id_ in doubtful}
    return (
        len(rows) == CONTACTS * STEPS
        and not doubtful & taken
        and all(
            row["state"] not in OPEN
            or id_ in doubtful
            or (row["state"] == "waiting" and id_.rpartition(".")[2] in stuck)
            for id_, row in rows.items()
        )
    )


async def play(home: Path) -> tuple[Running, dict[str, dict[str, Any]], list[dict[str, Any]]]:
    port = free_port()
    house = House(home, f"http://127.0.0.1:{port}")
    async with emulators(PLAN, webhook_base_url=house.door) as running:
        write_secrets(home / "data" / "secrets", running.secrets)
        await asyncio.to_thread(house.prepare)
        with ended(house.begin("portas", "serve", "--no-send", "--port", str(port))) as door:
            await open_to_calls(port)
            killer = Killer(house)
            try:
                running.log.listeners.append(killer.on_taken)
                deadline = time.monotonic() + PATIENCE_S
                while not settled(rows := await asyncio.to_thread(house.rows), set(running.log.times())):
                    assert door.poll() is None, (home / "portas.log").read_text()[-2000:]
                    assert time.monotonic() < deadline, Counter((row["channel"], row["state"]) for row in rows.values())
                    await asyncio.sleep(3)
                await running.quiet()
                assert killer.left <= KILLS // 2, Counter((row["channel"], row["reason"]) for row in rows.values())
            finally:
                killer.end()
            blocked = await asyncio.to_thread(house.run, "contacts", "suppressed", "--limit", "100000")
            return running, await asyncio.to_thread(house.rows), blocked["items"]


def test_killed_workers_repeat_nobody_and_receipts_settle_every_doubt(tmp_path: Path) -> None:
    running, rows, blocked = asyncio.run(play(tmp_path))
    times = running.log.times()

    assert len(rows) == CONTACTS * STEPS, "I1: one row for each step and contact"
    assert [one for one, count in times.items() if count > 1] == [], "I2: sent twice"
    answers = set(times) - set(rows)  # whoever opted out is told so, once, by a campaign of its own
    assert not {one for one in answers if one.startswith(CAMPAIGN_ID)}
    states = {id_: row["state"] for id_, row in rows.items()}
    assert {states[id_] for id_ in times if id_ in rows} <= SENT | {"failed", "dead"}, (
        "a doubt that a receipt should have settled"
    )
    assert {id_ for id_, state in states.items() if state in SENT} <= set(times), "sent, and nobody took it"
    assert all(row["reason"] for row in rows.values() if row["state"] in {"failed", "dead", "cancelled"})
    for provider in ("whatsapp", "twilio", "sendgrid"):
        assert len(running.log.of(provider)) > CONTACTS / 3
    assert late_to_the_blocked(running.taken, blocked) == [], "I5: sent after an opt-out"
    assert {one.to for one in running.taken} & {one["key"] for one in blocked if one["channel"] is None}
    doubtful = Counter(states.values())["in_doubt"]
    print(f"in a human's hands: {doubtful} of {len(rows)}, none of which was taken")  # noqa: T201  # what it reports
    assert doubtful <= KILLS * CONCURRENCY, "more than what the kills caught on its way to a provider"


def late_to_the_blocked(taken: list[Taken], blocked: list[dict[str, Any]]) -> list[str]:
    """What was taken more than a request's time after its address was blocked."""
    since = {str(one["key"]): datetime.fromisoformat(one["at"]) for one in blocked if one["channel"] is None}
    grace = timedelta(seconds=2)
    late = [one for one in taken if one.to in since and one.at > since[one.to] + grace]
    return [one.references[0] for one in late if one.references[0].startswith(CAMPAIGN_ID)]
