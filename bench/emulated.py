"""The providers' emulators as a process of their own, and the channels that send to them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from disparo.adapters.channels.sendgrid.channel import SendGridChannel
from disparo.adapters.channels.sendgrid.credentials import parse as parse_sendgrid
from disparo.adapters.channels.whatsapp.channel import WhatsAppChannel
from disparo.adapters.channels.whatsapp.credentials import parse as parse_whatsapp
from disparo.adapters.credentials import Credentials
from disparo.domain.contact import Channel

SECRET = {Channel.WHATSAPP: "mcp-whatsapp", Channel.EMAIL: "mcp-email"}
TIMEOUT_S = 30.0


class GivenSecrets:
    """`Secrets` that are what they are."""

    def __init__(self, secrets: Mapping[str, Mapping[str, str]]) -> None:
        self._secrets = secrets

    async def get(self, name: str) -> Mapping[str, str]:
        """See `Secrets.get`."""
        return self._secrets[name]

    async def refresh(self, name: str) -> Mapping[str, str]:
        """See `Secrets.refresh`."""
        return self._secrets[name]


def channel_to(
    kind: Channel, secrets: Mapping[str, Mapping[str, str]], connections: int
) -> SendGridChannel | WhatsAppChannel:
    """The product's own channel, to the emulators that gave these secrets."""
    given, name = GivenSecrets(secrets), SECRET[kind]
    if kind is Channel.EMAIL:
        return SendGridChannel(Credentials(given, name, parse_sendgrid), timeout_s=TIMEOUT_S, connections=connections)
    return WhatsAppChannel(Credentials(given, name, parse_whatsapp), timeout_s=TIMEOUT_S, connections=connections)


async def _serve(latency_s: float) -> None:
    from disparo.adapters.channels.sandbox.script import Script
    from disparo.simulation.emulators.plan import Limits, Plan
    from disparo.simulation.emulators.server import emulators

    plan = Plan(script=Script(latency_s=(latency_s, latency_s)), limits=Limits(whatsapp_per_s=None))
    async with emulators(plan) as running:
        print(json.dumps(running.secrets), flush=True)
        await asyncio.Event().wait()


@contextmanager
def running_emulators(latency_s: float) -> Iterator[Mapping[str, Mapping[str, str]]]:
    """Emulators in a process of their own that take so long for each request; the secrets by which to use them."""
    root, command = Path(__file__).parents[1], [sys.executable, "-m", "bench.emulated", str(latency_s)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())
        finally:
            server.terminate()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_serve(float(sys.argv[1])))
