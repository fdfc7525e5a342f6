"""`/console/settings/accounts`: people who may sign in, for admins."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from disparo.domain.errors import DisparoError, InputError, NotFoundError
from disparo.entrypoints.console.forms import Form, read_form
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.sign_in.answers import failed, role_in, status_of
from disparo.entrypoints.console.words import mark
from disparo.entrypoints.http.accounts import absolute
from disparo.ports.accounts import AccountChangedError, LastAdminError
from disparo.usecases.accounts import people, sessions
from disparo.usecases.accounts.people import Changes, NewAccount

PATH = "/console/settings/accounts"
_WRONG = (InputError, LastAdminError, AccountChangedError)


def router(console: Console) -> APIRouter:
    """The routes."""
    routes, desk = APIRouter(prefix=PATH), _People(console)
    routes.get("", name="accounts.list")(desk.list_)
    routes.get("/new", name="accounts.new")(desk.new)
    routes.post("/new", name="accounts.add")(desk.add)
    routes.get("/{account_id}", name="accounts.show")(desk.show)
    routes.post("/{account_id}", name="accounts.change")(desk.change)
    routes.post("/{account_id}/disable", name="accounts.disable")(desk.disable)
    routes.post("/{account_id}/enable", name="accounts.enable")(desk.enable)
    routes.post("/{account_id}/password-link", name="accounts.password_link")(desk.password_link)
    routes.post("/{account_id}/reset-second-factor", name="accounts.reset_second_factor")(desk.reset)
    routes.post("/{account_id}/sign-out", name="accounts.sign_out")(desk.sign_out)
    return routes


class _People:
    """The pages about other people's accounts."""

    def __init__(self, console: Console) -> None:
        self._console, self._house = console, console.house

    async def list_(self, request: Request) -> Response:
        """Everybody."""
        accounts = await self._house.store.accounts.all()
        return self._console.page(request, "sign_in/people.html", accounts=accounts)

    async def new(self, request: Request) -> Response:
        """The form to invite somebody."""
        return self._console.page(request, "sign_in/invite.html", form=Form.of({"role": "operator"}))

    async def add(self, request: Request) -> Response:
        """Invite somebody, and show their link, once."""
        form = await read_form(request)
        try:
            made = await people.add(
                self._house.locks,
                form.get("name"),
                form.get("email"),
                role_in(form),
                form.get("language", "pt-BR"),
                self._house.clock.now(),
            )
        except _WRONG as error:
            wrong = failed(self._console, request, form, error)
            return self._console.page(request, "sign_in/invite.html", status=status_of(error), form=wrong)
        request.state.audit = {"account": made.account.id, "role": made.account.role}
        return self._link(request, made)

    async def show(self, request: Request, account_id: str) -> Response:
        """One account."""
        return await self._page(request, account_id)

    async def change(self, request: Request, account_id: str) -> Response:
        """Change how somebody is called and what they may."""
        form = await read_form(request)
        try:
            wanted = Changes(form.get("name"), form.get("email"), role_in(form), form.get("language"))
            await people.change(self._house.locks, account_id, wanted)
        except _WRONG as error:
            return await self._page(request, account_id, failed(self._console, request, form, error), error)
        request.state.audit = {"role": form.get("role")}
        return self._back(request, account_id, mark("Salvo."))

    async def disable(self, request: Request, account_id: str) -> Response:
        """Let somebody sign in no more, and sign them out."""
        return await self._switch(request, account_id, disabled=True, told=mark("Conta desativada."))

    async def enable(self, request: Request, account_id: str) -> Response:
        """Let somebody sign in again."""
        return await self._switch(request, account_id, disabled=False, told=mark("Conta ativada."))

    async def password_link(self, request: Request, account_id: str) -> Response:
        """Make a new link, and show it, once."""
        made = await people.new_password_link(self._house.locks, account_id, self._house.clock.now())
        return self._link(request, made)

    async def reset(self, request: Request, account_id: str) -> Response:
        """Take somebody's second factor away."""
        await people.reset_second_factor(self._house.locks, account_id)
        return self._back(request, account_id, mark("Verificação em duas etapas desligada."))

    async def sign_out(self, request: Request, account_id: str) -> Response:
        """Sign somebody out everywhere."""
        account = await self._house.store.accounts.get(account_id)
        request.state.audit = {"sessions": await self._house.store.sessions.end_all(account.id)}
        return self._back(request, account_id, mark("Todas as sessões foram encerradas."))

    async def _switch(self, request: Request, account_id: str, *, disabled: bool, told: str) -> Response:
        try:
            await people.change(self._house.locks, account_id, Changes(disabled=disabled))
        except _WRONG as error:
            _ = self._console.words(request).gettext
            return self._console.redirect(request, f"{PATH}/{account_id}", _(str(error)), "bad")
        return self._back(request, account_id, told)

    def _back(self, request: Request, account_id: str, told: str) -> Response:
        return self._console.redirect(request, f"{PATH}/{account_id}", self._console.words(request).gettext(told))

    def _link(self, request: Request, made: NewAccount) -> Response:
        link = absolute(request, self._house, made.link)
        return self._console.page(request, "sign_in/invited.html", account=made.account, secret_link=link)

    async def _page(
        self, request: Request, account_id: str, form: Form | None = None, error: DisparoError | None = None
    ) -> Response:
        account = await self._house.store.accounts.find(account_id[:40])
        if account is None:
            raise NotFoundError("esta conta não existe")
        known = {"name": account.name, "email": account.email, "role": account.role, "language": account.language}
        return self._console.page(
            request,
            "sign_in/person.html",
            status=200 if error is None else status_of(error),
            account=account,
            form=Form.of(known) if form is None else form,
            sessions=await sessions.present(self._house.locks, account.id, self._house.clock.now()),
        )
