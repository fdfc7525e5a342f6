"""The Lambda Runtime API as one sandbox sees it: next, response, error.

Source: AWS Lambda developer guide, "Using the Lambda runtime API for custom runtimes", version 2018-06-01.
"""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PREFIX = "/2018-06-01/runtime/"


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call: `deadline_ms` is the Unix time at which the sandbox will be killed."""

    id: str
    event: bytes
    deadline_ms: int
    function_arn: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the function answered, as JSON; `failed` when it is an error."""

    body: bytes
    failed: bool


class RuntimeApi:
    """A server for one sandbox, on a port of its own."""

    def __init__(self) -> None:
        self.idle = threading.Event()
        self.init_error: Outcome | None = None
        self._invocations: queue.Queue[Invocation] = queue.Queue()
        self._outcomes: queue.Queue[tuple[str, Outcome]] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def address(self) -> str:
        """What the sandbox gets as AWS_LAMBDA_RUNTIME_API."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def offer(self, invocation: Invocation) -> None:
        """Hand an invocation to the runtime that waits for one."""
        self.idle.clear()
        self._invocations.put(invocation)

    def outcome_of(self, invocation: Invocation, within_s: float) -> Outcome | None:
        """The answer to an invocation; None when there is none in this time."""
        try:
            answered, outcome = self._outcomes.get(timeout=max(within_s, 0.0))
        except queue.Empty:
            return None
        return outcome if answered == invocation.id else None

    def next(self) -> Invocation:
        """Wait for an invocation, as the runtime does: until then the sandbox is idle."""
        self.idle.set()
        return self._invocations.get()

    def conclude(self, invocation_id: str, outcome: Outcome) -> None:
        """Take what the runtime answered."""
        self._outcomes.put((invocation_id, outcome))

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def _handler_of(api: RuntimeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 1 << 16  # an answer in one packet: else a call costs 40 ms and more

        def do_GET(self) -> None:
            if self.path != PREFIX + "invocation/next":
                self._answer(HTTPStatus.NOT_FOUND)
                return
            invocation = api.next()
            headers = {
                "Content-Type": "application/json",
                "Lambda-Runtime-Aws-Request-Id": invocation.id,
                "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
                "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0",
            }
            self._answer(HTTPStatus.OK, headers, invocation.event)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = self.path.removeprefix(PREFIX).split("/")
            if parts == ["init", "error"]:
                api.init_error = Outcome(body, failed=True)
            elif len(parts) == 3 and parts[0] == "invocation" and parts[2] in {"response", "error"}:
                api.conclude(parts[1], Outcome(body, failed=parts[2] == "error"))
            else:
                self._answer(HTTPStatus.NOT_FOUND)
                return
            self._answer(HTTPStatus.ACCEPTED, {"Content-Type": "application/json"}, b'{"status":"OK"}')

        def _answer(self, status: HTTPStatus, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
            self.send_response(status)
            for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def log_message(self, *_: Any) -> None:
            """Calls are not logged."""

    return Handler
