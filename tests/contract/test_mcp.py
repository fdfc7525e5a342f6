"""Sending through MCP servers: the known ones, by standard streams and by HTTP, on both revisions of the protocol."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from disparo.adapters.channels.mcp.profiles import PROFILES
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.ports.channel import Closes
from tests.contract.mcp_servers import KNOWN, Faked
from tests.contract.mcp_stage import EMAIL, NOW, by_http, channel, journal_of, outgoing, program, served


def said(profile: str, text: str, **given: Any) -> Any:
    return outgoing(text, email=profile in EMAIL, **given)


@pytest.mark.parametrize("profile", KNOWN)
def test_a_known_server_as_a_program_takes_a_message(profile: str, tmp_path: Path) -> None:
    journal = tmp_path / "journal"

    async def scene() -> Outcome:
        sender = channel(program(profile, journal))
        outcome = await sender.send(said(profile, "Oi, Ana!"), NOW)
        await sender.close()
        return outcome

    outcome = asyncio.run(scene())
    assert (outcome.accepted, outcome.failure) == (True, None)
    assert bool(outcome.provider_id) == KNOWN[profile].ids
    [call] = journal_of(journal)
    assert "Oi, Ana!" in json.dumps(call["arguments"], ensure_ascii=False)


@pytest.mark.parametrize("profile", KNOWN)
def test_every_failure_of_a_known_server_has_its_class(profile: str) -> None:
    async def scene() -> dict[str, Outcome]:
        async with served(Faked(KNOWN[profile])) as (url, _):
            sender = channel(by_http(profile, url))
            outcomes = {name: await sender.send(said(profile, f"fail {name}"), NOW) for name in KNOWN[profile].failures}
            await sender.close()
            return outcomes

    for name, outcome in asyncio.run(scene()).items():
        assert (outcome.failure, outcome.provider_id) == (FailureClass(name), None)
        assert outcome.reason
        assert outcome.detail


@pytest.mark.parametrize("legacy", [False, True], ids=["2026-07-28", "2025-11-25"])
def test_the_traffic_is_as_the_protocols_schema_wants_it(legacy: bool, contracts: Path) -> None:
    async def scene(profile: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        async with served(Faked(KNOWN[profile]), legacy=legacy) as (url, gate):
            sender = channel(by_http(profile, url))
            assert (await sender.send(said(profile, "Oi", html="<p>Oi</p>"), NOW)).accepted
            await sender.close()
            return gate.traffic

    schema = json.loads((contracts / f"mcp/schema-{'2025-11-25' if legacy else '2026-07-28'}.json").read_text())
    for profile in KNOWN:
        traffic = {request.get("method"): (request, answer) for request, answer in asyncio.run(scene(profile))}
        assert ("initialize" in traffic) == legacy
        request, answer = traffic["tools/call"]
        _valid(schema, "CallToolRequest", request)
        _valid(schema, "CallToolResult", answer["result"])
        for tool in traffic["tools/list"][1]["result"]["tools"]:
            _valid(schema, "Tool", tool)


def _valid(schema: dict[str, Any], name: str, document: Any) -> None:
    Draft202012Validator({**schema, "$ref": f"#/$defs/{name}"}).validate(document)


def test_an_argument_for_which_there_is_nothing_is_left_out() -> None:
    async def scene() -> list[dict[str, Any]]:
        faked = Faked(KNOWN["resend-mcp"])
        async with served(faked) as (url, _):
            sender = channel(by_http("resend-mcp", url))
            await sender.send(said("resend-mcp", "Oi"), NOW)
            await sender.send(said("resend-mcp", "Oi", html="<p>Oi</p>", number=2), NOW)
            await sender.close()
        return faked.calls

    plain, rich = asyncio.run(scene())
    assert "html" not in plain
    assert rich["html"] == "<p>Oi</p>"
    assert plain["to"] == ["ana1@example.com"]
    assert plain["replyTo"] == ["contato@alquimista.ai"]
    assert plain["headers"]["List-Unsubscribe"] == "<https://ex.com/u/1>"
    assert plain["idempotencyKey"].startswith("3.1.1.")
    assert plain["idempotencyKey"] != rich["idempotencyKey"]


def test_every_known_sender_has_a_profile(contracts: Path) -> None:
    known = json.loads((contracts / "mcp/known_sender_tools.json").read_text())["servers"]
    senders = [one for one in known if "calendar" not in one["kind"] or "gmail" in one["kind"]]
    assert len(senders) == 8
    for server in senders:
        name = server["id"].split(" ")[0].lower()
        assert name in PROFILES, name
        tools = [tool["name"] for tool in server["tools"]]
        assert any(PROFILES[name].tool.split("--")[-1] in tool for tool in tools)
        assert name in KNOWN or not PROFILES[name].arguments


@pytest.mark.parametrize("profile", KNOWN)
def test_the_fakes_take_the_arguments_of_the_contract(profile: str, contracts: Path) -> None:
    servers = json.loads((contracts / "mcp/known_sender_tools.json").read_text())["servers"]
    [server] = [one for one in servers if one["id"].lower().startswith(profile.removesuffix("/template"))]
    written = " ".join(str(tool.get("args")) for tool in server["tools"] if tool["name"].endswith(_word(profile)))
    assert [name for name in KNOWN[profile].schema["properties"] if name not in written] == []


def _word(profile: str) -> str:
    tool = KNOWN[profile].tool
    return "Message)" if profile.startswith("@twilio") else tool


def test_the_connection_is_kept_over_messages_and_made_anew_when_it_broke(tmp_path: Path) -> None:
    journal = tmp_path / "journal"

    async def scene() -> list[Outcome]:
        sender = channel(program("codechap/mcp-server-whatsapp", journal))
        outcomes = [await sender.send(outgoing(text), NOW) for text in ("one", "two, then leave")]
        await _gone(journal_of(journal)[-1]["pid"])
        outcomes.append(await sender.send(outgoing("three"), NOW))
        await sender.close()
        return outcomes

    assert [one.accepted for one in asyncio.run(scene())] == [True, True, True]
    first, second, third = (call["pid"] for call in journal_of(journal))
    assert first == second != third


async def _gone(pid: int) -> None:
    """Until a program has ended and its end was noticed."""
    status = Path(f"/proc/{pid}/status")
    while status.exists() and "zombie" not in status.read_text():
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)


def test_no_more_calls_than_wanted_are_at_a_server_at_once() -> None:
    async def scene() -> tuple[int, int]:
        faked = Faked(KNOWN["codechap/mcp-server-whatsapp"])
        async with served(faked) as (url, _):
            sender = channel(by_http("codechap/mcp-server-whatsapp", url, at_once="3"))
            outcomes = await asyncio.gather(*(sender.send(outgoing(number=n), NOW) for n in range(20)))
            await sender.close()
        return faked.most, sum(one.accepted for one in outcomes)

    most, accepted = asyncio.run(scene())
    assert 1 < most <= 3
    assert accepted == 20


def test_it_is_a_channel_that_closes() -> None:
    assert isinstance(channel({}), Closes)
