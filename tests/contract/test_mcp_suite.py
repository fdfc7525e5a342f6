"""What every channel promises, kept by one whose server is described by its secret alone; and how its program ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from disparo.domain.policies.retry import FailureClass
from disparo.ports.channel import SendChannel
from tests.contract import channel_suite
from tests.contract.channel_suite import Provider
from tests.contract.mcp_servers import CLASSES
from tests.contract.mcp_stage import ROOT, channel, journal_of, program

OPENED = """
import asyncio, json, sys
from pathlib import Path
from tests.contract.mcp_stage import NOW, channel, outgoing, program

async def scene(how, journal):
    sender = channel(program("codechap/mcp-server-whatsapp", journal))
    assert (await sender.send(outgoing(), NOW)).accepted
    if how == "close":
        await sender.close()
        await sender.close()
    if how == "kill":
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(scene(sys.argv[1], Path(sys.argv[2])))
"""


@pytest.mark.parametrize("how", ["close", "leave", "kill"])
def test_a_program_that_was_started_never_outlives_us(how: str, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    command = [sys.executable, "-W", "error", "-c", OPENED, how, str(journal)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as us:
        if how == "kill":
            assert us.stdout is not None
            assert us.stdout.readline() == "ready\n"
            us.send_signal(signal.SIGKILL)
        _, problems = us.communicate(timeout=60)
    assert (us.returncode, problems) == (-signal.SIGKILL if how == "kill" else 0, "")
    [call] = journal_of(journal)
    asyncio.run(asyncio.wait_for(_ended(call["pid"]), 20))


async def _ended(pid: int) -> None:
    status = Path(f"/proc/{pid}/status")
    while status.exists() and "zombie" not in status.read_text():
        await asyncio.sleep(0.05)


def test_nothing_of_the_sdk_is_imported_before_the_first_message() -> None:
    code = (
        "import sys; from tests.unit.adapters.channels.mcp.samples import a_channel; a_channel();"
        "print([name for name in ('mcp', 'httpx2', 'jsonschema', 'anyio', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env={**os.environ})
    assert (done.stdout, done.stderr) == ("[]\n", "")


ANY = {
    "profile": "",
    "tool": "deliver",
    "arguments": '{"person": {"number": "{to}"}, "words": "{text}", "urgent": false}',
    "success": '{"matches": "^taken"}',
    "id": '{"pattern": "no. ([0-9]+)"}',
    "failures": json.dumps({f"^not taken: {name}$": name for name in CLASSES}),
}


class AnyServer:
    """A server that no profile knows: the secret says everything about it."""

    def __init__(self, journal: Path) -> None:
        self._secret, self._told = {**program("any", journal), **ANY}, Path(f"{journal}.told")

    def make(self) -> SendChannel:
        """As a process opens it."""
        return channel(self._secret)

    def fail_with(self, failure: FailureClass) -> None:
        """From now on every message fails so."""
        self._told.write_text(f"fail {failure}")


@pytest.mark.parametrize("check", channel_suite.SUITE, ids=lambda check: check.__name__)
def test_every_channels_promises(check: channel_suite.Check, tmp_path: Path) -> None:
    server = AnyServer(tmp_path / "journal")
    asyncio.run(check(Provider(server.make, server.fail_with, failures=tuple(FailureClass))))  # type: ignore[arg-type]
