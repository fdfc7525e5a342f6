"""Against other sites' pages that send requests in the name of who is signed in here.

Two fences, each enough by itself: what a browser says of where a request comes from (Fetch Metadata, Origin), and a
token of the session that only our pages know.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast
from urllib.parse import parse_qsl, urlsplit

from asgi_cross_origin_protection import CrossOriginProtection
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from disparo.domain.session import same
from disparo.entrypoints.http.access import is_looking
from disparo.entrypoints.http.installation import ForbiddenError, Report, StaleFormError
from disparo.entrypoints.http.problems import of_error

FIELD, HEADER = "csrf", "x-csrf-token"
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = re.compile(r'multipart/form-data\s*;.*?boundary="?([A-Za-z0-9\'()+_,./:=? -]{1,70})"?', re.I)
_ENOUGH = 2_000
"""Bytes of a multipart form that are looked at: the token stands in its first field."""
_MOST_FIELDS = 1_000
_GUARDED = ("/console", "/api/v1", "/mcp")


class SameOrigin:
    """Refuses what a browser says that another site sends; other programs say nothing of the kind.

    Providers' calls, unsubscribe and booking pages look to themselves.
    """

    def __init__(self, app: ASGIApp, public_url: str | None, report: Report) -> None:
        self._app, self._report = app, report
        allowed = [_origin(public_url)] if public_url else []
        guarded = CrossOriginProtection(app, allowed_origins=allowed, deny_app=self._deny)
        self._guarded = cast("ASGIApp", guarded)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        inside = scope["type"] == "http" and any(
            scope["path"] == one or scope["path"].startswith(one + "/") for one in _GUARDED
        )
        await (self._guarded if inside else self._app)(scope, receive, send)

    async def _deny(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = ForbiddenError("o pedido veio de outro site; abra a página e repita")
        await of_error(error, self._report)(scope, receive, send)


class SessionForms:
    """Inside of the gate: whoever is known by a cookie must also bring the session's token to change anything.

    In the header `X-CSRF-Token`, or in the field `csrf`, which in a multipart form comes first.
    """

    def __init__(self, app: ASGIApp, report: Report) -> None:
        self._app, self._report = app, report

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        wanted = scope.get("state", {}).get("csrf") if scope["type"] == "http" else None
        if wanted is None or is_looking(scope["method"]):
            await self._app(scope, receive, send)
            return
        given, receive = await _given(scope, receive)
        if same(given, str(wanted)):
            await self._app(scope, receive, send)
            return
        error = StaleFormError("esta página foi aberta antes de você entrar; abra-a de novo e repita")
        await of_error(error, self._report)(scope, receive, send)


async def _given(scope: Scope, receive: Receive) -> tuple[str, Receive]:
    """The token that came, and the body from its beginning."""
    headers = Request(scope).headers
    if (header := headers.get(HEADER)) is not None:
        return header, receive
    kind = headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() == _FORM:
        body, again = await _read(receive, None)
        return _of_form(body), again
    if (multipart := _MULTIPART.match(kind)) is not None:
        body, again = await _read(receive, _ENOUGH)
        return _of_multipart(body, multipart[1]), again
    return "", receive


async def _read(receive: Receive, enough: int | None) -> tuple[bytes, Receive]:
    """The body, or as much of it as is enough; and all of it once more. How long it may be is looked at before us."""
    messages: list[Message] = []
    body = b""
    more = True
    while more and (enough is None or len(body) < enough):
        message = await receive()
        messages.append(message)
        body += message.get("body", b"")
        more = message["type"] == "http.request" and message.get("more_body", False)

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    return body, again


def _of_form(body: bytes) -> str:
    try:
        fields: Sequence[tuple[str, str]] = parse_qsl(body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return ""
    return next((value for name, value in fields if name == FIELD), "")


def _of_multipart(body: bytes, boundary: str) -> str:
    mark = re.escape(boundary.encode())
    opening = rb'(?:\r\n)?--%b[ \t]*\r\nContent-Disposition: *form-data; *name="csrf"\r\n\r\n' % mark
    first = re.compile(opening + rb"([0-9a-f]{1,128})\r\n--" + mark, re.IGNORECASE)
    found = first.match(body)
    return found[1].decode() if found else ""


def _origin(public_url: str) -> str:
    parts = urlsplit(public_url)
    return f"{parts.scheme}://{parts.netloc}"
