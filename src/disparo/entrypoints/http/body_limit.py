"""How much a request may bring, and how slowly.

What is too much is refused before it is read where it says its length, else while it is read.
"""

from __future__ import annotations

import asyncio
import re

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEGABYTE = 1024 * 1024
USUAL = MEGABYTE
CALLBACK = 3 * MEGABYTE
"""WhatsApp's calls have up to 3 MB (Meta, WhatsApp Cloud API, "Set up webhooks")."""
PATIENCE_S = 30.0
"""Without a byte of a body that is not over: who sends one drop at a time holds a connection that others need."""
LEAST_BYTES_PER_S = 4_096
"""What a body must come with over time, once `PATIENCE_S` are used up: a drop just before each patience ends is no way
to hold a connection for ever."""
_FORM = 64 * 1024
"""What is around the file in an upload by form."""
_UPLOADS = (
    ("PUT", re.compile(r"/api/v1/imports/[^/]+/file")),
    ("POST", re.compile(r"/api/v1/imports(/preview)?|/api/v1/suppressions/import")),
    ("POST", re.compile(r"/console/contacts/(import|suppressions/import)")),
)


class BodyLimit:
    """Refuses what is larger than its address takes, with HTTPException 413; a file has at most `upload` bytes.

    A body that stops coming for `PATIENCE_S`, or that comes slower than `LEAST_BYTES_PER_S`, ends with HTTPException
    408. Only waiting for it counts, not what is done with it meanwhile.
    """

    def __init__(self, app: ASGIApp, upload: int) -> None:
        self._app, self._upload = app, upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit, read, over, waited_s = _limit(scope, self._upload), 0, False, 0.0
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length[:20]) > limit:
            raise HTTPException(413)

        async def counted() -> Message:
            nonlocal read, over, waited_s
            if over:  # what is waited for now is that somebody leaves
                return await receive()
            began_s = _elapsed_s()
            message = await _soon(receive, min(PATIENCE_S, PATIENCE_S + read / LEAST_BYTES_PER_S - waited_s))
            waited_s += _elapsed_s() - began_s
            over = not message.get("more_body", False)
            read += len(message.get("body", b""))
            if read > limit:
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)


def _elapsed_s() -> float:
    return asyncio.get_running_loop().time()


async def _soon(receive: Receive, within_s: float) -> Message:
    try:
        return await asyncio.wait_for(receive(), max(within_s, 0.0))
    except TimeoutError:
        raise HTTPException(408) from None


def _limit(scope: Scope, upload: int) -> int:
    path: str = scope["path"]
    kind = Headers(scope=scope).get("content-type", "").strip().lower()
    # Fields of a form are kept in memory, a file is not: no form of fields alone has a file in it.
    is_file = not kind.startswith("application/x-www-form-urlencoded")
    if is_file and any(scope["method"] == method and where.fullmatch(path) for method, where in _UPLOADS):
        return upload + _FORM
    return CALLBACK if path.startswith("/webhooks/") else USUAL
