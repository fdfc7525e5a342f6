"""Who may reach which address: one table, asked before everything else.

What is not listed here is refused to everybody.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from disparo.domain.errors import DisparoError, NotFoundError
from disparo.domain.principal import Principal, Role
from disparo.entrypoints.console.own_path import came_from
from disparo.entrypoints.http.installation import ForbiddenError, Identify, NotSignedInError, Report
from disparo.entrypoints.http.problems import of_error

OPEN = (
    "/health",
    "/webhooks/",
    "/u/",
    "/book/",
    "/agendar/",
    "/agenda/",
    "/api/openapi.json",
    "/console/static/",
    "/console/sign-in",
    "/console/sign-in/code",
    "/console/setup",
    "/console/oidc/",
)
"""Addresses that ask nobody who they are: a whole one, or with `/` at its end everything below it."""

DOOR = "/"
"""The bare address: open, by itself, as it only leads to the console, which asks."""

AREAS = ("/api/v1", "/console", "/mcp", "/metrics")
"""Everything else that there is."""

_OWN = re.compile(r"/console/(account|sign-out)(/.*)?")
"""Pages about whoever asks: their own password, their own second factor."""

_ADMIN = re.compile(
    r"/(api/v1|console)/(accounts|keys|webhooks|audit|settings/(accounts|keys|webhooks|audit|edit))(/.*)?"
    r"|/(api/v1|console)/contacts/[^/]+/(erase|export)"
)
"""What only an admin may see and do."""

_ADMIN_CHANGES = re.compile(r"/(api/v1|console)/(settings)(/.*)?")
"""What everybody may see and only an admin may change."""

_ADMIN_DELETES = re.compile(r"/api/v1/contacts/[^/]+")
"""What an operator may change and only an admin may delete: a contact is erased for good."""

_LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})


def is_looking(method: str) -> bool:
    """Whether a request by this method changes nothing (RFC 9110, section 9.2.1)."""
    return method in _LOOKING


SIGN_IN = "/console/sign-in"
_PAGES = "/console"


def needed(method: str, path: str) -> Role | None:
    """The role that a request needs; None for what is open to all. NotFoundError for what is listed nowhere."""
    if path == DOOR or any(path.startswith(one) if one.endswith("/") else path == one for one in OPEN):
        return None
    if not any(path == area or path.startswith(area + "/") for area in AREAS):
        raise NotFoundError("não há nada neste endereço")
    if _OWN.fullmatch(path):
        return Role.VIEWER
    if _ADMIN.fullmatch(path) or (not is_looking(method) and _ADMIN_CHANGES.fullmatch(path)):
        return Role.ADMIN
    if method == "DELETE" and _ADMIN_DELETES.fullmatch(path):
        return Role.ADMIN
    if is_looking(method) or path.startswith("/mcp"):  # its tools each ask for their own role
        return Role.VIEWER
    return Role.OPERATOR


def resource_of(path: str) -> str | None:
    """The resource of the API that an address is of; None outside of the API."""
    found = _RESOURCE.match(path)
    return found[1] if found else None


_RESOURCE = re.compile(r"/api/v1/([^/]+)")


class Gate:
    """Around everything: who asks is found out and left in `request.state.principal`; who may not, is told so.

    A page of the console sends a stranger to the sign-in page and back; everything else answers with a problem.
    """

    def __init__(self, app: ASGIApp, identify: Identify, report: Report) -> None:
        self._app, self._identify, self._report = app, identify, report

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            role = needed(request.method, scope["path"])
            if role is not None:
                principal = request.state.principal = await self._identify(request)
                _refuse(principal, role, scope["path"])
        except NotSignedInError as error:
            answer: Response = await self._stranger(request, error)
        except DisparoError as error:
            answer = of_error(error, self._report)
        else:
            await self._app(scope, receive, send)
            return
        await answer(scope, receive, send)

    async def _stranger(self, request: Request, error: NotSignedInError) -> Response:
        if not _is_page(request):
            return of_error(error, self._report)
        if request.method == "POST" and request.headers.get("content-type", "").startswith(_FORM):
            await request.body()  # whoever makes pages of problems gives back what was written
            return of_error(error, self._report)
        return _to_sign_in(request)


_FORM = "application/x-www-form-urlencoded"


def _refuse(principal: Principal, role: Role, path: str) -> None:
    if not principal.role.covers(role):
        raise ForbiddenError(f"isto precisa do papel {role}; o seu é {principal.role}: peça a quem administra")
    resource = resource_of(path)
    if resource is None and principal.resources and not path.startswith(("/api/", "/mcp")):  # its tools each ask
        raise ForbiddenError("esta chave só serve para a API e o MCP")
    if resource is not None and not principal.may_use(resource):
        raise ForbiddenError(f"esta chave não alcança {resource}; veja os seus recursos")


def _is_page(request: Request) -> bool:
    return request.url.path.startswith(_PAGES) and "text/html" in request.headers.get("accept", "")


def _to_sign_in(request: Request) -> Response:
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method != "GET":  # its answer is no page to come back to; that of the form is
        wanted = came_from(request)
    return RedirectResponse(f"{SIGN_IN}?next={quote(wanted)}", 303)
