"""A Cloud API on this machine, which says what it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from disparo.adapters.channels.whatsapp.channel import WhatsAppChannel
from disparo.adapters.channels.whatsapp.credentials import parse
from disparo.adapters.credentials import Credentials
from disparo.domain.message import MessageId, Outcome
from disparo.domain.template import Content
from disparo.ports.channel import Outgoing

NOW = datetime(2026, 11, 23, 13, tzinfo=UTC)
TAKEN = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "5541988887777", "wa_id": "554188887777"}],
    "messages": [{"id": "wamid.HBgL", "message_status": "accepted"}],
}


class OneSecret:
    """`Secrets` of one document."""

    def __init__(self, **fields: str) -> None:
        self.fields = {
            **{"api_key": "EAAG", "phone_number_id": "106540352242922", "app_secret": "s", "webhook_verify_token": "t"},
            **fields,
        }
        self.newer = self.fields

    async def get(self, name: str) -> Mapping[str, str]:
        """The secret as it was when the test began."""
        return self.fields

    async def refresh(self, name: str) -> Mapping[str, str]:
        """The secret as it is now."""
        return self.newer


Answered = tuple[int, Any] | str | None


@dataclass
class Stub:
    """What it was asked, and what it answers, the last answer again and again.

    None ends the connection instead, a text keeps it open without an answer.
    """

    answers: list[Answered]
    requests: list[web.Request] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        self.bodies.append(await request.json())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if isinstance(answer, str):
            await asyncio.Event().wait()
        status, body = answer
        if body is TAKEN:  # each under an id of its own
            body = {**TAKEN, "messages": [{"id": f"wamid.HBgL{len(self.bodies)}", "message_status": "accepted"}]}
        return web.json_response(body, status=status)


def outgoing(content: Content, *, window_open: bool = False) -> Outgoing:
    return Outgoing(MessageId("3", 1, "57"), "+5541988887777", content, window_open)


def sent(stub: Stub, *messages: Outgoing, newer_key: str | None = None, timeout_s: float = 5.0) -> list[Outcome]:
    """What becomes of messages, one after another; with `newer_key` the secret was changed meanwhile."""

    async def run() -> list[Outcome]:
        async with asyncio.timeout(30):
            return await _send(stub, messages, newer_key, timeout_s)

    return asyncio.run(run())


@asynccontextmanager
async def serving(stub: Stub) -> AsyncIterator[str]:
    """Its endpoint, while it serves."""
    app = web.Application()
    app.router.add_post("/v23.0/106540352242922/messages", stub.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v23.0/"
    finally:
        await runner.cleanup()


async def _send(stub: Stub, messages: Sequence[Outgoing], newer_key: str | None, timeout_s: float) -> list[Outcome]:
    async with serving(stub) as endpoint:
        secrets = OneSecret(endpoint=endpoint)
        if newer_key is not None:
            secrets.newer = {**secrets.fields, "api_key": newer_key}
        channel = WhatsAppChannel(Credentials(secrets, "mcp-whatsapp", parse), timeout_s=timeout_s, connections=4)
        try:
            return [await channel.send(message, NOW) for message in messages]
        finally:
            await channel.close()
