"""Addresses inside the console, and nothing else: nobody is sent to another site by us."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import URL
from starlette.requests import Request

HOME = "/console"
_LONGEST = 2_000
_OWN = re.compile(r"/console(?:[/?#][!-\[\]-~]*)?")
"""Visible ASCII without a backslash, which some browsers read as a slash."""


def own_path(wanted: str | None, otherwise: str = HOME) -> str:
    """`wanted` when it is an address of the console, else `otherwise`."""
    if not wanted or len(wanted) > _LONGEST or not _OWN.fullmatch(wanted):
        return otherwise
    steps = urlsplit(wanted).path.replace("%2e", ".").replace("%2E", ".").split("/")
    return otherwise if ".." in steps or "." in steps else wanted


def came_from(request: Request) -> str:
    """The page of ours that a request says it comes from; the first page when it says none."""
    url = URL(request.headers.get("referer", ""))
    return own_path(_written(url)) if url.netloc == request.url.netloc else HOME


def _written(url: URL) -> str:
    return url.path + (f"?{url.query}" if url.query else "")


def link(path: str, query: Mapping[str, object] | None = None) -> str:
    """A path with a query; what is None or empty is left out. A query that the path has is kept, ours wins."""
    parts = urlsplit(path)
    merged = {**dict(parse_qsl(parts.query)), **(query or {})}
    written = urlencode({name: value for name, value in merged.items() if value not in (None, "")})
    return parts.path + (f"?{written}" if written else "") + (f"#{parts.fragment}" if parts.fragment else "")
