"""What the pages of signing in have in common: letting somebody in, and saying why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import ceil

from starlette.requests import Request
from starlette.responses import Response

from disparo.domain.errors import DisparoError, InputError
from disparo.domain.principal import Role
from disparo.entrypoints.console.forms import Form
from disparo.entrypoints.console.own_path import own_path
from disparo.entrypoints.console.preferences import Preferences, keep, preferences_of
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.words import mark
from disparo.entrypoints.http.identity import Identity
from disparo.entrypoints.http.installation import NotSignedInError
from disparo.entrypoints.http.session_cookie import is_secure, keep_session
from disparo.usecases.accounts.locks import ThrottledError
from disparo.usecases.accounts.sessions import Begun

HALF, HALF_PATH = "disparo_half", "/console/sign-in"
NAMES: Mapping[str, str] = {
    "nome": "name",
    "e-mail": "email",
    "senha": "password",
    "senha atual": "present",
    "código": "code",
    "língua": "language",
    "papel": "role",
    "recursos": "resources",
    "validade": "expires",
}
"""The fields that errors of ours name."""

ERRORS = (
    mark("o e-mail ou a senha não confere"),
    mark("o código não confere, ou já foi usado; espere o próximo"),
    mark("passou tempo demais desde a senha; entre de novo"),
    mark("as duas senhas não são iguais"),
    mark("não confere"),
    mark("não confere, ou já foi usado; espere o próximo"),
    mark("não confere; confira a hora do celular e escreva o que ele mostra agora"),
    mark("use 12 letras ou mais; uma frase é fácil de lembrar"),
    mark("use no máximo 200 letras"),
    mark("não use o seu e-mail nem o seu nome"),
    mark("esta é das primeiras que alguém tentaria; use uma frase sua"),
    mark("escolha uma nova, diferente da atual"),
    mark("escreva de 1 a 80 letras"),
    mark("escreva um endereço como ana@exemplo.com.br"),
    mark("já é de outra conta"),
    mark("escolha um dos três"),
    mark("escolha uma das que estão na lista"),
    mark("é o último admin ativo; dê antes o papel admin a mais alguém"),
    mark("a conta foi mudada por outra pessoa enquanto isso; veja como está e tente de novo"),
    mark("este link já foi usado, ou o seu prazo acabou; peça outro"),
    mark("o provedor diz quem você é, mas esta conta não pode entrar aqui; fale com quem administra"),
    mark("o provedor de contas não deixou entrar; comece de novo"),
    mark("esta entrada não começou aqui; comece de novo"),
    mark("esta entrada não começou aqui, ou demorou demais; comece de novo"),
)
"""What these pages say of errors, as the errors say it behind the place that they name; others stay Portuguese."""


async def signed_in(console: Console, request: Request) -> bool:
    """Whether who looks at an open page has a session already; `request.state` knows it then."""
    try:
        await Identity(console.house)(request)
    except NotSignedInError:
        return False
    return hasattr(request.state, "session")


async def let_in(console: Console, request: Request, begun: Begun, onward: str) -> Response:
    """On to the page that was wanted, with a new session; the one that this browser had has ended."""
    house = console.house
    if await signed_in(console, request):
        before = request.state.session
        await house.store.sessions.end(before.account_id, before.id)
    response = console.redirect(request, own_path(onward))
    keep_session(response, request, house, begun, house.clock.now())
    wanted = Preferences(begun.account.language, preferences_of(request).theme)
    keep(response, wanted, secure=is_secure(request, house))
    response.delete_cookie(HALF, path=HALF_PATH, httponly=True, samesite="lax", secure=is_secure(request, house))
    return response


def failed(console: Console, request: Request, form: Form, error: DisparoError) -> Form:
    """A form with what is wrong with it, in the reader's language."""
    _ = console.words(request).gettext
    if isinstance(error, ThrottledError):
        seconds = ceil(error.wait.total_seconds())
        text = _("Foram muitas tentativas. Tente de novo em %(seconds)s segundos.", seconds=seconds)
        return replace(form, general=[*form.general, text])
    told = form.failed(error, NAMES)
    return replace(
        told, errors={name: _(text) for name, text in told.errors.items()}, general=[_(one) for one in told.general]
    )


def status_of(error: DisparoError) -> int:
    """The status of a page that says why not."""
    return 429 if isinstance(error, ThrottledError) else 422


def waiting(response: Response, error: DisparoError) -> Response:
    """With how long to wait, where it was tried too often."""
    if isinstance(error, ThrottledError):
        response.headers["Retry-After"] = str(ceil(error.wait.total_seconds()))
    return response


def role_in(form: Form) -> Role:
    """The role that was chosen; InputError."""
    try:
        return Role(form.get("role"))
    except ValueError:
        raise InputError("papel: escolha um dos três") from None
