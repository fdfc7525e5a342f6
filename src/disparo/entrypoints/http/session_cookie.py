"""The cookies of signing in: which session a browser has, and that it has been here before."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from disparo.entrypoints.http.installation import Installation
from disparo.usecases.accounts.sessions import Begun

SESSION, KNOWN = "disparo_session", "disparo_known"
_BOUND = "__Host-"
"""Browsers take a cookie of such a name only by https, for this host alone and from it (RFC 6265bis, 4.1.3.2)."""
_YEAR_S = 365 * 24 * 3600
KNOWN_PATH = "/console"


def is_secure(request: Request, house: Installation) -> bool:
    """Whether the browser speaks https: to us, or to a proxy before us under our public address."""
    if request.url.scheme == "https":
        return True
    public = urlsplit(house.settings.public_url or "")
    return public.scheme == "https" and public.netloc.lower() == request.headers.get("host", "").lower()


def session_token(request: Request, house: Installation) -> str | None:
    """The token that a request brings."""
    return request.cookies.get(_name(request, house))


def keep_session(response: Response, request: Request, house: Installation, begun: Begun, now: datetime) -> None:
    """Let the browser hold a session that has just begun, for as long as it may last."""
    secure = is_secure(request, house)
    lasts_s = int((begun.session.ends_at - now).total_seconds())
    response.set_cookie(
        _name(request, house), begun.token, lasts_s, path="/", secure=secure, httponly=True, samesite="lax"
    )
    if begun.known:
        response.set_cookie(KNOWN, begun.known, _YEAR_S, path=KNOWN_PATH, secure=secure, httponly=True, samesite="lax")


def drop_session(response: Response, request: Request, house: Installation) -> None:
    """Let the browser forget its session; that it was here before it keeps."""
    response.delete_cookie(
        _name(request, house), path="/", secure=is_secure(request, house), httponly=True, samesite="lax"
    )


def _name(request: Request, house: Installation) -> str:
    return f"{_BOUND}{SESSION}" if is_secure(request, house) else SESSION
