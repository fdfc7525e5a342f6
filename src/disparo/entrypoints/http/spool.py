"""The body of an upload, read once to know what it is, then told to whoever wants it, in bounded memory."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO, Any

from python_multipart.multipart import parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

_IN_MEMORY = 1 << 20
_CHUNK = 1 << 18


@asynccontextmanager
async def spooled(request: Request) -> AsyncIterator[Spool]:
    """The body of a request, read; what is larger than a megabyte lies on the disk until the block ends.

    HTTPException 400 when it breaks off, and what a limit around it says.
    """
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
        spool = Spool(request, file)
        await spool.fill()
        yield spool


class Spool:
    """A body beside its digest.

    The digest leaves the boundary between the parts out: clients draw another one each time that they send the same.
    """

    def __init__(self, request: Request, file: IO[bytes]) -> None:
        self._request, self._file = request, file
        self._size = self._told = 0
        self.digest = ""

    async def fill(self) -> None:
        """Read all of it."""
        digest = BodyDigest(_boundary(self._request))
        while True:
            message = await self._request.receive()
            if message["type"] == "http.disconnect":
                raise HTTPException(400)
            chunk = message.get("body", b"")
            digest.update(chunk)
            await self._on_disk(self._file.write, chunk)
            self._size += len(chunk)
            if not message.get("more_body", False):
                break
        await self._on_disk(self._file.seek, 0)
        self.digest = digest.hexdigest()

    async def receive(self) -> Message:
        """The body once more, then what comes after it; see ASGI."""
        if self._told and self._told >= self._size:
            return await self._request.receive()
        chunk: bytes = await self._on_disk(self._file.read, _CHUNK)
        self._told += len(chunk) or 1  # an empty body is told once, too
        return {"type": "http.request", "body": chunk, "more_body": self._told < self._size}

    async def _on_disk(self, act: Any, given: Any) -> Any:
        """What fits into memory is done at once; a disk may keep others waiting."""
        return act(given) if self._size <= _IN_MEMORY - _CHUNK else await asyncio.to_thread(act, given)


class BodyDigest:
    """SHA-256 of a body that comes in pieces, without each occurrence of its boundary."""

    def __init__(self, boundary: bytes) -> None:
        self._boundary, self._rest = boundary, b""
        self._hash = hashlib.sha256()

    def update(self, chunk: bytes) -> None:
        """The next piece, wherever it was cut."""
        if not self._boundary:
            self._hash.update(chunk)
            return
        *whole, last = (self._rest + chunk).split(self._boundary)
        for part in whole:
            self._hash.update(part)
        open_end = len(self._boundary) - 1  # the beginning of a boundary may be among the last bytes
        cut = max(len(last) - open_end, 0)
        self._hash.update(last[:cut])
        self._rest = last[cut:]

    def hexdigest(self) -> str:
        """Of all pieces; nothing may come after it."""
        self._hash.update(self._rest)
        return self._hash.hexdigest()


def _boundary(request: Request) -> bytes:
    _, options = parse_options_header(request.headers.get("content-type", ""))
    return options.get(b"boundary", b"")
