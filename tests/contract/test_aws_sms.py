"""AWS End User Messaging as botocore's own model and the user guide describe it, over a real connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from botocore.session import Session
from botocore.validate import ParamValidator

from disparo.adapters.aws.sms import credentials as of_aws
from disparo.adapters.aws.sms.channel import AwsSmsChannel
from disparo.adapters.aws.sms.errors import REASONS
from disparo.adapters.aws.sms.payload import CONTEXT_KEY
from disparo.adapters.credentials import Credentials
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import ReceiptKind
from tests.contract import channel_suite
from tests.contract.channel_suite import NOW, outgoing
from tests.unit.adapters.aws.sms.topic import SECRET, Web, call, callback

TARGET = "PinpointSMSVoiceV2.SendTextMessage"


class Fixed:
    """One secret."""

    def __init__(self, **fields: str) -> None:
        self._fields = SECRET | fields

    async def get(self, name: str) -> Mapping[str, str]:
        """The secret."""
        return self._fields

    refresh = get


@dataclass
class Stub:
    """A server in AWS's place: takes what botocore's model takes, and does as it is told."""

    does: str = "take"
    refusal: tuple[int, str, dict[str, str]] = (500, "InternalServerException", {})
    asked: int = 0
    taken: list[dict[str, Any]] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        assert request.headers["X-Amz-Target"] == TARGET
        assert request.headers["Authorization"].startswith("AWS4-HMAC-SHA256 ")
        made = json.loads(await request.read())
        shape = Session().get_service_model("pinpoint-sms-voice-v2").operation_model("SendTextMessage").input_shape
        assert not ParamValidator().validate(made, shape).has_errors()
        if self.does == "refuse":
            status, code, more = self.refusal
            body = {"__type": code, "Message": "no", **more}
            return web.json_response(body, status=status, content_type="application/x-amz-json-1.0")
        self.taken.append(made)
        if self.does == "hang up":
            assert request.transport is not None
            request.transport.abort()
        if self.does == "be silent":
            await self.over.wait()
        return web.json_response({"MessageId": f"m{len(self.taken)}"}, content_type="application/x-amz-json-1.0")


@asynccontextmanager
async def served(timeout_s: float = 5.0) -> AsyncIterator[tuple[Stub, AwsSmsChannel]]:
    stub, app = Stub(), web.Application()
    app.router.add_post("/", stub.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    secrets = Fixed(endpoint=f"http://127.0.0.1:{runner.addresses[0][1]}")
    credentials = Credentials(secrets, "mcp-sms-aws", of_aws.parse)
    channel = AwsSmsChannel(credentials, timeout_s=timeout_s, connections=8)
    try:
        yield stub, channel
    finally:
        stub.over.set()
        await channel.close()
        await runner.cleanup()


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is signed in."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


def test_messages_travel_over_a_connection_and_come_out_as_they_were() -> None:
    async def check() -> None:
        async with served() as (stub, channel):
            messages = [outgoing(number, f"Olá {number} & até\njá 🎉") for number in range(20)]
            outcomes = await asyncio.gather(*(channel.send(one, NOW) for one in messages))
            assert len({one.provider_id for one in outcomes if one.accepted}) == 20
            assert {one["MessageBody"] for one in stub.taken} == {one.content.text for one in messages}
            assert {one["Context"][CONTEXT_KEY] for one in stub.taken} == {str(one.id) for one in messages}

    asyncio.run(check())


@pytest.mark.parametrize(
    ("does", "failure", "reason"),
    [
        ("refuse", FailureClass.UNKNOWN, "provider_failed"),
        ("hang up", FailureClass.UNKNOWN, "no_answer"),
        ("be silent", FailureClass.UNKNOWN, "no_answer"),
    ],
)
def test_whatever_happens_a_call_is_made_once(does: str, failure: FailureClass, reason: str) -> None:
    async def check() -> tuple[Outcome, int]:
        async with served(timeout_s=1.0) as (stub, channel):
            stub.does = does
            return await channel.send(outgoing(), NOW), stub.asked

    outcome, asked = asyncio.run(check())
    assert (outcome.failure, outcome.reason, asked) == (failure, reason, 1)


REFUSALS: dict[FailureClass, tuple[int, str, dict[str, str]]] = {
    FailureClass.RECIPIENT: (400, "ConflictException", {"Reason": "DESTINATION_PHONE_NUMBER_OPTED_OUT"}),
    FailureClass.PERMANENT: (400, "ValidationException", {"Reason": "OTHER"}),
    FailureClass.THROTTLED: (400, "ThrottlingException", {}),
    FailureClass.AUTH: (400, "AccessDeniedException", {}),
    FailureClass.UNKNOWN: (500, "InternalServerException", {}),
}
"""What AWS can answer: to a failure that surely took nothing it has no code."""


@pytest.mark.parametrize("check", channel_suite.SUITE, ids=lambda check: check.__name__)
def test_aws_does_what_every_channel_does(check: channel_suite.Check) -> None:
    async def run() -> None:
        async with served() as (stub, channel):

            def fail_with(failure: FailureClass) -> None:
                stub.does, stub.refusal = "refuse", REFUSALS[failure]

            await check(channel_suite.Provider(lambda: channel, fail_with, failures=tuple(REFUSALS)))

    asyncio.run(run())


def test_what_never_left_is_tried_again() -> None:
    async def check() -> Outcome:
        async with served() as (_, channel):
            pass
        try:
            return await channel.send(outgoing(), NOW)
        finally:
            await channel.close()

    outcome = asyncio.run(check())
    assert (outcome.failure, outcome.reason) == (FailureClass.TRANSIENT, "not_connected")


def test_every_reason_is_one_that_the_model_knows() -> None:
    shapes = Session().get_service_model("pinpoint-sms-voice-v2").operation_model("SendTextMessage").error_shapes
    known = {one.name: set(one.members["Reason"].enum) for one in shapes if "Reason" in one.members}
    assert not [(code, reason) for code, reason in REASONS if reason not in known[code]]


def test_the_example_of_an_event_is_understood(contracts: Path) -> None:
    event = json.loads((contracts / "aws" / "events.examples.json").read_text(encoding="utf-8"))["sms_event"]
    told = asyncio.run(callback(Web()).read(call(event), NOW))
    assert [one.kind for one in told.notices] == ["TEXT_SUCCESSFUL"]  # of somebody else's message
    ours = event | {"context": {CONTEXT_KEY: "3.1.57"}}
    [receipt] = asyncio.run(callback(Web()).read(call(ours), NOW)).receipts
    assert (receipt.kind, receipt.message_id, receipt.provider_id) == (
        ReceiptKind.ACCEPTED,
        "3.1.57",
        event["messageId"],
    )
    assert receipt.at.isoformat() == "2023-06-17T04:11:43.470000+00:00"
