"""Settings of who may sign in, and how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from disparo.domain.session import SessionRules
from disparo.settings.kinds import Names, Number

RoleName = Literal["viewer", "operator", "admin"]
_LOCAL = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/.*)?")


def _issuer(value: str | None) -> str | None:
    if value is None or re.fullmatch(r"https://[^\s/?#]+[^\s?#]*", value) or _LOCAL.fullmatch(value):
        return value
    raise ValueError("escreva o endereço https do provedor, como https://contas.exemplo.com.br/realms/empresa")


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    for one in value:
        try:
            ip_network(one)
        except ValueError:
            raise ValueError(f"{one!r} não é um endereço nem uma rede; escreva como 10.0.0.0/8") from None
    return value


def _roles(value: object) -> object:
    """A table as it stands, or `grupo=papel` with commas, the way an environment variable writes it."""
    if isinstance(value, str):
        pairs = (part.partition("=") for part in value.split(",") if part.strip())
        return {name.strip(): role.strip() for name, _, role in pairs}
    return value


class AccountSettings(BaseModel):
    """How long sessions last, whose word counts about where requests come from, and who signs in elsewhere."""

    session_idle_hours: Number = Field(
        default=12.0, gt=0, le=720, description="After how long without a request somebody is signed out, in hours."
    )
    session_hours: Number = Field(
        default=168.0, gt=0, le=2160, description="After how long somebody is signed out in any case, in hours."
    )
    trusted_proxies: Annotated[Names, AfterValidator(_networks)] = Field(
        default=("127.0.0.1", "::1"),
        description="Addresses and networks of proxies that are believed where a request comes from, and whether by "
        "https (`X-Forwarded-For`, `X-Forwarded-Proto`).",
    )
    gateway_role: Literal["none", "viewer", "operator", "admin"] = Field(
        default="viewer",
        description="Role of whom API Gateway's authorizer lets through with a token that names none "
        "([accounts](accounts.md)).",
    )
    oidc_issuer: Annotated[str | None, AfterValidator(_issuer)] = Field(
        default=None, max_length=500, description="Address of an OpenID Connect provider by which people may sign in."
    )
    oidc_client_id: str | None = Field(
        default=None, min_length=1, max_length=300, description="What we are called there."
    )
    oidc_secret: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_/.-]{0,119}$",
        description="Secret whose field `client_secret` that provider knows us by; without it we are a public client.",
    )
    oidc_scopes: Names = Field(default=("openid", "email", "profile"), description="What is asked for there.")
    oidc_role_claim: str = Field(
        default="roles",
        min_length=1,
        max_length=200,
        description="Claim that names roles or groups; dots lead inside, as in `realm_access.roles`.",
    )
    oidc_roles: Annotated[Mapping[str, RoleName], BeforeValidator(_roles)] = Field(
        default_factory=dict, description="Which of its values stands for which role: `disparo-admins` = `admin`."
    )
    oidc_otherwise: Literal["none", "viewer", "operator", "admin"] = Field(
        default="none", description="Role of who signs in there and has none of these; `none` is not let in."
    )

    def session_rules(self) -> SessionRules:
        """How long somebody stays signed in."""
        return SessionRules(timedelta(hours=self.session_idle_hours), timedelta(hours=self.session_hours))
