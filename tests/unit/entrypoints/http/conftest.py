"""The HTTP application over a small installation in memory, and a client that speaks ASGI without a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from disparo.adapters.channels.sandbox.callback import SandboxCallback
from disparo.adapters.channels.sandbox.outbox import MemoryOutbox
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.idempotency import SqliteIdempotency
from disparo.adapters.embedded.imports import SqliteImports
from disparo.adapters.embedded.store import open_store
from disparo.adapters.files.contact_files import LocalContactFiles
from disparo.adapters.liquid import LiquidRenderer
from disparo.adapters.outbox_events import OutboxEvents
from disparo.bootstrap.senders import appointed
from disparo.domain.audit import AuditEntry, AuditFilter
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.place import Place
from disparo.domain.sender import Sender
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.engine.inbound import Inbound
from disparo.ports.callback import Callback
from disparo.ports.contact_files import ContactFiles
from disparo.ports.undelivered import DeadLetterQueue
from disparo.settings import Settings
from disparo.settings.configuration import Configuration
from disparo.settings.load import as_given
from disparo.usecases.accounts.elsewhere import Elsewhere
from disparo.usecases.carriers import Carrier
from disparo.usecases.erasures import Archive
from tests.account_scene import cheap_locks
from tests.listening_house import ToldPost, hooks_of
from tests.standing_app import standing_app

MONDAY = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
"""Ten in the morning in Sao Paulo."""
SECRET = "whsec_c2VncmVkbyBkZSB0ZXN0ZQ=="


@dataclass
class StandingClock:
    """A clock that moves when it is told to."""

    at: datetime = MONDAY

    def now(self) -> datetime:
        return self.at

    def elapsed(self) -> timedelta:
        return self.at - MONDAY

    async def wait(self, event: asyncio.Event, until: datetime | None) -> None:
        raise NotImplementedError


class House:
    """An installation in memory."""

    def __init__(self, folder: Path) -> None:
        self.clock = StandingClock()
        self.settings = Settings(business_hours_timezone="America/Sao_Paulo")
        database = Database(None)
        self.store = open_store(database)
        self.imports = SqliteImports(database)
        self.idempotency = SqliteIdempotency(database)
        self.contact_files: ContactFiles = LocalContactFiles(folder)
        self.arrivals = None
        self.undelivered: DeadLetterQueue | None = None
        self.archive = Archive(self.store, self.imports, self.contact_files, (self.idempotency, MemoryOutbox()))
        self.configuration = Configuration(
            as_given(self.settings), lambda: self.settings, lambda found: setattr(self, "settings", found)
        )
        self.senders = appointed(self.settings, lambda _: False)
        self.locks = cheap_locks(self.store)
        self.elsewhere: Elsewhere | None = None
        self.events = OutboxEvents(self.store.webhooks, fresh_for=timedelta(0))
        self.post = ToldPost()
        self.hooks = hooks_of(self)
        self.callbacks: dict[str, Callback] = {"sandbox": SandboxCallback(SECRET)}
        routes = {channel.value: Route(Sender(channel.value, channel), _Nobody()) for channel in Channel}
        self.engine = Engine.build(self.store, LiquidRenderer(), routes, lambda: 0.5)

    @property
    def carriers(self) -> list[Carrier]:
        return [(route.sender, route.channel) for route in self.engine.routes.values()]

    def inbound(self) -> Inbound:
        return self.engine.inbound

    async def sender_faults(self) -> list[str | None]:
        return [None for _ in self.senders]

    async def people(self, count: int, list_name: str = "lista") -> list[str]:
        """Add contacts with both addresses to a list; their ids."""
        drafts = [
            ContactDraft(
                f"{list_name}.csv:{number + 2}",
                Place("America/Sao_Paulo"),
                name=f"Pessoa {number}",
                phone=f"+55419{88880000 + number}",
                phone_key=f"+55419{88880000 + number}",
                email=f"p{number}@example.com",
                email_key=f"p{number}@example.com",
            )
            for number in range(count)
        ]
        return [result.contact_id for result in await self.store.contacts.fold(list_name, drafts)]

    async def audited(self) -> list[AuditEntry]:
        """What the audit has, the latest first."""
        return [*(await self.store.audit.page(AuditFilter(), None, 50))]

    async def launch(self) -> None:
        """Enter every contact."""
        while await self.engine.launch.run(self.clock.now()):
            pass


class _Nobody:
    """A provider that is never asked."""

    async def send(self, *_: object) -> Any:
        raise NotImplementedError


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    """Speaks ASGI to the application; `chunks` is how a body is cut."""

    api: FastAPI
    house: House
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        chunk: int = 1 << 16,
    ) -> Answer:
        """One request; a dict or list goes as JSON, bytes as they are. It ends when the background tasks have."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {"host": "test", **self.headers, **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            sent.setdefault("content-type", "application/json")
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 1),
            "server": ("test", 80),
        }
        pieces = [raw[at : at + chunk] for at in range(0, len(raw), chunk)] or [b""]
        answer = Answer(0, {}, b"")

        async def receive() -> dict[str, Any]:
            if not pieces:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
            else:
                answer.body += message.get("body", b"")

        await self.api(scope, receive, send)
        return answer

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.ask("GET", path, **options)

    async def post(self, path: str, body: object = None, **options: Any) -> Answer:
        return await self.ask("POST", path, body, **options)

    async def put(self, path: str, body: object = None, **options: Any) -> Answer:
        return await self.ask("PUT", path, body, **options)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An installation with nothing in it, at ten o'clock on a Monday."""
    return House(tmp_path / "files")


@pytest.fixture
def client(house: House) -> Client:
    """A client of its application."""
    return Client(standing_app(house), house)


def campaign(**keys: object) -> dict[str, object]:
    """The document of a campaign of one WhatsApp step, unless `keys` say otherwise."""
    steps = [{"channel": "whatsapp", "text": "Oi {{ nome | default: 'você' }}"}]
    return {"name": "camp", "list": "lista", "steps": steps, **keys}
