"""What cannot be done, said on a page: problems of the application that a browser asked for become pages."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from disparo.entrypoints.console.held import Fields, Noted, from_own_page, held, shorts, texts
from disparo.entrypoints.console.own_path import came_from, link, own_path
from disparo.entrypoints.console.plain import plain
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.words import mark
from disparo.entrypoints.http.access import SIGN_IN
from disparo.entrypoints.http.problems import MEDIA_TYPE, TYPE_PREFIX

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
        noted, answer = Noted(request, receive), _Held(send)
        await self._app(scope, noted.receive, answer.take)
        if answer.start is not None:
            await self._answer(request, answer.start, answer.body, held(noted.body))(scope, receive, send)

    def _answer(self, request: Request, start: Message, body: bytes, fields: Fields) -> Response:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
        kept = {name: value for name, value in headers.items() if name in _KEPT_HEADERS}
        try:
            problem: dict[str, Any] = json.loads(body)
            page = _late(self._console, request, problem, fields) or refusal(
                self._console, request, start["status"], problem
            )
        except Exception:  # a page about an error must not be one: the plain document says the same
            logging.getLogger("disparo.http").exception("refusal_failed")
            return Response(body, start["status"], kept, media_type=MEDIA_TYPE)
        for name, value in kept.items():
            page.headers[name] = value
        return page


def _late(console: Console, request: Request, problem: Mapping[str, Any], fields: Fields) -> Response | None:
    """The page that gives back what was written into a form of ours that could not be taken; None for all else."""
    kind = str(problem["type"]).removeprefix(TYPE_PREFIX)
    if kind not in _TOO_LATE:
        return None
    if not fields or not from_own_page(request):
        return console.redirect(request, link(SIGN_IN, {"next": came_from(request)})) if kind == STRANGER else None
    return console.page(
        request,
        "held.html",
        status=problem["status"],
        title=_TOO_LATE[kind],
        why=plain(problem["detail"]) if kind == "store" else "",
        action=own_path(request.url.path + (f"?{request.url.query}" if request.url.query else "")),
        fields=fields,
        texts=texts(fields),
        shorts=shorts(fields),
    )


STRANGER = "not-signed-in"
_TOO_LATE: Mapping[str, str] = {
    STRANGER: mark("A sua entrada terminou"),
    "stale-form": mark("Confira e envie"),
    "store": mark("Ainda não foi salvo"),
}


def refusal(console: Console, request: Request, status: int, problem: Mapping[str, Any]) -> Response:
    """The page about a problem document."""
    errors = _errors(problem)
    faults = [plain(one["detail"], placed=True) for one in errors]
    detail = plain(problem["detail"], placed=True)
    if any(one["place"] for one in errors):  # the framework's, in English, about an address that nobody wrote by hand
        faults, detail = [], console.words(request).gettext("o endereço não está inteiro; volte e siga o link de novo")
    return console.page(
        request,
        "refusal.html",
        status=status,
        title=TITLES.get(status, TITLES[400] if status < 500 else TITLES[500]),
        code=status,
        detail="" if faults and detail.count("\n") else detail,
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
