"""A server on this machine that takes what v3 Mail Send takes, and answers as a test wants."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import web
from openapi_schema_validator import OAS31Validator

Document = dict[str, Any]
Answer = tuple[int, Any, Mapping[str, str]]


def request_schema(contracts: Path) -> Document:
    """The schema of a request's body, with what it refers to."""
    spec = json.loads((contracts / "sendgrid" / "tsg_mail_v3.openapi.json").read_text())
    schema: Document = spec["components"]["requestBodies"]["PostMailSend"]["content"]["application/json"]["schema"]
    return {**schema, "components": spec["components"]}


def faults(schema: Document, document: Document) -> list[str]:
    """What is wrong with a request by the schema, and by what the page "Errors" says beyond it."""
    found = [error.message for error in OAS31Validator(schema).iter_errors(document)]
    found += [f"unknown: {name}" for name in document.keys() - schema["properties"].keys()]
    people = document["personalizations"]
    known = schema["properties"]["personalizations"]["items"]["properties"].keys()
    found += [f"unknown: {name}" for one in people for name in one.keys() - known]
    addresses = [to["email"].lower() for one in people for to in one["to"]]
    found += ["the same address twice"] if len({*addresses}) < len(addresses) else []
    found += ["too many recipients"] if len(addresses) > 1000 else []
    types = [one["type"] for one in document["content"] if not one["type"].startswith("text/calendar")]
    found += ["text/plain comes first"] if types != ["text/plain", "text/html"][: len(types)] else []
    for one in people:
        values = one.get("substitutions", {})
        size = sum(len(name.encode()) + len(value.encode()) for name, value in values.items())
        found += ["substitutions too large"] if size > 10_000 else []
        found += ["too many substitutions"] if len(values) > 150 else []
        found += ["a header is no text"] if not all(isinstance(value, str) for value in one["headers"].values()) else []
    return found


@dataclass
class SendGridServer:
    """What it was sent; `answer` decides what comes back, None drops the connection without an answer."""

    schema: Document | None = None
    answer: Callable[[Document], Answer | None] | None = None
    taken: list[Document] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    url: str = ""
    _numbers: count[int] = field(default_factory=count)

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Take a request."""
        document = await request.json()
        self.headers.append(request.headers)
        self.faults += faults(self.schema, document) if self.schema else []
        answer = self.answer(document) if self.answer else (202, None, {})
        if answer is None:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        status, body, headers = answer
        if status == 202:
            self.taken.append(document)
            headers = {"X-Message-Id": f"id{next(self._numbers)}.dfd", **headers}
        return web.Response(status=status, body=b"" if body is None else json.dumps(body).encode(), headers=headers)


@asynccontextmanager
async def running(server: SendGridServer) -> AsyncIterator[SendGridServer]:
    """Run it until the block ends; `url` is the endpoint that stands in a secret."""
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v3/mail/send", server.receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v3"
    try:
        yield server
    finally:
        await runner.cleanup()
