"""Requests in the name of who is signed in: only from our pages."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlencode

import pytest

from disparo.domain.principal import Role
from disparo.domain.session import csrf_token
from tests.account_scene import Browser, key_of, signed_in
from tests.unit.entrypoints.console.visitor import Seen, Visitor
from tests.unit.entrypoints.http.conftest import MONDAY, House

FORM = "application/x-www-form-urlencoded"
BOUNDARY = "----formulário".encode().hex()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def browser(house: House) -> Browser:
    return asyncio.run(signed_in(house.locks, Role.ADMIN, MONDAY))


def _post(house: House, browser: Browser, body: bytes, kind: str, chunk: int = 1 << 16, **headers: str) -> Seen:
    sent = {
        **browser.headers,
        "content-type": kind,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return Visitor(house).ask("POST", "/console/account/profile", body, sent, chunk)


def _multipart(*fields: tuple[str, str], first: str = "") -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields
    ]
    return (first + "".join(parts) + f"--{BOUNDARY}--\r\n").encode()


@pytest.mark.parametrize("chunk", [1, 7, 1 << 16])
def test_a_form_with_the_token_passes_whole_however_it_arrives(house: House, browser: Browser, chunk: int) -> None:
    token = csrf_token(browser.token)
    body = urlencode({"csrf": token, "name": "Zoë Ção", "language": "en"}).encode()
    assert _post(house, browser, body, FORM, chunk).status == 303
    assert asyncio.run(house.store.accounts.get(browser.account.id)).name == "Zoë Ção"
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    body = _multipart(("csrf", token), ("name", "Ana " + "a" * 60), ("language", "en"), ("more", "x" * 5_000))
    assert _post(house, browser, body, kind, chunk).status == 303
    assert asyncio.run(house.store.accounts.get(browser.account.id)).name.startswith("Ana aaa")


def test_a_script_of_ours_sends_the_token_in_a_header(house: House, browser: Browser) -> None:
    body = urlencode({"name": "Bia", "language": "en"}).encode()
    assert _post(house, browser, body, FORM, x_csrf_token=csrf_token(browser.token)).status == 303


def test_a_form_without_the_token_or_with_anothers_is_refused(house: House, browser: Browser) -> None:
    token, other = csrf_token(browser.token), csrf_token("p1." + "x" * 43)
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    for body, of in (
        (urlencode({"name": "Eva"}), FORM),
        (urlencode({"csrf": other, "name": "Eva"}), FORM),
        (urlencode({"csrf": "", "name": "Eva"}), FORM),
        (urlencode({"CSRF": token, "name": "Eva"}), FORM),
        ("csrf=" + token, "text/plain"),
        ("csrf=" + token, ""),
        (_multipart(("name", "Eva")).decode(), kind),
        (_multipart(("csrf", other)).decode(), kind),
        (_multipart(("name", "Eva"), ("csrf", token)).decode(), kind),
        (_multipart(("csrf", token)).decode(), "multipart/form-data; boundary=another"),
        (_multipart(("csrf", token)).decode(), "multipart/form-data"),
        (_multipart(("csrf", token), first="preamble\r\n").decode(), kind),
        ("&" * 20_000, FORM),
        ("", FORM),
    ):
        assert _post(house, browser, body.encode(), of).status == 403, (body[:60], of)
    assert asyncio.run(house.store.accounts.get(browser.account.id)).name == browser.account.name


def test_the_api_asks_for_the_token_of_who_comes_with_a_cookie_and_not_of_a_key(house: House, browser: Browser) -> None:
    json = {"content-type": "application/json", "accept": "application/json"}
    body = b'{"name": "x"}'
    visitor = Visitor(house)
    assert visitor.ask("POST", "/api/v1/keys", body, {**json, **browser.headers}).status == 403
    token = {"x-csrf-token": csrf_token(browser.token)}
    assert visitor.ask("POST", "/api/v1/keys", body, {**json, **browser.headers, **token}).status == 201
    _, key = asyncio.run(key_of(house.locks, Role.ADMIN, MONDAY))
    assert visitor.ask("POST", "/api/v1/keys", body, {**json, **key}).status == 201
    assert visitor.ask("POST", "/api/v1/keys", body, {**json, **key, **browser.headers}).status == 403, "as a browser"


@pytest.mark.parametrize("path", ["/console/sign-in", "/console/setup", "/console/sign-in/code"])
def test_nobody_is_signed_in_by_another_sites_form(house: House, path: str) -> None:
    for said in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}):
        assert Visitor(house).post(path, {"email": "x"}, **{"sec-fetch-site": "", **said}).status == 403
    for said in ({"sec-fetch-site": "same-origin"}, {"origin": "http://test"}, {}):
        assert Visitor(house).post(path, {"email": "x"}, **{"sec-fetch-site": "", **said}).status in (404, 422)


def test_behind_a_proxy_that_changes_the_host_our_public_address_is_ours(house: House) -> None:
    house.settings = house.settings.model_copy(update={"public_url": "https://disparo.exemplo.com.br/x"})
    sent = {"sec-fetch-site": "", "origin": "https://disparo.exemplo.com.br"}
    assert Visitor(house, host="10.0.0.3:8080").post("/console/sign-in", {"email": "x"}, **sent).status == 422
    sent["origin"] = "http://disparo.exemplo.com.br"
    assert Visitor(house, host="10.0.0.3:8080").post("/console/sign-in", {"email": "x"}, **sent).status == 403


def test_providers_are_not_asked_where_they_come_from(house: House) -> None:
    said = {"origin": "https://mail.example", "sec-fetch-site": "cross-site"}
    assert Visitor(house).ask("POST", "/webhooks/nothing", b"", said).status == 404
