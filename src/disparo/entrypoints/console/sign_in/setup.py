"""`/console/setup`: where a one-time link leads, to make the first account or to choose a password."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request, Response

from disparo.domain.account import account_language
from disparo.domain.errors import DisparoError, InputError
from disparo.domain.password_rules import SHORTEST
from disparo.entrypoints.console.forms import Form, read_form
from disparo.entrypoints.console.own_path import HOME
from disparo.entrypoints.console.preferences import preferences_of
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.sign_in.answers import failed, let_in, status_of, waiting
from disparo.entrypoints.http.access import SIGN_IN
from disparo.entrypoints.http.identity import comer_of
from disparo.usecases.accounts.links import LinkOverError, choose_password, first_admin, opened
from disparo.usecases.accounts.locks import ThrottledError
from disparo.usecases.accounts.sessions import Begun

PATH = "/console/setup"


def router(console: Console) -> APIRouter:
    """The routes; whoever has the link needs nothing else, once."""
    routes, house = APIRouter(), console.house

    @routes.get(PATH, name="setup.show")
    async def show(request: Request) -> Response:
        return await _page(console, request, Form.of({"token": request.query_params.get("token", "")[:200]}))

    @routes.post(PATH, name="setup.done")
    async def done(request: Request) -> Response:
        form = await read_form(request)
        form = replace(form, values={**form.values, "token": [form.get("token")[:200]]})
        try:
            if form.get("password") != form.get("again"):
                raise InputError("again: as duas senhas não são iguais")
            found = await _used(request, form)
        except (InputError, LinkOverError, ThrottledError) as error:
            return waiting(await _page(console, request, failed(console, request, form, error), error), error)
        if isinstance(found, Begun):
            return await let_in(console, request, found, HOME)
        _ = console.words(request).gettext
        return console.redirect(request, SIGN_IN, _("Senha escolhida. Entre com ela e com o código."))

    async def _used(request: Request, form: Form) -> object:
        comer, now, token = comer_of(request), house.clock.now(), form.get("token")
        if (await opened(house.locks, token, comer, now)).account is not None:
            return await choose_password(house.locks, token, form.get("password"), comer, now)
        return await first_admin(
            house.locks,
            token,
            name=form.get("name"),
            email=form.get("email"),
            password=form.get("password"),
            language=account_language(preferences_of(request).language),
            comer=comer,
            now=now,
        )

    return routes


async def _page(console: Console, request: Request, form: Form, error: DisparoError | None = None) -> Response:
    """The form, or where the link leads nowhere, that it does not."""
    house, status = console.house, 200 if error is None else status_of(error)
    try:
        account = (await opened(house.locks, form.get("token"), comer_of(request), house.clock.now())).account
    except LinkOverError:
        return console.page(request, "sign_in/link_over.html", status=404)
    except ThrottledError as throttled:
        return waiting(console.page(request, "sign_in/link_over.html", status=429), throttled)
    return console.page(request, "sign_in/setup.html", status=status, form=form, account=account, shortest=SHORTEST)
