"""The console's shell: makes a page of a template, leads from one to the next, and says no in the same look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from secrets import token_bytes
from typing import TYPE_CHECKING, cast

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from disparo.domain.principal import Principal
from disparo.entrypoints.console import told as told_cookie
from disparo.entrypoints.console.navigation import current, visible
from disparo.entrypoints.console.own_path import HOME, link, own_path
from disparo.entrypoints.console.preferences import Preferences, asks_for_change, keep, preferences_of
from disparo.entrypoints.console.told import Told, Tone
from disparo.entrypoints.console.words import LOCALES, Words, words_of
from disparo.entrypoints.console.workshop import View, make, workshop
from disparo.entrypoints.foreseeing import Foreseeing
from disparo.entrypoints.http.installation import Installation

if TYPE_CHECKING:
    from jinja2 import Environment

    from disparo.entrypoints.console.formats import Formats

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "Vary": "Cookie, Accept-Language",
}


class Console:
    """What every page of the console is made with; `house` is the installation that it shows.

    `foreseeing` is what plays forecasts, the same for all doors of the installation.
    """

    def __init__(self, house: Installation, foreseeing: Foreseeing | None = None) -> None:
        self.house = house
        self.foreseeing = foreseeing or Foreseeing(house)
        self._key = token_bytes(32)
        self._workshop = cache(self._open)

    def preparing(self) -> Iterator[None]:
        """Compile every template, one at each step, so that nobody waits for it; may run in a thread."""
        for language in LOCALES:
            environment = self._workshop(language)
            for name in environment.list_templates(("html",)):
                yield None
                environment.get_template(name)

    def page(self, request: Request, template: str, /, status: int = 200, **values: object) -> Response:
        """A whole page from a template, which knows these values and `view`.

        A request that asks for another language or theme is led to the same page without asking, once that is kept.
        What the page before had to tell is told, once.
        """
        wanted = preferences_of(request)
        if asks_for_change(request) and status < 300:
            answer: Response = self._go(link(_address(request)))
            keep(answer, wanted, secure=_secure(request))
            return answer
        told = self._told(request)
        html = self._made(request, template, wanted, told, values)
        response = HTMLResponse(html, status, {**HEADERS, "Content-Language": wanted.language})
        if told is not None:
            response.delete_cookie(told_cookie.COOKIE, path=HOME)
        return response

    def fragment(self, request: Request, template: str, /, **values: object) -> Response:
        """Part of a page, for a script of ours to put in its place."""
        wanted = preferences_of(request)
        return HTMLResponse(self._made(request, template, wanted, None, values), headers=dict(HEADERS))

    def redirect(self, request: Request, path: str, told: str = "", tone: Tone = "good") -> Response:
        """Look there now, by GET: what was posted is not posted again. `told` is said on that page, once.

        Anything but an address of the console leads to its first page.
        """
        response = self._go(own_path(path))
        if told:
            cookie = told_cookie.sealed(Told(told, tone), self._session_key(request), self.house.clock.now())
            response.set_cookie(
                told_cookie.COOKIE, cookie, 60, path=HOME, httponly=True, samesite="lax", secure=_secure(request)
            )
        return response

    def words(self, request: Request) -> Words:
        """The words of who asks: `_ = console.words(request).gettext`."""
        return words_of(preferences_of(request).language)

    def formats(self, request: Request) -> Formats:
        """Dates and amounts in the words of who asks, for texts that are not made in a template."""
        return cast("Formats", self._workshop(preferences_of(request).language).globals["formats"])

    def _made(
        self, request: Request, template: str, wanted: Preferences, told: Told | None, values: Mapping[str, object]
    ) -> str:
        principal = _principal(request)
        view = View(
            path=request.url.path,
            address=_address(request),
            language=wanted.language,
            theme=wanted.theme,
            principal=principal,
            csrf=_csrf(request),
            told=told,
            entries=visible(principal.role) if principal else (),
            current=current(request.url.path),
        )
        return make(self._workshop(wanted.language), template, view, dict(values))

    def _open(self, language: str) -> Environment:
        assert language in LOCALES
        return workshop(language, self.house.settings.business_hours_timezone, self.house.clock.now)

    def _told(self, request: Request) -> Told | None:
        cookie = request.cookies.get(told_cookie.COOKIE)
        if cookie is None:
            return None
        return told_cookie.opened(cookie, self._session_key(request), self.house.clock.now())

    def _session_key(self, request: Request) -> bytes:
        """The session's own secret, which every process knows; this process's where there is no session."""
        return _csrf(request).encode() or self._key

    def _go(self, path: str) -> Response:
        return RedirectResponse(path, 303, HEADERS)


def _principal(request: Request) -> Principal | None:
    found = getattr(request.state, "principal", None)
    return found if isinstance(found, Principal) else None


def _csrf(request: Request) -> str:
    return str(getattr(request.state, "csrf", "") or "")


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _address(request: Request) -> str:
    """Where a link comes back to this page: itself, or after a form the page that the form was on."""
    url = request.url
    if request.method not in ("GET", "HEAD"):
        came = URL(request.headers.get("referer", ""))
        url = came if came.netloc == url.netloc else URL(HOME)
    url = url.remove_query_params(("lang", "theme"))
    return own_path(url.path + (f"?{url.query}" if url.query else ""))
