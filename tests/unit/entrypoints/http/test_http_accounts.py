"""`/api/v1/accounts` and `/api/v1/keys`."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from disparo.domain.audit import AuditFilter
from disparo.domain.principal import Role
from tests.account_scene import key_of, signed_in, somebody
from tests.standing_app import standing_app
from tests.unit.entrypoints.http.conftest import MONDAY, Answer, Client, House

BIA = {"name": "Bia Lima", "email": "Bia@exemplo.com.br", "role": "operator"}


def _ask(client: Client, method: str, path: str, body: object = None, **options: object) -> Answer:
    return asyncio.run(client.ask(method, f"/api/v1{path}", body, **options))  # type: ignore[arg-type]


def test_somebody_is_invited_changed_and_listed(client: Client, house: House) -> None:
    asyncio.run(house.store.accounts.add(somebody(Role.ADMIN, MONDAY, name="Ana")))
    made = _ask(client, "POST", "/accounts", BIA)
    assert made.status == 201
    account = made.json["account"]
    assert (account["email"], account["role"], account["has_password"]) == ("bia@exemplo.com.br", "operator", False)
    assert made.json["link"].startswith(f"http://test/console/setup?token={account['id']}.")
    path = f"/accounts/{account['id']}"
    changed = _ask(client, "PATCH", path, {"role": "viewer", "disabled": True}).json
    assert (changed["role"], changed["disabled"], changed["name"]) == ("viewer", True, "Bia Lima")
    assert _ask(client, "GET", path).json == changed
    listed = _ask(client, "GET", "/accounts").json
    assert [one["name"] for one in listed] == ["Ana", "Bia Lima"]
    assert "argon2" not in str(listed)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**BIA, "role": "chefe"},
        {**BIA, "email": "bia"},
        {**BIA, "name": " "},
        {**BIA, "name": "x" * 81},
        {**BIA, "name": "Bia\u202e"},
        {**BIA, "language": "fr"},
        {**BIA, "password": "x"},
    ],
)
def test_what_is_no_account_is_refused(client: Client, body: dict[str, str]) -> None:
    assert _ask(client, "POST", "/accounts", body).status == 422


def test_one_address_is_one_account(client: Client) -> None:
    assert _ask(client, "POST", "/accounts", BIA).status == 201
    assert _ask(client, "POST", "/accounts", {**BIA, "email": "BIA@exemplo.com.br"}).status == 422


def test_the_last_admin_can_neither_be_disabled_nor_demoted(client: Client, house: House) -> None:
    ana = asyncio.run(house.store.accounts.add(somebody(Role.ADMIN, MONDAY)))
    for body in ({"disabled": True}, {"role": "operator"}):
        assert _ask(client, "PATCH", f"/accounts/{ana.id}", body).status == 409
    assert asyncio.run(house.store.accounts.get(ana.id)).rules


def test_a_new_link_ends_the_one_before_and_sessions_end_when_asked(client: Client, house: House) -> None:
    browser = asyncio.run(signed_in(house.locks, Role.VIEWER, MONDAY))
    path = f"/accounts/{browser.account.id}"
    links = {_ask(client, "POST", f"{path}/password-link").json["link"] for _ in range(2)}
    assert len(links) == 2
    assert _ask(client, "DELETE", f"{path}/sessions").status == 204
    assert not asyncio.run(house.store.sessions.of_account(browser.account.id))
    assert _ask(client, "DELETE", f"{path}/second-factor").json["second_factor"] is False
    for method, more in (("GET", ""), ("PATCH", ""), ("POST", "/password-link"), ("DELETE", "/sessions")):
        assert _ask(client, method, f"/accounts/nobody{more}", {} if method == "PATCH" else None).status == 404


def test_a_key_is_made_listed_and_revoked(client: Client, house: House) -> None:
    until = (MONDAY + timedelta(days=30)).isoformat()
    made = _ask(client, "POST", "/keys", {"name": "CRM", "resources": ["contacts"], "expires_at": until})
    assert made.status == 201
    key = made.json["key"]
    assert (key["role"], key["resources"], key["state"], key["created_by"]) == (
        *("viewer", ["contacts"], "active"),
        "local:local",
    )
    [listed] = _ask(client, "GET", "/keys").json
    assert listed == key
    assert made.json["secret"] not in str(listed)
    assert _ask(client, "DELETE", f"/keys/{key['id']}").json["state"] == "revoked"
    assert _ask(client, "DELETE", "/keys/nobody").status == 404


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "x", "role": "root"},
        {"name": "x", "resources": ["Contatos!"]},
        {"name": "x", "resources": ["a"] * 31},
        {"name": "x", "expires_at": "2020-01-01T00:00:00Z"},
        {"name": "x", "expires_at": "2026-12-01T00:00:00"},
        {"name": "x", "expires_at": "2099-01-01T00:00:00Z"},
    ],
)
def test_what_is_no_key_is_refused(client: Client, body: dict[str, object]) -> None:
    assert _ask(client, "POST", "/keys", body).status == 422


def test_a_secret_answer_is_replayed_and_lies_sealed_in_the_store(client: Client, house: House) -> None:
    headers = {"idempotency-key": "k1"}
    first = _ask(client, "POST", "/keys", {"name": "CRM"}, headers=headers)
    again = _ask(client, "POST", "/keys", {"name": "CRM"}, headers=headers)
    assert (again.body, again.headers["idempotency-replay"]) == (first.body, "true")
    assert "disparo-sealed" not in again.headers
    assert len(asyncio.run(house.store.api_keys.all())) == 1
    rows = house.idempotency._db.reader.execute("SELECT body FROM request").fetchall()
    assert rows
    assert not any(first.json["secret"].encode() in body for (body,) in rows)


def test_the_audit_knows_who_made_what_and_none_of_it_is_secret(house: House) -> None:
    key, headers = asyncio.run(key_of(house.locks, Role.ADMIN, MONDAY))
    client = Client(standing_app(house, signed_in=True), house, headers)
    link = _ask(client, "POST", "/accounts", BIA).json["link"]
    secret = _ask(client, "POST", "/keys", {"name": "CRM"}).json["secret"]
    entries = asyncio.run(house.store.audit.page(AuditFilter(), None, 10))
    assert [(one.action, one.actor) for one in entries] == [(a, f"key:{key.id}") for a in ("keys.add", "accounts.add")]
    for hidden in (link.partition("=")[2], secret.split("_", 2)[2], "bia@exemplo.com.br"):
        assert hidden.lower() not in repr(entries).lower()
