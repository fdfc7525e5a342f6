"""Wires what people and programs are let in with."""

from __future__ import annotations

from secrets import token_urlsafe

from disparo.adapters.oidc import OidcProvider
from disparo.adapters.one_time_codes import TotpCodes
from disparo.adapters.passwords import Argon2Passwords
from disparo.domain.principal import Role
from disparo.ports.sealing import Sealer
from disparo.ports.secrets import Secrets
from disparo.ports.store import Store
from disparo.settings import Settings
from disparo.usecases.accounts.elsewhere import Elsewhere
from disparo.usecases.accounts.locks import Locks


def new_token() -> str:
    """256 random bits, as letters and digits that an address may have."""
    return token_urlsafe(32)


def locks(store: Store, sealer: Sealer, settings: Settings) -> Locks:
    """The locks of an installation."""
    return Locks(store, Argon2Passwords(), TotpCodes(), sealer, new_token, settings.session_rules())


def elsewhere(settings: Settings, secrets: Secrets) -> Elsewhere | None:
    """The other place at which people sign in, where the settings name one."""
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    provider = OidcProvider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        scopes=settings.oidc_scopes,
        role_claim=settings.oidc_role_claim,
        secrets=secrets,
        secret=settings.oidc_secret,
    )
    otherwise = None if settings.oidc_otherwise == "none" else Role(settings.oidc_otherwise)
    return Elsewhere(provider, {name: Role(role) for name, role in settings.oidc_roles.items()}, otherwise)
