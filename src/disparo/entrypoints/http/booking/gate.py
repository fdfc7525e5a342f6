"""What a request must pass before it reaches a page: how often, from where, how large."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import NoReturn
from urllib.parse import parse_qsl, urlsplit

from fastapi import HTTPException, Request
from starlette.requests import ClientDisconnect

from disparo.entrypoints.http.booking.rates import Rate, network_of
from disparo.entrypoints.http.booking.refusals import RefusedError

MOST_BYTES = 32 * 1024
"""Of a form; its longest text has 1,000 characters, each of up to 12 bytes as forms write it."""
MOST_FIELDS = 40
READ_FOR_S = 10.0
_FORM = "application/x-www-form-urlencoded"
_MINUTE = timedelta(minutes=1)
_PORTS = {"http": 80, "https": 443}


class Gate:
    """Counts who asks; of one application."""

    def __init__(self) -> None:
        self._looking, self._writing = Rate(120, _MINUTE), Rate(20, _MINUTE)
        self._looked_at, self._written_to = Rate(120, _MINUTE), Rate(12, _MINUTE)
        self._looked_at_types, self._written_to_types = Rate(600, _MINUTE), Rate(60, _MINUTE)

    def pass_client(self, request: Request, now: datetime) -> None:
        """Count the one who asks, by network address; RefusedError 429."""
        rate = self._looking if request.method in ("GET", "HEAD") else self._writing
        client = request.client
        _counted(rate, network_of(client.host) if client else "", now)

    def pass_link(self, request: Request, token: str, now: datetime) -> None:
        """Count a link of ours, whoever opens it; RefusedError 429."""
        _counted(self._looked_at if request.method in ("GET", "HEAD") else self._written_to, token, now)

    def pass_type(self, request: Request, type_id: str, now: datetime) -> None:
        """Count a public page, whoever opens it; RefusedError 429."""
        rate = self._looked_at_types if request.method in ("GET", "HEAD") else self._written_to_types
        _counted(rate, type_id, now)


def _counted(rate: Rate, name: str, now: datetime) -> None:
    if (wait_s := rate.wait_s(name, now)) is not None:
        raise RefusedError("busy", 429, wait_s)


async def form_of(request: Request, public_url: str | None) -> dict[str, str]:
    """The fields of a form that one of our own pages sent; of a field that comes twice the last one counts.

    RefusedError 403 where it comes from elsewhere, 413 where it is too large, 415, 400 and 408 where it is no form.
    """
    if not is_own(request, public_url):
        raise RefusedError("foreign", 403)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise RefusedError("strange", 415)
    try:
        body = await asyncio.wait_for(_body(request), READ_FOR_S)
        text = body.decode("utf-8", "replace")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace"))
    except TimeoutError:
        raise RefusedError("strange", 408) from None
    except ValueError:
        raise RefusedError("strange", 400) from None
    except ClientDisconnect:  # nobody is there to be answered
        raise HTTPException(400) from None


async def _body(request: Request) -> bytes:
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > MOST_BYTES:
        _too_large()
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            _too_large()
    return body


def _too_large() -> NoReturn:
    raise RefusedError("large", 413)


def is_own(request: Request, public_url: str | None) -> bool:
    """Whether a browser says that one of our pages sent this (Fetch Metadata, section 2; RFC 6454, section 7).

    There is no session that others could ride on: what a link allows, it allows to whoever has it. Browsers without
    Fetch Metadata say `null` here, as our pages forbid them to tell where they come from.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return False
    return origin == "null" or _place(origin) in _own_places(request, public_url)


def _own_places(request: Request, public_url: str | None) -> list[tuple[str, int | None]]:
    """Host and port under which we are known: to the client, or to everybody. A proxy may have ended the encryption."""
    host = request.headers.get("host", "")
    named = [f"http://{host}", f"https://{host}", *([public_url] if public_url else [])]
    return [place for url in named if (place := _place(url)) is not None]


def _place(url: str) -> tuple[str, int | None] | None:
    try:
        parts = urlsplit(url)
        return (parts.hostname, parts.port or _PORTS.get(parts.scheme)) if parts.hostname else None
    except ValueError:
        return None
