"""What an answer says of a message; how requests look is in tests/contract/test_whatsapp.py."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from disparo.adapters.channels.whatsapp.channel import WhatsAppChannel, outcome_of
from disparo.adapters.channels.whatsapp.credentials import parse
from disparo.adapters.channels.whatsapp.payload import recipient
from disparo.adapters.credentials import Credentials
from disparo.adapters.http_exchange import Answer
from disparo.domain.errors import InputError
from disparo.domain.message import MessageId
from disparo.domain.policies.retry import FailureClass
from disparo.domain.template import Content, Template
from disparo.domain.whatsapp_content import Approved
from disparo.ports.channel import Outgoing

NOW = datetime(2026, 11, 23, tzinfo=UTC)
APPROVED = Approved("volta", "pt_BR")


class NoSecret:
    """`Secrets` without any."""

    async def get(self, name: str) -> Mapping[str, str]:
        raise InputError(f"segredo {name}: não existe")

    refresh = get


def channel() -> WhatsAppChannel:
    return WhatsAppChannel(Credentials(NoSecret(), "mcp-whatsapp", parse), timeout_s=1.0)


def answer(status: int, body: object, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


def error(code: object, status: int = 400, **more: object) -> Answer:
    return answer(status, {"error": {"message": "(#1) x", "code": code, **more}})


@pytest.mark.parametrize(
    ("status", "body", "failure", "reason"),
    [
        (200, {}, FailureClass.UNKNOWN, "unreadable_answer"),
        (200, b"<html>", FailureClass.UNKNOWN, "unreadable_answer"),
        (200, {"messages": []}, FailureClass.UNKNOWN, "unreadable_answer"),
        (200, {"messages": [{"id": ""}]}, FailureClass.UNKNOWN, "unreadable_answer"),
        (200, {"messages": ["x"]}, FailureClass.UNKNOWN, "unreadable_answer"),
        (200, [], FailureClass.UNKNOWN, "unreadable_answer"),
        (500, b"oops", FailureClass.UNKNOWN, "no_answer"),
        (502, b"", FailureClass.UNKNOWN, "no_answer"),
        (408, b"", FailureClass.UNKNOWN, "no_answer"),
        (503, {"error": "down"}, FailureClass.UNKNOWN, "no_answer"),
        (429, b"slow down", FailureClass.THROTTLED, "provider_throttled"),
        (404, b"<html>", FailureClass.AUTH, "not_the_cloud_api"),
        (302, b"", FailureClass.AUTH, "not_the_cloud_api"),
        (400, {"error": {"message": "x"}}, FailureClass.AUTH, "not_the_cloud_api"),
    ],
)
def test_an_answer_without_a_code_says_what_is_surely_known(
    status: int, body: object, failure: FailureClass, reason: str
) -> None:
    outcome = outcome_of(answer(status, body))
    assert (outcome.accepted, outcome.failure, outcome.reason) == (False, failure, reason)
    assert outcome.detail


def test_a_code_that_nobody_knows_is_permanent_unless_it_may_pass_or_have_been_taken() -> None:
    assert outcome_of(error(999)).failure is FailureClass.PERMANENT
    assert outcome_of(error(999, is_transient=True)).failure is FailureClass.TRANSIENT
    assert outcome_of(error(999, 500)).failure is FailureClass.UNKNOWN
    assert outcome_of(error(999, 500, is_transient=True)).failure is FailureClass.UNKNOWN


def test_a_code_under_status_200_is_still_an_error() -> None:
    assert outcome_of(error(131026, 200)).failure is FailureClass.RECIPIENT


@pytest.mark.parametrize("code", ["190", 190.0, True, None])
def test_what_is_no_number_is_no_code(code: object) -> None:
    assert outcome_of(error(code)).reason == "not_the_cloud_api"


def test_a_message_held_for_a_look_at_its_template_is_taken() -> None:
    held = {"messages": [{"id": "wamid.A", "message_status": "held_for_quality_assessment"}]}
    outcome = outcome_of(answer(200, held))
    assert (outcome.accepted, outcome.provider_id, outcome.detail) == (True, "wamid.A", "held_for_quality_assessment")


def test_the_providers_wait_is_kept_and_the_pairs_own_is_the_least() -> None:
    throttled = {"error": {"message": "x", "code": 130429}}
    assert outcome_of(answer(400, throttled, retry_after="30")).retry_after_s == 30.0
    assert outcome_of(answer(400, throttled, retry_after="²")).retry_after_s is None
    pair = {"error": {"message": "x", "code": 131056}}
    assert outcome_of(answer(400, pair, retry_after="1")).retry_after_s == 6.0
    assert outcome_of(answer(429, b"", retry_after="7")).retry_after_s == 7.0
    assert outcome_of(answer(401, {"error": {"message": "x", "code": 190}}, retry_after="7")).retry_after_s is None


def test_the_detail_is_short_and_without_people() -> None:
    told = outcome_of(
        error(
            131009,
            message="(#131009) Parameter\nvalue is not valid",
            error_data={"details": "to: +55 (41) 98888-7777 or 5541988887777 of ana@example.com " + "x" * 900},
        )
    ).detail
    assert told.startswith("131009: (#131009) Parameter value is not valid — to: … or … of … x")
    assert len(told) == 300


@pytest.mark.parametrize("address", ["ana@example.com", "+0123456789", "988", "+55 41 98888-7777", ""])
def test_what_is_no_number_is_refused_without_asking(address: str) -> None:
    outcome = asyncio.run(channel().send(Outgoing(MessageId("3", 1, "5"), address, Content("Oi"), True), NOW))
    assert (outcome.failure, outcome.reason) == (FailureClass.RECIPIENT, "address_malformed")
    assert recipient("+5541988887777") == recipient("5541988887777") == "5541988887777"


def test_without_a_secret_a_message_waits() -> None:
    message = Outgoing(MessageId("3", 1, "5"), "+5541988887777", Content("Oi", approved=APPROVED))
    outcome = asyncio.run(channel().send(message, NOW))
    assert (outcome.failure, outcome.reason) == (FailureClass.AUTH, "secret_unusable")
    assert asyncio.run(channel().account()) is None


def test_a_step_without_an_approved_template_cannot_begin_a_conversation() -> None:
    told = channel().problem(Template("natal-1", "Oi"))
    assert told is not None
    assert "natal-1" in told
    assert "[steps.approved]" in told
    assert channel().problem(Template("natal-1", "Oi", approved=APPROVED)) is None


def test_an_id_that_cannot_be_kept_is_none() -> None:
    outcome = outcome_of(answer(200, b'{"messages": [{"id": "wamid.\\ud83d"}]}'))
    assert (outcome.accepted, outcome.failure) == (False, FailureClass.UNKNOWN)


class SlowSecret:
    """`Secrets` that take longer than a send may."""

    async def get(self, name: str) -> Mapping[str, str]:
        await asyncio.Event().wait()
        raise AssertionError

    refresh = get


def test_a_secret_that_is_long_in_coming_leaves_no_doubt() -> None:
    channel = WhatsAppChannel(Credentials(SlowSecret(), "mcp-whatsapp", parse), timeout_s=0.05)
    message = Outgoing(MessageId("3", 1, "57"), "+5511999990000", Content("Oi", approved=APPROVED))
    outcome = asyncio.run(channel.send(message, NOW))
    assert (outcome.failure, outcome.reason) == (FailureClass.TRANSIENT, "not_connected")
