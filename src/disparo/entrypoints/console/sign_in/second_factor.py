"""`/console/account/second-factor`: turning one's own second factor on and off."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from disparo.domain.errors import DisparoError, InputError
from disparo.entrypoints.console.forms import Form, read_form
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.sign_in import own
from disparo.entrypoints.console.sign_in.answers import failed, status_of, waiting
from disparo.entrypoints.http.identity import comer_of, own_account
from disparo.ports.accounts import AccountChangedError
from disparo.usecases.accounts.locks import ThrottledError
from disparo.usecases.accounts.own import drop_second_factor, enrol, enrolling, fresh_recovery

PATH = f"{own.PATH}/second-factor"
_WRONG = (InputError, ThrottledError, AccountChangedError)


def router(console: Console) -> APIRouter:
    """The routes."""
    routes, desk = APIRouter(prefix=PATH), _Enrolment(console)
    routes.post("/start", name="account.start_second_factor")(desk.start)
    routes.get("", name="account.show_second_factor")(desk.show)
    routes.post("", name="account.enrol_second_factor")(desk.confirm)
    routes.post("/recovery", name="account.new_recovery_codes")(desk.recovery)
    routes.post("/off", name="account.drop_second_factor")(desk.off)
    return routes


class _Enrolment:
    """The pages by which somebody turns it on and off."""

    def __init__(self, console: Console) -> None:
        self._console, self._house = console, console.house

    async def start(self, request: Request) -> Response:
        """Make a secret, to be confirmed on the next page."""
        await enrolling(self._house.locks, own_account(request))
        return self._console.redirect(request, PATH)

    async def show(self, request: Request) -> Response:
        """The secret as a picture, and a field for its first code."""
        if own_account(request).enrolling is None:
            return self._console.redirect(request, own.PATH)
        return await self._page(request, Form())

    async def confirm(self, request: Request) -> Response:
        """Turn it on, and show the recovery codes, once."""
        form, account = await read_form(request), own_account(request)
        if account.enrolling is None:
            return self._console.redirect(request, own.PATH)
        try:
            codes = await enrol(
                self._house.locks, account, form.get("code"), comer_of(request), self._house.clock.now()
            )
        except _WRONG as error:
            return await self._page(request, failed(self._console, request, form, error), error)
        return self._console.page(request, "sign_in/recovery.html", codes=codes, new=True)

    async def recovery(self, request: Request) -> Response:
        """New recovery codes for the old ones."""
        form, account = await read_form(request), own_account(request)
        try:
            codes = await fresh_recovery(
                self._house.locks, account, form.get("code"), comer_of(request), self._house.clock.now()
            )
        except _WRONG as error:
            return await self._own_page(request, form, error)
        return self._console.page(request, "sign_in/recovery.html", codes=codes, new=False)

    async def off(self, request: Request) -> Response:
        """Turn it off."""
        form, account = await read_form(request), own_account(request)
        try:
            await drop_second_factor(
                self._house.locks, account, form.get("present"), comer_of(request), self._house.clock.now()
            )
        except _WRONG as error:
            return await self._own_page(request, form, error)
        told = self._console.words(request).gettext("Verificação em duas etapas desligada.")
        return self._console.redirect(request, own.PATH, told, "warn")

    async def _own_page(self, request: Request, form: Form, error: DisparoError) -> Response:
        factor = failed(self._console, request, form, error)
        return await own.page(self._console, request, factor=factor, error=error)

    async def _page(self, request: Request, form: Form, error: DisparoError | None = None) -> Response:
        _, shown = await enrolling(self._house.locks, own_account(request))
        grouped = " ".join(shown.secret[at : at + 4] for at in range(0, len(shown.secret), 4))
        status = 200 if error is None else status_of(error)
        page = self._console.page(
            request, "sign_in/enrol.html", status=status, form=form, enrolling=shown, secret=grouped
        )
        return page if error is None else waiting(page, error)
