"""Every page of the console, over an installation in which every text that somebody else wrote is an attack."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import unquote

import apsw
import pytest

from bench.console_data import Amounts, build
from bench.console_house import addresses, open_house
from disparo.bootstrap import App
from disparo.bootstrap.families import DATABASE
from disparo.domain.principal import Role
from disparo.entrypoints.http.app import create_app
from disparo.entrypoints.http.identity import Identity
from tests.account_scene import signed_in
from tests.unit.entrypoints.console.visitor import Seen, Visitor

NASTY = "\"'><script src=//evil.example/x.js></script><img src=x onerror=alert(1)> {{ 7 * 191 }} {% raw %} javascript:1"
EVALUATED = "1337"
"""What a template engine would make of the sum in it."""

POISONED = """
UPDATE contact SET name = :nasty, source = :nasty, variables = json_object('empresa', :nasty, :nasty, 'x'),
    other_emails = json_array(:nasty);
UPDATE list SET name = :nasty WHERE name = 'parceiros';
UPDATE inbox SET text = :nasty;
UPDATE journal SET detail = :nasty, reason = CASE WHEN number % 2 THEN :nasty ELSE reason END;
UPDATE message SET reason = :nasty WHERE state = 'dead' AND contact_id % 2;
UPDATE suppression SET source = :nasty;
UPDATE host SET document = json_set(document, '$.name', :nasty, '$.email', :nasty,
    '$.blocks', json_array(json_object('start_at', '2026-12-21', 'end_at', '2027-01-03', 'label', :nasty)));
UPDATE meeting_type SET document = json_set(document, '$.title', :nasty);
UPDATE meeting SET document = json_set(document, '$.notes', :nasty, '$.guest_name', :nasty, '$.reason', :nasty);
"""
MAIL = re.compile("/mail(/|$)")
"""An e-mail as it arrives, which may be whatever somebody wrote: for a frame that runs nothing and loads nothing."""
POLICY = ("default-src 'none'", "script-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'")
_LINKS = ("href", "src", "action", "formaction", "srcset", "data", "poster")
_HARMLESS = ("/", "#", "?", "mailto:", "tel:", "data:image/svg+xml", "data:image/png")


@dataclass
class Dangers(HTMLParser):
    """What in a page could run or load something that is not ours."""

    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        framed = tag == "iframe" and told.get("sandbox") != ""
        if framed or tag in ("style", "object", "embed", "base") or (tag == "script" and "src" not in told):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            written = (value or "").strip().lower()
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.found.append(f"<{tag} {name}>")
            if name in _LINKS and (written.startswith(("//", "/\\")) or not (_ours(written) or _leaves(tag, told))):
                self.found.append(f"<{tag} {name}={written[:80]}>")


def _ours(address: str) -> bool:
    return address == "" or address.startswith(_HARMLESS)


def _leaves(tag: str, told: dict[str, str | None]) -> bool:
    """A link that a person follows knowingly, and that tells the other side nothing."""
    return (
        tag == "a" and (told.get("href") or "").startswith("https://") and "noopener" in (told.get("rel") or "noopener")
    )


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("nasty") / "data"
    build(folder, Amounts.of(300), datetime.now(UTC).replace(minute=0, second=0, microsecond=0))
    database = apsw.Connection(str(folder / DATABASE))
    for statement in POISONED.split(";\n"):
        database.execute(statement, {"nasty": NASTY})
    database.close()
    app = open_house(folder)
    try:
        yield app
    finally:
        app.close()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def visitor(app: App) -> Visitor:
    """An admin of a nasty name, who has made something of everything, and looks."""
    now = app.clock.now()
    browser = asyncio.run(signed_in(app.locks, Role.ADMIN, now, name=NASTY))
    visitor = Visitor(app, create_app(app, Identity(app)))  # type: ignore[arg-type]
    visitor.cookies["disparo_session"] = browser.token
    visitor.get("/console/account")
    made = [
        visitor.ask("POST", path, json.dumps(body).encode(), _headers(visitor))
        for path, body in (
            ("/api/v1/keys", {"name": NASTY[:60]}),
            ("/api/v1/webhooks", {"url": "https://example.com/x", "description": NASTY}),
            ("/api/v1/accounts", {"name": NASTY[:80], "email": "x@example.com"}),
            ("/api/v1/templates", {"name": "nasty", "channel": "whatsapp", "text": _PLAIN}),
            ("/api/v1/templates", {"name": "mail", "channel": "email", "subject": _PLAIN, "text": _PLAIN}),
        )
    ]
    assert {one.status for one in made} == {201}, [one.text for one in made if one.status != 201]
    form = (
        b'--x\r\nContent-Disposition: form-data; name="list"\r\n\r\n' + NASTY.replace("/", "_").encode() + b"\r\n"
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="<img src=x onerror=alert(1)>.csv"\r\n\r\n'
        b"nome;telefone\r\n<script>alert(1)</script>;+5541988887777\r\n--x--\r\n"
    )
    sent = visitor.ask("POST", "/api/v1/imports", form, _headers(visitor, "multipart/form-data; boundary=x"))
    assert sent.status == 202, sent.text
    return visitor


_PLAIN = NASTY.replace("{", "(").replace("}", ")")


def _headers(visitor: Visitor, media_type: str = "application/json") -> dict[str, str]:
    return {"content-type": media_type, "x-csrf-token": visitor.csrf, "accept": "application/json"}


def _pages(app: App) -> list[str]:
    known = [path for path in addresses(app) if path.startswith("/console")]
    return [
        *known,
        "/console/templates/mail/mail",
        "/console/contacts?q=%3Cscript%3E",
        "/console/inbox",
        "/console/sign-in?next=//evil.example",
    ]


def test_no_page_runs_or_loads_what_somebody_wrote(app: App, visitor: Visitor) -> None:
    pages = _pages(app)
    shown = 0
    for path in pages:
        seen = visitor.ask("GET", path)
        assert seen.status < 500, path
        if not seen.header("content-type").startswith("text/html") or not seen.text:
            continue
        assert EVALUATED not in seen.text, path
        if MAIL.search(path) and seen.status == 200:
            assert seen.header("content-security-policy").startswith("sandbox; default-src 'none';"), path
            continue
        dangers = Dangers()
        dangers.feed(seen.text)
        assert not dangers.found, (path, dangers.found[:5])
        assert all(part in seen.header("content-security-policy") for part in POLICY), path
        assert seen.header("x-content-type-options") == "nosniff"
        assert seen.header("cache-control") == "no-store"
        shown += "&lt;script" in seen.text
    assert len(pages) > 40
    assert shown > 15, "the attacks are on hardly any page: is the house still poisoned?"


def test_the_search_for_dangers_finds_them() -> None:
    dangers = Dangers()
    dangers.feed(f'<a href="{NASTY}">x</a><a href="javascript:1"></a><b style="x"></b><a href="//evil.example"></a>')
    assert len(dangers.found) >= 5


@pytest.mark.parametrize(
    "asked",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "/console@evil.example",
        "/console/../../evil",
        "/console/%2e%2e//evil.example",
        "/console\r\nSet-Cookie: a=b",
        "/%09/evil.example",
        "javascript:alert(1)",
        "/console//evil.example/..",
        "///evil.example/console",
    ],
)
def test_nobody_is_led_to_another_place(visitor: Visitor, asked: str) -> None:
    from urllib.parse import quote

    for path in (f"/console/sign-in?next={quote(asked, safe='')}", f"/console?lang=en&next={quote(asked, safe='')}"):
        seen = visitor.ask("GET", path, headers={"referer": asked.split("\r")[0], "host": "evil.example"})
        assert _stays(seen), (path, seen.location)
    form = {"next": asked, "email": "x", "password": "x"}
    assert _stays(visitor.post("/console/sign-in", form))


def _stays(seen: Seen) -> bool:
    where = unquote(seen.location)
    return where == "" or (where.startswith("/") and not where.startswith(("//", "/\\")) and "\n" not in where)
