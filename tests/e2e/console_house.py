"""An installation of its own for the console's proofs: `disparo serve` in a process, its folder, what it sent."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from disparo.adapters.standard_webhooks import sign
from tests.e2e.channels_house import free_port

SECRET = "whsec_" + "c2VncmVkbyBkbyBlbnNhaW8="
SETTINGS = """\
company_name = "Vereda Solar"
sandbox_webhook_secret = "{secret}"
sandbox_recipient_failure_rate = 0.0
sandbox_transient_rate = 0.0
sandbox_throttled_rate = 0.0
sandbox_lost_answer_rate = 0.0
sandbox_reply_rate = 0.0
sandbox_opt_out_rate = 0.0
rate_limit_whatsapp_burst = 2000
rate_limit_whatsapp_hourly = 20000
rate_limit_email_burst = 2000
rate_limit_email_hourly = 20000

[business_hours]
timezone = "America/Sao_Paulo"
workingDays = [1, 2, 3, 4, 5, 6, 7]
startTime = "00:00"
endTime = "24:00"
publicHolidays = false
"""
_HOME = re.compile(r"atendendo em (http://127\.0\.0\.1:\d+)")
_LINK = re.compile(r"http://127\.0\.0\.1:\d+/console/setup\?token=\S+")


@dataclass
class ConsoleHouse:
    """A folder with settings that are always open and never wait, and the program that runs on it."""

    folder: Path
    port: int = field(default_factory=free_port)
    setup_link: str = ""
    process: subprocess.Popen[str] | None = None
    said: list[str] = field(default_factory=list)
    _listening: threading.Thread | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "disparo.toml").write_text(SETTINGS.format(secret=SECRET), encoding="utf-8")

    @property
    def home(self) -> str:
        """The address that people and providers know."""
        return f"http://127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        """A path of it as an address."""
        return self.home + path

    def start(self, **settings: object) -> None:
        """Run `disparo serve`, with settings over those of the file; wait until it answers."""
        given = {f"DISPARO_{name.upper()}": str(value) for name, value in settings.items()}
        plain = {name: value for name, value in os.environ.items() if not name.startswith("DISPARO_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "disparo", "--data", "dados", "serve", "--port", str(self.port)],
            cwd=self.folder,
            env={**plain, "DISPARO_PUBLIC_URL": self.home, **given},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        first = self.process.stderr.readline()
        assert _HOME.search(first), first + self.process.stderr.read()
        if not (self.folder / "has-accounts").exists():
            self.process.stderr.readline()
            found = _LINK.search(self.process.stderr.readline())
            assert found
            self.setup_link = found[0]
            (self.folder / "has-accounts").touch()
        self._listening = threading.Thread(target=self.said.extend, args=(self.process.stderr,), daemon=True)
        self._listening.start()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it: in good order, or with SIGKILL as a power cut would."""
        if self.process is not None:
            self.process.send_signal(number)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout=30)
            if self._listening is not None:
                self._listening.join(timeout=30)
            if self.process.stderr is not None:
                self.process.stderr.close()
            self.process = None

    def taken(self) -> list[Mapping[str, Any]]:
        """What the sandbox took, in order."""
        path = self.folder / "dados" / "sandbox.jsonl"
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        return [json.loads(line) for line in lines if line.endswith(b"\n")]

    def taken_twice(self) -> Mapping[str, int]:
        """Messages that the sandbox took more than once."""
        return {one: count for one, count in Counter(entry["id"] for entry in self.taken()).items() if count > 1}

    def reply(self, message_id: str, text: str) -> None:
        """What the provider tells when somebody answers a message."""
        event = {"event_id": secrets.token_hex(8), "message_id": message_id, "text": text}
        event["at"] = datetime.now(UTC).isoformat()
        body = json.dumps({"replies": [event]}).encode()
        headers = sign(SECRET, event["event_id"], body, datetime.now(UTC))
        asked = urllib.request.Request(self.url("/webhooks/sandbox"), body, headers)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            assert answer.status < 300


@contextmanager
def console_house(folder: Path, **settings: object) -> Iterator[ConsoleHouse]:
    """An installation that runs, and surely ends."""
    house = ConsoleHouse(folder)
    try:
        house.start(**settings)
        yield house
    finally:
        house.stop()
