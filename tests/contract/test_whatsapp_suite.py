"""The WhatsApp channel does what every channel does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from disparo.adapters.channels.whatsapp.channel import WhatsAppChannel
from disparo.adapters.channels.whatsapp.credentials import parse
from disparo.adapters.credentials import Credentials
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.ports.channel import Outgoing
from tests.contract import channel_suite
from tests.contract.channel_suite import Provider
from tests.contract.whatsapp_stub import TAKEN, OneSecret, Stub, serving

CODES = {
    FailureClass.RECIPIENT: 131026,
    FailureClass.PERMANENT: 131009,
    FailureClass.TRANSIENT: 131016,
    FailureClass.THROTTLED: 130429,
    FailureClass.PACED: 131056,
    FailureClass.AUTH: 190,
    FailureClass.UNKNOWN: 131000,
}


class ToWhoeverWrote(WhatsAppChannel):
    """The channel, to people who all wrote today."""

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        """See `SendChannel.send`."""
        return await super().send(replace(message, window_open=True), now)


@pytest.mark.parametrize("check", channel_suite.SUITE, ids=lambda check: check.__name__)
def test_whatsapp(check: channel_suite.Check) -> None:
    async def run() -> None:
        stub = Stub([(200, TAKEN)])
        made: list[WhatsAppChannel] = []

        def fail_with(failure: FailureClass) -> None:
            stub.answers = [(400, {"error": {"message": "x", "code": CODES[failure]}})]

        async with serving(stub) as endpoint:

            def make() -> WhatsAppChannel:
                credentials = Credentials(OneSecret(endpoint=endpoint), "mcp-whatsapp", parse)
                made.append(ToWhoeverWrote(credentials, timeout_s=5.0))
                return made[-1]

            await check(Provider(make, fail_with, failures=tuple(FailureClass)))
            for channel in made:
                await channel.close()

    asyncio.run(run())
