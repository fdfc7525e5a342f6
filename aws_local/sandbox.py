"""One execution environment of a function: a process of the runtime client, frozen whenever it is not called."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_local.runtime_api import Invocation, RuntimeApi

INIT_WITHIN_S = 10.0
"""AWS Lambda developer guide, "Lambda execution environment lifecycle": the init phase."""

LOOK_EVERY_S = 0.01


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call has no answer: Lambda's kind of error, and what it tells the caller."""

    kind: str
    description: dict[str, Any]


class Sandbox:
    """A process with its Runtime API. After a kill, an exit or an error while loading it is not used again."""

    def __init__(self, handler: str, code: Path, logs: Path, variables: Callable[[str], dict[str, str]]) -> None:
        self._api = RuntimeApi()
        with logs.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "awslambdaric", handler],
                cwd=code,
                env=variables(self._api.address),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,  # one that is frozen when this process dies is then ended by the kernel
            )

    @property
    def alive(self) -> bool:
        """True while it can take a call."""
        return self._process.poll() is None and self._api.init_error is None

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def start(self) -> Failure | None:
        """Wait until the function is loaded."""
        until = time.monotonic() + INIT_WITHIN_S
        while time.monotonic() < until:
            if self._api.idle.wait(LOOK_EVERY_S):
                self._freeze()
                return None
            if error := self._api.init_error:
                self.kill()
                described = json.loads(error.body)
                return Failure(described["errorType"], described)
            if self._process.poll() is not None:
                return _failure("Runtime.ExitError", f"Runtime exited with status {self._process.returncode}")
        self.kill()
        return _failure("Sandbox.Timedout", f"Init phase timed out after {INIT_WITHIN_S:.2f} seconds")

    def call(self, invocation: Invocation, timeout_s: float) -> bytes | Failure:
        """Thaw, call, wait for the answer or for the end of its time, freeze."""
        until = time.monotonic() + timeout_s
        self._api.offer(invocation)
        self._signal(signal.SIGCONT)
        outcome = None
        while outcome is None and self._process.poll() is None and time.monotonic() < until:
            outcome = self._api.outcome_of(invocation, min(LOOK_EVERY_S * 5, until - time.monotonic()))
        outcome = outcome or self._api.outcome_of(invocation, 0.0)
        if outcome is None and self._process.poll() is None:
            self.kill()
            return _failure("Sandbox.Timedout", f"{invocation.id} Task timed out after {timeout_s:.2f} seconds")
        if outcome is None:
            status = self._process.returncode
            return _failure("Runtime.ExitError", f"RequestId: {invocation.id} Error: Runtime exited: {status}")
        if self._api.idle.wait(max(until - time.monotonic(), LOOK_EVERY_S)):
            self._freeze()
        if outcome.failed:
            described = json.loads(outcome.body)
            return Failure(described.get("errorType", "Unhandled"), described)
        return outcome.body

    def kill(self) -> None:
        """Kill the process, if it lives, whatever it is doing."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def end(self) -> None:
        """Kill the process, if it lives, and stop its server."""
        self.kill()
        self._api.close()

    def _freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def _signal(self, number: int) -> None:
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)


def _failure(kind: str, message: str) -> Failure:
    return Failure(kind, {"errorType": kind, "errorMessage": message})
