"""The doctor's look at our own address from outside, against real answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from disparo.entrypoints.cli.doctor_reach import reach

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
OURS = b'{"status": "ok", "store": "ok", "version": "1"}'


@contextmanager
def answering(status: int, content: bytes, date: datetime = NOW) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(status)
            self.send_header("Date", format_datetime(date, usegmt=True))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_our_own_answer_is_well() -> None:
    with answering(200, OURS) as address:
        assert [(name, level) for name, level, _ in reach(address, NOW)] == [("public_url", "ok")]


@pytest.mark.parametrize(("status", "content"), [(502, b""), (200, b"<html>"), (200, b"[]"), (200, b'{"a": 1}')])
def test_whoever_else_answers_there_is_told_of(status: int, content: bytes) -> None:
    with answering(status, content) as address:
        assert [(name, level) for name, level, _ in reach(address, NOW)] == [("public_url", "warning")]


def test_where_nobody_answers_it_is_said() -> None:
    with answering(200, OURS) as address:
        pass
    [(name, level, words)] = reach(address, NOW)
    assert (name, level, "sem resposta" in words) == ("public_url", "warning", True)


@pytest.mark.parametrize(("off", "word"), [(timedelta(minutes=2), "atrasado"), (-timedelta(minutes=2), "adiantado")])
def test_a_clock_that_is_wrong_is_noticed(off: timedelta, word: str) -> None:
    with answering(200, OURS, NOW + off) as address:
        found = list(reach(address, NOW))
    assert found[1][:2] == ("clock", "warning")
    assert f"{word} 120 s" in found[1][2]
