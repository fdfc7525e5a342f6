"""Pages of the console: their frame, their headers, how they are seen, and what they tell of the page before."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import Request
from jinja2 import UndefinedError

from disparo.domain.principal import MACHINE, Role
from disparo.entrypoints.console import shell
from tests.unit.entrypoints.console.conftest import ANA, Site

PAGE = "/console/campaigns/novembro"


def test_a_page_lets_nothing_in_from_elsewhere(site: Site) -> None:
    answer = asyncio.run(site.get(PAGE))
    assert answer.status == 200
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]


def test_the_area_that_one_is_in_is_marked(site: Site) -> None:
    text = asyncio.run(site.get(PAGE)).text
    assert '<a href="/console/campaigns" aria-current="true">' in text
    assert '<html lang="pt-BR" data-theme="auto">' in text
    assert 'href="#main"' in text


def test_what_is_shown_is_shown_as_it_is_written(site: Site) -> None:
    text = asyncio.run(site.get("/console/campaigns/<script>alert(1)")).text
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text


def test_a_value_that_is_missing_is_an_error_and_no_gap(site: Site) -> None:
    scope = {"type": "http", "method": "GET", "path": PAGE, "headers": [], "query_string": b"", "server": ("test", 80)}
    with pytest.raises(UndefinedError):
        site.console.page(Request(scope), "refusal.html", title="only this")


@pytest.mark.parametrize(
    ("cookie", "header", "language"),
    [
        ("", "", "pt-BR"),
        ("", "en-US,en;q=0.9,pt;q=0.8", "en"),
        ("", "de, pt;q=0.9, en;q=0.8", "pt-BR"),
        ("", "fr;q=9, ;;;", "pt-BR"),
        ("disparo_lang=en", "pt-BR", "en"),
        ("disparo_lang=xx", "en", "en"),
    ],
)
def test_the_language_is_the_one_that_was_chosen_or_that_the_browser_likes(
    site: Site, cookie: str, header: str, language: str
) -> None:
    answer = asyncio.run(site.get(PAGE, {"cookie": cookie, "accept-language": header}))
    assert f'<html lang="{language}"' in answer.text
    assert ("Campaigns" in answer.text) == (language == "en")
    assert answer.headers["content-language"] == language


def test_asking_for_a_language_and_a_theme_is_kept_and_leads_back(site: Site) -> None:
    answer = asyncio.run(site.get(PAGE + "?tab=2&lang=en&theme=dark"))
    assert answer.status == 303
    assert answer.headers["location"] == PAGE + "?tab=2"
    assert answer.cookies["disparo_lang"].startswith("en;")
    assert answer.cookies["disparo_theme"].startswith("dark;")
    dark = asyncio.run(site.get(PAGE, {"cookie": "disparo_theme=dark"}))
    assert 'data-theme="dark"' in dark.text


def test_a_theme_that_does_not_exist_is_the_usual_one(site: Site) -> None:
    assert 'data-theme="auto"' in asyncio.run(site.get(PAGE, {"cookie": 'disparo_theme="><script>'})).text


def test_after_a_form_the_choices_lead_to_the_page_that_it_was_on(site: Site) -> None:
    from_ours = asyncio.run(site.get(PAGE, {"referer": "http://test/console/contacts?q=ana"}, "POST"))
    assert 'href="/console/contacts?q=ana&amp;theme=dark"' in from_ours.text
    from_others = asyncio.run(site.get(PAGE, {"referer": "http://evil.example/console/contacts"}, "POST"))
    assert 'href="/console?theme=dark"' in from_others.text


def test_only_who_signed_in_is_offered_to_sign_out_and_has_a_token(site: Site) -> None:
    assert 'name="csrf" value="token-of-ana"' in asyncio.run(site.get(PAGE)).text
    site.principal, site.csrf = MACHINE, ""
    assert "/console/sign-out" not in asyncio.run(site.get(PAGE)).text


def test_a_stranger_sees_no_areas(site: Site) -> None:
    site.principal = None
    text = asyncio.run(site.get(PAGE)).text
    assert "/console/campaigns" not in text.replace(PAGE, "")
    assert 'class="plain"' in text


def test_a_viewer_is_told_apart(site: Site) -> None:
    site.principal = replace(ANA, role=Role.VIEWER)
    assert "Leitura" in asyncio.run(site.get(PAGE)).text


def test_what_was_done_is_told_on_the_next_page_once(site: Site) -> None:
    went = asyncio.run(site.get(f"/console/go?to={PAGE}&told=Pronto%20%3Cb%3E"))
    assert (went.status, went.headers["location"]) == (303, PAGE)
    assert "HttpOnly" in went.cookies["disparo_told"]
    cookie = {"cookie": "disparo_told=" + went.cookies["disparo_told"].partition(";")[0]}
    part = asyncio.run(site.get("/console/part", cookie))
    assert "disparo_told" not in part.cookies
    seen = asyncio.run(site.get(PAGE, cookie))
    assert "Pronto &lt;b&gt;" in seen.text
    assert "Max-Age=0" in seen.cookies["disparo_told"]


@pytest.mark.parametrize("change", ["late", "other session", "other text"])
def test_what_another_session_or_time_or_hand_tells_is_not_told(site: Site, change: str) -> None:
    went = asyncio.run(site.get(f"/console/go?to={PAGE}&told=Pronto"))
    value = went.cookies["disparo_told"].partition(";")[0]
    match change:
        case "late":
            site.now += timedelta(minutes=2)
        case "other session":
            site.csrf = "token-of-bruno"
        case _:
            value = "x" + value
    assert "data-told" not in asyncio.run(site.get(PAGE, {"cookie": f"disparo_told={value}"})).text


def test_nobody_is_led_out_of_the_console(site: Site) -> None:
    for to in ("https://evil.example", "//evil.example", "/console/../u/x", "/console\\evil", "/consoles", "/book/x"):
        assert asyncio.run(site.get(f"/console/go?to={to}")).headers["location"] == "/console", to


def test_every_template_can_be_made_ready_beforehand(site: Site) -> None:
    steps = sum(1 for _ in site.console.preparing())
    templates = len([*Path(shell.__file__).parent.glob("templates/**/*.html")])
    assert steps == 2 * templates > 200
