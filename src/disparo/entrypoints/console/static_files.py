"""The console's style, scripts and images: read once, served under an address that changes with what is in them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response

PREFIX = "/console/static"
STYLE = "console.css"
_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
}
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file; `small` is it by gzip."""

    content: bytes
    small: bytes
    media_type: str


@cache
def static_files() -> dict[str, StaticFile]:
    """Every file by its name; the parts of the style as one."""
    folder = files(__package__ or "") / "static"
    parts = sorted(_of_type(folder / "style", "css"), key=lambda part: part.name)
    contents = {STYLE: b"\n".join(part.read_bytes() for part in parts)}
    for kind in _TYPES:
        contents |= {one.name: one.read_bytes() for one in _of_type(folder, kind)}
    return {
        name: StaticFile(content, gzip.compress(content, mtime=0), _TYPES[name.rpartition(".")[2]])
        for name, content in contents.items()
    }


@cache
def static_hash() -> str:
    """Of all files together, so that one may name another relative to itself."""
    digest = blake2b(digest_size=8)
    for name, file in sorted(static_files().items()):
        digest.update(f"{name}:{len(file.content)}:".encode() + file.content)
    return digest.hexdigest()


def static_url(name: str) -> str:
    """The address of a file; KeyError when there is none of that name."""
    static_files()[name]
    return f"{PREFIX}/{static_hash()}/{name}"


def router() -> APIRouter:
    """Serves them; whatever is not one of them by its exact name and present hash is not there."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(PREFIX + "/{digest}/{name}", name="console.static")
    async def static(request: Request, digest: str, name: str) -> Response:
        file = static_files().get(name)
        if file is None or digest != static_hash():
            return Response(status_code=404)
        headers = {"Cache-Control": _FOREVER, "Vary": "Accept-Encoding", "Cross-Origin-Resource-Policy": "same-origin"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.small, headers={**headers, "Content-Encoding": "gzip"}, media_type=file.media_type)
        return Response(file.content, headers=headers, media_type=file.media_type)

    return routes


def _of_type(folder: Traversable, kind: str) -> Iterator[Traversable]:
    return (one for one in folder.iterdir() if one.is_file() and one.name.endswith(f".{kind}"))
