"""How a tool's answer is read."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from disparo.adapters.channels.mcp.profile import Id, Profile
from disparo.adapters.channels.mcp.profiles import PROFILES
from disparo.adapters.mcp.answers import Failure, Success
from disparo.adapters.mcp.connection import CallFault, ToolAnswer
from disparo.adapters.mcp.faults import CODES, STATUSES, of_fault, without
from disparo.domain.policies.retry import FailureClass

NESTED = {"data": [{"id": "m-1"}], "a/b": {"~": 7}, "ok": True, "one": 1, "none": None}


@pytest.mark.parametrize(
    ("pointer", "equals", "expected"),
    [
        ("/ok", True, True),
        ("/one", True, False),
        ("/ok", 1, False),
        ("/data/0/id", "m-1", True),
        ("/data/1/id", "m-1", False),
        ("/data/-1/id", "m-1", False),
        ("/data/00000000000000000001", "m-1", False),
        ("/a~1b/~0", 7, True),
        ("/missing", None, False),
        ("/none", None, True),
        ("/ok/deeper", True, False),
    ],
)
@pytest.mark.parametrize("structured", [True, False])
def test_a_pointer_looks_into_the_structured_content_or_the_text(
    pointer: str, equals: Any, expected: bool, structured: bool
) -> None:
    answer = ToolAnswer("words", NESTED) if structured else ToolAnswer(json.dumps(NESTED))
    assert Success(pointer, equals).seen_in(answer) is expected


def test_everything_that_success_asks_for_must_be_seen() -> None:
    success = Success(matches=re.compile("^sent"), not_matches=re.compile("but not"))
    assert success.seen_in(ToolAnswer("sent: 1"))
    assert not success.seen_in(ToolAnswer("sent, but not delivered"))
    assert not success.seen_in(ToolAnswer("it was sent"))
    assert not Success("/ok").seen_in(ToolAnswer("no JSON"))
    assert not Success("/a").seen_in(ToolAnswer("[" * 100_000))


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        (Id(pattern=re.compile("no. ([0-9]+)")), "sent as no. 12", "12"),
        (Id(pattern=re.compile("[0-9]+")), "sent as no. 12", "12"),
        (Id(pattern=re.compile("a(x)?")), "a", None),
        (Id(pattern=re.compile("(x*)")), "x" * 300, "x" * 200),
        (Id("/data/0/id"), json.dumps(NESTED), "m-1"),
        (Id("/one"), json.dumps(NESTED), "1"),
        (Id("/ok"), json.dumps(NESTED), None),
        (Id("/data"), json.dumps(NESTED), None),
    ],
)
def test_the_id_is_short_text_or_nothing(rule: Id, text: str, expected: str | None) -> None:
    assert rule.found_in(ToolAnswer(text)) == expected


def test_a_failure_that_nobody_knows_is_in_doubt() -> None:
    profile = Profile("send", {"to": "{to}"}, Success(matches=re.compile("^sent")))
    assert profile.judge(ToolAnswer("sent"), ()).accepted
    failed = profile.judge(ToolAnswer("sent", is_error=True), ())
    assert (failed.failure, failed.reason, failed.detail) == (FailureClass.UNKNOWN, "tool_failed", "sent")
    odd = profile.judge(ToolAnswer(""), ())
    assert (odd.failure, odd.reason, odd.detail) == (FailureClass.UNKNOWN, "answer_unknown", "answer_unknown")


def test_what_the_message_says_is_not_taken_for_the_tools_words() -> None:
    profile = Profile("send", {}, failures=(Failure(re.compile("rate limit"), FailureClass.THROTTLED),))
    text = "the new rate limit of our plan"
    answer = ToolAnswer(f"could not tell whether it was sent: {text}", is_error=True)
    assert profile.judge(answer, (text,)).failure is FailureClass.UNKNOWN
    assert profile.judge(ToolAnswer("rate limit", is_error=True), (text,)).failure is FailureClass.THROTTLED


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("MCP error -32602: Input validation error: Invalid arguments for tool send", "arguments_refused"),
        ("Input validation error: 'to' is a required property", "arguments_refused"),
        ("MCP error -32602: Tool send not found", "tool_unknown"),
        ("Unknown tool: send", "tool_unknown"),
    ],
)
def test_what_the_sdks_servers_say_before_a_tool_runs_is_known(text: str, reason: str) -> None:
    outcome = Profile("send").judge(ToolAnswer(text, is_error=True), ())
    assert (outcome.failure, outcome.reason) == (FailureClass.PERMANENT, reason)


def test_words_of_a_json_rpc_error_count_only_where_its_code_leaves_a_doubt() -> None:
    profile = Profile("send", failures=(Failure(re.compile("21211"), FailureClass.RECIPIENT),))
    assert profile.judge_fault(CallFault(True, -32603, None, "code 21211"), ()).failure is FailureClass.RECIPIENT
    assert profile.judge_fault(CallFault(True, -32602, None, "code 21211"), ()).failure is FailureClass.PERMANENT
    assert profile.judge_fault(CallFault(True, None, None, "21211"), ()).failure is FailureClass.UNKNOWN


@pytest.mark.parametrize("code", CODES)
def test_a_code_means_what_the_table_says(code: int) -> None:
    outcome = of_fault(CallFault(True, code, None, "words"))
    assert (outcome.failure, outcome.reason) == CODES[code]


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_means_what_the_table_says(status: int) -> None:
    outcome = of_fault(CallFault(True, -32603, status, "", 3.0))
    assert (outcome.failure, outcome.reason, outcome.retry_after_s) == (*STATUSES[status], 3.0)


@pytest.mark.parametrize("code", [-32603, -32700, -32000, -32001, 0, 42, None])
def test_any_other_fault_is_in_doubt_when_the_request_left_and_none_when_it_did_not(code: int | None) -> None:
    assert of_fault(CallFault(True, code)).failure is FailureClass.UNKNOWN
    assert of_fault(CallFault(False, code)).failure is FailureClass.TRANSIENT


def test_a_good_status_with_no_answer_behind_it_is_in_doubt() -> None:
    assert of_fault(CallFault(True, -32600, 200)).failure is FailureClass.UNKNOWN
    assert of_fault(CallFault(True, -32600, 202)).failure is FailureClass.UNKNOWN
    assert of_fault(CallFault(True, -32600, None)).failure is FailureClass.PERMANENT
    assert of_fault(CallFault(True, -32600, 302)).failure is FailureClass.AUTH


def test_words_are_shown_without_what_is_personal_or_secret() -> None:
    shown = without("to +55 41 98888-0001 or ana.maria@ex.com: key-123 failed, code 131026\n twice", ["key-123"])
    assert shown == "to … or … … failed, code 131026 twice"
    assert len(without("x " * 1000, ())) == 300


def test_only_what_takes_a_key_repeats_safely() -> None:
    assert {name for name, profile in PROFILES.items() if profile.repeats_safely} == {"resend-mcp"}


def test_a_gateway_that_was_out_of_patience_does_not_say_that_the_tool_did_not_run() -> None:
    assert of_fault(CallFault(True, None, 408)).failure is FailureClass.UNKNOWN


def test_half_a_character_in_an_answer_becomes_no_fault_of_the_store() -> None:
    answer = ToolAnswer('{"id": "m\\ud83d"}')
    Profile("send", id=Id("/id")).judge(answer, ()).provider_id.encode()  # type: ignore[union-attr]
    without("words \ud83d", ()).encode()
