"""`disparo sandbox serve` as a person starts and ends it."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest


@contextmanager
def begun(home: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "disparo", "--data", "data", *words]
    with subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_shows_what_was_taken_and_ends_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    words = ("--json", "sandbox", "serve", "--port", "0", "--write-secrets", "--record", "tomadas.jsonl")
    with begun(tmp_path, *words) as process:
        assert process.stdout is not None
        started = json.loads(process.stdout.readline())
        secret_file = tmp_path / "data" / "secrets" / "mcp-whatsapp.json"
        secret = json.loads(secret_file.read_text(encoding="utf-8"))
        assert secret["endpoint"].startswith(started["origin"])
        assert stat.S_IMODE(secret_file.stat().st_mode) == 0o600

        template = {"name": "oi", "language": {"code": "pt_BR"}}
        body = {"messaging_product": "whatsapp", "to": "+5511999990000", "type": "template", "template": template}
        headers = {"Authorization": f"Bearer {secret['api_key']}", "Content-Type": "application/json"}
        url = f"{secret['endpoint']}/{secret['phone_number_id']}/messages"
        with urlopen(Request(url, json.dumps(body).encode(), headers), timeout=20) as answer:
            wamid = json.load(answer)["messages"][0]["id"]
        taken = json.loads(process.stdout.readline())
        assert (taken["id"], taken["to"], taken["text"]) == (wamid, "+5511999990000", "oi")
        assert json.loads((tmp_path / "tomadas.jsonl").read_text(encoding="utf-8"))["id"] == wamid

        process.send_signal(number)
        _, told = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "fim: 1 mensagens" in told
        assert secret["api_key"] not in told


@pytest.mark.parametrize(
    ("words", "said"),
    [(("--errors", "tudo=1"), "--errors tudo"), (("--webhooks", "ali"), "ali"), (("--record", "nada/a.jsonl"), "nada")],
)
def test_what_is_wrong_is_said_in_a_line(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    with begun(tmp_path, "sandbox", "serve", "--port", "0", *words) as process:
        _, told = process.communicate(timeout=20)
    assert process.returncode == 2
    assert said in told
    assert "Traceback" not in told
