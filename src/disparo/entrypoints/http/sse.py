"""Server-sent events (WHATWG HTML, section 9.2): something that is looked at again and again, sent when it changed."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi.responses import StreamingResponse
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from disparo.domain.principal import Principal
from disparo.entrypoints.http.installation import local_report
from disparo.entrypoints.http.problems import of_error
from disparo.entrypoints.http.turnstile import TooManyError

MEDIA_TYPE = "text/event-stream"
EVERY = timedelta(seconds=1)
MOST, MOST_EACH = 500, 20
"""Streams that this process keeps open, and of them one person or key: each looks at the store every second."""
LASTS = timedelta(seconds=50)
"""How long one answer lasts; a browser asks again by itself, and proxies end what is silent for a minute."""
RETRY = timedelta(seconds=2)
RETRY_ALONE = timedelta(seconds=5)
"""After an answer of one snapshot: a function is paid by the time that it answers."""
_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would keep the events until the answer has ended
)

ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events, each with one JSON document. The answer ends after a while; ask again.",
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
    }
}
"""For the OpenAPI document of a route that streams."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How something stands: `event` names the kind, `data` is JSON; after the `last` one nothing more is sent."""

    data: Mapping[str, Any]
    event: str = "progress"
    last: bool = False

    def encode(self) -> bytes:
        """As the stream has it. Line ends within the JSON are escaped by JSON itself."""
        text = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        return f"event: {self.event}\ndata: {text}\n\n".encode("utf-8", "replace")


Look = Callable[[], Awaitable[Snapshot]]
"""Looks at the thing; what it raises ends the stream."""


class EventStream(StreamingResponse):
    """An answer that looks each second and tells what changed, until it is over, somebody leaves or the server stops.

    The first snapshot is taken before anything is sent, so that a thing which is not there is a problem document like
    any other. Who has too many open, or comes when everybody together has, gets the problem `too-many`. Behind API
    Gateway, whose answers come whole, it is one snapshot and the word when to ask again.
    """

    # FastAPI reads the status of the document from this signature.
    def __init__(self, request: Request, look: Look, first: Snapshot, status_code: int = 200) -> None:
        super().__init__(iter(()), status_code, media_type=MEDIA_TYPE)
        self._look, self._first = look, first
        self._alone = "aws.event" in request.scope
        self._stopping: Callable[[], bool] = getattr(request.app.state, "stopping", lambda: False)

    @classmethod
    async def of(cls, request: Request, look: Look) -> EventStream:
        """The stream of what `look` sees."""
        return cls(request, look, await look())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if self._alone or self._first.last:
            await self._tell(receive, send)
            return
        actor = _actor(scope)
        if _OPEN.total() >= MOST or _OPEN[actor] >= MOST_EACH:
            error = TooManyError("há transmissões demais abertas; feche alguma, ou olhe de novo em instantes")
            await of_error(error, local_report)(scope, receive, send)
            return
        _OPEN[actor] += 1
        try:
            await self._tell(receive, send)
        finally:
            _OPEN[actor] -= 1
            if not _OPEN[actor]:
                del _OPEN[actor]

    async def _tell(self, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": list(_HEADERS)})
        retry = RETRY_ALONE if self._alone else RETRY
        await send(_piece(f"retry: {retry // timedelta(milliseconds=1)}\n\n".encode() + self._first.encode()))
        if not self._alone and not self._first.last:
            left = asyncio.ensure_future(_left(receive))
            try:
                await self._follow(left, send)
            finally:
                left.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _follow(self, left: asyncio.Future[None], send: Send) -> None:
        told = self._first
        for _ in range(LASTS // EVERY):
            await asyncio.wait({left}, timeout=EVERY.total_seconds())
            if left.done() or self._stopping():
                return
            seen = await self._look()
            await send(_piece(b":\n\n" if seen == told else seen.encode()))
            if seen.last:
                return
            told = seen


_OPEN: Counter[str] = Counter()
"""How many streams each has open, in this process."""


def _actor(scope: Scope) -> str:
    principal: Principal | None = scope.get("state", {}).get("principal")
    return principal.actor if principal else ""


async def _left(receive: Receive) -> None:
    """Returns once whoever asked has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _piece(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": True}
