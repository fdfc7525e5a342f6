"""`/console/account`: somebody's own name, password and sessions."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from disparo.domain.errors import DisparoError, InputError
from disparo.domain.password_rules import SHORTEST
from disparo.entrypoints.console.forms import Form, read_form
from disparo.entrypoints.console.preferences import Preferences, keep, preferences_of
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.sign_in.answers import failed, status_of, waiting
from disparo.entrypoints.console.sign_in.devices import device_words
from disparo.entrypoints.http.identity import comer_of, own_account, own_session
from disparo.entrypoints.http.session_cookie import is_secure, keep_session
from disparo.ports.accounts import AccountChangedError
from disparo.usecases.accounts import sessions
from disparo.usecases.accounts.locks import ThrottledError
from disparo.usecases.accounts.own import change_password, tell

PATH = "/console/account"


def router(console: Console) -> APIRouter:
    """The routes."""
    routes, house = APIRouter(prefix=PATH), console.house

    @routes.get("", name="account.show")
    async def show(request: Request) -> Response:
        return await page(console, request)

    @routes.post("/profile", name="account.tell")
    async def profile(request: Request) -> Response:
        form = await read_form(request)
        try:
            account = await tell(
                house.locks, own_account(request), name=form.get("name"), language=form.get("language")
            )
        except (InputError, AccountChangedError) as error:
            return await page(console, request, profile=failed(console, request, form, error), error=error)
        _ = console.words(request).gettext
        response = console.redirect(request, PATH, _("Salvo."))
        wanted = Preferences(account.language, preferences_of(request).theme)
        keep(response, wanted, secure=is_secure(request, house))
        return response

    @routes.post("/password", name="account.password")
    async def password(request: Request) -> Response:
        form, now = await read_form(request), house.clock.now()
        try:
            if form.get("password") != form.get("again"):
                raise InputError("again: as duas senhas não são iguais")
            account, comer = own_account(request), comer_of(request)
            begun = await change_password(house.locks, account, form.get("present"), form.get("password"), comer, now)
        except (InputError, ThrottledError, AccountChangedError) as error:
            return await page(console, request, password=failed(console, request, form, error), error=error)
        response = console.redirect(request, PATH)
        keep_session(response, request, house, begun, now)
        return response

    @routes.post("/sessions/end-others", name="account.end_other_sessions")
    async def end_others(request: Request) -> Response:
        session = own_session(request)
        count = await house.store.sessions.end_all(session.account_id, but=session.id)
        words = console.words(request)
        told = words.ngettext("%(count)s sessão encerrada.", "%(count)s sessões encerradas.", count)
        return console.redirect(request, PATH, told)

    @routes.post("/sessions/{name}/end", name="account.end_session")
    async def end(request: Request, name: str) -> Response:
        await sessions.end_named(house.locks, own_session(request).account_id, name)
        _ = console.words(request).gettext
        return console.redirect(request, PATH, _("Sessão encerrada."))

    return routes


async def page(
    console: Console,
    request: Request,
    *,
    profile: Form | None = None,
    password: Form | None = None,
    factor: Form | None = None,
    error: DisparoError | None = None,
) -> Response:
    """The page about one's account, with a form as it was sent where something in it is wrong."""
    account, session = own_account(request), own_session(request)
    shown = console.page(
        request,
        "sign_in/account.html",
        status=200 if error is None else status_of(error),
        account=account,
        here_now=session.name,
        sessions=await sessions.present(console.house.locks, account.id, console.house.clock.now()),
        profile=profile or Form.of({"name": account.name, "language": account.language}),
        password=password or Form(),
        factor=factor or Form(),
        shortest=SHORTEST,
        device_words=device_words,
    )
    return shown if error is None else waiting(shown, error)
