from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from disparo.domain.errors import InputError, NotFoundError
from disparo.domain.principal import Role
from disparo.entrypoints.http.installation import ForbiddenError
from disparo.entrypoints.mcp import calls
from disparo.entrypoints.mcp.calls import TOOLS, Caller, words_of
from disparo.entrypoints.mcp.tool import Tool
from tests.tidy.source_tree import ROOT
from tests.unit.entrypoints.mcp.conftest import OPERATOR, STEPS, Assistant

BY_NAME = {one.name: one for one in TOOLS}
PAGE = (ROOT / "docs" / "mcp-server.md").read_text(encoding="utf-8")


def _unbounded(schema: Any, place: str = "") -> Iterator[str]:
    """The places of a schema where something may be as long as it likes."""
    if isinstance(schema, list):
        for number, one in enumerate(schema):
            yield from _unbounded(one, f"{place}/{number}")
    if not isinstance(schema, Mapping):
        return
    fixed = {"enum", "const", "pattern", "format"} & schema.keys()
    limit = {"string": "maxLength", "array": "maxItems", "integer": "maximum", "number": "maximum"}
    wanted = limit.get(str(schema.get("type")))
    if wanted and wanted not in schema and not fixed:
        yield f"{place}: {schema.get('type')}"
    if schema.get("type") == "object" and schema.get("additionalProperties", True) and "maxProperties" not in schema:
        yield f"{place}: object"
    for key, one in schema.items():
        yield from _unbounded(one, f"{place}/{key}")


@pytest.mark.parametrize("tool", TOOLS, ids=lambda one: one.name)
def test_a_tool_says_what_it_takes_and_everything_has_a_bound(tool: Tool) -> None:
    Draft202012Validator.check_schema(tool.input_schema)
    Draft202012Validator.check_schema(tool.output_schema)
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", tool.name)
    assert len(tool.about) > 20
    assert tool.input_schema["additionalProperties"] is False
    assert tool.output_schema["type"] == "object"
    assert [*_unbounded(tool.input_schema)] == []


def test_what_cannot_be_undone_is_asked_for_twice() -> None:
    assert {one.name for one in TOOLS if one.foresee} == {
        *("start_campaign", "cancel_campaign", "send_message", "redrive_dead_letters", "cancel_meeting")
    }
    assert all(one.destructive for one in TOOLS if one.foresee)
    assert not any(one.destructive for one in TOOLS if one.action is None)


def test_what_is_for_people_is_no_tool() -> None:
    kept = re.compile(r"eras|account|key|setting|webhook|export|delet")
    assert not [one.name for one in TOOLS if kept.search(one.name)]
    assert {one.resource for one in TOOLS if one.action} <= {
        *("campaigns", "imports", "dead-letters", "inbox", "suppressions", "meetings")
    }


def test_every_tool_is_on_its_page_and_nothing_else() -> None:
    told = re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.M)
    assert sorted(told) == sorted(BY_NAME)


def test_without_leave_to_change_only_looking_is_open(assistant: Assistant) -> None:
    looking = Caller(OPERATOR.principal, writes=False)
    assert all(one.action is None for one in assistant.calls.open_to(looking))
    viewer = Caller(replace(OPERATOR.principal, role=Role.VIEWER), writes=True)
    assert assistant.calls.open_to(viewer) == assistant.calls.open_to(looking)
    assert len(assistant.calls.open_to(OPERATOR)) == len(TOOLS)


@pytest.mark.parametrize("tool", [one for one in TOOLS if one.action], ids=lambda one: one.name)
def test_who_may_not_change_anything_is_refused_by_each_tool(assistant: Assistant, tool: Tool) -> None:
    viewer = replace(OPERATOR.principal, role=Role.VIEWER)
    narrowed = replace(OPERATOR.principal, resources=frozenset({"numbers"}))
    for caller in (Caller(OPERATOR.principal, writes=False), Caller(viewer, True), Caller(narrowed, True)):
        with pytest.raises(ForbiddenError):
            asyncio.run(assistant.calls.call(caller, tool.name, {}))


@pytest.mark.parametrize("tool", TOOLS, ids=lambda one: one.name)
def test_arguments_that_are_not_asked_for_are_refused(assistant: Assistant, tool: Tool) -> None:
    with pytest.raises(InputError, match="extra_argument"):
        asyncio.run(assistant.call(tool.name, extra_argument="x"))


def test_a_change_is_in_the_audit_with_who_did_it_and_no_address_of_anybody(assistant: Assistant) -> None:
    async def story() -> None:
        [contact_id, _] = await assistant.draft()
        await assistant.call("suppress_address", address="41 98888-0001")
        await assistant.confirm("send_message", contact_id=contact_id, channel="sms", text="segredo")
        await assistant.confirm("cancel_campaign", campaign="oi")
        entries = await assistant.house.audited()
        told = [(one.actor, one.action, one.object, one.address) for one in entries]
        assert sorted(told) == [
            ("key:7", "campaigns.cancel", "name=oi", "203.0.113.7"),
            ("key:7", "campaigns.create", "", "203.0.113.7"),
            ("key:7", "inbox.reply", f"contact_id={contact_id}", "203.0.113.7"),
            ("key:7", "suppressions.add", "", "203.0.113.7"),
        ]
        assert all(one.detail["via"] == "mcp" for one in entries)
        assert not re.search("98888|segredo", str(entries))

    asyncio.run(story())


def test_what_was_refused_is_not_in_it(assistant: Assistant) -> None:
    async def story() -> None:
        with pytest.raises(NotFoundError):
            await assistant.call("pause_campaign", campaign="nenhuma")
        with pytest.raises(NotFoundError):
            await assistant.call("create_campaign", document={"name": "a", "list": "nenhuma", "steps": STEPS})
        assert await assistant.house.audited() == []

    asyncio.run(story())


def test_entries_of_another_conversation_are_not_handled(assistant: Assistant) -> None:
    async def story() -> None:
        [contact_id, _] = await assistant.house.people(2)
        with pytest.raises(InputError, match="desta conversa"):
            await assistant.call("handle_inbox", owner=contact_id, entries=["000000000000001-ab"])

    asyncio.run(story())


def test_a_file_of_contacts_may_come_as_text(assistant: Assistant) -> None:
    async def story() -> None:
        text = "Nome;Celular\nAna;41 98888-7777\n=cmd();123\n"
        told = await assistant.call("import_contacts", list_name="lista", csv=text)
        assert (told["counts"]["created"], told["counts"]["rejected"]) == (1, 1)
        assert [one["line"] for one in told["problems"] if one["rejects"]] == [3]
        with pytest.raises(InputError):
            await assistant.call("import_contacts", list_name="lista", csv=text, rows=[{"Nome": "Ana"}])
        with pytest.raises(InputError):
            await assistant.call("import_contacts", list_name="lista", rows=[{"Nome": "Ana"}] * 1_001)

    asyncio.run(story())


def test_an_answer_that_nobody_could_read_is_refused(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        await assistant.draft()
        monkeypatch.setattr(calls, "LARGEST", 100)
        with pytest.raises(InputError, match="limit"):
            await assistant.call("list_campaigns")

    asyncio.run(story())


def test_of_an_error_that_nobody_foresaw_only_our_log_knows(caplog: pytest.LogCaptureFixture) -> None:
    assert "senha" not in words_of(RuntimeError("a senha é 123"))
    assert "mcp_call_failed" in caplog.text
    assert words_of(InputError("nome: escreva um")) == "nome: escreva um"
