from __future__ import annotations

import asyncio
import json

from disparo.domain.principal import Role
from disparo.entrypoints.http.app import create_app
from disparo.entrypoints.lambdas.api import answer
from disparo.entrypoints.lambdas.caller import caller_of
from tests.account_scene import key_of
from tests.unit.entrypoints.lambdas.conftest import Watch, http_event
from tests.unit.entrypoints.mcp.conftest import Assistant

PUBLIC = "https://api.disparo.exemplo.com.br"


def test_behind_the_gateway_each_event_is_a_whole_exchange(assistant: Assistant) -> None:
    house = assistant.house
    house.settings = house.settings.model_copy(update={"public_url": PUBLIC})
    app = create_app(house, caller_of(house))

    async def story() -> None:
        _, key = await key_of(house.locks, Role.VIEWER, house.clock.now())
        headers = {**key, "accept": "application/json, text/event-stream", "host": PUBLIC.removeprefix("https://")}
        for number in range(3):
            body = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {"name": "show_limits"}}
            told = await answer(app, http_event("POST", "/mcp", body, headers=headers), Watch())  # type: ignore[arg-type]
            assert (told["statusCode"], json.loads(told["body"])["id"]) == (200, number)
            assert asyncio.all_tasks() == {asyncio.current_task()}
        elsewhere = {**headers, "host": "abc.execute-api.sa-east-1.amazonaws.com"}
        told = await answer(app, http_event("POST", "/mcp", body, headers=elsewhere), Watch())  # type: ignore[arg-type]
        assert told["statusCode"] == 421

    asyncio.run(story())
