from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from disparo.adapters.channels.sandbox.channel import SandboxChannel
from disparo.adapters.channels.sandbox.outbox import FileOutbox, MemoryOutbox
from disparo.adapters.channels.sandbox.script import Rates, Script
from disparo.domain.contact import Channel
from disparo.domain.policies.retry import FailureClass
from tests.contract import channel_suite
from tests.contract.channel_suite import Hand, Provider

HARMLESS = Script(latency_s=(0.0, 0.0), timeout_s=0.0, rates=Rates(read=0.7, reply=0.3, opt_out=0.2))
RATE_OF = {
    FailureClass.RECIPIENT: "recipient",
    FailureClass.PERMANENT: "permanent",
    FailureClass.TRANSIENT: "transient",
    FailureClass.THROTTLED: "throttled",
    FailureClass.AUTH: "auth",
    FailureClass.UNKNOWN: "lost_request",
}


class Sandbox:
    """A sandbox whose processes come and go; with `path` what it took is in a file."""

    def __init__(self, path: Path | None) -> None:
        self.clock, self.rates = Hand(), HARMLESS.rates
        self._path, self._memory = path, MemoryOutbox()
        self._made: list[SandboxChannel] = []

    def make(self) -> SandboxChannel:
        """A channel, as a new process would open it."""
        outbox = FileOutbox(self._path) if self._path else self._memory
        script = replace(HARMLESS, rates=self.rates)
        self._made.append(SandboxChannel(Channel.WHATSAPP, outbox, script, self.clock.now))
        return self._made[-1]

    def fail_with(self, failure: FailureClass) -> None:
        """From now on every message fails so."""
        self.rates = replace(HARMLESS.rates, **{RATE_OF[failure]: 1.0})
        for channel in self._made:
            channel._script = replace(HARMLESS, rates=self.rates)


@pytest.mark.parametrize("kept_in", ["memory", "file"])
@pytest.mark.parametrize("check", channel_suite.SUITE, ids=lambda check: check.__name__)
def test_sandbox(check: channel_suite.Check, kept_in: str, tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path / "sandbox.jsonl" if kept_in == "file" else None)
    asyncio.run(check(Provider(sandbox.make, sandbox.fail_with, sandbox.clock)))  # type: ignore[arg-type]
