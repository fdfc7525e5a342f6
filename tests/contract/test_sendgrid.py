"""SendGrid against what Twilio SendGrid publishes: its OpenAPI file, its events, its vectors and its own library."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jsonschema import Draft202012Validator
from sendgrid.helpers.eventwebhook import EventWebhook

from disparo.adapters.channels.sendgrid.callback import SIGNATURE, TIMESTAMP, SendGridCallback
from disparo.adapters.channels.sendgrid.channel import SendGridChannel
from disparo.adapters.channels.sendgrid.credentials import parse
from disparo.adapters.channels.sendgrid.errors import judge
from disparo.adapters.credentials import Credentials
from disparo.adapters.http_exchange import Answer
from disparo.domain.message import MessageId
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import ReceiptKind, SuppressionCause
from disparo.domain.template import Content
from disparo.ports.callback import Call, CallbackRefusedError, Told
from disparo.ports.channel import Outgoing
from disparo.simulation.emulators.sendgrid_requests import read_mails
from tests.contract import channel_suite
from tests.contract.channel_suite import NOW, Provider
from tests.contract.mail_invitation import event_in, invitation
from tests.contract.sendgrid_server import SendGridServer, request_schema, running

F, K = FailureClass, ReceiptKind


class Vault:
    """`Secrets` of one secret."""

    def __init__(self, **secret: str) -> None:
        self.secret = {"api_key": "SG.x", "from_email": "oi@casa.com.br", "reply_to": "contato@casa.com.br", **secret}

    async def get(self, name: str) -> Mapping[str, str]:
        return self.secret

    async def refresh(self, name: str) -> Mapping[str, str]:
        return self.secret


def channel(vault: Vault, timeout_s: float = 10.0) -> SendGridChannel:
    return SendGridChannel(Credentials(vault, "mcp-email", parse), timeout_s=timeout_s, connections=10)


def over_http(server: SendGridServer, use: Callable[[SendGridChannel], Awaitable[Any]], timeout_s: float = 10.0) -> Any:
    async def run() -> Any:
        async with running(server):
            opened = channel(Vault(endpoint=server.url, from_name="Casa"), timeout_s)
            try:
                return await use(opened)
            finally:
                await opened.close()

    return asyncio.run(run())


def load(contracts: Path, *parts: str) -> Any:
    return json.loads(contracts.joinpath(*parts).read_text())


# --- what we send


def outgoing(number: int, text: str, html: str | None = None, url: str | None = None) -> Outgoing:
    return Outgoing(
        MessageId("3", 1, str(number)),
        f"p{number}@example.com",
        Content(text, f"Oi {number}", html),
        unsubscribe_url=url,
    )


def invited(message: Outgoing) -> Outgoing:
    return replace(message, content=replace(message.content, invitation=invitation(message.address)))


def batches() -> dict[str, list[Outgoing]]:
    filling = "<p>" + "muito texto " * 3000 + "</p>"
    url = "https://casa.com.br/u/3.1.57.x"
    return {
        "one": [outgoing(1, "Olá", "<p>Olá</p>", url)],
        "text only": [outgoing(1, "Olá")],
        "the same for all": [outgoing(n, "Olá", "<p>Olá</p>", url) for n in range(1000)],
        "personal": [outgoing(n, f"Olá, {n}", f"<p>Olá, {n}</p>", url) for n in range(1000)],
        "long": [outgoing(n, f"Olá, {n}", f"<p>{n}</p>{filling}<b>{n}</b>", url) for n in range(200)],
        "too different": [outgoing(n, f"{n} " * 4000 + "ç" * 3000) for n in range(20)],
        "mixed": [outgoing(n, f"Olá {n % 3}" * (n % 7 * 700), None if n % 2 else f"<p>{n}</p>") for n in range(1, 99)],
        "invitations": [invited(outgoing(n, "Olá", "<p>Olá</p>" if n % 2 else None, url)) for n in range(5)],
        "one address twice": [outgoing(1, "Olá"), outgoing(2, "Olá"), outgoing(1, "Tchau"), outgoing(1, "Tchau")],
    }


@pytest.mark.parametrize("name", batches())
def test_every_request_is_valid_and_brings_every_message_once(name: str, contracts: Path) -> None:
    messages, server = [one for one in batches()[name] if one.content.text], SendGridServer(request_schema(contracts))
    outcomes = over_http(server, lambda one: one.send_many(messages, NOW))
    assert all(one.accepted and one.provider_id for one in outcomes)
    assert server.faults == []
    brought = [one["custom_args"]["disparo_id"] for document in server.taken for one in document["personalizations"]]
    assert sorted(brought) == sorted(str(one.id) for one in messages)
    assert {one["Authorization"] for one in server.headers} == {"Bearer SG.x"}
    assert {one["Content-Type"] for one in server.headers} == {"application/json"}


def test_everybody_gets_their_own_invitation(contracts: Path) -> None:
    server = SendGridServer(request_schema(contracts))
    over_http(server, lambda one: one.send_many([invited(outgoing(n, "Olá")) for n in range(3)], NOW))
    for document in server.taken:
        [person] = document["personalizations"]
        address = f"mailto:{person['to'][0]['email']}"
        [attached] = document["attachments"]
        for calendar in (document["content"][-1]["value"], base64.b64decode(attached["content"])):
            assert str(event_in(calendar)["ATTENDEE"]) == address
        assert read_mails(json.dumps(document).encode(), 0.0).mails, "the emulator takes what the API takes"


# --- what is answered


def wanted_class(row: Mapping[str, Any]) -> FailureClass | None:
    if row["class"] == "accepted":
        return None
    return F.UNKNOWN if row.get("ambiguous") else FailureClass(row["class"])


def test_every_status_is_of_the_class_that_the_table_says(contracts: Path) -> None:
    table = load(contracts, "sendgrid", "error_classes.json")
    body = json.dumps(table["error_body_example"]).encode()
    for row in table["http"]:
        for status in (500, 502, 503, 504) if row["status"] == "5xx" else (row["status"],):
            assert judge(Answer(status, {}, body), NOW).outcome.failure is wanted_class(row)


def test_the_documented_answers_are_understood(contracts: Path) -> None:
    examples = load(contracts, "sendgrid", "examples.json")
    good, slow = examples["mail_send_success"], examples["throttled"]
    taken = judge(Answer(good["status"], _lower(good["headers"]), b""), NOW).outcome
    assert (taken.accepted, taken.provider_id) == (True, good["headers"]["X-Message-Id"])
    throttled = judge(Answer(slow["status"], _lower(slow["headers"]), json.dumps(slow["body"]).encode()), NOW).outcome
    assert (throttled.failure, throttled.retry_after_s) == (F.THROTTLED, 0.0)
    assert throttled.detail == "429 too many requests"


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


FAILURES: Sequence[tuple[FailureClass, Any]] = [
    (F.RECIPIENT, (400, {"errors": [{"field": "personalizations.0.to.0.email", "message": "no address"}]}, {})),
    (F.PERMANENT, (400, {"errors": [{"field": None, "message": "Bad Request"}]}, {})),
    (F.THROTTLED, (429, None, {"X-RateLimit-Reset": str(int(NOW.timestamp()) + 9)})),
    (F.AUTH, (401, None, {})),
    (F.UNKNOWN, (503, None, {})),
    (F.UNKNOWN, None),
]
"""How SendGrid fails; None is a connection that is dropped after the request."""


@pytest.mark.parametrize("check", channel_suite.SUITE, ids=lambda check: check.__name__)
def test_sendgrid_is_a_channel(check: channel_suite.Check) -> None:
    async def run() -> None:
        server, made = SendGridServer(), list[SendGridChannel]()

        def make() -> SendGridChannel:
            made.append(channel(Vault(endpoint=server.url)))
            return made[-1]

        def fail_with(failure: FailureClass) -> None:
            server.answer = lambda _: dict(FAILURES)[failure]

        async with running(server):
            try:
                await check(Provider(make, fail_with, failures=[failure for failure, _ in FAILURES]))
            finally:
                for one in made:
                    await one.close()

    asyncio.run(run())


@pytest.mark.parametrize(("failure", "answer"), FAILURES)
def test_however_it_fails_it_is_an_outcome_and_no_error(failure: FailureClass, answer: Any) -> None:
    server = SendGridServer(answer=lambda _: answer)
    outcome = over_http(server, lambda one: one.send(outgoing(1, "Olá"), NOW))
    assert (outcome.accepted, outcome.failure, outcome.provider_id) == (False, failure, None)
    assert outcome.reason
    assert outcome.detail
    assert outcome.retry_after_s == (9.0 if failure is F.THROTTLED else None)


def test_when_it_is_not_there_the_message_was_surely_not_taken() -> None:
    async def run() -> Any:
        async with running(SendGridServer()) as gone:
            pass
        opened = channel(Vault(endpoint=gone.url))
        try:
            return await opened.send(outgoing(1, "Olá"), NOW)
        finally:
            await opened.close()

    outcome = asyncio.run(run())
    assert (outcome.failure, outcome.reason) == (F.TRANSIENT, "not_connected")


def test_a_connection_that_is_dropped_after_the_request_leaves_all_of_it_unknown() -> None:
    server = SendGridServer(answer=lambda _: None)
    outcomes = over_http(server, lambda one: one.send_many([outgoing(n, "Olá") for n in range(3)], NOW))
    assert {one.failure for one in outcomes} == {F.UNKNOWN}
    assert len(server.headers) == 1


def test_over_http_bad_recipients_fail_and_all_others_are_taken_once() -> None:
    bad = {f"p{n}@example.com" for n in (0, 3, 500, 999)}

    def answer(document: dict[str, Any]) -> tuple[int, Any, Mapping[str, str]]:
        places = [n for n, one in enumerate(document["personalizations"]) if one["to"][0]["email"] in bad]
        errors = [{"field": f"personalizations.{n}.to.0.email", "message": "no address", "help": None} for n in places]
        return (400, {"errors": errors[:1]}, {}) if errors else (202, None, {})

    server = SendGridServer(answer=answer)
    outcomes = over_http(server, lambda one: one.send_many([outgoing(n, f"Olá {n}") for n in range(1000)], NOW))
    assert [n for n, one in enumerate(outcomes) if one.failure is F.RECIPIENT] == [0, 3, 500, 999]
    taken = [one["to"][0]["email"] for document in server.taken for one in document["personalizations"]]
    assert len(taken) == len({*taken}) == 996
    assert not bad & {*taken}


# --- what comes back


def read(call: Call, key: str) -> Told:
    callback = SendGridCallback(Credentials(Vault(webhook_public_key=key), "mcp-email", parse))
    return asyncio.run(callback.read(call, NOW))


def test_every_vector_is_believed_or_refused_as_it_must_be(contracts: Path) -> None:
    vectors = load(contracts, "signatures", "sendgrid_event_webhook.json")["vectors"]
    for vector in vectors:
        headers = {
            SIGNATURE: vector["X-Twilio-Email-Event-Webhook-Signature"],
            TIMESTAMP: vector["X-Twilio-Email-Event-Webhook-Timestamp"],
        }
        call = Call("https://x", headers, vector["raw_body_utf8"].encode())
        if vector["valid"]:
            assert read(call, vector["public_key_base64_der_spki"]).notices
        else:
            with pytest.raises(CallbackRefusedError):
                read(call, vector["public_key_base64_der_spki"])
    assert {vector["valid"] for vector in vectors} == {True, False}


PRIVATE = ec.generate_private_key(ec.SECP256R1())
PUBLIC = base64.b64encode(
    PRIVATE.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()


def signed(body: bytes, timestamp: str = "1790000000") -> Call:
    signature = PRIVATE.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return Call("https://x", {SIGNATURE: base64.b64encode(signature).decode(), TIMESTAMP: timestamp}, body)


@pytest.mark.parametrize("body", ["[]", '[{"event": "open", "email": "joão@x.com"}]\r\n', "[ ]"])
def test_sendgrids_own_library_and_we_believe_the_same(body: str) -> None:
    call = signed(body.encode())
    library = EventWebhook(PUBLIC)
    headers = call.headers
    assert library.verify_signature(body, headers[SIGNATURE], headers[TIMESTAMP])
    read(call, PUBLIC)
    for other in (body + " ", body.replace("[", "[ ", 1)):
        assert not library.verify_signature(other, headers[SIGNATURE], headers[TIMESTAMP])
        with pytest.raises(CallbackRefusedError):
            read(Call("https://x", headers, other.encode()), PUBLIC)


def examples_of(contracts: Path) -> list[list[dict[str, Any]]]:
    """The example calls, our id in place of theirs."""
    calls: list[list[dict[str, Any]]] = load(contracts, "sendgrid", "examples.json")["events"]
    return [[{**event, "disparo_id": "3.1.57"} if "send_id" in event else event for event in call] for call in calls]


def test_every_example_is_valid_and_understood(contracts: Path) -> None:
    schema = Draft202012Validator(load(contracts, "sendgrid", "event_webhook.schema.json"))
    for events in examples_of(contracts):
        schema.validate(events)
        told = read(signed(json.dumps(events).encode()), PUBLIC)
        assert len(told.receipts) + len(told.notices) == len(events)
        assert [one.event_id for one in (*told.receipts, *told.notices)] == [one["sg_event_id"] for one in events]
        assert all(one.provider_id == "14c5d75ce93.dfd.64b469" for one in told.receipts)
        assert not any("@" in one.detail for one in (*told.receipts, *told.notices))
        assert all(one.reason != "unknown_event" for one in told.receipts)


MEANINGS: Mapping[str, Sequence[ReceiptKind]] = {
    "progress": (K.ACCEPTED, K.NOTED),
    "final_ok": (K.DELIVERED,),
    "engagement": (K.READ,),
    "consent_restored": (K.NOTED,),
    "recipient": (K.FAILED, K.NOTED),
}


def test_every_event_is_of_the_class_that_the_table_says(contracts: Path) -> None:
    for row in load(contracts, "sendgrid", "error_classes.json")["events"]:
        for reason in row.get("reasons_documented", ["x"]):
            event = {"timestamp": 1, "disparo_id": "3.1.57", "sg_event_id": "e", "reason": reason, **row}
            [receipt] = read(signed(json.dumps([event]).encode()), PUBLIC).receipts
            assert receipt.kind in MEANINGS[row["class"]]
            assert receipt.reason != "unknown_event"
            if row["event"] in ("bounce", "dropped"):
                assert receipt.kind is K.FAILED
            if "consent" in row:
                assert receipt.suppress in (SuppressionCause.COMPLAINED, SuppressionCause.OPTED_OUT)
            if row.get("type") == "bounce":
                assert receipt.suppress is SuppressionCause.BOUNCED
            if row.get("type") == "blocked":
                assert receipt.suppress is None
