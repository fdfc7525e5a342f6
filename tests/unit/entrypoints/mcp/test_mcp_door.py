from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from disparo.domain.principal import Role
from disparo.entrypoints.mcp import http
from tests.account_scene import key_of, signed_in
from tests.standing_app import standing_app
from tests.unit.entrypoints.http.conftest import Answer, Client
from tests.unit.entrypoints.mcp.conftest import Assistant

ACCEPTS = {"accept": "application/json, text/event-stream", "host": "localhost:8080"}


def _asked(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


async def _post(assistant: Assistant, headers: Mapping[str, str], body: object) -> Answer:
    client = Client(standing_app(assistant.house, signed_in=True), assistant.house)
    return await client.post("/mcp", body, headers={**ACCEPTS, **headers})


def _names(answer: Answer) -> set[str]:
    return {one["name"] for one in json.loads(answer.body)["result"]["tools"]}


@pytest.mark.parametrize(
    ("writes", "role", "changes"),
    [
        *((False, Role.OPERATOR, False), (True, Role.OPERATOR, True)),
        *((True, Role.VIEWER, False), (True, Role.ADMIN, True)),
    ],
)
def test_the_setting_and_the_role_say_what_is_open(
    assistant: Assistant, writes: bool, role: Role, changes: bool
) -> None:
    async def story() -> None:
        house = assistant.house
        house.settings = house.settings.model_copy(update={"mcp_writes": writes})
        _, headers = await key_of(house.locks, role, house.clock.now())
        answer = await _post(assistant, headers, _asked("tools/list"))
        assert answer.status == 200
        assert ("start_campaign" in _names(answer), "list_campaigns" in _names(answer)) == (changes, True)

    asyncio.run(story())


def test_a_call_is_answered_in_one_piece_of_json(assistant: Assistant) -> None:
    async def story() -> None:
        _, headers = await key_of(assistant.house.locks, Role.VIEWER, assistant.house.clock.now())
        answer = await _post(assistant, headers, _asked("tools/call", name="show_limits", arguments={}))
        assert answer.headers["content-type"] == "application/json"
        assert json.loads(answer.body)["result"]["structuredContent"]["live"] is False
        assert answer.headers["cache-control"] == "no-store"

    asyncio.run(story())


def test_somebody_with_a_session_needs_the_token_of_their_page(assistant: Assistant) -> None:
    async def story() -> None:
        browser = await signed_in(assistant.house.locks, Role.OPERATOR, assistant.house.clock.now())
        answer = await _post(assistant, browser.headers, _asked("tools/list"))
        assert answer.status == 403

    asyncio.run(story())


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", ""])
def test_another_host_is_turned_away(assistant: Assistant, host: str) -> None:
    async def story() -> None:
        _, headers = await key_of(assistant.house.locks, Role.VIEWER, assistant.house.clock.now())
        assert (await _post(assistant, {**headers, "host": host}, _asked("tools/list"))).status == 421

    asyncio.run(story())


def test_the_public_address_is_known() -> None:
    hosts, origins = http.allowed("https://disparo.exemplo.com.br/caminho")
    assert "disparo.exemplo.com.br" in hosts
    assert "https://disparo.exemplo.com.br" in origins
    assert not [one for one in http.allowed(None)[0] if "exemplo" in one]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"jsonrpc": "2.0"}', b"\xff\xfe"])
def test_garbage_is_answered_and_harms_nothing(assistant: Assistant, body: bytes) -> None:
    async def story() -> None:
        _, headers = await key_of(assistant.house.locks, Role.VIEWER, assistant.house.clock.now())
        answer = await _post(assistant, {**headers, "content-type": "application/json"}, body)
        assert 400 <= answer.status < 500

    asyncio.run(story())


def test_without_the_sdk_the_door_says_what_to_install(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        monkeypatch.delitem(sys.modules, "disparo.entrypoints.mcp.server", raising=False)
        monkeypatch.setitem(sys.modules, "mcp.server", None)
        client = Client(_fresh(assistant), assistant.house)
        answer = await client.post("/mcp", _asked("tools/list"), headers=ACCEPTS)
        assert (answer.status, answer.headers["content-type"]) == (501, "application/problem+json")
        assert "disparo[mcp]" in answer.json["detail"]

    asyncio.run(story())


def _fresh(assistant: Assistant) -> Any:
    from fastapi import FastAPI

    api = FastAPI()
    api.include_router(http.router(assistant.house))
    return api


def test_the_application_is_built_without_the_sdk() -> None:
    code = (
        "import sys, disparo.entrypoints.http.app, disparo.entrypoints.cli.app;"
        "print([one for one in sys.modules if one == 'mcp' or one.startswith(('mcp.', 'mcp_types'))])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
