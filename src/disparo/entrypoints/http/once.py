"""`Idempotency-Key`: a POST to the API that is sent twice has its effect once, and its answer twice.

It behaves as Novu's does (docs.novu.co/api-reference/idempotency), but for one thing: answers of 500 and above are not
kept, as nothing was decided and the client ought to try again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from secrets import token_hex

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from disparo.domain.principal import Principal
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.problems import Kind, problem
from disparo.entrypoints.http.spool import spooled
from disparo.entrypoints.http.uploads import is_form
from disparo.ports.idempotency import LONGEST_KEY, Begun, InFlight, KeptAnswer, OtherRequest, Replay, Standing

HEADER = "idempotency-key"
REPLAYED = "idempotency-replay"
LARGEST_BYTES = 128 * 1024
"""Of an answer that is kept; none of ours is larger."""
_KEPT_HEADERS = frozenset({"content-type", "location"})
_NOT_KEPT = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
_RETRY_S = 1
_SEALED = "disparo-sealed"

_BAD_KEY = Kind(HTTPStatus.BAD_REQUEST, "idempotency-key", "The Idempotency-Key is wrong")
_IN_FLIGHT = Kind(HTTPStatus.CONFLICT, "in-flight", "The same request is under way")
_OTHER = Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "other-request", "The Idempotency-Key stands for another request")


class OnlyOnce:
    """Around the API: takes the key before a request, and keeps its answer after it."""

    def __init__(self, app: ASGIApp, house: Installation) -> None:
        self._app, self._house = app, house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if not (scope["type"] == "http" and scope["method"] == "POST" and scope["path"].startswith("/api/v1/")):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        key = request.headers.get(HEADER)
        if key is None:
            await self._app(scope, receive, send)
        elif not 0 < len(key) <= LONGEST_KEY:
            answer = problem(_BAD_KEY, f"Idempotency-Key: escreva de 1 a {LONGEST_KEY} caracteres")
            await answer(scope, receive, send)
        else:
            principal: Principal = request.state.principal  # the gate is outside of us
            await self._read(f"{principal.actor}\n{key}", key, request, send)

    async def _read(self, name: str, key: str, request: Request, send: Send) -> None:
        """Read what is asked for; a file is not held in memory for it."""
        if is_form(request):
            async with spooled(request) as spool:
                fingerprint = _fingerprint(request, spool.digest.encode())
                await self._once(name, key, fingerprint, Request(request.scope, spool.receive), send)
        else:
            body = await request.body()
            again = Request(request.scope, _again(body, request.receive))
            await self._once(name, key, _fingerprint(request, body), again, send)

    async def _once(self, name: str, key: str, fingerprint: str, request: Request, send: Send) -> None:
        token = token_hex(8)
        now = self._house.clock.now()
        standing = await self._house.idempotency.begin(name, fingerprint, token, now)
        if (told := _told(self._opened(standing, name))) is not None:
            await told(request.scope, request.receive, send)
            return
        answer = _Recorded(send, [(HEADER.encode(), key.encode("latin-1", "replace"))])
        try:
            await self._app(request.scope, request.receive, answer.send)
        finally:
            kept = answer.kept(getattr(request.state, "about", None))
            if kept is None:
                await self._house.idempotency.release(name, token)
            else:
                if getattr(request.state, "secret_answer", False):
                    kept = self._sealed(kept, name)
                await self._house.idempotency.finish(name, token, kept, self._house.clock.now())

    def _sealed(self, answer: KeptAnswer, name: str) -> KeptAnswer:
        """An answer that holds a secret, such as a new key, as it may lie in a store."""
        body = self._house.locks.sealer.seal(answer.body.decode(), f"answer {name}").encode()
        return replace(answer, body=body, headers={**answer.headers, _SEALED: "1"})

    def _opened(self, standing: Standing, name: str) -> Standing:
        if not isinstance(standing, Replay) or _SEALED not in standing.answer.headers:
            return standing
        headers = {key: value for key, value in standing.answer.headers.items() if key != _SEALED}
        body = self._house.locks.sealer.open(standing.answer.body.decode(), f"answer {name}").encode()
        return Replay(replace(standing.answer, body=body, headers=headers))


def _told(standing: Standing) -> Response | None:
    """What is answered without doing anything; None when the request is to be done."""
    match standing:
        case Begun():
            return None
        case Replay(answer):
            return Response(answer.body, answer.status, {**answer.headers, REPLAYED: "true"})
        case InFlight():
            detail = "o mesmo pedido está sendo atendido; repita em instantes para saber a resposta"
            return problem(_IN_FLIGHT, detail, headers={"Retry-After": str(_RETRY_S)})
        case OtherRequest():
            return problem(_OTHER, "esta Idempotency-Key já foi usada em outro pedido; gere uma nova")


def _fingerprint(request: Request, body: bytes) -> str:
    """What tells one request from another; the body of an upload by its digest."""
    parts = (request.method, request.url.path, request.url.query, "")
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace") + body).hexdigest()


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, then what comes after it."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


@dataclass(slots=True)
class _Recorded:
    """Passes an answer on and remembers it."""

    onward: Send
    extra: list[tuple[bytes, bytes]]
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = False

    async def send(self, message: Message) -> None:
        """See ASGI."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {
                name.decode("latin-1"): value.decode("latin-1")
                for name, value in message["headers"]
                if name.decode("latin-1").lower() in _KEPT_HEADERS
            }
            message = {**message, "headers": [*message["headers"], *self.extra]}
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")[: LARGEST_BYTES + 1]
            self.whole = not message.get("more_body", False)
        await self.onward(message)

    def kept(self, about: str | None) -> KeptAnswer | None:
        """The answer, if it is one that another request may get; None also when it was cut off.

        `about` is the contact that it tells of, which its handler says.
        """
        if not self.whole or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or self.status in _NOT_KEPT:
            return None
        return KeptAnswer(self.status, self.body, self.headers, about) if len(self.body) <= LARGEST_BYTES else None
