"""`/console/sign-in` and `/console/sign-out`."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from disparo.entrypoints.areas import include
from disparo.entrypoints.console.forms import Form, read_form
from disparo.entrypoints.console.own_path import link, own_path
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.sign_in import elsewhere, keys, own, people, second_factor, setup
from disparo.entrypoints.console.sign_in.answers import (
    HALF,
    HALF_PATH,
    failed,
    let_in,
    signed_in,
    status_of,
    waiting,
)
from disparo.entrypoints.http.access import SIGN_IN
from disparo.entrypoints.http.identity import comer_of, own_session
from disparo.entrypoints.http.session_cookie import drop_session, is_secure
from disparo.usecases.accounts.locks import ThrottledError
from disparo.usecases.accounts.sign_in import HALF_FOR, Half, HalfOverError, WrongSignInError, by_code, by_password

CODE = "/console/sign-in/code"


def router(console: Console) -> APIRouter:
    """The routes of all pages about who may sign in."""
    routes, desk = APIRouter(), _Reception(console)
    routes.get(SIGN_IN, name="sign_in.show")(desk.show)
    routes.post(SIGN_IN, name="sign_in.password")(desk.take_password)
    routes.get(CODE, name="sign_in.show_code")(desk.show_code)
    routes.post(CODE, name="sign_in.code")(desk.take_code)
    routes.post("/console/sign-out", name="sign_in.out")(desk.sign_out)
    for part in (setup, elsewhere, own, second_factor, people, keys):
        include(routes, part.router(console))
    return routes


class _Reception:
    """Lets in who has the password, and the code where one is needed."""

    def __init__(self, console: Console) -> None:
        self._console, self._house = console, console.house

    async def show(self, request: Request) -> Response:
        """The form; who is in already is led on."""
        onward = own_path(request.query_params.get("next"))
        if await signed_in(self._console, request):
            return self._console.redirect(request, onward)
        return await self._form(request, Form.of({"next": onward}))

    async def take_password(self, request: Request) -> Response:
        """Look at e-mail and password."""
        form = await read_form(request)
        onward, now = own_path(form.get("next")), self._house.clock.now()
        try:
            found = await by_password(
                self._house.locks, form.get("email"), form.get("password"), comer_of(request), now
            )
        except (WrongSignInError, ThrottledError) as error:
            wrong = failed(self._console, request, form, error)
            return waiting(await self._form(request, wrong, status_of(error)), error)
        if not isinstance(found, Half):
            return await let_in(self._console, request, found, onward)
        response = self._console.redirect(request, link(CODE, {"next": onward}))
        response.set_cookie(
            HALF,
            found.sealed,
            int(HALF_FOR.total_seconds()),
            path=HALF_PATH,
            secure=is_secure(request, self._house),
            httponly=True,
            samesite="lax",
        )
        return response

    async def show_code(self, request: Request) -> Response:
        """The form for the code; without a password before it there is none."""
        onward = own_path(request.query_params.get("next"))
        if HALF not in request.cookies:
            return self._console.redirect(request, link(SIGN_IN, {"next": onward}))
        return self._console.page(request, "sign_in/code.html", form=Form.of({"next": onward}))

    async def take_code(self, request: Request) -> Response:
        """Look at the code."""
        form = await read_form(request)
        onward, half = own_path(form.get("next")), request.cookies.get(HALF, "")[:4_000]
        try:
            begun = await by_code(self._house.locks, half, form.get("code"), comer_of(request), self._house.clock.now())
        except HalfOverError as error:
            wrong = failed(self._console, request, Form.of({"next": onward}), error)
            return await self._form(request, wrong, status_of(error))
        except (WrongSignInError, ThrottledError) as error:
            wrong = failed(self._console, request, form, error)
            page = self._console.page(request, "sign_in/code.html", status=status_of(error), form=wrong)
            return waiting(page, error)
        return await let_in(self._console, request, begun, onward)

    async def sign_out(self, request: Request) -> Response:
        """End this session."""
        session = own_session(request)
        await self._house.store.sessions.end(session.account_id, session.id)
        response = self._console.redirect(request, SIGN_IN)
        drop_session(response, request, self._house)
        return response

    async def _form(self, request: Request, form: Form, status: int = 200) -> Response:
        return self._console.page(
            request,
            "sign_in/sign_in.html",
            status=status,
            form=form,
            nobody=not await self._house.store.accounts.any(),
            elsewhere=self._house.elsewhere is not None,
            company=self._house.settings.company_name,
        )
