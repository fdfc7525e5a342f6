"""Problems that a browser meets in the console become pages."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from fastapi import Request
from starlette.responses import Response

from disparo.domain.errors import InputError, NotFoundError, StoreError, TransitionError
from disparo.entrypoints.console.refusals import PagesForProblems
from disparo.entrypoints.http import problems
from disparo.entrypoints.http.installation import ForbiddenError
from disparo.entrypoints.http.problems import LastResort
from tests.unit.entrypoints.console.conftest import Site


def nobody_is_told(*_: object, **__: object) -> None:
    """In place of the log."""


@pytest.fixture
def failing(site: Site) -> Site:
    errors: dict[str, Exception] = {
        "input": InputError("limit: escreva um número inteiro\nname: falta"),
        "gone": NotFoundError("a campanha x não existe (veja: disparo campaign list)"),
        "state": TransitionError("a campanha já terminou"),
        "store": StoreError("disk /var/secret is full"),
        "role": ForbiddenError("isto precisa do papel admin"),
        "bug": ValueError("a secret"),
    }

    async def fail(request: Request, kind: str) -> Response:
        raise errors[kind]

    site.api.add_api_route("/console/fail/{kind}", fail)
    site.api.add_api_route("/api/v1/fail/{kind}", fail)
    problems.install(site.api, nobody_is_told)
    site.api.add_middleware(LastResort, report=nobody_is_told)
    site.api.add_middleware(PagesForProblems, console=site.console)
    return site


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        ("input", 422, "<li>escreva um número inteiro</li>"),
        ("gone", 404, "A campanha x não existe."),
        ("state", 409, "A campanha já terminou."),
        ("store", 503, "Os dados não podem ser alcançados agora"),
        ("role", 403, "Isto precisa do papel Administração."),
        ("bug", 500, "urn:uuid:"),
    ],
)
def test_an_error_is_a_page_of_its_own_words(failing: Site, kind: str, status: int, said: str) -> None:
    answer = asyncio.run(failing.get(f"/console/fail/{kind}"))
    assert answer.status == status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert "content-security-policy" in answer.headers
    assert said in answer.text
    assert "secret" not in answer.text
    assert answer.headers.get("retry-after") == ("5" if status == 503 else None)


def test_programs_get_the_document(failing: Site) -> None:
    for path, accept in (("/console/fail/gone", "application/json"), ("/api/v1/fail/gone", "text/html")):
        answer = asyncio.run(failing.get(path, {"accept": accept}))
        assert answer.headers["content-type"] == "application/problem+json"
        assert json.loads(answer.body)["status"] == 404


def test_an_address_where_nothing_is_has_a_page(failing: Site) -> None:
    answer = asyncio.run(failing.get("/console/none"))
    assert answer.status == 404
    assert "Não há nada aqui" in answer.text


def test_a_page_about_an_error_that_fails_leaves_the_document(failing: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Response:
        raise RuntimeError("no templates")

    monkeypatch.setattr(failing.console, "page", broken)
    answer = asyncio.run(failing.get("/console/fail/gone"))
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body)["status"] == 404
