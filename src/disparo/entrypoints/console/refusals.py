"""What cannot be done, said on a page: problems of the application that a browser asked for become pages."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.words import mark
from disparo.entrypoints.http.problems import MEDIA_TYPE

TITLES: Mapping[int, str] = {
    400: mark("O pedido não pôde ser lido"),
    401: mark("Entre de novo"),
    403: mark("Isto não está ao seu alcance"),
    404: mark("Não há nada aqui"),
    405: mark("Esta página não se abre assim"),
    409: mark("Algo mudou enquanto isso"),
    413: mark("É grande demais"),
    422: mark("Algo no pedido está errado"),
    429: mark("Devagar"),
    500: mark("Algo deu errado do nosso lado"),
    503: mark("Os dados não podem ser alcançados agora"),
}
_KEPT_HEADERS = frozenset({"cache-control", "x-content-type-options", "retry-after", "allow", "www-authenticate"})


class PagesForProblems:
    """Around the application: a problem document that answers a browser's request for a console page becomes a page.

    Programs, other addresses and every other answer pass as they are.
    """

    def __init__(self, app: ASGIApp, console: Console) -> None:
        self._app, self._console = app, console

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http" or not _wants_page(request := Request(scope, receive)):
            await self._app(scope, receive, send)
            return
        held = _Held(send)
        await self._app(scope, receive, held.take)
        if held.start is not None:
            await self._answer(request, held.start, held.body)(scope, receive, send)

    def _answer(self, request: Request, start: Message, body: bytes) -> Response:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
        kept = {name: value for name, value in headers.items() if name in _KEPT_HEADERS}
        try:
            problem: dict[str, Any] = json.loads(body)
            page = refusal(self._console, request, start["status"], problem)
        except Exception:  # a page about an error must not be one: the plain document says the same
            logging.getLogger("disparo.http").exception("refusal_failed")
            return Response(body, start["status"], kept, media_type=MEDIA_TYPE)
        for name, value in kept.items():
            page.headers[name] = value
        return page


def refusal(console: Console, request: Request, status: int, problem: Mapping[str, Any]) -> Response:
    """The page about a problem document."""
    faults = [one["detail"] if not one["place"] else f"{one['place']}: {one['detail']}" for one in _errors(problem)]
    return console.page(
        request,
        "refusal.html",
        status=status,
        title=TITLES.get(status, TITLES[400] if status < 500 else TITLES[500]),
        code=status,
        detail="" if faults and problem["detail"].count("\n") else problem["detail"],
        faults=faults,
        number=problem.get("instance") or "",
    )


def _errors(problem: Mapping[str, Any]) -> list[dict[str, str]]:
    return problem.get("errors") or []


def _wants_page(request: Request) -> bool:
    path = request.url.path
    wanted = path == "/console" or (path.startswith("/console/") and not path.startswith("/console/static/"))
    return wanted and "text/html" in request.headers.get("accept", "")


class _Held:
    """Passes on what is no problem document, and holds back what is one."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.start: Message | None = None
        self.body = b""

    async def take(self, message: Message) -> None:
        """In place of ASGI's `send`."""
        if message["type"] == "http.response.start" and _is_problem(message):
            self.start = message
        elif self.start is None:
            await self._send(message)
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


def _is_problem(message: Message) -> bool:
    kind: bytes = dict(message.get("headers", ())).get(b"content-type", b"")
    return kind.startswith(MEDIA_TYPE.encode())
