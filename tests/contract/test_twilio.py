"""Twilio as its own specification, vectors and error dictionary describe it, over a real connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from aiohttp import web
from jsonschema import Draft202012Validator
from openapi_schema_validator import OAS30Validator
from twilio.request_validator import RequestValidator

from disparo.adapters.channels.twilio import credentials as of_twilio
from disparo.adapters.channels.twilio.callback import TwilioCallback
from disparo.adapters.channels.twilio.channel import TwilioChannel, outcome_of
from disparo.adapters.channels.twilio.errors import MEANINGS, of_answer, of_receipt
from disparo.adapters.channels.twilio.payload import form as form_of
from disparo.adapters.channels.twilio.signature import is_signed
from disparo.adapters.credentials import Credentials
from disparo.adapters.http_exchange import Answer
from disparo.domain.message import MessageId, Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import ReceiptKind
from disparo.domain.template import Content
from disparo.ports.callback import Call
from disparo.ports.channel import Outgoing
from tests.contract import channel_suite
from tests.contract.channel_suite import NOW, outgoing

PATH = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
ACCOUNT = "AC" + "a" * 32
SECRET = {"account_sid": ACCOUNT, "auth_token": "0" * 32, "from_number": "+12025550100"}


class Fixed:
    """One secret."""

    def __init__(self, **fields: str) -> None:
        self._fields = SECRET | fields

    async def get(self, name: str) -> Mapping[str, str]:
        """The secret."""
        return self._fields

    refresh = get


def opened(**fields: str) -> Credentials[of_twilio.TwilioCredentials]:
    return Credentials(Fixed(**fields), "mcp-sms", of_twilio.parse)


def given(contracts: Path, name: str) -> Any:
    return json.loads((contracts / name).read_text(encoding="utf-8"))


def schema(contracts: Path, *, of_request: bool) -> OAS30Validator:
    document = given(contracts, "twilio/twilio_api_v2010.messages.openapi.json")
    post = document["paths"][PATH]["post"]
    holder = post["requestBody"] if of_request else post["responses"]["201"]
    [media] = holder["content"].values()
    return OAS30Validator({**media["schema"], "components": document["components"]})


TYPES = {"ValidityPeriod": int}
"""A form holds texts; the specification says which of them are numbers."""


def typed(fields: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {name: TYPES.get(name, str)(value) for name, value in fields}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"messaging_service_sid": "MG" + "c" * 32},
        {"messaging_service_sid": "MG" + "c" * 32, "from_number": "Loja", "validity_period_s": "36000"},
    ],
)
@pytest.mark.parametrize("public_url", [None, "https://hooks.example.com/a/"])
def test_every_request_is_one_that_the_specification_knows(
    contracts: Path, fields: dict[str, str], public_url: str | None
) -> None:
    validator = schema(contracts, of_request=True)
    credentials = of_twilio.parse("mcp-sms", SECRET | fields)
    made = typed(form_of(outgoing(), credentials, public_url))
    validator.validate(made)
    assert made.keys() <= validator.schema["properties"].keys()  # type: ignore[index,union-attr]
    example = {name for name, _ in given(contracts, "twilio/examples.json")["create_request_form"]}
    if public_url is not None and "messaging_service_sid" in fields:
        assert example <= made.keys()


def test_every_code_of_the_dictionary_is_classified_as_there(contracts: Path) -> None:
    for one in given(contracts, "twilio/error_codes.json")["codes"]:
        wanted = FailureClass.UNKNOWN if one.get("ambiguous") else FailureClass(one["class"])
        assert MEANINGS[one["code"]][0] is wanted, one
        assert of_answer(one.get("http", 400), one["code"])[0] is wanted, one
        assert of_receipt(one["code"])[0] == MEANINGS[one["code"]][1]


@pytest.mark.parametrize("name", ["error_21610", "error_20429", "error_20003"])
def test_the_examples_of_refusals_are_understood(contracts: Path, name: str) -> None:
    example = given(contracts, "twilio/examples.json")[name]
    outcome = outcome_of(Answer(example["status"], {}, json.dumps(example["body"]).encode()))
    assert (outcome.failure, outcome.reason) == MEANINGS[example["body"]["code"]]
    assert str(example["body"]["code"]) in outcome.detail


def test_every_vector_of_signatures_comes_out_as_it_should(contracts: Path) -> None:
    vectors = given(contracts, "signatures/twilio_x_twilio_signature.json")["vectors"]
    for one in vectors:
        fields = None if "raw_body_utf8" in one else [(name, value) for name, value in one["params"]]
        call = Call(one["url"], {"x-twilio-signature": one["signature"]}, one.get("raw_body_utf8", "").encode())
        assert is_signed(call, fields, one["auth_token"]) == one["valid"], one["name"]
    assert sum(one["valid"] for one in vectors) == 7


def signed(form: Mapping[str, str], url: str) -> Call:
    """A call as Twilio's own library would sign it."""
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": RequestValidator(SECRET["auth_token"]).compute_signature(url, dict(form)),
    }
    return Call(url, headers, urlencode(form).encode())


def test_every_example_of_a_callback_is_understood(contracts: Path) -> None:
    schema = Draft202012Validator(given(contracts, "twilio/status_callback.schema.json"))
    kinds = {"sent": ReceiptKind.ACCEPTED, "delivered": ReceiptKind.DELIVERED}
    examples = given(contracts, "twilio/examples.json")["callbacks"]
    for form in examples:
        schema.validate(form)
        url = "https://hooks.example.com/webhooks/twilio?id=3.1.57"
        [receipt] = asyncio.run(TwilioCallback(opened()).read(signed(form, url), NOW)).receipts
        assert receipt.kind is kinds.get(form["MessageStatus"], ReceiptKind.FAILED)
        assert (receipt.message_id, receipt.provider_id) == ("3.1.57", form["MessageSid"])
        if "ErrorCode" in form:
            assert receipt.reason == MEANINGS[int(form["ErrorCode"])][1]
    assert len(examples) == 4


def test_every_status_of_the_specification_is_known(contracts: Path) -> None:
    statuses = given(contracts, "twilio/status_callback.schema.json")["properties"]["MessageStatus"]["enum"]
    noted = set()
    for status in statuses:
        form = {"MessageSid": "SM" + "b" * 32, "MessageStatus": status, "AccountSid": ACCOUNT}
        url = "https://hooks.example.com/webhooks/twilio?id=1.1.1"
        [receipt] = asyncio.run(TwilioCallback(opened()).read(signed(form, url), NOW)).receipts
        if receipt.kind is ReceiptKind.NOTED:
            noted.add(status)
    assert noted == {"partially_delivered"}


@dataclass
class Stub:
    """A server in Twilio's place: takes what the specification takes, and does as it is told."""

    request: OAS30Validator
    response: OAS30Validator
    does: str = "take"
    refusal: tuple[int, int] = (400, 21211)
    taken: list[dict[str, Any]] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        form = parse_qsl((await request.read()).decode(), keep_blank_values=True)
        self.request.validate(typed(form))
        if self.does == "refuse":
            status, code = self.refusal
            body = {"code": code, "message": f"The 'To' number {dict(form)['To']} is not valid.", "status": status}
            return web.json_response(body, status=status)
        self.taken.append(dict(form))
        if self.does == "hang up":
            assert request.transport is not None
            request.transport.abort()
        if self.does == "be silent":
            await self.over.wait()
        message = {"sid": f"SM{len(self.taken):032x}", "status": "queued", "account_sid": ACCOUNT, "body": "…"}
        message |= {"direction": "outbound-api", "error_code": None, "from": "+12025550100", "num_segments": "1"}
        self.response.validate(message)
        return web.json_response(message, status=201)


@asynccontextmanager
async def served(contracts: Path, timeout_s: float = 5.0) -> AsyncIterator[tuple[Stub, TwilioChannel]]:
    stub = Stub(schema(contracts, of_request=True), schema(contracts, of_request=False))
    app = web.Application()
    app.router.add_post(PATH.replace("{AccountSid}", ACCOUNT), stub.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    channel = TwilioChannel(
        opened(endpoint=f"http://127.0.0.1:{port}"), public_url="https://h.example", timeout_s=timeout_s
    )
    try:
        yield stub, channel
    finally:
        await channel.close()
        stub.over.set()
        await runner.cleanup()


def test_messages_travel_over_a_connection_and_come_out_as_they_were(contracts: Path) -> None:
    async def check() -> None:
        async with served(contracts) as (stub, channel):
            messages = [outgoing(number, f"Olá {number} & até\njá 🎉") for number in range(20)]
            outcomes = await asyncio.gather(*(channel.send(one, NOW) for one in messages))
            assert len({one.provider_id for one in outcomes if one.accepted}) == 20
            assert {one["Body"] for one in stub.taken} == {one.content.text for one in messages}
            callbacks = {one["StatusCallback"] for one in stub.taken}
            assert callbacks == {f"https://h.example/webhooks/twilio?id={one.id}" for one in messages}

    asyncio.run(check())


@pytest.mark.parametrize(
    ("does", "failure", "reason"),
    [
        ("hang up", FailureClass.UNKNOWN, "no_answer"),
        ("be silent", FailureClass.UNKNOWN, "no_answer"),
        ("refuse", FailureClass.RECIPIENT, "address_unknown"),
    ],
)
def test_what_may_have_been_taken_is_unknown(contracts: Path, does: str, failure: FailureClass, reason: str) -> None:
    async def check() -> Outcome:
        async with served(contracts, timeout_s=0.5) as (stub, channel):
            stub.does = does
            return await channel.send(outgoing(), NOW)

    outcome = asyncio.run(check())
    assert (outcome.failure, outcome.reason) == (failure, reason)
    assert outgoing().address not in outcome.detail


REFUSALS = {
    FailureClass.RECIPIENT: (400, 21211),
    FailureClass.PERMANENT: (400, 21618),
    FailureClass.THROTTLED: (429, 20429),
    FailureClass.AUTH: (401, 20003),
    FailureClass.UNKNOWN: (500, 20500),
}
"""What Twilio can answer at once: to a failure that surely took nothing it has no code."""


@pytest.mark.parametrize("check", channel_suite.SUITE, ids=lambda check: check.__name__)
def test_twilio_does_what_every_channel_does(contracts: Path, check: channel_suite.Check) -> None:
    async def run() -> None:
        async with served(contracts) as (stub, channel):

            def fail_with(failure: FailureClass) -> None:
                stub.does, stub.refusal = "refuse", REFUSALS[failure]

            await check(channel_suite.Provider(lambda: channel, fail_with, failures=tuple(REFUSALS)))

    asyncio.run(run())


def test_what_never_left_is_tried_again() -> None:
    async def check() -> Outcome:
        probe = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = probe.sockets[0].getsockname()[1]
        probe.close()
        await probe.wait_closed()
        channel = TwilioChannel(opened(endpoint=f"http://127.0.0.1:{port}"), public_url=None, timeout_s=2.0)
        try:
            return await channel.send(Outgoing(MessageId("1", 1, "1"), "+5511999990000", Content("Oi")), NOW)
        finally:
            await channel.close()

    outcome = asyncio.run(check())
    assert (outcome.failure, outcome.reason) == (FailureClass.TRANSIENT, "not_connected")
