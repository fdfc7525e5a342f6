"""A browser that keeps cookies, over the whole application with real sign-in, without a socket."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI

from disparo.entrypoints.http.app import create_app
from disparo.entrypoints.http.identity import Identity
from tests.standing_app import standing_app
from tests.unit.entrypoints.http.conftest import House

_FIELD = re.compile(r'name="csrf" value="([0-9a-f]+)"')


def _application(house: House) -> FastAPI:
    """The house's application with real sign-in, made once for all browsers that look at it as it is."""
    made: dict[str | None, FastAPI] = vars(house).setdefault("_applications", {})
    address = house.settings.public_url
    if address is None:
        return standing_app(house, signed_in=True)
    if address not in made:
        made[address] = create_app(house, Identity(house))  # type: ignore[arg-type]
    return made[address]


@dataclass
class Seen:
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    text: str

    def header(self, name: str) -> str:
        """The last header of this name; empty when there is none."""
        return next((value for key, value in reversed(self.headers) if key == name), "")

    @property
    def location(self) -> str:
        """Where it leads."""
        return self.header("location")

    @property
    def set_cookies(self) -> dict[str, str]:
        """Each cookie that is set, whole."""
        return {value.partition("=")[0]: value for key, value in self.headers if key == "set-cookie"}


@dataclass
class Visitor:
    """One browser; `scheme` and `host` are what its address bar says."""

    house: House
    api: FastAPI = field(default=None)  # type: ignore[assignment]
    cookies: dict[str, str] = field(default_factory=dict)
    scheme: str = "http"
    host: str = "test"
    address: str = "203.0.113.7"
    csrf: str = ""

    def __post_init__(self) -> None:
        self.api = self.api or _application(self.house)

    def get(self, path: str, **headers: str) -> Seen:
        """Look at a page; its forms' token is remembered."""
        seen = self.ask("GET", path, headers=headers)
        if found := _FIELD.search(seen.text):
            self.csrf = found[1]
        return seen

    def post(self, path: str, form: Mapping[str, Any] | None = None, **headers: str) -> Seen:
        """Send a form as the page would: with the token that the last page had."""
        fields = {"csrf": self.csrf, **(form or {})}
        sent = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin", **headers}
        return self.ask("POST", path, urlencode(fields, doseq=True).encode(), sent)

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None, chunk: int = 1 << 16
    ) -> Seen:
        """One request."""
        return asyncio.run(self.send(method, path, body, headers, chunk))

    async def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None, chunk: int = 1 << 16
    ) -> Seen:
        """One request, from inside a story."""
        path, _, query = path.partition("?")
        sent = {"host": self.host, "accept": "text/html,*/*", "user-agent": "Firefox em Linux", **(headers or {})}
        if self.cookies and "cookie" not in sent:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": self.scheme,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
            "client": (self.address, 1),
            "server": ("test", 80),
        }
        pieces = [body[at : at + chunk] for at in range(0, len(body), chunk)] or [b""]
        seen, raw = Seen(0, [], ""), bytearray()

        async def receive() -> dict[str, Any]:
            if not pieces:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                seen.status = message["status"]
                seen.headers = [(name.decode().lower(), value.decode()) for name, value in message["headers"]]
            else:
                raw.extend(message.get("body", b""))

        await self.api(scope, receive, send)
        seen.text = raw.decode("utf-8", "replace")
        self._keep(seen)
        return seen

    def _keep(self, seen: Seen) -> None:
        for text in seen.set_cookies.values():
            for name, morsel in SimpleCookie(text).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value

    def sign_in(self, email: str, password: str, onward: str = "/console/account") -> Seen:
        """Through the form."""
        return self.post("/console/sign-in", {"email": email, "password": password, "next": onward})
