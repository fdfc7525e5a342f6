"""An installation with a worker and an agenda, and assistants at its two doors: the SDK's own client."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from disparo.bootstrap import App, open_app
from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.contact import Channel
from disparo.domain.inbox_entry import Heard
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours, DailyHours
from disparo.domain.principal import MACHINE, Role
from disparo.settings import load_settings
from disparo.usecases.accounts import keys
from tests.standing_app import standing_app

ROOT = Path(__file__).parents[2]
ALWAYS = {
    **{"workingDays": [1, 2, 3, 4, 5, 6, 7], "startTime": "00:00", "endTime": "24:00", "lunchBreak": False},
    **{"publicHolidays": False},
}
_QUIET = ("recipient_failure", "transient", "throttled", "lost_answer", "reply", "opt_out")
SETTINGS = "\n".join(
    [
        "mcp_writes = true",
        "rate_limit_sms_burst = 10",
        'rate_limit_sms_hourly = "none"',
        "rate_limit_whatsapp_burst = 1000",
        "sandbox_latency_ms_min = 0",
        "sandbox_latency_ms_max = 0",
        *(f"sandbox_{name}_rate = 0" for name in _QUIET),
        "[business_hours]",
        *(f"{key} = {json.dumps(value)}" for key, value in ALWAYS.items()),
    ]
)
_OPEN = BusinessHours("America/Sao_Paulo", DailyHours(frozenset(range(1, 8)), 0, 1440, None))


@dataclass
class Scene:
    """The installation, open in this process, and where it lies."""

    app: App
    folder: Path
    url: str = ""

    async def key(self, role: Role, **narrowed: Any) -> dict[str, str]:
        """The headers of a new key."""
        made = await keys.add(self.app.locks, "assistente", role, MACHINE, self.app.clock.now(), **narrowed)
        return {"authorization": f"Bearer {made.written}"}

    async def heard(self, contact_id: str, text: str) -> None:
        """Let a contact write something."""
        contact, now = await self.app.store.contacts.get(contact_id), self.app.clock.now()
        heard = Heard("sandbox:1", Channel.SMS, "sms", contact.keys[0], contact_id, None, text, "question", now)
        await self.app.store.inbox.keep(heard, now)

    async def agenda(self) -> None:
        """A host who is there day and night, and a type of meeting."""
        await self.app.store.hosts.put_host(Host("ana", "Ana", Place("America/Sao_Paulo"), _OPEN))
        kind = MeetingType("demo", "Demonstração", ("ana",), min_notice=timedelta(hours=1), contact_hours=_OPEN)
        await self.app.store.hosts.put_type(kind)


@asynccontextmanager
async def scene(folder: Path, *, working: bool = True) -> AsyncIterator[Scene]:
    """An installation in a folder, with a worker beside it that sends into the sandbox."""
    (folder / "disparo.toml").write_text(SETTINGS, encoding="utf-8")
    app = open_app(load_settings(overrides={"data": folder / "disparo-data"}, environ={}, cwd=folder))
    worker = app.worker("um", app.own_routes)
    running = asyncio.create_task(worker.run()) if working else None
    try:
        yield Scene(app, folder)
    finally:
        if running is not None:
            worker.stop()
            await running
        await app.close_channels()
        app.close()


@asynccontextmanager
async def served(there: Scene) -> AsyncIterator[str]:
    """The application over it, on a port of this machine; its address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(standing_app(there.app, signed_in=True), lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve([listening]))
    there.url = f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
    try:
        yield there.url
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def by_http(url: str, headers: Mapping[str, str], **options: Any) -> AsyncIterator[Client]:
    """An assistant at the HTTP door."""
    async with (
        httpx2.AsyncClient(headers=dict(headers), timeout=60) as http,
        Client(streamable_http_client(url, http_client=http), **options) as client,
    ):
        yield client


@asynccontextmanager
async def by_stdio(folder: Path, *options: str, **more: Any) -> AsyncIterator[Client]:
    """An assistant that starts the program."""
    arguments = ["-m", "disparo", "mcp", *options]
    program = StdioServerParameters(command=sys.executable, args=arguments, cwd=folder)
    with (folder / "stderr").open("w", encoding="utf-8") as log:
        async with Client(stdio_client(program, log), **more) as client:
            yield client


async def told(client: Client, tool: str, /, **arguments: Any) -> Any:
    """What a tool answers, structured; it must be no error."""
    found = await client.call_tool(tool, arguments)
    assert not found.is_error, found.content
    [text] = found.content
    assert json.loads(text.text) == found.structured_content  # type: ignore[union-attr]
    return found.structured_content


async def refused(client: Client, tool: str, /, **arguments: Any) -> str:
    """Why a tool did nothing."""
    found = await client.call_tool(tool, arguments)
    assert found.is_error, found.structured_content
    return str(found.content[0].text)  # type: ignore[union-attr]


async def confirmed(client: Client, tool: str, /, **arguments: Any) -> Any:
    """Ask for something, confirm it; what was done."""
    asked = await told(client, tool, **arguments)
    assert (asked["done"], asked["result"]) == (False, None)
    assert asked["would"]
    done = await told(client, tool, **arguments, confirmation=asked["confirmation"])
    assert done["done"]
    return done["result"]


async def until(client: Client, tool: str, ready: Any, /, **arguments: Any) -> Any:
    """Ask again until the answer is as it is to become."""
    async with asyncio.timeout(30):
        while not ready(found := await told(client, tool, **arguments)):
            await asyncio.sleep(0.05)
    return found
