"""`disparo serve` on a new folder: a link on the terminal, an account in the browser, and everybody else outside."""

from __future__ import annotations

import http.client
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

PASSWORD = "cavalo bateria grampo"
_LINK = re.compile(r"http://127\.0\.0\.1:\d+/console/setup\?token=setup\.\S+")
_HOME = re.compile(r"http://127\.0\.0\.1:(\d+)")


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[int, str | None]]:
    """The program's port, and the link that it showed."""
    command = [sys.executable, "-m", "disparo", "serve", "--port", "0", "--no-send", "--data", str(folder)]
    process = subprocess.Popen(command, cwd=folder.parent, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        first = process.stderr.readline()
        port = _HOME.search(first)
        assert port, first
        link = None
        if "ainda não há contas" in (_next(process) if _is_new(folder) else ""):
            link = _LINK.search(process.stderr.readline())
        yield int(port[1]), link[0] if link else None
    finally:
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=30)
        assert "setup?token" not in rest


def _is_new(folder: Path) -> bool:
    return not (folder / "has-accounts").exists()


def _next(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return process.stderr.readline()


def _ask(
    port: int, method: str, path: str, form: Mapping[str, str] | None = None, cookie: str = ""
) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Accept": "text/html", "Cookie": cookie, "Origin": f"http://127.0.0.1:{port}"}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, urlencode(form or {}), headers)
    answer = connection.getresponse()
    cookies = "; ".join(value.partition(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie")
    told = {**{name.lower(): value for name, value in answer.getheaders()}, "cookies": cookies}
    body = answer.read().decode()
    connection.close()
    return answer.status, told, body


def test_the_link_of_the_terminal_makes_the_first_admin_once(tmp_path: Path) -> None:
    folder = tmp_path / "dados"
    with _serving(folder) as (port, before):
        assert before
        assert _ask(port, "GET", "/api/v1/campaigns")[0] == 401
        assert _ask(port, "GET", "/console/account")[0] == 303
    with _serving(folder) as (port, link):
        assert link
        assert link.partition("token=")[2] != before.partition("token=")[2]
        old = urlsplit(before)
        assert _ask(port, "GET", f"{old.path}?{old.query}")[0] == 404, "a new start ends the link of the one before"
        form = {
            "token": link.partition("token=")[2],
            "name": "Ana",
            "email": "ana@exemplo.com.br",
            "password": PASSWORD,
            "again": PASSWORD,
        }
        status, told, _ = _ask(port, "POST", "/console/setup", form)
        assert (status, told["location"]) == (303, "/console")
        assert _ask(port, "GET", "/console/account", cookie=told["cookies"])[0] == 200
        assert _ask(port, "POST", "/console/setup", form)[0] == 404
    (folder / "has-accounts").touch()
    with _serving(folder) as (port, link):
        assert link is None
        assert _ask(port, "GET", "/console/account", cookie=told["cookies"])[0] == 200, "sessions outlive a restart"
        said = {"email": "ana@exemplo.com.br", "password": PASSWORD, "next": "/console/account"}
        status, told, _ = _ask(port, "POST", "/console/sign-in", said)
        assert (status, told["location"]) == (303, "/console/account")
