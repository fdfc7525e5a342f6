"""`/console/oidc/`: to the other place where people sign in, and back."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from disparo.domain.errors import DisparoError, NotFoundError
from disparo.entrypoints.console.own_path import own_path
from disparo.entrypoints.console.shell import HEADERS, Console
from disparo.entrypoints.console.sign_in.answers import let_in
from disparo.entrypoints.http.identity import comer_of
from disparo.entrypoints.http.session_cookie import is_secure
from disparo.ports.accounts import AccountChangedError, EmailTakenError
from disparo.ports.identity_provider import IdentityError
from disparo.usecases.accounts.elsewhere import AWAY_FOR, Elsewhere, NotLetInError, come_back, leave

COOKIE, COOKIE_PATH = "disparo_journey", "/console/oidc"
START, BACK = f"{COOKIE_PATH}/start", f"{COOKIE_PATH}/callback"
_LONGEST = 4_000


def router(console: Console) -> APIRouter:
    """The routes; they are there only where the settings name a provider."""
    routes, house = APIRouter(), console.house

    @routes.get(START, name="sign_in.leave")
    async def start(request: Request) -> Response:
        there, now = _there(console), house.clock.now()
        onward = own_path(request.query_params.get("next"))
        return_to = (house.settings.public_url or str(request.base_url)).rstrip("/") + BACK
        try:
            address, kept = await leave(house.locks, there, return_to, onward, now)
        except IdentityError as error:
            return _refused(console, request, error)
        response = RedirectResponse(address, 303, HEADERS)
        response.set_cookie(
            COOKIE,
            kept,
            int(AWAY_FOR.total_seconds()),
            path=COOKIE_PATH,
            secure=is_secure(request, house),
            httponly=True,
            samesite="lax",
        )
        return response

    @routes.get(BACK, name="sign_in.come_back")
    async def back(request: Request) -> Response:
        there, now, query = _there(console), house.clock.now(), request.query_params
        kept = request.cookies.get(COOKIE, "")[:_LONGEST]
        state, code = query.get("state", "")[:_LONGEST], query.get("code", "")[:_LONGEST]
        try:
            if not code:
                raise NotLetInError("o provedor de contas não deixou entrar; comece de novo")
            begun, onward = await come_back(house.locks, there, kept, state, code, comer_of(request), now)
        except (IdentityError, NotLetInError, EmailTakenError, AccountChangedError) as error:
            return _refused(console, request, error)
        response = await let_in(console, request, begun, onward)
        response.delete_cookie(
            COOKIE, path=COOKIE_PATH, secure=is_secure(request, house), httponly=True, samesite="lax"
        )
        return response

    return routes


def _there(console: Console) -> Elsewhere:
    if (there := console.house.elsewhere) is None:
        raise NotFoundError("não há outro provedor de contas nas configurações")
    return there


def _refused(console: Console, request: Request, error: DisparoError) -> Response:
    _ = console.words(request).gettext
    status = 503 if isinstance(error, IdentityError) else 403
    return console.page(request, "sign_in/not_let_in.html", status=status, why=_(str(error)))
