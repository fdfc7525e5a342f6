from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from disparo.domain.errors import InputError
from disparo.entrypoints.lambdas import api as module
from disparo.entrypoints.lambdas.api import answer
from disparo.entrypoints.lambdas.caller import caller_of
from tests.standing_app import standing_app
from tests.unit.entrypoints.http.conftest import SECRET, House, campaign
from tests.unit.entrypoints.lambdas.conftest import Watch, http_event

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(house: House) -> Ask:
    """Brings a request to the application as the function does."""
    app = standing_app(house, caller_of(house))

    def asked(method: str, path: str, body: object = None, **options: Any) -> dict[str, Any]:
        event = http_event(method, path, body, **options)
        return asyncio.run(answer(app, event, Watch()))  # type: ignore[arg-type]

    return asked


def test_a_request_of_the_gateway_is_answered_in_its_form(ask: Ask) -> None:
    told = ask("GET", "/health")
    assert told["statusCode"] == 200
    assert told["headers"]["content-type"] == "application/json"
    assert told["isBase64Encoded"] is False
    assert json.loads(told["body"])["status"] == "ok"


def test_nothing_is_left_on_the_loop_when_an_answer_is_given(house: House) -> None:
    app = standing_app(house, caller_of(house))

    async def story() -> None:
        for number in range(3):
            event = http_event("POST", "/api/v1/imports", {"file": f"{number}.csv"}, headers={"idempotency-key": "k"})
            await answer(app, event, Watch())  # type: ignore[arg-type]
            assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(story())


def test_one_application_serves_many_events(ask: Ask) -> None:
    for number in range(5):
        assert ask("POST", "/api/v1/imports", {"file": f"{number}.csv"})["statusCode"] == 201
    told = ask("GET", "/api/v1/imports", query="limit=2")
    assert len(json.loads(told["body"])["items"]) == 2


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"task": "tick"}, {"version": "2.0"}])
def test_an_event_that_is_no_request_is_refused(house: House, event: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        asyncio.run(answer(standing_app(house, caller_of(house)), event, Watch()))  # type: ignore[arg-type]


def test_the_handler_answers_for_the_installation_of_its_environment(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "installed", lambda: house)
    module.application.cache_clear()
    try:
        for _ in range(2):
            assert module.handler(http_event("GET", "/health"), Watch())["statusCode"] == 200  # type: ignore[arg-type]
    finally:
        module.application.cache_clear()


@pytest.mark.parametrize("encoded", [False, True])
def test_a_body_arrives_as_it_was_sent(ask: Ask, house: House, encoded: bool) -> None:
    from disparo.adapters.channels.sandbox.callback import sign

    body = '{"receipts": [], "nota": "São João"}'.encode()
    headers = sign(SECRET, "msg_1", body, house.clock.now())
    told = ask("POST", "/webhooks/sandbox", body, headers=headers, encoded=encoded, caller=None)
    assert (told["statusCode"], told["body"]) == (204, "")


def test_paths_and_queries_are_decoded_once(ask: Ask, house: House) -> None:
    asyncio.run(house.people(1))
    assert ask("POST", "/api/v1/campaigns", campaign(name="a.b"))["statusCode"] == 201
    assert ask("GET", "/api/v1/campaigns/a%2Eb")["statusCode"] == 200
    told = ask("GET", "/api/v1/messages", query="state=due&state=dead&reason=a%20b%26c")
    assert json.loads(told["body"]) == {"items": [], "next": None}


def test_problems_are_text_and_not_base64(ask: Ask) -> None:
    told = ask("GET", "/api/v1/campaigns/nada")
    assert (told["statusCode"], told["isBase64Encoded"]) == (404, False)
    assert told["headers"]["content-type"] == "application/problem+json"
    assert json.loads(told["body"])["status"] == 404


@pytest.mark.parametrize("authorizer", [None, {}, {"jwt": {}}, {"jwt": {"claims": {}}}, {"jwt": None}, {"lambda": {}}])
def test_without_an_authorizer_the_api_answers_nobody(ask: Ask, authorizer: object) -> None:
    for path, status in (("/api/v1/imports", 401), ("/health", 200), ("/api/openapi.json", 200)):
        assert ask("GET", path, caller=None, authorizer=authorizer)["statusCode"] == status


def test_nobody_signs_in_by_a_header(ask: Ask) -> None:
    headers = {"authorization": "Bearer x", "x-amzn-oidc-identity": "ana", "aws.event": "ana"}
    told = ask("GET", "/api/v1/imports", headers=headers, caller=None)
    assert told["statusCode"] == 401


def test_keys_of_requests_belong_to_their_caller(ask: Ask) -> None:
    headers = {"idempotency-key": "k1"}
    for caller in ("ana", "bia"):
        told = ask("POST", "/api/v1/imports", {"file": f"{caller}.csv"}, headers=headers, caller=caller)
        assert told["statusCode"] == 201
    replay = ask("POST", "/api/v1/imports", {"file": "ana.csv"}, headers=headers, caller="ana")
    assert replay["headers"]["idempotency-replay"] == "true"


def test_what_nobody_foresaw_is_an_answer_and_the_function_lives_on(
    ask: Ask, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_: str) -> None:
        raise ZeroDivisionError("segredo")

    with monkeypatch.context() as patched:
        patched.setattr(house.imports, "get", fails)
        told = ask("GET", "/api/v1/imports/1")
    assert told["statusCode"] == 500
    assert "segredo" not in told["body"]
    assert ask("GET", "/health")["statusCode"] == 200


def test_importing_the_handlers_opens_nothing() -> None:
    program = """
import sys
import disparo.entrypoints.lambdas.api, disparo.entrypoints.lambdas.ingest
print([name for name in ("boto3", "botocore.session", "apsw", "disparo.bootstrap", "openpyxl") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_the_function_that_imports_files_knows_no_web_framework() -> None:
    program = """
import sys
import disparo.entrypoints.lambdas.ingest as module
from disparo.entrypoints.import_desk import desk_of
print([name for name in ("fastapi", "starlette", "mangum", "liquid") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
