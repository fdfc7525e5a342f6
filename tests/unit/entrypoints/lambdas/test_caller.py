"""Whom the gateway's authorizer let through, and what they may do."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from disparo.domain.principal import PrincipalKind, Role
from disparo.entrypoints.http.installation import NotSignedInError
from disparo.entrypoints.lambdas.caller import caller_of, gateway_caller
from disparo.settings import Settings
from tests.account_scene import key_of, signed_in
from tests.unit.entrypoints.http.conftest import MONDAY, House


def _request(authorizer: object, headers: dict[str, str] | None = None) -> Request:
    raw = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    event = {"requestContext": {"authorizer": authorizer}}
    return Request(
        {"type": "http", "method": "GET", "path": "/", "scheme": "https", "headers": raw, "server": ("x", 443),
         "query_string": b"", "aws.event": event}
    )  # fmt: skip


def _role(claims: dict[str, Any], **settings: Any) -> Role | None:
    found = gateway_caller(_request({"jwt": {"claims": {"sub": "ana", **claims}}}), Settings(**settings))
    return None if found is None else found.role


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({}, Role.VIEWER),
        ({"cognito:groups": "[operator]"}, Role.OPERATOR),
        ({"cognito:groups": "[viewer admin other]"}, Role.ADMIN),
        ({"groups": "operator"}, Role.OPERATOR),
        ({"roles": "[operator, x]"}, Role.OPERATOR),
        ({"cognito:groups": "[administrator]"}, Role.VIEWER),
        ({"custom:role": "admin"}, Role.VIEWER),
        ({"role": "admin", "scope": "admin", "username": "admin"}, Role.VIEWER),
    ],
)
def test_the_groups_of_a_token_give_the_role_and_what_people_write_themselves_does_not(
    claims: dict[str, Any], role: Role
) -> None:
    assert _role(claims) is role


def test_the_settings_name_other_groups_another_claim_and_what_holds_without_any() -> None:
    assert _role({"cognito:groups": "[chefes]"}, oidc_roles={"chefes": "admin"}) is Role.ADMIN
    assert _role({"custom:role": "operator"}, oidc_role_claim="custom:role") is Role.OPERATOR
    assert _role({}, gateway_role="operator") is Role.OPERATOR
    assert _role({}, gateway_role="none") is None
    assert _role({"cognito:groups": "[viewer]"}, gateway_role="admin") is Role.VIEWER


@pytest.mark.parametrize("authorizer", [None, {}, {"jwt": {}}, {"jwt": {"claims": {"cognito:groups": "[admin]"}}}])
def test_without_a_caller_there_is_nobody(authorizer: object) -> None:
    assert gateway_caller(_request(authorizer), Settings()) is None


def test_a_caller_by_iam_has_the_usual_role() -> None:
    found = gateway_caller(_request({"iam": {"userArn": "arn:aws:iam::1:user/x"}}), Settings())
    assert found is not None
    assert (found.kind, found.role) == (PrincipalKind.GATEWAY, Role.VIEWER)


def test_our_own_sessions_and_keys_hold_behind_the_gateway_too(house: House) -> None:
    caller = caller_of(house)  # type: ignore[arg-type]

    async def story() -> None:
        _, key = await key_of(house.locks, Role.OPERATOR, MONDAY)
        browser = await signed_in(house.locks, Role.ADMIN, MONDAY)
        through = {"jwt": {"claims": {"sub": "ana"}}}
        assert (await caller(_request(None, key))).kind is PrincipalKind.KEY
        cookie = {"cookie": f"__Host-disparo_session={browser.token}"}
        assert (await caller(_request(through, cookie))).role is Role.ADMIN
        assert (await caller(_request(through))).role is Role.VIEWER
        for refused in ({}, {"authorization": "Bearer dk_x_y"}, {"cookie": "__Host-disparo_session=x"}):
            with pytest.raises(NotSignedInError):
                await caller(_request(None, refused))

    asyncio.run(story())
