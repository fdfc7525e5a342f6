"""The way straight to a route leads where the framework's own search leads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.routing import Match

from disparo.entrypoints.areas import Shortcut
from tests.standing_app import standing_app
from tests.unit.entrypoints.http.conftest import House
from tests.unit.entrypoints.http.test_route_walk import doors_of


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return standing_app(House(Path(tmp_path_factory.mktemp("house"))), signed_in=True)


def scope_of(method: str, path: str) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}


def by_search(api: FastAPI, method: str, path: str) -> tuple[Any, dict[str, Any]] | None:
    """The first whole match among all routes, in their order, and its parameters."""
    for route in api.router.routes:
        inner: Any = getattr(route, "effective_route_contexts", lambda route=route: [route])()
        for one in inner:
            match, seen = one.matches(scope_of(method, path))
            if match is Match.FULL:
                return seen["endpoint"], seen["path_params"]
    return None


def by_shortcut(api: FastAPI, method: str, path: str) -> tuple[Any, dict[str, Any]] | None:
    shortcut = api.router.middleware_stack
    assert isinstance(shortcut, Shortcut)
    found = shortcut.find(scope_of(method, path))
    return None if found is None else (found[1]["endpoint"], found[1]["path_params"])


def test_it_leads_where_the_search_leads(api: FastAPI) -> None:
    doors = [one for one in doors_of(api) if one.path != api.openapi_url]
    assert len(doors) > 250
    for door in doors:
        for filled in ("1", "new", "1.2.3", "oferta-da-semana"):
            path = re.sub(r"\{[^}]+\}", filled, door.path)
            wanted = by_search(api, door.method, path)
            assert wanted is not None
            assert by_shortcut(api, door.method, path) == wanted, f"{door.method} {path}"


def test_what_is_no_route_is_left_to_the_search(api: FastAPI) -> None:
    nowhere = (("GET", "/api/v1/nothing"), ("GET", "/api/v1/contactsx"), ("PURGE", "/api/v1/contacts"))
    for method, path in (*nowhere, ("POST", "/mcp"), ("GET", "/mcp")):  # /mcp is a route of Starlette's own kind
        assert by_shortcut(api, method, path) is None


def test_preparing_makes_every_area_ready(api: FastAPI) -> None:
    shortcut = Shortcut(api)
    steps = sum(1 for _ in shortcut.preparing())
    assert steps == len(shortcut._areas) == len(shortcut._doors) > 30
