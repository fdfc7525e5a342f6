"""Who sends a request to the function `api`: by our own sessions and keys, else whom the gateway let through."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request

from disparo.domain.principal import Principal, PrincipalKind, Role
from disparo.entrypoints.http.identity import Identity
from disparo.entrypoints.http.installation import Installation, NotSignedInError
from disparo.settings import Settings

_GROUPS = ("cognito:groups", "groups", "roles")
"""Claims that only whoever administers the provider writes. Not `custom:role`: Cognito lets people write attributes of
their own unless told otherwise; name it in `oidc_role_claim` where it is read-only."""
_LISTED = re.compile(r"[\[\],\s]+")


def caller_of(house: Installation) -> Callable[[Request], Awaitable[Principal]]:
    """`Identify` behind API Gateway."""
    signed_in = Identity(house)

    async def caller(request: Request) -> Principal:
        try:
            return await signed_in(request)
        except NotSignedInError:
            if (found := gateway_caller(request, house.settings)) is None:
                raise
            return found

    return caller


def gateway_caller(request: Request, settings: Settings) -> Principal | None:
    """Who the gateway's authorizer (JWT or IAM) let through; None where it has none, or gives them no role.

    So an API that was laid open by mistake answers nobody: what is behind it are people's addresses. Their role is the
    highest that a token's groups name, by `oidc_roles` or by our own names; without one it is `gateway_role`.
    """
    authorizer = request.scope.get("aws.event", {}).get("requestContext", {}).get("authorizer") or {}
    claims = (authorizer.get("jwt") or {}).get("claims") or {}
    caller = claims.get("sub") or claims.get("client_id") or (authorizer.get("iam") or {}).get("userArn")
    role = _role(claims, settings)
    if not caller or role is None:
        return None
    return Principal(PrincipalKind.GATEWAY, str(caller), str(caller), role)


def _role(claims: Mapping[str, Any], settings: Settings) -> Role | None:
    known = {**{str(role): role for role in Role}, **{name: Role(role) for name, role in settings.oidc_roles.items()}}
    names = {
        # The gateway writes a list as the text `[one two]`.
        part
        for claim in (*_GROUPS, settings.oidc_role_claim)
        for part in _LISTED.split(str(claims.get(claim, "")))
    }
    found = {known[name] for name in names & known.keys()}
    otherwise = None if settings.gateway_role == "none" else Role(settings.gateway_role)
    return next((role for role in reversed(Role) if role in found), otherwise)
