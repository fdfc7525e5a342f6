"""What a request's journey notes of the HTTP beneath it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx2
import pytest

from disparo.adapters.mcp import wire
from disparo.adapters.mcp.connection import CallFault
from disparo.adapters.mcp.faults import of_fault
from disparo.domain.policies.retry import FailureClass

CALL = {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {}}
CANCELLED = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 3}}
PONG = {"jsonrpc": "2.0", "id": 9, "result": {}}

Step = tuple[str, Mapping[str, Any] | None, int]


class Scripted(httpx2.AsyncBaseTransport):
    """Answers with these statuses, one after the other."""

    def __init__(self, statuses: list[int]) -> None:
        self._statuses = statuses

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(self._statuses.pop(0))


def journey_of(*steps: Step) -> wire.Journey:
    async def travel() -> wire.Journey:
        transport, journey = wire._WatchedTransport(None), wire.Journey()
        transport._inner = Scripted([status for _, _, status in steps])  # type: ignore[assignment]
        wire._JOURNEY.set(journey)
        for method, body, _ in steps:
            content = None if body is None else json.dumps(body).encode()
            await transport.handle_async_request(httpx2.Request(method, "https://m.example/mcp", content=content))
        return journey

    return asyncio.run(travel())


@pytest.mark.parametrize(
    "after",
    [("GET", None, 404), ("GET", None, 405), ("GET", None, 401), ("POST", CANCELLED, 429), ("POST", PONG, 413)],
)
def test_what_follows_a_call_says_nothing_of_the_call(after: Step) -> None:
    """A stream that broke after the tool ran, and a GET for the rest of it that is refused: nobody may call again."""
    journey = journey_of(("POST", CALL, 200), after)
    fault = CallFault(journey.left, None, journey.status, "", journey.retry_after_s)
    assert not fault.stale
    assert of_fault(fault).failure is FailureClass.UNKNOWN


def test_a_call_that_is_refused_is_noted() -> None:
    assert journey_of(("POST", CALL, 404)).status == 404
    assert journey_of(("POST", {**CALL, "method": "initialize"}, 200), ("POST", CALL, 401)).status == 401
