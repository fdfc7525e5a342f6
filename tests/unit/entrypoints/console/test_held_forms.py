"""A form that came too late: what somebody wrote is given back, and nobody else gets anything done by it."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from pathlib import Path

import pytest

from disparo.domain.errors import StoreFullError
from disparo.domain.principal import Role
from disparo.entrypoints.console.held import held, texts
from tests.account_scene import signed_in
from tests.unit.entrypoints.console.visitor import Seen, Visitor
from tests.unit.entrypoints.http.conftest import MONDAY, House

NEW = "/console/contacts/new"
WRITTEN = {"name": 'Rui "Tigre" <b>', "phone": "41 98888-7777", "n0": "obs", "v0": "ligar depois das seis\nda tarde"}


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "files")


def at_a_form(house: House) -> Visitor:
    """Somebody who has begun to write."""
    browser = asyncio.run(signed_in(house.locks, Role.OPERATOR, MONDAY))
    visitor = Visitor(house, cookies={"disparo_session": browser.token})
    visitor.get(NEW)
    return visitor


def fields_of(seen: Seen) -> dict[str, str]:
    """What the page would send once more."""
    form = seen.text.partition(f'action="{NEW}"')[2].partition("</form>")[0]
    found = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found}


def test_what_was_written_after_the_session_ended_is_given_back_and_sent_once_signed_in(house: House) -> None:
    visitor = at_a_form(house)
    visitor.cookies.clear()
    late = visitor.post(NEW, WRITTEN)
    assert late.status == 401
    assert "A sua entrada terminou" in late.text
    assert "ligar depois das seis" in late.text
    assert "41 98888-7777 · obs" in late.text
    assert fields_of(late) == WRITTEN, "and no token, as nobody is known"

    again = asyncio.run(signed_in(house.locks, Role.OPERATOR, MONDAY))
    visitor.cookies["disparo_session"] = again.token
    checked = visitor.post(NEW, {**fields_of(late), "csrf": "of a session that is over"})
    assert checked.status == 403
    assert "Confira e envie" in checked.text
    sent = fields_of(checked)
    assert {name: value for name, value in sent.items() if name != "csrf"} == WRITTEN
    assert visitor.post(NEW, sent).location.startswith("/console/contacts/")
    [found] = asyncio.run(house.store.contacts.find("Rui", 5))
    assert found.variables["obs"] == "ligar depois das seis\nda tarde"


@pytest.mark.parametrize("says", [{"sec-fetch-site": "none"}, {"sec-fetch-site": "", "origin": "http://evil.example"}])
def test_what_no_page_of_ours_sent_is_not_given_a_token(house: House, says: dict[str, str]) -> None:
    visitor = at_a_form(house)
    late = visitor.post(NEW, {**WRITTEN, "csrf": "wrong"}, **says)
    assert late.status == 403
    assert fields_of(late) == {}


def test_a_form_without_texts_leads_to_the_sign_in_page_and_back(house: House) -> None:
    visitor = at_a_form(house)
    visitor.cookies.clear()
    late = visitor.post("/console/sign-out", referer=f"http://test{NEW}")
    assert late.location == "/console/sign-in?next=%2Fconsole%2Fcontacts%2Fnew"
    upload = visitor.ask("POST", "/console/contacts/import", b"x", {"referer": "http://test/console/contacts/import"})
    assert upload.location == "/console/sign-in?next=/console/contacts/import"
    elsewhere = visitor.ask("POST", "/console/contacts/import", b"x", {"referer": "http://evil.example/console/x"})
    assert elsewhere.location == "/console/sign-in?next=/console"


def test_secrets_are_never_given_back(house: House) -> None:
    visitor = at_a_form(house)
    visitor.cookies.clear()
    late = visitor.post("/console/account/password", {"present": "cavalo bateria", "password": "x" * 20, "again": "y"})
    assert late.status == 303
    assert "cavalo" not in late.text
    assert held(b"csrf=a&code=123456") == ()
    assert held(b"\xff\xfe") == ()


def test_short_values_are_sent_on_but_not_shown() -> None:
    fields = held(b"csrf=1&a=&b=yes&c=" + b"z" * 40)
    assert fields == [("a", ""), ("b", "yes"), ("c", "z" * 40)]
    assert texts(fields) == ["z" * 40]


def test_what_could_not_be_saved_is_given_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> None:
        raise StoreFullError("não há espaço no disco, e nada foi salvo; libere espaço e tente de novo")

    visitor = at_a_form(house)
    with monkeypatch.context() as patched:
        patched.setattr(house.store.contacts, "fold", full)
        late = visitor.post(NEW, WRITTEN)
    assert late.status == 503
    assert "Não há espaço no disco" in late.text
    sent = fields_of(late)
    assert {name: value for name, value in sent.items() if name != "csrf"} == WRITTEN
    assert visitor.post(NEW, sent).location.startswith("/console/contacts/")
