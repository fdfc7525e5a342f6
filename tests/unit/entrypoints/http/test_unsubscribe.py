from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from disparo.adapters.signed_links import SignedLinks
from disparo.domain.message import MessageId
from disparo.entrypoints.http import problems, unsubscribe
from disparo.entrypoints.http.installation import local_report
from disparo.entrypoints.http.problems import LastResort
from tests.unit.entrypoints.http.conftest import Answer, Client, House

LINKS = SignedLinks("https://casa.com.br", lambda: b"0123456789abcdef")
ONE_CLICK = b"List-Unsubscribe=One-Click"


def path_of(contact: str = "1", campaign: str = "1") -> str:
    return (LINKS.unsubscribe_url(MessageId(campaign, 1, contact)) or "").removeprefix("https://casa.com.br")


@pytest.fixture
def client(tmp_path: Path) -> Client:
    house: Any = House(tmp_path)
    house.links = LINKS
    api = FastAPI(docs_url=None, redoc_url=None)
    api.include_router(unsubscribe.router(house))
    problems.install(api, local_report)
    api.add_middleware(LastResort, report=local_report)
    return Client(api, house)


async def suppressed(client: Client) -> list[str]:
    return [one.key for one in await client.house.store.suppressions.page("", 10)]


class Page(HTMLParser):
    """What there is on a page, by element."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(answer.body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_opening_the_link_shows_a_question_and_changes_nothing(client: Client, method: str) -> None:
    async def check() -> None:
        await client.house.people(1)
        answer = await client.ask(method, path_of())
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert await suppressed(client) == []
        if method == "GET":
            assert Page(answer).of("form") == [{"method": "post"}]
            assert "Não quero mais receber" in answer.body.decode()
            assert "I want no more messages" in answer.body.decode()

    asyncio.run(check())


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (ONE_CLICK, "application/x-www-form-urlencoded"),
        (b"", "application/x-www-form-urlencoded"),
        (
            b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
        (b"\xff\x00", "application/octet-stream"),
    ],
)
def test_the_button_and_the_mail_programs_click_unsubscribe(client: Client, body: bytes, kind: str) -> None:
    async def check() -> None:
        await client.house.people(2)
        answer = await client.ask("POST", path_of(), body, {"content-type": kind})
        assert answer.status == 200
        assert "Pronto" in answer.body.decode()
        assert not Page(answer).of("form")
        assert await suppressed(client) == ["+5541988880000", "p0@example.com"]
        again = await client.ask("POST", path_of(), body, {"content-type": kind})
        assert (again.status, again.body) == (answer.status, answer.body)

    asyncio.run(check())


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path", ["/u/x", "/u/1.1.1", path_of()[:-3], path_of().replace("1.1.1", "1.1.2"), "/u/" + "9" * 5000]
)
def test_a_link_that_is_not_ours_is_a_page_that_says_so(client: Client, method: str, path: str) -> None:
    async def check() -> None:
        await client.house.people(2)
        answer = await client.ask(method, path, ONE_CLICK)
        assert answer.status == 404
        assert "Este link não funciona" in answer.body.decode()
        assert await suppressed(client) == []

    asyncio.run(check())


def test_a_contact_that_is_no_longer_here_is_not_confirmed(client: Client) -> None:
    answer = asyncio.run(client.ask("POST", path_of("99"), ONE_CLICK))
    assert answer.status == 404


def test_no_page_tells_anything_of_anybody(client: Client) -> None:
    async def check() -> None:
        await client.house.people(1)
        for method in ("GET", "POST"):
            text = (await client.ask(method, path_of(), ONE_CLICK)).body.decode()
            for personal in ("Pessoa", "p0@", "8888", "1.1.1", "lista"):
                assert personal not in text

    asyncio.run(check())


def test_pages_hold_by_themselves_and_are_kept_and_indexed_by_nobody(client: Client) -> None:
    async def check() -> None:
        await client.house.people(1)
        for method, path in (("GET", path_of()), ("POST", path_of()), ("GET", "/u/x")):
            answer = await client.ask(method, path)
            page = Page(answer)
            assert not page.of("script") + page.of("link") + page.of("img") + page.of("iframe")
            assert not re.search(rb"url\(|https?:|@import| style=| on[a-z]+=", answer.body)
            [style] = re.findall(rb"<style>(.*?)</style>", answer.body, re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
            policy = answer.headers["content-security-policy"]
            assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
            assert "form-action 'self'" in policy and "frame-ancestors 'none'" in policy
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "noindex" in answer.headers["x-robots-tag"]
            assert "location" not in answer.headers and "set-cookie" not in answer.headers
            assert page.of("html") == [{"lang": "pt-BR"}]
            assert {"lang": "en"} in page.of("section")
            assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.of("meta")

    asyncio.run(check())


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, "contrast ratio"."""

    def luminance(colour: str) -> float:
        full = colour if len(colour) == 6 else "".join(two * 2 for two in colour)
        parts = [int(full[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_text_is_legible_by_day_and_by_night(client: Client) -> None:
    text = asyncio.run(client.ask("GET", "/u/x")).body.decode()
    themes = re.findall(r"--text: #(\w+); --ground: #(\w+); --soft: #(\w+)", text)
    assert len(themes) == 2
    assert all(_contrast(ink, ground) >= 7 for strong, ground, soft in themes for ink in (strong, soft))
    buttons = re.findall(r"--accent: #(\w+);.*?--on-accent: #(\w+)", text)
    assert len(buttons) == 2
    assert all(_contrast(ground, ink) >= 4.5 for ground, ink in buttons)
