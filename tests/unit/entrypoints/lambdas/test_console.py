"""The console and the API behind API Gateway, as a browser sees them: the function `api` on DynamoDB."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from disparo.adapters.files.contact_files import LocalContactFiles
from disparo.bootstrap import App
from disparo.domain.contact import ContactDraft
from disparo.domain.place import Place
from disparo.domain.principal import Role
from disparo.entrypoints.console.static_files import static_files, static_url
from disparo.entrypoints.lambdas import api, runtime
from disparo.usecases.accounts import links
from tests.account_scene import PASSWORD, key_of
from tests.unit.entrypoints.lambdas.conftest import Queue
from tests.unit.entrypoints.lambdas.gateway_browser import GatewayBrowser, cloud

SESSION = "__Host-disparo_session"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One process for all tests, as the application takes a while to make."""
    with pytest.MonkeyPatch.context() as patch:
        made = cloud(patch)
        made.arrivals, made.contact_files = Queue(), LocalContactFiles(tmp_path_factory.mktemp("bucket"))
        yield made
        api.application.cache_clear()


@pytest.fixture
def stranger(app: App) -> GatewayBrowser:
    return GatewayBrowser()


@pytest.fixture(scope="module")
def admin(app: App) -> GatewayBrowser:
    """Whoever opened the first link."""
    browser = GatewayBrowser()
    link = runtime.run(links.setup_link(app.locks, app.clock.now()))
    page = browser.get(link)
    assert page.status == 200
    token = link.partition("token=")[2]
    names = {"name": "Ana Prado", "email": "ana@exemplo.com.br", "password": PASSWORD, "again": PASSWORD}
    told = browser.post("/console/setup", {"token": token, **names})
    assert (told.status, told.headers["location"]) == (303, "/console"), told.text
    assert browser.get("/console").status == 200
    return browser


def test_the_first_link_makes_an_admin_who_is_in_at_once(admin: GatewayBrowser, app: App) -> None:
    page = admin.get("/console")
    assert (page.status, page.answer["isBase64Encoded"]) == (200, False)
    assert page.headers["content-type"].startswith("text/html")
    assert "Ana Prado" in page.text
    (account,) = runtime.run(app.store.accounts.all())
    assert account.rules


def test_cookies_of_signing_in_come_each_by_itself_and_are_bound_to_https(
    admin: GatewayBrowser, stranger: GatewayBrowser
) -> None:
    stranger.get("/console/sign-in")
    told = stranger.post("/console/sign-in", {"email": "ana@exemplo.com.br", "password": PASSWORD, "next": "/console"})
    assert told.status == 303
    assert "set-cookie" not in told.headers
    names = [one.partition("=")[0] for one in told.cookies]
    assert SESSION in names
    assert len(told.cookies) >= 2
    assert all("; Secure" in one and "SameSite=lax" in one for one in told.cookies)
    (session,) = [one for one in told.cookies if one.startswith(SESSION)]
    assert "HttpOnly" in session
    assert "Path=/;" in session
    assert "Domain" not in session


def test_a_form_changes_nothing_without_its_token_or_from_another_site(admin: GatewayBrowser) -> None:
    admin.get("/console/account")
    told = admin.post("/console/account/profile", {"csrf": "0" * 64, "name": "Outra"})
    assert (told.status, told.headers["content-type"]) == (403, "text/html; charset=utf-8")
    told = admin.post("/console/account/profile", {"name": "Outra"}, **{"sec-fetch-site": "cross-site"})
    assert told.status == 403
    assert "Outra" not in admin.get("/console/account").text


@pytest.mark.parametrize("encoded", [False, True])
def test_what_a_form_says_arrives_and_the_next_page_tells_of_it_once(admin: GatewayBrowser, encoded: bool) -> None:
    admin.encoded = encoded
    admin.get("/console/account")
    name = "Ana Conceição" if encoded else "Ana José"
    told = admin.post("/console/account/profile", {"name": name, "language": "pt-BR"})
    admin.encoded = False
    assert told.status == 303, told.text
    first, again = admin.get(told.headers["location"]), admin.get(told.headers["location"])
    assert name in first.text
    assert "disparo_told" in "".join(first.cookies)
    assert 'class="told' in first.text or 'role="status"' in first.text
    assert "disparo_told" not in "".join(again.cookies)


def test_a_stranger_is_sent_to_sign_in_and_a_program_gets_a_problem(stranger: GatewayBrowser) -> None:
    told = stranger.get("/console/campaigns?state=running")
    assert (told.status, told.body) == (303, b"")
    assert told.headers["location"] == "/console/sign-in?next=/console/campaigns%3Fstate%3Drunning"
    assert "content-type" not in told.headers, "nothing is not JSON"
    told = stranger.get("/api/v1/campaigns", accept="application/json")
    assert (told.status, told.headers["content-type"]) == (401, "application/problem+json")
    assert stranger.get("/").headers["location"] == "/console"


def test_what_is_not_there_is_a_page_in_the_console_and_a_document_in_the_api(admin: GatewayBrowser) -> None:
    told = admin.get("/console/campaigns/nada")
    assert (told.status, told.headers["content-type"]) == (404, "text/html; charset=utf-8")
    told = admin.get("/api/v1/campaigns/nada")
    assert (told.status, told.headers["content-type"]) == (404, "application/problem+json")


def test_styles_and_scripts_come_whole_with_and_without_gzip_and_are_kept(stranger: GatewayBrowser) -> None:
    for name, file in static_files().items():
        small = stranger.get(static_url(name), **{"accept-encoding": "gzip, br"})
        assert small.answer["isBase64Encoded"] is True
        assert small.headers["content-encoding"] == "gzip"
        assert gzip.decompress(small.body) == file.content
        plain = stranger.get(static_url(name))
        assert plain.body == file.content
        assert plain.headers["content-type"] == file.media_type
        assert "immutable" in plain.headers["cache-control"]


@pytest.mark.parametrize("path", ["/console", "/health", "/api/v1/campaigns", "/u/nada"])
def test_an_answer_to_head_has_no_body(admin: GatewayBrowser, path: str) -> None:
    told = admin.ask("HEAD", path)
    assert told.body == b""
    assert told.status in (200, 404) or "GET" in told.headers["allow"]


def test_the_code_of_a_second_factor_is_drawn_in_the_page(admin: GatewayBrowser) -> None:
    admin.get("/console/account")
    told = admin.post("/console/account/second-factor/start")
    page = admin.get(told.headers["location"])
    assert (page.status, page.answer["isBase64Encoded"]) == (200, False)
    assert "<svg" in page.text
    assert 'class="qr"' in page.text


def test_numbers_for_machines_are_text(admin: GatewayBrowser, stranger: GatewayBrowser) -> None:
    assert stranger.get("/metrics", accept="text/plain").status == 401
    told = admin.get("/metrics", accept="text/plain")
    assert (told.status, told.answer["isBase64Encoded"]) == (200, False)
    assert "disparo_" in told.text


def test_guesses_are_counted_by_the_address_that_the_gateway_saw(admin: GatewayBrowser, app: App) -> None:
    guesser, other = GatewayBrowser(address="198.51.100.7"), GatewayBrowser(address="198.51.100.9")
    for at in range(40):
        wrong = {"email": f"n{at}@exemplo.com.br", "password": "outra frase bem comprida"}
        told = guesser.post("/console/sign-in", wrong, **{"x-forwarded-for": f"192.0.2.{at}"})
    assert told.status == 429
    assert int(told.headers["retry-after"]) > 0
    assert other.post("/console/sign-in", wrong).status == 422


def test_languages_are_kept_by_a_cookie(stranger: GatewayBrowser) -> None:
    told = stranger.get("/console/sign-in?lang=en")
    assert told.status == 303
    assert 'lang="en"' in stranger.get(told.headers["location"]).text


CAMPAIGN = {"name": "camp", "list": "lista", "steps": [{"channel": "whatsapp", "text": "Oi {{ nome }}"}]}


@pytest.fixture(scope="module")
def running(admin: GatewayBrowser, app: App) -> str:
    """A campaign that was started by the API, with people who came in a file."""
    rows = "nome;telefone\n" + "".join(f"Pessoa {at} Conceição;+55 41 98888-{at:04}\n" for at in range(30))
    drafts = [
        ContactDraft(
            f"l.csv:{at}",
            Place("America/Sao_Paulo"),
            name=f"Pessoa {at}",
            phone=f"+554198888{at:04}",
            phone_key=f"+554198888{at:04}",
            variables={"nome": "=1+1"},
        )
        for at in range(len(rows.splitlines()) - 1)
    ]
    runtime.run(app.store.contacts.fold("lista", drafts))
    headers = {"content-type": "application/json", "x-csrf-token": admin.csrf}
    assert admin.ask("POST", "/api/v1/campaigns", json.dumps(CAMPAIGN).encode(), headers).status == 201
    assert admin.ask("POST", "/api/v1/campaigns/camp/start", b"", headers).status == 200
    return "camp"


@pytest.mark.parametrize("place", ["/console/campaigns", "/api/v1/campaigns"])
def test_exports_come_whole(admin: GatewayBrowser, running: str, place: str) -> None:
    told = admin.get(f"{place}/{running}/export.csv")
    assert (told.status, told.answer["isBase64Encoded"]) == (200, False)
    assert told.body.startswith("\N{BYTE ORDER MARK}".encode())
    assert told.headers["content-disposition"] == 'attachment; filename="camp.csv"'
    told = admin.get(f"{place}/{running}/export.xlsx")
    assert (told.status, told.answer["isBase64Encoded"]) == (200, True)
    with zipfile.ZipFile(io.BytesIO(told.body)) as book:
        assert book.testzip() is None
        assert "xl/workbook.xml" in book.namelist()


@pytest.mark.parametrize("place", ["/console/campaigns", "/api/v1/campaigns"])
def test_what_is_followed_live_is_told_once_and_when_to_ask_again(
    admin: GatewayBrowser, running: str, place: str
) -> None:
    told = admin.get(f"{place}/{running}/events", accept="text/event-stream")
    assert (told.status, told.answer["isBase64Encoded"]) == (200, False)
    assert told.headers["content-type"].startswith("text/event-stream")
    assert told.text.startswith("retry: 5000\n\nevent: ")
    assert told.text.count("data: ") == 1


@pytest.mark.parametrize("encoded", [False, True])
def test_a_file_comes_by_form_and_its_import_waits_for_the_function_of_imports(
    admin: GatewayBrowser, app: App, encoded: bool
) -> None:
    page = admin.get("/console/contacts/import")
    assert "até 4 MB" in page.text
    assert "S3" in page.text
    admin.encoded = encoded
    content = "nome;celular\nJosé Conceição;(41) 98888-0001\n".encode()
    told = admin.send_file("/console/contacts/import", "gente.csv", content, list="novos")
    admin.encoded = False
    assert told.status == 303, told.text
    record = runtime.run(app.imports.get(told.headers["location"].rpartition("/")[2]))
    check = admin.get(f"/console/contacts/import/{record.id}/check")
    assert "José Conceição" in check.text
    fields = {"list": "novos", "c.nome": "name", "c.celular": "phone"}
    told = admin.post(f"/console/contacts/import/{record.id}/start", fields)
    assert told.status == 303, told.text
    assert isinstance(app.arrivals, Queue)
    assert app.arrivals.waiting[-1] == record.id


def test_settings_are_to_read_and_changing_them_is_refused_in_words(admin: GatewayBrowser) -> None:
    page = admin.get("/console/settings/limits")
    assert "Terraform" in page.text
    assert "disabled" in page.text or "Salvar" not in page.text
    told = admin.post("/console/settings/limits", {"max_retries": "9"})
    assert told.status in (303, 409, 422)
    assert told.status == 303 or "Terraform" in told.text


def test_a_program_with_a_key_calls_tools(app: App, stranger: GatewayBrowser) -> None:
    _, header = runtime.run(key_of(app.locks, Role.OPERATOR, app.clock.now()))
    wanted = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    headers = {
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": "2025-06-18",
    }
    for _ in range(2):
        told = stranger.ask("POST", "/mcp", json.dumps(wanted).encode(), {**headers, **header})
        assert (told.status, told.answer["isBase64Encoded"]) == (200, False), told.text
        assert "list_campaigns" in told.text
    assert stranger.ask("POST", "/mcp", json.dumps(wanted).encode(), headers).status == 401
    assert runtime.run(app.store.accounts.all()), "the loop goes on"


def test_a_program_with_a_key_uses_the_api(app: App, stranger: GatewayBrowser) -> None:
    _, header = runtime.run(key_of(app.locks, Role.OPERATOR, app.clock.now()))
    told = stranger.ask("GET", "/api/v1/campaigns", headers=header)
    assert (told.status, told.headers["content-type"]) == (200, "application/json")


LONG = 7_000_000


@pytest.fixture
def huge(app: App, monkeypatch: pytest.MonkeyPatch) -> str:
    """An export of seven megabytes; the page of the console answers the same."""
    line = "".join(chr(0x21 + at % 90) for at in range(1_000))

    async def answers(scope: Any, _: Any, send: Any) -> None:
        await PlainTextResponse(line * (LONG // 1_000))(scope, _, send)

    monkeypatch.setattr(api, "application", lambda: answers)
    return "/console/campaigns/camp/export.csv"


def test_what_a_function_cannot_give_goes_by_gzip(huge: str, stranger: GatewayBrowser) -> None:
    told = stranger.get(huge, **{"accept-encoding": "gzip, deflate"})
    assert (told.status, told.headers["content-encoding"]) == (200, "gzip")
    assert len(gzip.decompress(told.body)) == LONG


def test_or_is_refused_in_words_on_a_page_and_in_a_document(huge: str, stranger: GatewayBrowser) -> None:
    page = stranger.get(huge, **{"accept-encoding": "gzip;q=0"})
    assert (page.status, page.headers["content-type"]) == (413, "text/html; charset=utf-8")
    assert "6 MB" in page.text
    told = stranger.get(huge.replace("/console", "/api/v1"))
    assert json.loads(told.body)["type"] == "urn:disparo:problem:answer-too-large"


def test_a_forecast_is_played_beside_the_stores_of_aws(admin: GatewayBrowser, running: str) -> None:
    headers = {"content-type": "application/json", "x-csrf-token": admin.csrf}
    told = admin.ask("POST", "/api/v1/forecasts", json.dumps({"campaign": running}).encode(), headers)
    assert told.status == 200, told.text
    for _ in range(2):
        assert admin.get("/api/v1/campaigns").status == 200, "the function's own loop goes on"


def test_the_audit_is_exported(admin: GatewayBrowser) -> None:
    told = admin.get("/api/v1/audit/export.csv")
    assert (told.status, told.answer["isBase64Encoded"]) == (200, False)
    assert "accounts.add" in told.text
    assert "203.0.113.9" in told.text, "the address that the gateway saw"
