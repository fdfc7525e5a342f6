from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from starlette.requests import Request

from disparo import __version__
from disparo.domain.errors import DisparoError, InputError, NotFoundError, StoreError, TransitionError
from disparo.entrypoints.http import problems
from disparo.entrypoints.http.app import create_app
from disparo.entrypoints.http.body_limit import MEGABYTE
from disparo.entrypoints.http.installation import NotSignedInError
from disparo.entrypoints.http.problems import INTERNAL, KINDS, MEDIA_TYPE, kind_of
from tests.unit.entrypoints.http.conftest import Answer, Client, House


def problem(answer: Answer, status: int, code: str) -> dict[str, object]:
    """The problem document of an answer, which is complete and of this kind."""
    assert (answer.status, answer.headers["content-type"]) == (status, MEDIA_TYPE)
    document: dict[str, object] = answer.json
    assert (document["type"], document["status"]) == (f"urn:disparo:problem:{code}", status)
    assert document["title"] and document["detail"]
    return document


def test_health_tells_that_the_store_is_reached(client: Client) -> None:
    answer = asyncio.run(client.get("/health"))
    assert (answer.status, answer.json) == (200, {"status": "ok", "store": "ok", "version": __version__})


def test_health_fails_and_says_no_more_when_the_store_is_not_reached(
    client: Client, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreachable() -> int:
        raise StoreError("/dados/secreto.sqlite3: disk I/O error")

    monkeypatch.setattr(house.store.ledger, "revision", unreachable)
    answer = asyncio.run(client.get("/health"))
    assert (answer.status, answer.json["store"]) == (503, "unreachable")
    assert b"secreto" not in answer.body


def test_the_openapi_document_is_3_1_and_names_every_resource(client: Client) -> None:
    document = asyncio.run(client.get("/api/openapi.json")).json
    assert document["openapi"].startswith("3.1.")
    resources = {path.split("/")[3] for path in document["paths"] if path.startswith("/api/v1/")}
    assert {"imports", "campaigns", "messages", "dead-letters", "inbox"} <= resources
    assert {"hosts", "meeting-types", "slots", "meetings"} <= resources
    assert {"/health", "/webhooks/{provider}"} <= set(document["paths"])


def test_every_operation_of_the_api_is_described_and_owns_up_to_its_problems(client: Client) -> None:
    document = asyncio.run(client.get("/api/openapi.json")).json
    operations = [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/api/")
    ]
    assert not [name for name, operation in operations if not operation.get("description")]
    needed = {"401", "404", "409", "422", "503"}
    assert not [name for name, operation in operations if not needed <= operation["responses"].keys()]
    wrong = document["paths"]["/api/v1/imports"]["post"]["responses"]["422"]["content"]
    assert wrong[MEDIA_TYPE]["schema"]["$ref"].endswith("/Problem")


def test_names_of_operations_are_all_different(client: Client) -> None:
    document = asyncio.run(client.get("/api/openapi.json")).json
    names = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/api/docs", "/docs/oauth2-redirect"])
def test_there_is_no_page_that_loads_from_elsewhere(client: Client, path: str) -> None:
    assert asyncio.run(client.get(path)).status == 404


def test_nothing_is_exported_whatever_the_environment_says() -> None:
    program = """
import asyncio, sys, tempfile
from pathlib import Path
from disparo.entrypoints.http import problems
from disparo.entrypoints.http.app import create_app
from tests.unit.entrypoints.http.conftest import Client, House
house = House(Path(tempfile.mkdtemp()))
api = create_app(house)
async def lifespan():
    messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent = []
    async def receive(): return messages.pop(0)
    async def send(message): sent.append(message["type"])
    await api({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"], sent
asyncio.run(lifespan())
assert asyncio.run(Client(api, house).get("/health")).status == 200
assert not api._native_telemetry.enabled()
from fastapi.telemetry import _runtime
assert not _runtime._owned and not _runtime._configured
print(sorted(name for name in sys.modules if name.startswith(("opentelemetry.exporter", "opentelemetry.sdk"))))
"""
    environment = {
        **os.environ,
        "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[]", "")


def every_error_class(of: type[DisparoError] = DisparoError) -> Iterator[type[DisparoError]]:
    for one in of.__subclasses__():
        yield one
        yield from every_error_class(one)


OUR_OWN_TOOLS = {"PackageError", "StoppedError"}
"""Errors that belong to a command or a job and are never raised behind a request."""


def test_every_error_of_ours_has_a_kind() -> None:
    unknown = {one.__name__ for one in every_error_class() if kind_of(one.__new__(one)) is INTERNAL}
    assert unknown <= OUR_OWN_TOOLS
    assert {KINDS[one].status for one in (InputError, NotFoundError, TransitionError, StoreError)} == {
        422,
        404,
        409,
        503,
    }


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InputError("linha 2: mude"), 422, "input"),
        (NotFoundError("não existe"), 404, "not-found"),
        (TransitionError("já terminou"), 409, "transition"),
        (StoreError("/dados/segredo: disk full"), 503, "store"),
        (NotSignedInError("entre"), 401, "not-signed-in"),
        (ZeroDivisionError("segredo"), 500, "internal"),
    ],
)
def test_errors_become_problem_documents(
    client: Client, house: House, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    async def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(house.imports, "get", fails)
    answer = asyncio.run(client.get("/api/v1/imports/1"))
    document = problem(answer, status, code)
    assert "segredo" not in answer.body.decode()
    assert ("instance" in document) == (status == 500)
    assert ("retry-after" in answer.headers) == (status == 503)
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_what_nobody_foresaw_is_in_the_log_under_the_number_of_the_answer(
    client: Client, house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(*_: object) -> None:
        raise ZeroDivisionError("segredo")

    monkeypatch.setattr(house.imports, "get", fails)
    with caplog.at_level(logging.ERROR):
        document = asyncio.run(client.get("/api/v1/imports/1")).json
    [record] = caplog.records
    assert document["instance"] in record.getMessage()
    assert record.exc_info is not None


def test_what_breaks_is_reported_to_whoever_wants_to_know(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, str, set[str]]] = []

    def report(event: str, error: BaseException, **fields: str) -> None:
        told.append((event, type(error).__name__, set(fields)))

    async def story() -> None:
        client = Client(create_app(house, report=report), house)
        for error in (StoreError("disk"), ZeroDivisionError(), NotFoundError("x")):
            monkeypatch.setattr(house.imports, "get", _raising(error))
            await client.get("/api/v1/imports/1")
        monkeypatch.setattr(house.store.ledger, "revision", _raising(OSError()))
        await client.get("/health")

    asyncio.run(story())
    assert told == [
        ("store_failed", "StoreError", set()),
        ("request_failed", "ZeroDivisionError", {"instance"}),
        ("store_unreachable", "OSError", set()),
    ]


def _raising(error: Exception) -> Callable[..., Awaitable[None]]:
    async def fails(*_: object) -> None:
        raise error

    return fails


def test_an_error_of_many_lines_is_told_line_by_line(client: Client) -> None:
    answer = asyncio.run(client.post("/api/v1/campaigns", {"name": "a b", "steps": []}))
    document = problem(answer, 422, "input")
    errors = document["errors"]
    assert isinstance(errors, list)
    assert len(errors) > 1
    assert document["detail"] == "\n".join(one["detail"] for one in errors)


def test_a_request_of_the_wrong_form_is_told_where(client: Client) -> None:
    answer = asyncio.run(client.post("/api/v1/imports", {"fil": "a.csv"}))
    document = problem(answer, 422, "input")
    assert [one["place"] for one in document["errors"]] == ["body.file", "body.fil"]  # type: ignore[attr-defined]
    answer = asyncio.run(client.get("/api/v1/messages?limit=0&step=x&state=nope"))
    places = {one["place"] for one in problem(answer, 422, "input")["errors"]}  # type: ignore[attr-defined]
    assert places == {"query.limit", "query.step", "query.state.0"}


@pytest.mark.parametrize("body", [b"{", b"", b"[1]", b'"x"', b"{}{}", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_document_is_refused(client: Client, body: bytes) -> None:
    answer = asyncio.run(client.post("/api/v1/campaigns", body, headers={"content-type": "application/json"}))
    assert answer.status in (400, 422)
    assert answer.headers["content-type"] == MEDIA_TYPE


def test_text_that_is_no_unicode_is_refused_everywhere(client: Client) -> None:
    lone = json.dumps({"file": "a\ud800.csv"}).encode()
    answer = asyncio.run(client.post("/api/v1/imports", lone, headers={"content-type": "application/json"}))
    problem(answer, 422, "input")
    document = json.dumps({"name": "x", "list": "\ud800", "steps": [{"channel": "sms", "text": "\udfff"}]}).encode()
    answer = asyncio.run(client.post("/api/v1/campaigns", document, headers={"content-type": "application/json"}))
    problem(answer, 422, "input")


def test_addresses_and_methods_that_are_not_there(client: Client) -> None:
    problem(asyncio.run(client.get("/api/v1/nada")), 404, "not-found")
    answer = asyncio.run(client.ask("DELETE", "/api/v1/imports"))
    problem(answer, 405, "method")
    assert "GET" in answer.headers["allow"] or "POST" in answer.headers["allow"]
    problem(asyncio.run(client.get("/api/v1/imports/")), 404, "not-found")


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_refused(client: Client, declared: bool) -> None:
    headers = {"content-type": "application/json"} | ({"content-length": str(MEGABYTE + 1)} if declared else {})
    answer = asyncio.run(client.post("/api/v1/campaigns", b"[" + b" " * MEGABYTE, headers=headers))
    problem(answer, 413, "too-large")


def test_no_answer_is_kept_on_the_way_or_taken_for_another_type(client: Client) -> None:
    for path in ("/health", "/api/v1/imports", "/nada"):
        headers = asyncio.run(client.get(path)).headers
        assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


def test_whoever_is_not_known_reaches_the_open_doors_alone(house: House) -> None:
    async def nobody(_: Request) -> str:
        raise NotSignedInError("entre primeiro")

    client = Client(create_app(house, nobody), house)
    document = asyncio.run(client.get("/api/openapi.json")).json
    for path, methods in document["paths"].items():
        for method in methods:
            address = re.sub(r"\{\w+\}", "1", path)
            answer = asyncio.run(client.ask(method.upper(), address, {}))
            if path.startswith("/api/v1/") or path == "/metrics":
                problem(answer, 401, "not-signed-in")
            else:
                assert answer.status in (200, 404)


def test_the_page_of_the_api_tells_every_kind_of_problem_and_every_resource(client: Client) -> None:
    page = (Path(__file__).parents[4] / "docs" / "http-api.md").read_text(encoding="utf-8")
    sources = Path(problems.__file__).parent.glob("*.py")
    codes = {
        code for path in sources for code in re.findall(r'Kind\(\s*HTTPStatus\.\w+, "([a-z-]+)"', path.read_text())
    }
    assert {"input", "in-flight", "too-large"} < codes
    assert not [code for code in codes - {"refused"} if f"`{code}`" not in page]
    document = asyncio.run(client.get("/api/openapi.json")).json
    resources = {"/".join(path.split("/")[:4]) for path in document["paths"] if path.startswith("/api/")}
    assert not [resource for resource in resources if f'"$API{resource}' not in page]
