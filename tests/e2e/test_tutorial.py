"""The tutorial, as it is written: every command is run in its order, and what the page shows must be what comes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.e2e.channels_house import free_port

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorial" / "first-meeting.md"
_BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"http://127\.0\.0\.1:\d+/console/setup\?token=(\S+)")
_GUEST = re.compile(r"http://127\.0\.0\.1:\d+/book/\S+")
_TIME = re.compile(r'name="at" value="([^"]+)"')
PASSWORD = "cavalo bateria grampo"

pytestmark = pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("openssl") is None, reason="the tutorial needs curl and openssl"
)


@dataclass(frozen=True)
class Step:
    """Commands, and lines that they show (`…` is anything)."""

    commands: str
    shown: tuple[str, ...]


def steps(port: int) -> Iterator[Step]:
    """The page's commands, each with what stands below them; on a port of our own."""
    blocks = _BLOCK.findall(PAGE.read_text(encoding="utf-8").replace("8080", str(port)))
    for at, (kind, text) in enumerate(blocks):
        if kind == "sh":
            after = blocks[at + 1] if at + 1 < len(blocks) else ("sh", "")
            yield Step(text, tuple(after[1].splitlines()) if after[0] == "text" else ())


def missing(shown: tuple[str, ...], said: str) -> list[str]:
    """Lines that were promised and did not come."""
    patterns = {line: ".*".join(re.escape(part.strip()) for part in line.split("…")) for line in shown}
    return [line for line, pattern in patterns.items() if not re.search(pattern, said)]


@dataclass
class Terminal:
    """A shell in the reader's folder, where `disparo` is the one of this checkout."""

    home: Path

    def run(self, commands: str) -> str:
        """What a block of the page prints."""
        alias = f'disparo() {{ "{sys.executable}" -m disparo "$@"; }}\n'
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", alias + commands],
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, (commands, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def follow(self, step: Step) -> str:
        """Run a block; where something takes its time, look again as the reader would."""
        said, end = self.run(step.commands), time.monotonic() + 60
        looks = step.commands.strip().splitlines()[-1]
        while lacking := missing(step.shown, said):
            assert time.monotonic() < end, (lacking, said)
            said = self.run(looks)
        return said


@contextmanager
def serving(home: Path, port: int, step: Step) -> Iterator[str]:
    """`disparo serve` in the first terminal; the token of the link that it shows."""
    command = [sys.executable, "-m", "disparo", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        said = "".join(process.stderr.readline() for _ in step.shown)
        assert not missing(step.shown, said), said
        found = _LINK.search(said)
        assert found
        yield found[1]
    finally:
        process.terminate()
        process.communicate(timeout=30)


def send(url: str, **form: str) -> str:
    """What a click on a form's button sends, and where it leads."""
    origin = "/".join(url.split("/")[:3])
    asked = urllib.request.Request(url, urlencode(form).encode(), {"Origin": origin, "Accept": "text/html"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return str(answer.read().decode())


def test_a_newcomer_comes_from_nothing_to_a_booked_meeting(tmp_path: Path) -> None:
    port, terminal = free_port(), Terminal(tmp_path)
    setting_up, folder, settings, serve, *rest = steps(port)
    assert setting_up.commands.strip() == "make run", "which tests/e2e/test_demo.py runs"
    assert 'cp "$agenda" .' in folder.commands
    shutil.copy(ROOT / "examples" / "agenda.toml", tmp_path)
    terminal.run(settings.commands)
    assert serve.commands.strip() == "disparo serve"
    with serving(tmp_path, port, serve) as token:
        account = {"name": "Ana", "email": "ana@example.com", "password": PASSWORD, "again": PASSWORD}
        send(f"http://127.0.0.1:{port}/console/setup", token=token, **account)
        for step in rest:
            said = terminal.follow(step)
            if "proposed" in "".join(step.shown):
                offer = _GUEST.search(said)
                assert offer
                with urllib.request.urlopen(offer[0], timeout=30) as page:
                    first = _TIME.search(page.read().decode())
                assert first
                assert "marcada" in send(offer[0], at=first[1], do="take")
    assert len(rest) >= 7
