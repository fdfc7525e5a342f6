from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Response
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import BaseModel

from bench.console_data import Amounts, build
from bench.console_house import open_house
from disparo.bootstrap import App
from disparo.domain.principal import Role
from disparo.entrypoints import forecast_process
from disparo.entrypoints.forecast_orders import play
from disparo.entrypoints.http import sse
from disparo.entrypoints.http.access import needed
from disparo.entrypoints.http.app import create_app
from disparo.entrypoints.http.document import SCHEMES, operations
from disparo.entrypoints.http.installation import local_caller
from tests.contract.full_story import tell
from tests.contract.lived_in import FAMILIES, House, copy_of, opened, without_chance
from tests.contract.openapi_attack import attack
from tests.listening_house import ToldPost

SLOW = os.environ.get("DISPARO_SLOW") == "1"
EXAMPLES = 60 if SLOW else 4
SEEDS = range(3) if SLOW else range(1)

AREAS = {
    "people": "^/api/v1/(lists|contacts|suppressions|imports|inbox|accounts|keys)",
    "campaigns": "^/api/v1/(campaigns|templates|forecasts|messages|dead-letters|senders)",
    "others": "^(?!/api/v1/(lists|contacts|suppressions|imports|inbox|accounts|keys"
    "|campaigns|templates|forecasts|messages|dead-letters|senders)).*",
}
"""Parts of about the same size, so that they are tried side by side."""

UNHEARD = {"GET /webhooks/{provider}", "POST /webhooks/{provider}"}
"""What only a provider's signature opens."""


@pytest.fixture(scope="session")
def year_of_work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which there is something of everything."""
    folder = tmp_path_factory.mktemp("openapi") / "data"
    build(folder, Amounts.of(300), datetime.now(UTC).replace(minute=0, second=0, microsecond=0))
    return folder


@pytest.fixture(scope="session")
def lived_through(tmp_path_factory: pytest.TempPathFactory) -> House:
    """An installation on DynamoDB's tables with something of everything."""
    with without_chance(), opened("dynamo", tmp_path_factory.mktemp("lived")) as house:
        asyncio.run(tell(house, create_app(house.app, local_caller)))
        return house


@contextmanager
def copied(request: pytest.FixtureRequest, folder: Path) -> Iterator[App]:
    """One of the two, apart."""
    if request.param == "embedded":
        shutil.copytree(request.getfixturevalue("year_of_work"), folder / "data")
        app = open_house(folder / "data")
        try:
            yield app
        finally:
            app.close()
    else:
        whole: House = request.getfixturevalue("lived_through")
        shutil.copytree(whole.folder, folder / "data")
        assert whole.tables is not None
        with opened("dynamo", folder / "data", copy_of(whole.tables), whole.clock.at) as house:
            vars(house.app).pop("locks")  # what is drawn for keys was drawn before, in the story
            yield house.app


@pytest.fixture(params=FAMILIES)
def app(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """The real installation over a copy of it; nothing leaves the machine, nothing takes a minute."""
    with copied(request, tmp_path) as app:
        vars(app)["post"] = ToldPost()
        monkeypatch.setattr(sse, "EVERY", timedelta(milliseconds=1))
        monkeypatch.setattr(sse, "LASTS", timedelta(milliseconds=2))
        monkeypatch.setattr(
            forecast_process,
            "play_beside",
            lambda settings, order, *_: play(app.store, settings, replace(order, limit_s=1.0)),
        )
        yield app


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("area", AREAS)
def test_whatever_is_asked_the_answer_is_one_that_the_document_tells_of(app: App, area: str, seed: int) -> None:
    broken: list[str] = []
    api = create_app(app, local_caller, lambda event, error, **_: broken.append(f"{event}: {error!r}"))
    found = attack(api, AREAS[area], ("examples", "coverage", "fuzzing"), EXAMPLES, seed)
    assert not found.failures, "\n\n".join(f"{name}\n{told}" for name, told in sorted(found.failures.items()))
    assert not broken
    assert found.cases > 500
    assert len(found.reached) > 0.6 * len(found.asked - UNHEARD), sorted(found.asked - found.reached)


def test_the_attack_finds_what_a_document_does_not_tell() -> None:
    """Planted bugs: an error of ours, a status nobody told of, another shape, a type that is not checked."""

    class Told(BaseModel):
        count: int

    api = FastAPI(openapi_url="/api/openapi.json")
    api.add_api_route("/broken", lambda: Response(status_code=500), methods=["GET"])
    api.add_api_route("/teapot", lambda: Response(status_code=418), methods=["GET"])
    api.add_api_route("/shape", lambda: Response('{"count": "x"}', media_type="application/json"), response_model=Told)
    api.add_api_route("/media", lambda: Response("count", media_type="text/plain"), response_model=Told)
    failures = " ".join(attack(api, ".*", ("coverage",), 1, 0).failures)
    for check in ("not_a_server_error", "status_code_", "response_schema_", "content_type_"):
        assert check in failures


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    app = open_house(tmp_path_factory.mktemp("document"))
    try:
        return create_app(app).openapi()
    finally:
        app.close()


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()
    assert document["servers"][0]["url"] == "/"


def test_every_operation_has_a_name_a_description_a_tag_and_its_keys(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        assert operation["summary"], path
        assert len(operation["description"]) > 10, path
        assert operation["tags"], path
        assert all(one["description"] for one in operation["responses"].values())
        names = {name for ways in operation["security"] for name in ways}
        assert names <= SCHEMES.keys()
        assert bool(operation["security"]) is (needed(method, path) is not None), path
    assert document["components"]["securitySchemes"].keys() == SCHEMES.keys()


def test_a_session_must_bring_its_token_where_something_is_changed(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        if (role := needed(method, path)) is not None and role is not Role.VIEWER and method != "GET":
            assert {"session": [], "token": []} in operation["security"], path


def test_every_body_has_an_example_that_its_schema_takes(document: dict[str, Any]) -> None:
    """Or examples of its fields, where it is a form with a file."""
    seen = 0
    for path, _, operation in operations(document):
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            if media_type != "application/json":
                continue
            schema = content["schema"]
            schema = document["components"]["schemas"][schema["$ref"].split("/")[-1]] if "$ref" in schema else schema
            first = schema.get("anyOf", [{}])[0].get("$ref", "").split("/")[-1]
            named = document["components"]["schemas"].get(first, {})
            fields = [one for one in schema.get("properties", {}).values() if one.get("examples")]
            assert content.get("examples") or schema.get("examples") or named.get("examples") or fields, path
            seen += 1
    assert seen > 25
