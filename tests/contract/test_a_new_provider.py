"""A provider is added: a hundred lines and an entry, and campaigns go out through it and hear what became of them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from disparo.adapters.credentials import Credentials
from disparo.bootstrap import App, open_app, providers
from disparo.bootstrap.app import LateRenderer
from disparo.bootstrap.providers import Provider
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.message import MessageId, MessageState
from disparo.domain.place import Place
from disparo.domain.policies.retry import FailureClass
from disparo.entrypoints.http.app import create_app
from disparo.ports.channel import Closes, SendChannel
from disparo.settings import Settings
from disparo.settings.channels import SenderSettings
from disparo.usecases import campaigns
from tests.contract import channel_suite
from tests.contract.channel_suite import Hand
from tests.contract.pombo.callback import PomboCallback
from tests.contract.pombo.channel import ERRORS, PomboChannel
from tests.contract.pombo.credentials import parse

MONDAY = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
"""Ten in the morning in Sao Paulo."""
KEY = "milho"
FOLDER = Path(__file__).parent / "pombo"

POMBO = Provider(
    "tests.contract.pombo",
    frozenset({Channel.SMS}),
    {Channel.SMS: "mcp-pombo"},
    lambda account: PomboChannel(account.credentials, timeout_s=account.settings.send_timeout_s),
    lambda account: PomboCallback(account.credentials),
)
"""The entry in `bootstrap/providers.py`."""
LINES_OF_THE_ENTRY = 7


class StandingClock(Hand):
    """A clock that stands at `at`; who waits looks again soon."""

    def elapsed(self) -> timedelta:
        """None of it passes."""
        return timedelta(0)

    async def wait(self, event: asyncio.Event, until: datetime | None) -> None:
        """Wait a little, or for the event."""
        with_patience = asyncio.wait_for(event.wait(), 0.02)
        await asyncio.gather(with_patience, return_exceptions=True)


class Dovecote:
    """The provider's side: takes flights and says what it is told to."""

    def __init__(self) -> None:
        self.flights: list[dict[str, str]] = []
        self.error: str | None = None

    async def take(self, request: web.Request) -> web.Response:
        """Answer one request."""
        if request.headers.get("authorization") != f"Pombo {KEY}":
            return web.json_response({"error": "who_are_you"}, status=401)
        if self.error is not None:
            return web.json_response({"error": self.error}, status=400)
        self.flights.append(await request.json())
        return web.json_response({"flight": f"f-{len(self.flights)}"}, status=202)


@asynccontextmanager
async def served(take: Callable[[web.Request], Awaitable[web.StreamResponse]], path: str) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_post(path, take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def test_a_provider_takes_less_than_a_hundred_lines() -> None:
    lines = [line for path in FOLDER.glob("*.py") for line in path.read_text(encoding="utf-8").splitlines()]
    assert len([line for line in lines if line.strip()]) + LINES_OF_THE_ENTRY < 100


def test_a_campaign_goes_out_through_a_new_provider_and_hears_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(providers.PROVIDERS, "pombo", POMBO)  # one line in bootstrap/providers.py
    settings = Settings(
        data=tmp_path, live=True, business_hours_timezone="America/Sao_Paulo",
        senders={"praca": SenderSettings(channel=Channel.SMS, provider="pombo")},
    )  # fmt: skip

    async def story() -> None:
        dovecote = Dovecote()
        async with served(dovecote.take, "/flights") as endpoint:
            monkeypatch.setenv("DISPARO_SECRET_MCP_POMBO", json.dumps({"endpoint": endpoint, "key": KEY}))
            app = open_app(settings, clock=StandingClock())
            try:
                await _campaign(app, people=3)
                await _until_sent(app, 3)
                assert {flight["text"] for flight in dovecote.flights} == {"Oi Ana!"}
                assert {flight["ref"] for flight in dovecote.flights} == {"1.1.1", "1.1.2", "1.1.3"}
                landed = {"id": "e1", "ref": "1.1.1", "kind": "landed"}
                lost = {**landed, "id": "e2", "ref": "1.1.2", "kind": "lost"}
                stop = {**landed, "id": "e3", "ref": "1.1.3", "kind": "answer", "text": "SAIR"}
                for _ in range(2):  # as providers do
                    assert await _called(app, {"events": [landed, lost, stop]}, KEY) == 204
                assert await _called(app, {"events": [{**landed, "id": "e4", "ref": "1.1.3"}]}, "painço") == 401
                states = [(await app.store.ledger.get(MessageId("1", 1, str(one)))).state for one in (1, 2, 3)]
                assert states == [MessageState.DELIVERED, MessageState.FAILED, MessageState.ACCEPTED]
                person = await app.store.contacts.get("3")
                assert await app.store.suppressions.matching(person.keys)
            finally:
                await app.close_channels()
                app.close()

    asyncio.run(story())


async def _campaign(app: App, people: int) -> None:
    drafts = [
        ContactDraft(f"praca.csv:{n}", Place("America/Sao_Paulo"), name="Ana", phone=number, phone_key=number)
        for n in range(people)
        if (number := f"+55419{88880000 + n}")
    ]
    await app.store.contacts.fold("praca", drafts)
    document = {"name": "milho", "list": "praca", "steps": [{"channel": "sms", "text": "Oi Ana!"}]}
    await campaigns.create(app.store, document, LateRenderer(), app.clock.now())
    await campaigns.start(app.store, "milho", app.clock.now(), app.carriers)


async def _until_sent(app: App, count: int) -> None:
    """Run the worker until so many messages are with their provider."""
    worker = app.worker("w", app.own_routes)
    running = asyncio.create_task(worker.run())
    try:
        async with asyncio.timeout(20):
            sent = 0
            while sent < count:
                await asyncio.sleep(0.02)
                totals = (await campaigns.report(app.store, "milho", app.clock.now())).totals
                sent = totals.sent
    finally:
        worker.stop()
        await running


async def _called(app: App, document: dict[str, Any], key: str) -> int:
    """The status that the provider gets when it calls us."""
    body = json.dumps(document).encode()
    signature = hmac.digest(key.encode(), body, hashlib.sha256).hex()
    api = create_app(app)
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/webhooks/pombo", "raw_path": b"/webhooks/pombo", "query_string": b"", "root_path": "",
        "headers": [(b"host", b"test"), (b"x-pombo-signature", signature.encode())],
        "client": ("127.0.0.1", 1), "server": ("test", 80),
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(event: Any) -> None:
        sent.append(event)

    await api(scope, receive, send)
    return int(sent[0]["status"])


class Loft:
    """The new provider's row of the contract suite."""

    def __init__(self, dovecote: Dovecote, endpoint: str) -> None:
        self._dovecote, self._secret = dovecote, {"endpoint": endpoint, "key": KEY}
        self.made: list[PomboChannel] = []

    async def get(self, name: str) -> dict[str, str]:
        """See `Secrets.get`."""
        return self._secret

    refresh = get

    def make(self) -> SendChannel:
        """As a process opens it."""
        self.made.append(PomboChannel(Credentials(self, "mcp-pombo", parse), timeout_s=5))
        return self.made[-1]

    def fail_with(self, failure: FailureClass) -> None:
        """From now on every message fails so."""
        known = {fault: error for error, (fault, _) in ERRORS.items()}
        self._dovecote.error = known.get(failure, "something_new")


@pytest.mark.parametrize("check", channel_suite.SUITE, ids=lambda check: check.__name__)
def test_the_new_provider_keeps_every_channels_promises(check: channel_suite.Check) -> None:
    async def story() -> None:
        dovecote = Dovecote()
        async with served(dovecote.take, "/flights") as endpoint:
            loft = Loft(dovecote, endpoint)
            failures = [*dict.fromkeys(failure for failure, _ in ERRORS.values()), FailureClass.UNKNOWN]
            await check(channel_suite.Provider(loft.make, loft.fail_with, failures=failures))
            for channel in loft.made:
                assert isinstance(channel, Closes)
                await channel.close()

    asyncio.run(story())
