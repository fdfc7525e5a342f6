"""A calendar behind an MCP server: every calendar's promises, and what becomes of answers that are none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema.validators import Draft202012Validator
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult, TextContent

from disparo.adapters.calendars.mcp.calendar import McpCalendar
from disparo.domain.agenda.calendar_event import WriteResult
from disparo.domain.instants import to_ms
from disparo.domain.intervals import Interval
from disparo.ports.calendars import Closes
from tests.contract import calendar_suite
from tests.contract.calendar_suite import DAY, HOUR, NINE, event
from tests.contract.mcp_calendar_server import (
    COCAL,
    OWN,
    Calendars,
    McpCalendarStage,
    Saved,
    a_calendar,
    a_host,
    failed,
    said,
    secret,
    structured,
)
from tests.contract.mcp_stage import Gate, Given, served

HOST = a_host()


def played(
    act: Callable[[McpCalendar, Calendars, Gate], Awaitable[Any]],
    mapping: dict[str, Any] = OWN,
    timeout_s: float = 20.0,
    **fields: str,
) -> Any:
    async def scene() -> Any:
        server = Calendars()
        async with served(server) as (url, gate):  # type: ignore[arg-type]
            calendar = a_calendar(secret(url, mapping, **fields), timeout_s)
            try:
                return await act(calendar, server, gate)
            finally:
                await calendar.close()

    return asyncio.run(scene())


@pytest.mark.parametrize("check", calendar_suite.SUITE, ids=lambda check: check.__name__)
def test_every_calendars_promises(check: calendar_suite.Check) -> None:
    async def scene() -> None:
        server = Calendars()
        async with served(server) as (url, gate):  # type: ignore[arg-type]
            stage = McpCalendarStage(server, gate, url)
            try:
                await check(stage)
            finally:
                await stage.calendar.close()

    asyncio.run(scene())


UNREADABLE: dict[str, CallToolResult | MCPError] = {
    "an error": failed("it broke"),
    "no list": structured({"calendars": {"another": []}}),
    "no object": structured({"calendars": {HOST.calendar.name: ["2027-04-05"]}}),
    "a null list": structured({"calendars": {HOST.calendar.name: None}}),
    "no end": structured({"calendars": {HOST.calendar.name: [{"from": "2027-04-05T12:00:00Z"}]}}),
    "no time": structured({"calendars": {HOST.calendar.name: [{"from": "soon", "till": "later"}]}}),
    "turned round": structured(
        {"calendars": {HOST.calendar.name: [{"from": "2027-04-05T12:00:00Z", "till": "2027-04-05T11:00:00Z"}]}}
    ),
    "a word": CallToolResult(content=[TextContent(type="text", text="You are free all day!")]),
    "nothing": CallToolResult(content=[]),
    "too many": structured({"calendars": {HOST.calendar.name: [{"from": 1, "till": 2}] * 20_001}}),
    "a protocol's error": MCPError(-32603, "inner"),
    "not this tool": MCPError(-32602, "what?"),
}


@pytest.mark.parametrize("answer", UNREADABLE.values(), ids=UNREADABLE)
def test_an_answer_that_is_not_as_the_secret_says_is_no_free_calendar(answer: CallToolResult | MCPError) -> None:
    async def scene(calendar: McpCalendar, server: Calendars, gate: Gate) -> Any:
        server.says["list_busy"] = answer
        return await calendar.busy(HOST, NINE, NINE + DAY)

    told = played(scene)
    assert not told.readable
    assert (told.busy, told.auth) == ((), False)
    assert "2027" not in told.detail


@pytest.mark.parametrize("status", [301, 401, 403, 404, 429, 500, 503])
def test_a_server_that_refuses_is_no_free_calendar(status: int) -> None:
    async def scene(calendar: McpCalendar, server: Calendars, gate: Gate) -> Any:
        gate.statuses["tools/call"] = status
        told = await calendar.busy(HOST, NINE, NINE + DAY)
        return told, await calendar.put(HOST, event(), "")

    told, written = played(scene)
    assert not told.readable
    assert told.auth == (status in (301, 401, 403))
    assert written.result is WriteResult.RETRY
    assert written.retry_after_s == (600.0 if told.auth else 7.0 if status in (404, 429, 500, 503) else None)


def test_a_server_that_says_nothing_is_no_free_calendar() -> None:
    async def scene(calendar: McpCalendar, server: Calendars, gate: Gate) -> Any:
        assert (await calendar.busy(HOST, NINE, NINE + DAY)).readable
        gate.held_s = 5.0
        return await calendar.busy(HOST, NINE, NINE + DAY), await calendar.remove(HOST, event(), "")

    told, gone = played(scene, timeout_s=2.0)
    assert (told.fault, gone.result, gone.fault) == ("no_answer", WriteResult.RETRY, "no_answer")


def test_what_was_written_and_not_answered_is_written_again_as_one_event() -> None:
    async def scene(calendar: McpCalendar, server: Calendars, gate: Gate) -> Any:
        gate.held_s = 5.0
        lost = await calendar.put(HOST, event(), "")
        gate.held_s = 0.0
        return lost, await calendar.put(HOST, event(), ""), server.events

    lost, again, events = played(scene, timeout_s=2.0)
    assert (lost.result, again.result) == (WriteResult.RETRY, WriteResult.DONE)
    assert list(events) == [event().key]


def test_etag_join_url_and_who_invites_are_told() -> None:
    async def scene(calendar: McpCalendar, server: Calendars, gate: Gate) -> Any:
        first = await calendar.put(HOST, event(), "")
        return first, await calendar.put(HOST, replace(event(2), attendees=()), ""), server.calls

    first, alone, calls = played(scene)
    assert (first.etag, first.join_url, first.invited) == ("v1", "https://meet.example.com/1", True)
    assert not alone.invited
    assert calls[0][1]["attendees"] == ["leo@example.org"]
    assert "attendees" not in calls[1][1]


def test_a_tool_that_only_makes_new_events_has_one_beside_it_that_changes_them() -> None:
    later = event(start_at=NINE + HOUR, sequence=2)

    async def scene(calendar: McpCalendar, server: Calendars, gate: Gate) -> Any:
        host = replace(HOST, calendar=replace(HOST.calendar, name="primary"))
        results = [await calendar.put(host, event(), "")]
        results.append(await calendar.put(host, later, ""))
        results.append(await calendar.put(host, later, results[-1].etag))
        busy = await calendar.busy(host, NINE, NINE + DAY)
        results += [await calendar.remove(host, later, "") for _ in range(2)]
        results.append(await calendar.put(host, later, "2"))
        return results, [name for name, _ in server.calls], busy

    results, names, busy = played(scene, COCAL)
    done, changed = WriteResult.DONE, WriteResult.CHANGED
    assert [one.result for one in results] == [done, done, done, done, done, changed]
    assert names[:4] == ["create-event", "create-event", "update-event", "update-event"]
    assert names[4:] == ["get-freebusy", "delete-event", "delete-event", "update-event"]
    assert busy.busy == (Interval(to_ms(NINE + HOUR), to_ms(NINE + 2 * HOUR)),)


def test_the_words_of_a_meeting_are_not_taken_for_those_of_a_tool() -> None:
    async def scene(calendar: McpCalendar, server: Calendars, gate: Gate) -> Any:
        wanted = replace(event(), title="no such event")
        server.says["save_event"] = failed(wanted.title)
        return await calendar.put(HOST, wanted, "v1")

    assert played(scene).result is WriteResult.RETRY


def test_no_error_holds_a_secret_or_what_a_meeting_says() -> None:
    async def scene(calendar: McpCalendar, server: Calendars, gate: Gate) -> Any:
        words = f"Bearer a-secret-of-the-server may not write {event().title} for leo@example.org"
        server.says["save_event"] = server.says["list_busy"] = failed(words)
        return await calendar.put(HOST, event(), ""), await calendar.busy(HOST, NINE, NINE + DAY)

    for told in played(scene):
        assert told.fault == "tool_failed"
        assert "may not write" in told.detail
        assert not [word for word in ("a-secret", "leo@") if word in told.detail]


def test_known_words_of_a_failure_have_their_class() -> None:
    async def scene(calendar: McpCalendar, server: Calendars, gate: Gate) -> Any:
        found = []
        for words in ("no access", "bad event", "slow down"):
            server.says["save_event"] = failed(words)
            found.append((await calendar.put(HOST, event(), "")).result)
        server.says["list_busy"] = failed("no access")
        return found, (await calendar.busy(HOST, NINE, NINE + DAY)).auth

    failures = '{"no access": "auth", "bad event": "permanent", "slow down": "throttled"}'
    found, auth = played(scene, failures=failures)
    assert found == [WriteResult.RETRY, WriteResult.REFUSED, WriteResult.RETRY]
    assert auth


def test_a_newer_secret_is_taken_when_the_old_one_is_refused() -> None:
    async def scene() -> tuple[bool, int]:
        server = Calendars()
        async with served(server) as (url, gate):  # type: ignore[arg-type]
            gate.token = "newer"
            newer = {**secret(url), "server": secret(url)["server"].replace("a-secret-of-the-server", "newer")}
            given = Given(secret(url), newer)
            calendar = a_calendar(given)
            told = await calendar.busy(HOST, NINE, NINE + DAY)
            await calendar.close()
            return told.readable, given.refreshed

    assert asyncio.run(scene()) == (True, 1)


def test_a_secret_that_cannot_be_read_is_no_free_calendar() -> None:
    async def scene() -> Any:
        calendar = a_calendar({"server": "{}"})
        told, written = await calendar.busy(HOST, NINE, NINE + DAY), await calendar.put(HOST, event(), "")
        await calendar.close()
        return told, written

    told, written = asyncio.run(scene())
    assert (told.fault, told.auth) == ("secret_unusable", True)
    assert (written.result, written.fault) == (WriteResult.RETRY, "secret_unusable")


def test_the_traffic_is_as_the_protocols_schema_wants_it(contracts: Path) -> None:
    async def scene(calendar: McpCalendar, server: Calendars, gate: Gate) -> Any:
        await calendar.put(HOST, event(), "")
        await calendar.busy(HOST, NINE, NINE + DAY)
        await calendar.remove(HOST, event(), "v1")
        return gate.traffic

    schema = json.loads((contracts / "mcp/schema-2026-07-28.json").read_text())
    asked = [(request, answer) for request, answer in played(scene) if request.get("method") == "tools/call"]
    assert [request["params"]["name"] for request, _ in asked] == ["save_event", "list_busy", "delete_event"]
    for request, answer in asked:
        for name, document in (("CallToolRequest", request), ("CallToolResult", answer["result"])):
            Draft202012Validator({**schema, "$ref": f"#/$defs/{name}"}).validate(document)


def test_the_arguments_of_a_known_server_are_those_of_the_contract(contracts: Path) -> None:
    servers = json.loads((contracts / "mcp/known_sender_tools.json").read_text())["servers"]
    [known] = [one for one in servers if one["id"].startswith("@cocal/google-calendar-mcp")]
    [create] = [tool for tool in known["tools"] if tool["name"] == "create-event"]
    written = " ".join(create["args"])
    assert [name for name in COCAL["put"]["arguments"] if name not in written] == []
    assert {tool["name"] for tool in known["tools"]} >= {COCAL[part]["tool"] for part in COCAL}


def test_a_busy_time_of_ours_counts_where_entries_have_no_key() -> None:
    async def scene(calendar: McpCalendar, server: Calendars, gate: Gate) -> Any:
        server.events[event().key] = Saved("2027-04-05T12:00:00Z", "2027-04-05T13:00:00Z")
        besides = frozenset({event().key})
        return await calendar.busy(HOST, NINE, NINE + timedelta(days=1), besides)

    assert len(played(scene).busy) == 0
    assert len(played(scene, COCAL).busy) == 1


def test_it_is_a_calendar_that_closes() -> None:
    assert isinstance(a_calendar({}), Closes)
    assert said({"a": 1}).content
