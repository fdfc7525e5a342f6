"""A browser before API Gateway: the function `api` over the DynamoDB stores in memory, and cookies that it keeps."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import pytest

from disparo.bootstrap import App
from disparo.bootstrap.cloud import open_cloud
from disparo.entrypoints.lambdas import api, runtime
from disparo.entrypoints.lambdas.log import FunctionLog
from disparo.settings import Settings
from disparo.simulation.memory_tables import MemoryTables
from tests.account_scene import cheap_locks
from tests.unit.entrypoints.http.conftest import MONDAY, StandingClock
from tests.unit.entrypoints.lambdas.conftest import Watch, http_event

HOST = "a1b2c3.execute-api.us-east-1.amazonaws.com"
_FIELD = re.compile(r'name="csrf" value="([0-9a-f]+)"')
_LINKS = {"key": "chave de teste, de mais de 16 bytes"}


class _Secrets:
    """The one secret that the console needs: what links are signed with."""

    def read_now(self, name: str) -> Mapping[str, str]:
        return {"links": _LINKS}[name]

    async def get(self, name: str) -> Mapping[str, str]:
        return self.read_now(name)

    refresh = get


def cloud(monkeypatch: pytest.MonkeyPatch, **settings: Any) -> App:
    """The process of the function: an installation on AWS whose tables are in memory, with the real handler."""
    monkeypatch.setattr("disparo.bootstrap.cloud.secrets", lambda _: _Secrets())
    wanted = {"store": "dynamodb", "public_url": f"https://{HOST}", "business_hours_timezone": "America/Sao_Paulo"}
    app = open_cloud(Settings.model_validate({**wanted, **settings}), StandingClock(MONDAY), tables=MemoryTables())
    vars(app)["locks"] = cheap_locks(app.store)
    log = FunctionLog("test-console", io.StringIO())
    for module in (api, runtime):
        monkeypatch.setattr(module, "installed", lambda: app)
        monkeypatch.setattr(module, "log", lambda: log)
    api.application.cache_clear()
    return app


@dataclass
class Told:
    """What the function gave the gateway."""

    answer: dict[str, Any]

    @property
    def status(self) -> int:
        return int(self.answer["statusCode"])

    @property
    def headers(self) -> dict[str, str]:
        found: dict[str, str] = self.answer["headers"]
        return found

    @property
    def cookies(self) -> list[str]:
        return list(self.answer.get("cookies", ()))

    @property
    def body(self) -> bytes:
        """As the gateway sends it on."""
        text: str = self.answer["body"]
        return base64.b64decode(text, validate=True) if self.answer["isBase64Encoded"] else text.encode()

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class GatewayBrowser:
    """One browser; `encoded` has the gateway hand every body over as base64."""

    cookies: dict[str, str] = field(default_factory=dict)
    address: str = "203.0.113.9"
    csrf: str = ""
    encoded: bool = False
    context: Callable[[], Watch] = Watch

    def get(self, path: str, **headers: str) -> Told:
        """Look at a page; its forms' token is remembered."""
        told = self.ask("GET", path, headers=headers)
        if "text/html" in told.headers.get("content-type", "") and (found := _FIELD.search(told.text)):
            self.csrf = found[1]
        return told

    def post(self, path: str, form: Mapping[str, Any] | None = None, **headers: str) -> Told:
        """Send a form as the page would."""
        body = urlencode({"csrf": self.csrf, **(form or {})}, doseq=True).encode()
        sent = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin", **headers}
        return self.ask("POST", path, body, headers=sent)

    def send_file(self, path: str, name: str, content: bytes, **fields: str) -> Told:
        """Send a file in a form, its token first."""
        mark = "----fim"
        parts = "".join(
            f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in {"csrf": self.csrf, **fields}.items()
        )
        parts += f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        body = parts.encode() + b"Content-Type: text/csv\r\n\r\n" + content + f"\r\n--{mark}--\r\n".encode()
        kind = f"multipart/form-data; boundary={mark}"
        return self.ask("POST", path, body, headers={"content-type": kind, "sec-fetch-site": "same-origin"})

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Told:
        """One request through the handler."""
        path, _, query = path.partition("?")
        sent = {"host": HOST, "accept": "text/html,*/*", "user-agent": "Firefox em Linux", **(headers or {})}
        event = http_event(method, path, body, query=query, headers=sent, caller=None, encoded=self.encoded)
        event["requestContext"]["http"]["sourceIp"] = self.address
        if self.cookies:
            event["cookies"] = [f"{name}={value}" for name, value in self.cookies.items()]
        told = Told(api.handler(event, self.context()))
        for one in told.cookies:
            self._keep(one)
        return told

    def _keep(self, text: str) -> None:
        for name, morsel in SimpleCookie(text).items():
            if morsel["max-age"] == "0" or not morsel.value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
