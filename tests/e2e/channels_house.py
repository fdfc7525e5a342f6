"""An installation and the emulated providers, each in processes of its own, for the proofs of the channels."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ALWAYS = """
[hours]
timezone = "America/Sao_Paulo"
workingDays = [1, 2, 3, 4, 5, 6, 7]
startTime = "00:00"
endTime = "24:00"
publicHolidays = false
"""
FINAL = {"accepted", "delivered", "read", "failed", "dead", "cancelled", "expired"}
SENT = {"accepted", "delivered", "read"}
DISPARO = [sys.executable, "-m", "disparo"]


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def person_of(address: str) -> int:
    """Who has this address: numbers with and without +, country and ninth digit, and e-mail addresses."""
    return int(address[1:].partition("@")[0]) if "@" in address else int(address[-7:])


def request(method: str, url: str, document: object = None) -> Any:
    """The JSON that is answered."""
    data = None if document is None else json.dumps(document).encode()
    asked = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.loads(answer.read())


@dataclass
class House:
    """A data directory, and the processes that work on it."""

    home: Path
    public_url: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.data = self.home / "data"
        self._environ = {**os.environ, "DISPARO_LIVE": "true", "DISPARO_PUBLIC_URL": self.public_url}

    def write(self, name: str, text: str) -> None:
        """A file beside the data."""
        (self.home / name).write_text(text, encoding="utf-8")

    def run(self, *words: str, patience_s: float = 120.0) -> Any:
        """What a command prints."""
        command = [*DISPARO, "--data", "data", "--json", *words]
        done = subprocess.run(
            command,
            cwd=self.home,
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=patience_s,
            check=False,
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def begin(self, log: str, *words: str, data: str = "data") -> subprocess.Popen[bytes]:
        """A process that goes on."""
        with (self.home / f"{log}.log").open("ab") as file:
            command = [*DISPARO, "--data", data, *words]
            process = subprocess.Popen(command, cwd=self.home, env=self._environ, stdout=file, stderr=file)
        self.processes.append(process)
        return process

    def serve(self, log: str, port: int, *words: str) -> subprocess.Popen[bytes]:
        """`disparo serve`."""
        return self.begin(log, "serve", "--port", str(port), *words)

    def later(self, hours: int) -> None:
        """Let a worker go on so many hours later."""
        command = [sys.executable, str(Path(__file__).with_name("channels_later.py")), str(hours)]
        done = subprocess.run(command, cwd=self.home, env=self._environ, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr.decode()

    def end_serving(self) -> None:
        """End all but the emulators."""
        self.end(lambda words: "sandbox" not in words)

    def end(self, which: Callable[[Sequence[str]], bool] = lambda _: True) -> None:
        """End every process that was begun here, or those of some words."""
        for process in self.processes:
            if process.poll() is None and which(process.args):  # type: ignore[arg-type]  # they are our own lists
                process.kill()
                process.wait()

    def contacts(self, number: int) -> None:
        """A list of so many people."""
        lines = [f"Pessoa {i},+55419{80000000 + i},p{i}@example.com" for i in range(number)]
        self.write("contatos.csv", "\n".join(["Nome,Telefone,Email", *lines]))
        self.run("import", "contatos.csv", "--list", "contatos")

    def campaign(self, name: str, steps: str) -> None:
        """A campaign for everyone on the list, started."""
        self.write(f"{name}.toml", f'name = "{name}"\nlist = "contatos"\n{ALWAYS}\n{steps}')
        self.run("campaign", "create", f"{name}.toml")
        self.run("campaign", "start", name)

    def rows(self) -> dict[str, dict[str, Any]]:
        """The ledger's word, by message id."""
        return {row["id"]: row for row in self.run("messages", "--limit", "100000")["items"]}

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the database, which nobody is kept from writing meanwhile."""
        with closing(sqlite3.connect(f"file:{self.data / 'disparo.sqlite3'}?mode=ro", uri=True)) as connection:
            return connection.execute(query, values).fetchall()

    def states(self) -> dict[str, int]:
        """How many messages are in each state."""
        return dict(self.ask("SELECT state, count(*) FROM message GROUP BY state"))


@dataclass
class Providers:
    """The emulators, in a process of their own."""

    house: House
    origin: str

    @classmethod
    def begin(cls, house: House, errors: Mapping[str, float], *, data: str = "data", **options: object) -> Providers:
        """Start them, and give their secrets to the installation in `data`."""
        told = [word for name, share in errors.items() for word in ("--errors", f"{name}={share}")]
        for name, value in options.items():
            told += [f"--{name.replace('_', '-')}", str(value)]
        words = ["--port", "0", "--webhooks", house.public_url, "--write-secrets", *told]
        house.begin(f"emulators-{data}", "--json", "sandbox", "serve", *words, data=data)
        log = house.home / f"emulators-{data}.log"
        wait(lambda: '"origin"' in log.read_text() and "mcp-sms.json" in log.read_text(), 30, log.read_text)
        [started] = [line for line in log.read_text().splitlines() if '"origin"' in line]
        return cls(house, json.loads(started)["origin"])

    def order(self, *faults: Mapping[str, object]) -> None:
        """Ask for faults."""
        request("POST", f"{self.origin}/__emulator__/faults", list(faults))

    def coming(self) -> list[dict[str, Any]]:
        """The faults that have not all happened."""
        return list(request("GET", f"{self.origin}/__emulator__/faults"))

    def clear(self) -> None:
        """No more faults."""
        request("DELETE", f"{self.origin}/__emulator__/faults")

    def write(self, provider: str, sender: str, text: str) -> None:
        """A person writes."""
        asked = {"provider": provider, "from": sender, "text": text}
        request("POST", f"{self.origin}/__emulator__/inbound", asked)

    def taken(self) -> list[dict[str, Any]]:
        """Every message that was taken, by the providers' own word."""
        found: list[dict[str, Any]] = []
        while True:
            page = request("GET", f"{self.origin}/__emulator__/taken?after={len(found)}")
            found += page["items"]
            if len(found) >= page["total"]:
                return found

    def count(self) -> int:
        """How many there are."""
        return int(request("GET", f"{self.origin}/__emulator__/taken?after=1000000000")["total"])


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def wait(until: Callable[[], object], patience_s: float, told: Callable[[], object], pause_s: float = 0.2) -> None:
    """Wait until it is so; AssertionError with what is `told` when that takes too long."""
    end = time.monotonic() + patience_s
    while not until():
        assert time.monotonic() < end, told()
        time.sleep(pause_s)


def up(port: int) -> bool:
    """Whether a process answers on this port."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


def most_in_a_minute(instants: Sequence[float]) -> int:
    """The most that happened within any 60 s."""
    instants = sorted(instants)
    most = first = 0
    for last, at in enumerate(instants):
        while at - instants[first] >= 60:
            first += 1
        most = max(most, last - first + 1)
    return most
