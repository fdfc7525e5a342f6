"""The emulator: moto with its gaps closed, served by threads over connections that stay open.

`python -m aws_local.server --port 5000`, or `with running() as url:` for one in a process of its own. Beside AWS it
answers `POST /__disparo__/faults` (see `aws_local.faults`) and `GET` or `DELETE /__disparo__/calls`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import ThreadedWSGIServer

from aws_local import patches
from aws_local.faults import THROTTLED, Fate, Faults, called

ROOT = Path(__file__).parent.parent
ACCOUNT = "123456789012"
REGION = "us-east-1"
START_WITHIN_S = 60.0

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class AnswerLostError(Exception):
    """The connection is to be closed without an answer."""


class Application:
    """AWS, with the faults that were ordered, and the doors by which tests order them."""

    def __init__(self, aws: Wsgi) -> None:
        self._aws = aws
        self._faults = Faults()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        if environ["PATH_INFO"].startswith("/__disparo__/"):
            return self._control(environ, start_response)
        service, operation = called(environ)
        fate, held_s = self._faults.fate_of(service, operation)
        if held_s:
            time.sleep(held_s)
        if fate is Fate.REFUSED:
            raise AnswerLostError
        if fate is Fate.THROTTLED:
            body = {"__type": THROTTLED.get(service, "ThrottlingException"), "message": "Ordered by a test."}
            return _answer(start_response, "400 Bad Request", body, "application/x-amz-json-1.0")
        answer = self._aws(environ, start_response)
        if fate is Fate.DROPPED:
            b"".join(answer)
            raise AnswerLostError
        return answer

    def _control(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        door, verb = environ["PATH_INFO"].removeprefix("/__disparo__/"), environ["REQUEST_METHOD"]
        try:
            if (door, verb) == ("faults", "POST"):
                self._faults.order(json.loads(environ["wsgi.input"].read() or b"{}"))
                return _answer(start_response, "200 OK", {})
            if door == "calls" and verb in {"GET", "DELETE"}:
                return _answer(start_response, "200 OK", self._faults.calls(reset=verb == "DELETE"))
        except (TypeError, ValueError, AttributeError) as error:
            return _answer(start_response, "400 Bad Request", {"message": str(error)})
        return _answer(start_response, "404 Not Found", {"message": "doors: POST faults, GET or DELETE calls"})


def _answer(
    start_response: Callable[..., Any], status: str, body: object, kind: str = "application/json"
) -> list[bytes]:
    text = json.dumps(body).encode()
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(text)))])
    return [text]


class Handler(MotoRequestHandler):
    """Keeps connections open and answers in one packet; werkzeug closes each, which costs most of a short call."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def run_wsgi(self) -> None:
        """Read one request whole, have it answered, write the answer whole."""
        environ = self.environ = self.make_environ()
        chunked, length = environ.get("wsgi.input_terminated", False), int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read() if chunked else self.rfile.read(length)
        if not chunked and len(body) < length:  # its sender died on the way
            self.close_connection = True
            return
        environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
            started.append((status, headers))
            return lambda _: None

        try:
            content = b"".join(self.server.app(environ, start_response))
        except AnswerLostError:
            self.close_connection = True
            return
        except Exception:
            traceback.print_exc()
            started, content = [("500 Internal Server Error", [])], b""
        self._write(*started[-1], content)

    def _write(self, status: str, headers: list[tuple[str, str]], content: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in headers):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self.wfile.flush()

    def handle_expect_100(self) -> bool:
        """Let the client send its body; flushed, since it waits for this line."""
        go_on = super().handle_expect_100()
        self.wfile.flush()
        return go_on

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Requests are not logged: a test makes thousands."""


def serve(port: int) -> ThreadedWSGIServer:
    """The emulator, bound to a port of this machine (0: any free one) and ready for `serve_forever`."""
    os.environ.setdefault("MOTO_IAM_LOAD_AWS_MANAGED_POLICIES", "true")
    default_user_config["lambda"]["use_docker"] = False
    patches.apply()
    application = Application(DomainDispatcherApplication(create_backend_app))
    server = ThreadedWSGIServer("127.0.0.1", port, application, handler=Handler)
    server.daemon_threads = True
    return server


@contextmanager
def running(port: int = 0) -> Iterator[str]:
    """An emulator in a process of its own, which ends with the block or with this process; yields its URL."""
    command = [sys.executable, "-m", "aws_local.server", "--port", str(port), "--while-stdin-is-open"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url.startswith("http"):
            raise RuntimeError("the AWS emulator did not start: its error is above")
        yield url
    finally:
        process.terminate()
        process.wait(10)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main(arguments: list[str] | None = None) -> None:
    """Serve until interrupted; the first line printed is the URL."""
    parser = argparse.ArgumentParser(prog="python -m aws_local.server", description=__doc__)
    parser.add_argument("--port", type=int, default=5000)
    parser.add_argument("--while-stdin-is-open", action="store_true")
    chosen = parser.parse_args(arguments)
    server = serve(chosen.port)
    if chosen.while_stdin_is_open:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    sys.stdout.write(f"http://127.0.0.1:{server.port}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
