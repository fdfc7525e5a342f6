"""A small site of console pages, and a browser's side of it that speaks ASGI without a socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi import FastAPI, Request, Response

from disparo.domain.principal import Principal, PrincipalKind, Role
from disparo.entrypoints.console import static_files
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.http.installation import Installation

MONDAY = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
ANA = Principal(PrincipalKind.USER, "1", "Ana Prado", Role.OPERATOR)
PAGE = {"title": "Olá", "code": 200, "detail": "", "faults": [], "number": ""}
"""What the page of refusals is made of: a template that is there for certain."""


@dataclass
class Answer:
    """What came back."""

    status: int
    raw: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.raw}

    @property
    def cookies(self) -> dict[str, str]:
        """Each cookie that is set, with its attributes."""
        set_ = [value.decode() for name, value in self.raw if name == b"set-cookie"]
        return {one.partition("=")[0]: one.partition("=")[2] for one in set_}


@dataclass
class Site:
    """The site; `principal` and `csrf` are what the gate leaves in a request."""

    now: datetime = MONDAY
    principal: Principal | None = ANA
    csrf: str = "token-of-ana"
    console: Console = field(init=False)
    api: FastAPI = field(init=False)

    def __post_init__(self) -> None:
        clock = SimpleNamespace(now=lambda: self.now)
        settings = SimpleNamespace(business_hours_timezone="America/Sao_Paulo")
        self.console = Console(cast(Installation, SimpleNamespace(clock=clock, settings=settings)))
        self.api = FastAPI()
        self.api.include_router(static_files.router())
        self.api.add_api_route("/console/campaigns/{name}", self._show, methods=["GET", "POST"])
        self.api.add_api_route("/console/part", self._part)
        self.api.add_api_route("/console/go", self._go)

    def _show(self, request: Request, name: str) -> Response:
        return self.console.page(request, "refusal.html", **{**PAGE, "title": name})

    def _part(self, request: Request) -> Response:
        return self.console.fragment(request, "refusal.html", **PAGE)

    def _go(self, request: Request, to: str, told: str = "") -> Response:
        return self.console.redirect(request, to, told)

    async def get(self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
        """One request."""
        path, _, query = path.partition("?")
        sent = {"host": "test", "accept": "text/html", **(headers or {})}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "server": ("test", 80),
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
            "state": {"principal": self.principal, "csrf": self.csrf},
        }
        messages: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        await self.api(scope, receive, send)
        body = b"".join(one.get("body", b"") for one in messages[1:])
        return Answer(messages[0]["status"], messages[0]["headers"], body)


@pytest.fixture
def site() -> Site:
    return Site()
