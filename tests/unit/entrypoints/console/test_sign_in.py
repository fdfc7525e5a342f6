"""The pages of signing in, as a browser sees them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from disparo.domain.audit import AuditFilter
from disparo.domain.policies.throttle import OF_ACCOUNT
from disparo.domain.principal import Role
from disparo.ports.identity_provider import Identity, IdentityError, Journey
from disparo.usecases.accounts import links, own, people
from disparo.usecases.accounts.elsewhere import Elsewhere
from tests.account_scene import PASSWORD, somebody
from tests.unit.entrypoints.console.visitor import Visitor
from tests.unit.entrypoints.http.conftest import MONDAY, House

NEW = "outra frase bem comprida"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def visitor(house: House) -> Visitor:
    return Visitor(house)


def _somebody(house: House, role: Role = Role.ADMIN, **changes: object) -> str:
    return asyncio.run(house.store.accounts.add(somebody(role, MONDAY, **changes))).email


def _inside(house: House, role: Role = Role.ADMIN) -> Visitor:
    visitor = Visitor(house)
    assert visitor.sign_in(_somebody(house, role), PASSWORD).status == 303
    visitor.get("/console/account")
    return visitor


def test_somebody_signs_in_looks_and_signs_out(house: House, visitor: Visitor) -> None:
    email = _somebody(house)
    page = visitor.get("/console/sign-in?next=/console/account")
    assert page.status == 200
    assert 'name="next" value="/console/account"' in page.text
    seen = visitor.sign_in(email, PASSWORD)
    assert (seen.status, seen.location) == (303, "/console/account")
    assert visitor.get("/console/account").status == 200
    assert visitor.get("/console/sign-in?next=/console/account").location == "/console/account", "is in already"
    kept = dict(visitor.cookies)
    assert visitor.post("/console/sign-out").location == "/console/sign-in"
    visitor.cookies = kept
    assert visitor.get("/console/account").status == 303, "the session has ended, not only its cookie"


def test_the_cookie_is_hidden_from_scripts_and_other_sites(house: House, visitor: Visitor) -> None:
    seen = visitor.sign_in(_somebody(house), PASSWORD)
    cookie = seen.set_cookies["disparo_session"]
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert "Domain" not in cookie
    assert all("HttpOnly" in seen.set_cookies[name] for name in ("disparo_session", "disparo_known"))


@pytest.mark.parametrize("by_proxy", [False, True])
def test_by_https_the_cookie_is_bound_to_this_host_and_to_https(house: House, by_proxy: bool) -> None:
    house.settings = house.settings.model_copy(update={"public_url": "https://disparo.exemplo.com.br"})
    visitor = Visitor(house, scheme="http" if by_proxy else "https", host="disparo.exemplo.com.br")
    seen = visitor.sign_in(_somebody(house), PASSWORD)
    cookie = seen.set_cookies["__Host-disparo_session"]
    assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
    assert "disparo_session" not in seen.set_cookies
    assert all("Secure" in seen.set_cookies[name] for name in ("disparo_known", "disparo_half"))
    assert visitor.get("/console/account").status == 200
    visitor.cookies = {"disparo_session": visitor.cookies["__Host-disparo_session"]}
    assert visitor.get("/console/account").status == 303, "a cookie that any site nearby may set counts for nothing"


def test_a_wrong_password_says_no_more_than_that(house: House, visitor: Visitor) -> None:
    email = _somebody(house)
    texts = []
    for wrong in (email, "ninguem@exemplo.com.br"):
        seen = visitor.sign_in(wrong, "errada errada")
        assert seen.status == 422
        assert "disparo_session" not in seen.set_cookies
        texts.append(seen.text.replace(wrong, "…"))
    assert texts[0] == texts[1]
    assert "errada" not in texts[0]
    assert 'class="sentence">o e-mail ou a senha não confere' in texts[0]
    assert "Confira o que está marcado" not in texts[0], "nothing is marked"


def test_who_tries_too_often_is_told_how_long_to_wait(house: House, visitor: Visitor) -> None:
    email = _somebody(house)
    for _ in range(OF_ACCOUNT.free):
        visitor.sign_in(email, "errada errada")
    seen = visitor.sign_in(email, PASSWORD)
    assert (seen.status, seen.header("retry-after")) == (429, "1")
    house.clock.at += timedelta(seconds=1)
    assert visitor.sign_in(email, PASSWORD).status == 303


@pytest.mark.parametrize(
    "onward",
    [
        *("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/console/../x", "/u/x"),
        *("/console\r\nSet-Cookie: a=b", "https:/console", " //evil.example", "/console/%2e%2e/x", "/consolex"),
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(house: House, visitor: Visitor, onward: str) -> None:
    seen = visitor.sign_in(_somebody(house), PASSWORD, onward)
    assert (seen.status, seen.location) == (303, "/console")


def test_each_sign_in_begins_a_new_session_and_ends_the_one_before(house: House, visitor: Visitor) -> None:
    email = _somebody(house)
    planted = {"disparo_session": "p1." + "x" * 43}
    visitor.cookies = dict(planted)
    visitor.sign_in(email, PASSWORD)
    first = visitor.cookies["disparo_session"]
    assert first != planted["disparo_session"]
    visitor.sign_in(email, PASSWORD)
    assert visitor.cookies["disparo_session"] != first
    account = asyncio.run(house.store.accounts.by_email(email))
    assert account is not None
    assert len(asyncio.run(house.store.sessions.of_account(account.id))) == 1


def test_the_pages_have_the_headers_of_the_console(house: House, visitor: Visitor) -> None:
    for path in ("/console/sign-in", "/console/setup?token=x", "/console/sign-in/code"):
        seen = visitor.get(path)
        assert "default-src 'none'" in seen.header("content-security-policy")
        assert seen.header("cache-control") == "no-store"
        assert seen.header("x-frame-options") == "DENY"
        assert "style=" not in seen.text


def test_the_first_admin_comes_in_by_the_link_of_the_terminal(house: House, visitor: Visitor) -> None:
    assert "Primeiro acesso" in visitor.get("/console/sign-in").text
    path = asyncio.run(links.setup_link(house.locks, MONDAY))
    assert visitor.get(path).status == 200
    said = {"token": path.partition("=")[2], "name": "Ana <b>", "email": "ana@exemplo.com.br", "again": PASSWORD}
    wrong = visitor.post("/console/setup", {**said, "password": "curta", "again": "curta"})
    assert (wrong.status, 'id="f-password-error"' in wrong.text) == (422, True)
    assert "&lt;b&gt;" in wrong.text
    assert visitor.post("/console/setup", {**said, "password": PASSWORD, "again": "x"}).status == 422
    assert visitor.post("/console/setup", {**said, "password": PASSWORD}).location == "/console"
    assert visitor.get("/console/settings/accounts").status == 200
    assert Visitor(house).get(path).status == 404
    assert Visitor(house).post("/console/setup", {**said, "password": PASSWORD}).status == 404
    assert "Primeiro acesso" not in Visitor(house).get("/console/sign-in").text


def test_somebody_is_invited_and_chooses_a_password(house: House) -> None:
    admin = _inside(house)
    form = {"name": "Bia", "email": "bia@exemplo.com.br", "role": "operator", "language": "en"}
    page = admin.post("/console/settings/accounts/new", form)
    found = re.search(r"http://test(/console/setup\?token=[^<\"]+)", page.text)
    assert found
    assert admin.post("/console/settings/accounts/new", form).status == 422
    guest = Visitor(house)
    assert "bia@exemplo.com.br" in guest.get(found[1]).text
    said = {"token": found[1].partition("=")[2], "password": NEW, "again": NEW}
    assert guest.post("/console/setup", said).location == "/console"
    assert 'lang="en"' in guest.get("/console/account").text
    assert guest.get("/console/settings/accounts").status == 403


def test_a_second_factor_is_set_up_and_asked_for(house: House) -> None:
    visitor = _inside(house)
    assert visitor.get("/console/account/second-factor").location == "/console/account"
    assert visitor.post("/console/account/second-factor/start").status == 303
    page = visitor.get("/console/account/second-factor")
    assert "<svg" in page.text
    assert "style=" not in page.text
    secret = re.search(r'mono">([A-Z2-7 ]+)<', page.text)
    assert secret
    totp = pyotp.TOTP(secret[1].replace(" ", ""))
    assert visitor.post("/console/account/second-factor", {"code": "000000"}).status == 422
    done = visitor.post("/console/account/second-factor", {"code": totp.at(MONDAY)})
    codes = re.findall(r"<code class=\"mono\">([a-z2-7-]{19})</code>", done.text)
    assert len(codes) == 10
    account = asyncio.run(house.store.accounts.all())[0]
    house.clock.at += timedelta(minutes=1)
    other = Visitor(house)
    seen = other.sign_in(account.email, PASSWORD)
    assert seen.location == "/console/sign-in/code?next=%2Fconsole%2Faccount"
    assert "disparo_session" not in other.cookies
    assert other.get("/console/account").status == 303
    assert other.get(seen.location).status == 200
    assert other.post("/console/sign-in/code", {"code": "000000"}).status == 422
    code = {"code": totp.at(house.clock.at), "next": "/console/account"}
    assert other.post("/console/sign-in/code", code).location == "/console/account"
    assert "disparo_half" not in other.cookies
    assert other.get("/console/account").status == 200
    assert Visitor(house).post("/console/sign-in/code", code).status == 422, "without the password before"
    assert Visitor(house).get("/console/sign-in/code").location.startswith("/console/sign-in?")


def test_ones_own_password_is_changed_and_other_browsers_are_out(house: House) -> None:
    visitor = _inside(house)
    email = asyncio.run(house.store.accounts.all())[0].email
    other = Visitor(house)
    other.sign_in(email, PASSWORD)
    assert visitor.post("/console/account/password", {"present": "errada", "password": NEW, "again": NEW}).status == 422
    form = {"present": PASSWORD, "password": NEW, "again": NEW}
    assert visitor.post("/console/account/password", form).status == 303
    assert visitor.get("/console/account").status == 200
    assert other.get("/console/account").status == 303
    assert Visitor(house).sign_in(email, NEW).status == 303


def test_sessions_are_listed_and_ended(house: House) -> None:
    visitor = _inside(house)
    email = asyncio.run(house.store.accounts.all())[0].email
    others = [Visitor(house) for _ in range(3)]
    for one in others:
        one.sign_in(email, PASSWORD)
    page = visitor.get("/console/account")
    names = re.findall(r"/console/account/sessions/([0-9a-f]{16})/end", page.text)
    assert len(names) == 3
    assert all(one.cookies["disparo_session"] not in page.text for one in others)
    assert visitor.post(f"/console/account/sessions/{names[0]}/end").status == 303
    assert sum(one.get("/console/account").status == 200 for one in others) == 2
    assert visitor.post(f"/console/account/sessions/{names[0]}/end").status == 404
    assert visitor.post("/console/account/sessions/end-others").status == 303
    assert [one.get("/console/account").status for one in (visitor, *others)] == [200, 303, 303, 303]


def test_nobody_ends_somebody_elses_session(house: House) -> None:
    visitor, other = _inside(house), _inside(house, Role.VIEWER)
    found = [asyncio.run(house.store.sessions.of_account(one.id)) for one in asyncio.run(house.store.accounts.all())]
    for session in (one for listed in found for one in listed):
        other.post(f"/console/account/sessions/{session.name}/end")
    assert visitor.get("/console/account").status == 200


def test_an_admin_changes_people_but_not_the_last_admin(house: House) -> None:
    visitor = _inside(house)
    me = asyncio.run(house.store.accounts.all())[0]
    home = f"/console/settings/accounts/{me.id}"
    form = {"name": me.name, "email": me.email, "role": "operator", "language": "pt-BR"}
    assert visitor.get(home).status == 200
    assert visitor.post(home, form).status == 422
    assert visitor.post(f"{home}/disable").status == 303
    assert "último admin" in visitor.get(home).text
    assert asyncio.run(house.store.accounts.get(me.id)).rules
    bia = asyncio.run(people.add(house.locks, "Bia", "bia@exemplo.com.br", Role.OPERATOR, "pt-BR", MONDAY)).account
    home = f"/console/settings/accounts/{bia.id}"
    assert visitor.post(home, {**form, "name": "Bia S.", "email": bia.email, "role": "viewer"}).status == 303
    assert visitor.post(f"{home}/disable").status == 303
    kept = asyncio.run(house.store.accounts.get(bia.id))
    assert (kept.name, kept.role, kept.disabled) == ("Bia S.", Role.VIEWER, True)
    assert visitor.post(f"{home}/password-link").status == 422
    assert visitor.post(f"{home}/enable").status == 303
    assert "token=" in visitor.post(f"{home}/password-link").text
    assert visitor.get("/console/settings/accounts/nobody").status == 404
    entries = asyncio.run(house.store.audit.page(AuditFilter(action="accounts."), None, 50))
    assert {"accounts.change", "accounts.disable", "accounts.enable", "accounts.password_link"} <= {
        one.action for one in entries
    }
    assert not [one for one in entries if bia.email in repr(one) or "Bia S." in repr(one)]


def test_a_key_is_made_used_and_revoked(house: House) -> None:
    visitor = _inside(house)
    form = {"name": "CRM", "role": "viewer", "life": "90", "resources": ["lists", "imports"]}
    assert visitor.post("/console/settings/keys/new", {**form, "life": "7"}).status == 422
    page = visitor.post("/console/settings/keys/new", form)
    written = re.search(r"dk_([0-9a-f]{12})_[\w-]{43,}", page.text)
    assert written
    headers = {"authorization": f"Bearer {written[0]}", "accept": "*/*"}
    assert Visitor(house).ask("GET", "/api/v1/lists", headers=headers).status == 200
    assert Visitor(house).ask("GET", "/api/v1/campaigns", headers=headers).status == 403
    listed = visitor.get("/console/settings/keys").text
    assert written[0] not in listed and "Importações, Listas" in listed
    assert visitor.post(f"/console/settings/keys/{written[1]}/revoke").status == 303
    assert Visitor(house).ask("GET", "/api/v1/lists", headers=headers).status == 401


def test_a_key_opens_no_page_about_an_account(house: House) -> None:
    from tests.account_scene import key_of

    _, headers = asyncio.run(key_of(house.locks, Role.ADMIN, MONDAY))
    for path in ("/console/account", "/console/account/second-factor"):
        assert Visitor(house).ask("GET", path, headers={**headers, "accept": "*/*"}).status == 403


class _There:
    """Another provider: believes whoever brings the code `boa`."""

    async def way_there(self, journey: Journey) -> str:
        return f"https://contas.exemplo.com.br/authorize?state={journey.state}"

    async def who(self, journey: Journey, code: str, now: datetime) -> Identity:
        if code != "boa":
            raise IdentityError("o provedor de contas não respondeu como devia (400); tente de novo")
        return Identity("https://contas.exemplo.com.br|1", "ana@exemplo.com.br", True, "Ana", frozenset({"ops"}))


def test_somebody_signs_in_elsewhere_and_comes_back(house: House, visitor: Visitor) -> None:
    assert visitor.get("/console/oidc/start").status == 404, "where the settings name no provider"
    house.elsewhere = Elsewhere(_There(), {"ops": Role.OPERATOR})
    assert "/console/oidc/start?next=" in visitor.get("/console/sign-in?next=/console/account").text
    seen = visitor.get("/console/oidc/start?next=/console/account")
    assert seen.location.startswith("https://contas.exemplo.com.br/authorize?state=")
    cookie = seen.set_cookies["disparo_journey"]
    assert {"HttpOnly", "SameSite=lax", "Path=/console/oidc"} <= set(cookie.split("; "))
    state = seen.location.partition("state=")[2]
    assert visitor.get(f"/console/oidc/callback?state=x{state}&code=boa").status == 403
    assert visitor.get("/console/oidc/callback?error=access_denied").status == 403
    assert visitor.get(f"/console/oidc/callback?state={state}&code=ruim").status == 503
    assert Visitor(house).get(f"/console/oidc/callback?state={state}&code=boa").status == 403, "another browser"
    back = visitor.get(f"/console/oidc/callback?state={state}&code=boa")
    assert (back.status, back.location) == (303, "/console/account")
    assert "disparo_journey" not in visitor.cookies
    page = visitor.get("/console/account")
    assert page.status == 200
    assert "/console/account/password" not in page.text, "they have no password here"


def test_going_elsewhere_leads_back_to_pages_of_ours_only(house: House, visitor: Visitor) -> None:
    house.elsewhere = Elsewhere(_There(), {"ops": Role.OPERATOR})
    seen = visitor.get("/console/oidc/start?next=//evil.example")
    state = seen.location.partition("state=")[2]
    assert visitor.get(f"/console/oidc/callback?state={state}&code=boa").location == "/console"


def test_disabling_the_second_factor_needs_the_password(house: House) -> None:
    visitor = _inside(house)
    account = asyncio.run(house.store.accounts.all())[0]

    async def turn_on() -> None:
        known, shown = await own.enrolling(house.locks, account)
        code = pyotp.TOTP(shown.secret).at(MONDAY)
        from tests.account_scene import HOME

        await own.enrol(house.locks, known, code, HOME, MONDAY)

    asyncio.run(turn_on())
    visitor.get("/console/account")
    assert visitor.post("/console/account/second-factor/off", {"present": "errada"}).status == 422
    assert asyncio.run(house.store.accounts.get(account.id)).second_factor is not None
    assert visitor.post("/console/account/second-factor/off", {"present": PASSWORD}).status == 303
    assert asyncio.run(house.store.accounts.get(account.id)).second_factor is None


def test_a_change_by_two_at_once_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = _inside(house)
    account = asyncio.run(house.store.accounts.all())[0]
    change = house.store.accounts.change

    async def slower(wanted: object) -> object:
        monkeypatch.undo()
        await change(replace(await house.store.accounts.get(account.id), name="Outra"))
        return await change(wanted)  # type: ignore[arg-type]

    monkeypatch.setattr(house.store.accounts, "change", slower)
    seen = visitor.post("/console/account/profile", {"name": "Ana", "language": "en"})
    assert seen.status == 422
    assert asyncio.run(house.store.accounts.get(account.id)).name == "Outra"
