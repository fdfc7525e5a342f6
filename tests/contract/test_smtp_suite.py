"""The SMTP channel does what every channel does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from disparo.adapters.channels.smtp.channel import SmtpChannel
from disparo.adapters.channels.smtp.credentials import SmtpCredentials, parse
from disparo.adapters.credentials import Credentials
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.ports.channel import Outgoing
from tests.contract import channel_suite
from tests.contract.channel_suite import Provider
from tests.contract.smtp_stage import ScriptedServer
from tests.contract.test_smtp import Kept, secret

ANSWERS = {
    FailureClass.RECIPIENT: b"550 5.1.1 unknown",
    FailureClass.PERMANENT: b"554 5.7.1 refused",
    FailureClass.TRANSIENT: b"451 4.3.0 local error",
    FailureClass.THROTTLED: b"451 4.7.28 too many messages",
    FailureClass.PACED: b"451 4.7.1 greylisted",
    FailureClass.AUTH: b"530 5.7.0 log in first",
    FailureClass.UNKNOWN: b"what?",
}


class ByMail(SmtpChannel):
    """The channel, to the mailboxes of the people with these numbers."""

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        """See `SendChannel.send`."""
        address = f"{message.address.removeprefix('+')}@exemplo.com.br"
        return await super().send(replace(message, address=address), now)


@pytest.mark.parametrize("check", channel_suite.SUITE, ids=lambda check: check.__name__)
def test_smtp(check: channel_suite.Check) -> None:
    async def run() -> None:
        script: dict[str, bytes] = {}
        made: list[SmtpChannel] = []

        def fail_with(failure: FailureClass) -> None:
            script["DOT"] = ANSWERS[failure]

        async with ScriptedServer(script).listening() as port:

            def make() -> SmtpChannel:
                credentials: Credentials[SmtpCredentials] = Credentials(Kept(secret(port)), "mcp-email-smtp", parse)
                made.append(ByMail(credentials, timeout_s=5.0, connections=50))
                return made[-1]

            await check(Provider(make, fail_with, failures=tuple(FailureClass)))
            for channel in made:
                await channel.close()

    asyncio.run(run())
