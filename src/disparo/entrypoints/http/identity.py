"""Who sends a request: somebody with a session, or a program with a key."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from disparo.domain.account import Account
from disparo.domain.principal import Principal
from disparo.domain.session import Session, csrf_token
from disparo.entrypoints.http.booking.rates import network_of
from disparo.entrypoints.http.installation import ForbiddenError, Installation, NotSignedInError
from disparo.entrypoints.http.session_cookie import KNOWN, session_token
from disparo.usecases.accounts import keys, sessions
from disparo.usecases.accounts.locks import Comer

_BEARER = "bearer "
_OURS = "dk_"


@dataclass(frozen=True, slots=True)
class Identity:
    """`Identify`: by the session's cookie, else by `Authorization: Bearer dk_…`; one read of the store.

    Of somebody with a session `request.state` also gets `account`, `session`, and `csrf`: what a form of theirs must
    bring (see `cross_site`).
    """

    house: Installation

    async def __call__(self, request: Request) -> Principal:
        """See `Identify`."""
        now = self.house.clock.now()
        token = session_token(request, self.house)
        if token is not None and (found := await sessions.holder(self.house.locks, token, now)) is not None:
            request.state.session, request.state.account = found
            request.state.csrf = csrf_token(token)
            return found[1].principal
        if (key := offered_key(request)) is not None:
            if (principal := await keys.holder(self.house.locks, key, now)) is not None:
                return principal
            raise NotSignedInError("a chave não vale: não é nossa, venceu ou foi revogada (veja: disparo keys list)")
        raise NotSignedInError("entre pelo console, ou mande uma chave em Authorization: Bearer dk_…")


def offered_key(request: Request) -> str | None:
    """What a request offers as a key of ours."""
    header = request.headers.get("authorization", "")
    text = header[len(_BEARER) :].strip() if header[: len(_BEARER)].lower() == _BEARER else ""
    return text if text.startswith(_OURS) else None


def comer_of(request: Request) -> Comer:
    """Where a request comes from. Proxies that are believed have been asked already, by the server."""
    address = request.client.host if request.client else ""
    return Comer(
        network=network_of(address),
        address=address[:100],
        device=request.headers.get("user-agent", "")[:500],
        known=request.cookies.get(KNOWN, "")[:1000],
    )


def own_account(request: Request) -> Account:
    """Whose page it is; ForbiddenError for who has no account, such as a key."""
    account = getattr(request.state, "account", None)
    if not isinstance(account, Account):
        raise ForbiddenError("esta página é de quem entrou com uma conta")
    return account


def own_session(request: Request) -> Session:
    """The session that asks; ForbiddenError where there is none."""
    session = getattr(request.state, "session", None)
    if not isinstance(session, Session):
        raise ForbiddenError("esta página é de quem entrou com uma conta")
    return session
