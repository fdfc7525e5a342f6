"""How somebody wants to see the console, in cookies; `?lang=` and `?theme=` of any page change it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from disparo.entrypoints.console.words import LANGUAGES, PORTUGUESE

THEMES = ("auto", "light", "dark")
LANGUAGE_COOKIE, THEME_COOKIE = "disparo_lang", "disparo_theme"
_YEAR_S = 365 * 24 * 3600
_ACCEPTED = re.compile(r"\s*([A-Za-z]{2,3})[\w-]*\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?")


@dataclass(frozen=True, slots=True)
class Preferences:
    """`language` is one of LANGUAGES, `theme` one of THEMES."""

    language: str
    theme: str


def preferences_of(request: Request) -> Preferences:
    """What the address asks for, else the cookies, else the browser's languages; never an error."""
    return Preferences(
        _asked(request, "lang", LANGUAGE_COOKIE, LANGUAGES) or _accepted(request.headers.get("accept-language", "")),
        _asked(request, "theme", THEME_COOKIE, dict.fromkeys(THEMES)) or THEMES[0],
    )


def asks_for_change(request: Request) -> bool:
    """Whether the address says how it wants to be seen: what is kept then, and taken out of the address."""
    return request.method == "GET" and ("lang" in request.query_params or "theme" in request.query_params)


def keep(response: Response, wanted: Preferences, *, secure: bool) -> None:
    """Remember for a year."""
    for name, value in ((LANGUAGE_COOKIE, wanted.language), (THEME_COOKIE, wanted.theme)):
        # The page's own script may set the theme, so it is not hidden from it.
        response.set_cookie(name, value, _YEAR_S, path="/console", secure=secure, samesite="lax")


def _asked(request: Request, key: str, cookie: str, known: Mapping[str, object]) -> str:
    said = (request.query_params.get(key, ""), request.cookies.get(cookie, ""))
    return next((one for one in said if one in known), "")


def _accepted(header: str) -> str:
    """The language liked best of those that we speak (RFC 9110, 12.5.4)."""
    best, liked = PORTUGUESE, 0.0
    for part in header[:500].split(","):
        match = _ACCEPTED.fullmatch(part)
        if match is None:
            continue
        tag = next((one for one in LANGUAGES if one[:2] == match[1].lower()), None)
        weight = float(match[2] or 1)
        if tag and weight > liked:
            best, liked = tag, weight
    return best
