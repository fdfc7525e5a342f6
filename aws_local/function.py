"""A Lambda function on this machine: sandboxes of its own, killed at their timeout, frozen between calls.

What is as on Lambda: cold starts, errors while loading, one call at a time in a sandbox, a limit of sandboxes, the
deadline and the kill, SIGSTOP between calls. What is not: memory limits, the sandbox's file system, its processor.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aws_local.runtime_api import Invocation
from aws_local.sandbox import Sandbox
from aws_local.server import ACCOUNT, REGION


class BusyError(Exception):
    """As many sandboxes as the function may have are at work (Lambda: TooManyRequestsException)."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How a function is configured; `code` is the folder that it runs in, `logs` the file that takes its output."""

    name: str
    handler: str
    code: Path
    logs: Path
    timeout_s: float = 3.0
    memory_mb: int = 512
    concurrency: int = 10
    environment: Mapping[str, str] = field(default_factory=dict)
    qualifier: str = "live"

    @property
    def arn(self) -> str:
        """The ARN that callers use."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}:{self.qualifier}"

    def variables(self, runtime_api: str) -> dict[str, str]:
        """The environment of a sandbox: nothing of this process's own but the way to its programs."""
        return {
            "PATH": os.environ.get("PATH", ""),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONUNBUFFERED": "1",
            "AWS_LAMBDA_RUNTIME_API": runtime_api,
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": uuid.uuid4().hex,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "LAMBDA_TASK_ROOT": str(self.code),
            "_HANDLER": self.handler,
            **self.environment,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call brought: the function's answer, or with `error` its kind and the error as Lambda describes it."""

    payload: Any
    error: str | None
    cold: bool
    duration_s: float


class Function:
    """Calls of one function; any number of threads may call at once."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.cold_starts = 0
        self.kills = 0
        self._lock = threading.Lock()
        self._idle: list[Sandbox] = []
        self._busy: list[Sandbox] = []

    def invoke(self, event: object) -> Answer:
        """Call and wait for the end; the function's own failure is an Answer. BusyError: no more sandboxes may run."""
        sandbox, cold = self._taken()
        started = time.monotonic()
        try:
            answer = self._call(sandbox, json.dumps(event).encode(), cold)
        finally:
            self._give_back(sandbox)
        self._report(answer, time.monotonic() - started)
        return answer

    def strike(self) -> bool:
        """Kill a sandbox in the middle of its call, as when its machine dies; False when none is at work."""
        with self._lock:
            if not self._busy:
                return False
            struck = random.choice(self._busy)
        struck.kill()
        return True

    def recycle(self) -> None:
        """End the idle sandboxes, as Lambda does whenever it likes: the next call is a cold start."""
        with self._lock:
            ended, self._idle = self._idle, []
        for sandbox in ended:
            sandbox.end()

    def close(self) -> None:
        """End every sandbox that is not at work."""
        self.recycle()

    def _taken(self) -> tuple[Sandbox, bool]:
        with self._lock:
            if len(self._busy) >= self.setup.concurrency:
                raise BusyError(f"{self.setup.name} is at its limit of {self.setup.concurrency}")
            cold = not self._idle
            sandbox = self._started() if cold else self._idle.pop()
            self._busy.append(sandbox)
        return sandbox, cold

    def _started(self) -> Sandbox:
        self.cold_starts += 1
        return Sandbox(self.setup.handler, self.setup.code, self.setup.logs, self.setup.variables)

    def _call(self, sandbox: Sandbox, event: bytes, cold: bool) -> Answer:
        started = time.monotonic()
        failure = sandbox.start() if cold else None
        if failure is None:
            deadline_ms = int((time.time() + self.setup.timeout_s) * 1000)
            invocation = Invocation(str(uuid.uuid4()), event, deadline_ms, self.setup.arn)
            outcome = sandbox.call(invocation, self.setup.timeout_s)
            if isinstance(outcome, bytes):
                return Answer(json.loads(outcome or b"null"), None, cold, time.monotonic() - started)
            failure = outcome
        if failure.kind == "Sandbox.Timedout":
            with self._lock:
                self.kills += 1
        return Answer(failure.description, failure.kind, cold, time.monotonic() - started)

    def _give_back(self, sandbox: Sandbox) -> None:
        with self._lock:
            self._busy.remove(sandbox)
            if sandbox.alive:
                self._idle.append(sandbox)
                return
        sandbox.end()

    def _report(self, answer: Answer, whole_s: float) -> None:
        line = f"REPORT {self.setup.name} duration {whole_s * 1000:.1f} ms"
        line += " cold" * answer.cold + (f" error {answer.error}" if answer.error else "")
        with self.setup.logs.open("a") as logs:
            logs.write(line + "\n")
