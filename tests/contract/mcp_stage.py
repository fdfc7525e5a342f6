"""An MCP server to send through, and the channel that does: as a program or by HTTP."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn

from disparo.adapters.channels.mcp.channel import McpChannel
from disparo.adapters.channels.mcp.credentials import parse
from disparo.adapters.credentials import Credentials
from disparo.domain.message import MessageId
from disparo.domain.template import Content
from disparo.domain.whatsapp_content import Approved
from disparo.ports.channel import Outgoing
from tests.contract.mcp_servers import KNOWN, Faked

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
EMAIL = ("gongrzhe/gmail-mcp-server", "workspace-mcp", "resend-mcp")


class Given:
    """`Secrets` with one secret; `newer` is what a refresh brings."""

    def __init__(self, secret: Mapping[str, str], newer: Mapping[str, str] | None = None) -> None:
        self.secret, self.newer, self.refreshed = secret, newer, 0

    async def get(self, name: str) -> Mapping[str, str]:
        return self.secret

    async def refresh(self, name: str) -> Mapping[str, str]:
        self.refreshed += 1
        self.secret = self.newer or self.secret
        return self.secret


def channel(secret: Mapping[str, str] | Given, timeout_s: float = 20.0) -> McpChannel:
    secrets = secret if isinstance(secret, Given) else Given(secret)
    return McpChannel(Credentials(secrets, "mcp-sender", parse), timeout_s=timeout_s)


def outgoing(text: str = "Oi, Ana!", number: int = 1, *, email: bool = False, html: str | None = None) -> Outgoing:
    message_id = MessageId("3", 1, str(number))
    if email:
        content = Content(text, "Uma proposta", html)
        return Outgoing(message_id, f"ana{number}@example.com", content, unsubscribe_url="https://ex.com/u/1")
    # Approved by Meta, where the way wants it so.
    content = Content(text, approved=Approved("lembrete", "pt_BR", body=("Ana", text)))
    return Outgoing(message_id, f"+55419{88880000 + number}", content)


def program(profile: str, journal: Path, **fields: str) -> dict[str, str]:
    """The secret of a sender whose server is a program that keeps `journal`."""
    module = ["-m", "tests.contract.mcp_servers", profile, str(journal)]
    env = {"PYTHONPATH": str(ROOT), "API_KEY": "a-secret-of-the-server"}
    server = {"command": sys.executable, "args": module, "env": env}
    return {"server": json.dumps(server), "profile": profile, **_extras(profile), **fields}


def _extras(profile: str) -> dict[str, str]:
    return KNOWN[profile].extras if profile in KNOWN else {}


def by_http(profile: str, url: str, **fields: str) -> dict[str, str]:
    """The secret of a sender whose server is at an address."""
    server = {"url": url, "headers": {"Authorization": "Bearer a-secret-of-the-server"}}
    return {"server": json.dumps(server), "profile": profile, **_extras(profile), **fields}


def journal_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


class Gate:
    """In front of an HTTP server: keeps the traffic, refuses by status, and hides the newest protocol if asked."""

    def __init__(self, app: Any, *, legacy: bool = False) -> None:
        self.traffic: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self.statuses: dict[str, int] = {}
        self.once: dict[str, int] = {}
        self.token: str | None = None
        self.held_s = 0.0
        self._app, self._legacy = app, legacy

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            event = await receive()
            body, more = body + event.get("body", b""), event.get("more_body", False)
        request = json.loads(body) if body else {}
        status = self._refusal(scope, request)
        if status:
            headers = [(b"retry-after", b"7"), (b"content-type", b"text/plain")]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": b"no"})
            return
        answer = bytearray()
        given = asyncio.Event()

        async def again() -> dict[str, Any]:
            if given.is_set():
                return dict(await receive())
            given.set()
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(event: dict[str, Any]) -> None:
            answer.extend(event.get("body", b""))
            if request.get("method") == "tools/call":
                await asyncio.sleep(self.held_s)
            await send(event)

        await self._app(scope, again, keep)
        if request:
            self.traffic.append((request, _read(bytes(answer))))

    def _refusal(self, scope: Any, request: dict[str, Any]) -> int | None:
        if self.token is not None and dict(scope["headers"]).get(b"authorization") != f"Bearer {self.token}".encode():
            return 401
        if self._legacy and request.get("method") == "server/discover":
            return 404
        method = str(request.get("method"))
        return self.once.pop(method, None) or self.statuses.get(method)


def _read(answer: bytes) -> dict[str, Any]:
    lines = answer.decode().splitlines()
    data = [line.removeprefix("data:") for line in lines if line.startswith("data:")] or ["".join(lines)]
    return dict(json.loads(data[-1])) if data[-1].strip() else {}


@asynccontextmanager
async def served(faked: Faked, *, legacy: bool = False) -> AsyncIterator[tuple[str, Gate]]:
    """A fake server behind its gate at an address of this machine."""
    gate = Gate(faked.server.streamable_http_app(json_response=True), legacy=legacy)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(gate, log_level="critical", timeout_graceful_shutdown=1))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp", gate
        finally:
            server.should_exit = True
            await task
