"""What the WhatsApp adapter sends, understands and believes, held against the provider's own specification."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from disparo.adapters.channels.whatsapp.callback import WhatsAppCallback, sign
from disparo.adapters.channels.whatsapp.channel import WhatsAppChannel, outcome_of
from disparo.adapters.channels.whatsapp.credentials import parse
from disparo.adapters.channels.whatsapp.payload import free_text, recipient, template
from disparo.adapters.credentials import Credentials
from disparo.adapters.http_exchange import Answer
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import Notice, Receipt, ReceiptKind, Reply, SuppressionCause
from disparo.domain.template import Content
from disparo.domain.whatsapp_content import (
    Approved,
    ApprovedButton,
    ButtonKind,
    Choice,
    Choices,
    HeaderMedia,
    MediaKind,
)
from disparo.ports.callback import Call, CallbackRefusedError, Told
from disparo.ports.channel import Closes, HasAccount, Inspects, SendChannel
from tests.contract.whatsapp_contents import contents
from tests.contract.whatsapp_stub import NOW, TAKEN, OneSecret, Stub, outgoing, sent

APPROVED = Approved("reativacao_1", "pt_BR", body=("Ana",))
BUTTONS = Choices((Choice("sim", "Sim, pode mandar"), Choice("nao", "Agora não")))
LIST = Choices((Choice("a", "9h", "Amanhã cedo"), Choice("b", "15h")), "Ver horários")


def validator(contracts: Path, name: str) -> Draft202012Validator:
    schema = json.loads((contracts / "whatsapp" / f"{name}.schema.json").read_text("utf-8"))
    return Draft202012Validator(schema)


def error_body(code: int, **more: object) -> dict[str, Any]:
    return {"error": {"message": f"(#{code}) Something", "type": "OAuthException", "code": code, **more}}


def read(body: bytes) -> Told:
    callback = WhatsAppCallback(Credentials(OneSecret(), "mcp-whatsapp", parse))
    call = Call("https://x/webhooks/whatsapp", {"x-hub-signature-256": sign("s", body)}, body)
    return asyncio.run(callback.read(call, NOW))


def examples(contracts: Path, *groups: str) -> dict[str, Any]:
    document = json.loads((contracts / "whatsapp" / "examples.json").read_text("utf-8"))
    return {name: example for group in groups for name, example in document[group].items()}


def test_it_is_a_channel_that_inspects_closes_and_names_its_account() -> None:
    channel: SendChannel = WhatsAppChannel(Credentials(OneSecret(), "x", parse), timeout_s=1.0)
    assert isinstance(channel, Inspects)
    assert isinstance(channel, Closes)
    assert isinstance(channel, HasAccount)
    assert asyncio.run(channel.account()) == "106540352242922"


def test_every_kind_of_message_is_as_the_schema_asks_and_bears_our_id(contracts: Path) -> None:
    check = validator(contracts, "send_message.request")
    rich = Approved(
        "x", "en_US", (), ("a", "b"), HeaderMedia(MediaKind.IMAGE, "https://x.example/a.jpg"),
        (ApprovedButton(ButtonKind.URL, "r/1", 0), ApprovedButton(ButtonKind.QUICK_REPLY, "sim", 2)),
        body_names=("nome", "empresa"),
    )  # fmt: skip
    stub = Stub([(200, TAKEN)])
    outcomes = sent(
        stub,
        outgoing(Content("Oi 🙂 https://x.example"), window_open=True),
        outgoing(Content("Oi", choices=BUTTONS), window_open=True),
        outgoing(Content("Oi", choices=LIST, approved=APPROVED), window_open=True),
        outgoing(Content("Oi", approved=APPROVED)),
        outgoing(Content("Oi", approved=rich)),
        outgoing(Content("Oi", approved=Approved("sem_nada", "pt_BR", ("Oi",)))),
    )
    assert [one.accepted for one in outcomes] == [True] * 6
    assert [one.provider_id for one in outcomes] == [f"wamid.HBgL{number}" for number in range(1, 7)]
    kinds = [(body["type"], body.get("interactive", {}).get("type")) for body in stub.bodies]
    assert kinds == [
        ("text", None), ("interactive", "button"), ("interactive", "list"),
        ("template", None), ("template", None), ("template", None),
    ]  # fmt: skip
    for body in stub.bodies:
        assert not [error.message for error in check.iter_errors(body)]
        assert body["biz_opaque_callback_data"] == "3.1.57"
        assert body["to"] == "5541988887777"
    assert {request.headers["authorization"] for request in stub.requests} == {"Bearer EAAG"}
    assert validator(contracts, "send_message.response").is_valid(TAKEN)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=contents)
def test_whatever_was_rendered_makes_a_request_that_the_schema_takes(contracts: Path, content: Content) -> None:
    check = validator(contracts, "send_message.request")
    message = outgoing(content)
    to = recipient(message.address)
    assert to is not None
    bodies = [free_text(message, to)]
    if content.approved is not None:
        bodies.append(template(message, to, content.approved))
    for body in bodies:
        assert not [error.message for error in check.iter_errors(json.loads(json.dumps(body)))]


def test_a_closed_window_without_an_approved_template_asks_nobody() -> None:
    stub = Stub([(200, TAKEN)])
    [outcome] = sent(stub, outgoing(Content("Oi", choices=BUTTONS)))
    assert (outcome.failure, outcome.reason) == (FailureClass.PERMANENT, "window_closed")
    assert stub.bodies == []


def test_a_text_that_comes_too_late_is_followed_by_the_template_at_once() -> None:
    stub = Stub([(400, error_body(131047)), (200, TAKEN)])
    [outcome] = sent(stub, outgoing(Content("Oi", approved=APPROVED), window_open=True))
    assert outcome.accepted
    assert [body["type"] for body in stub.bodies] == ["text", "template"]


def test_a_text_that_comes_too_late_and_has_no_template_is_refused() -> None:
    stub = Stub([(400, error_body(131047))])
    [outcome] = sent(stub, outgoing(Content("Oi"), window_open=True))
    assert (outcome.failure, outcome.reason, len(stub.bodies)) == (FailureClass.PERMANENT, "window_closed", 1)


def test_a_text_of_which_nobody_knows_is_not_followed_by_the_template() -> None:
    stub = Stub([(500, error_body(131000))])
    [outcome] = sent(stub, outgoing(Content("Oi", approved=APPROVED), window_open=True))
    assert (outcome.failure, len(stub.bodies)) == (FailureClass.UNKNOWN, 1)


def test_a_refused_key_is_read_anew_once_and_the_message_goes_out_once() -> None:
    stub = Stub([(401, error_body(190)), (200, TAKEN)])
    [outcome] = sent(stub, outgoing(Content("Oi", approved=APPROVED)), newer_key="EAAG2")
    assert outcome.accepted
    assert [request.headers["authorization"] for request in stub.requests] == ["Bearer EAAG", "Bearer EAAG2"]


def test_a_refused_key_that_is_the_newest_makes_the_message_wait() -> None:
    stub = Stub([(401, error_body(190))])
    [outcome] = sent(stub, outgoing(Content("Oi", approved=APPROVED)))
    assert (outcome.failure, len(stub.bodies)) == (FailureClass.AUTH, 1)


def test_a_connection_that_ends_after_the_request_leaves_the_message_in_doubt() -> None:
    stub = Stub([None, (200, TAKEN)])
    first, second = sent(stub, *[outgoing(Content("Oi", approved=APPROVED))] * 2)
    assert (first.failure, first.reason) == (FailureClass.UNKNOWN, "no_answer")
    assert second.accepted
    assert len(stub.bodies) == 2


def test_a_provider_that_says_nothing_leaves_the_message_in_doubt() -> None:
    [outcome] = sent(Stub(["silence"]), outgoing(Content("Oi", approved=APPROVED)), timeout_s=0.2)
    assert (outcome.failure, outcome.reason) == (FailureClass.UNKNOWN, "no_answer")


def test_the_text_and_the_template_have_one_time_limit_together() -> None:
    stub = Stub([(400, error_body(131047)), "silence"])
    [outcome] = sent(stub, outgoing(Content("Oi", approved=APPROVED), window_open=True), timeout_s=0.2)
    assert (outcome.failure, [body["type"] for body in stub.bodies]) == (FailureClass.UNKNOWN, ["text", "template"])


def test_nobody_at_the_endpoint_means_that_it_was_not_sent() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}"
        channel = WhatsAppChannel(Credentials(OneSecret(endpoint=endpoint), "x", parse), timeout_s=5.0)

        async def send() -> Outcome:
            outcome = await channel.send(outgoing(Content("Oi", approved=APPROVED)), NOW)
            await channel.close()
            return outcome

        outcome = asyncio.run(send())
    assert (outcome.failure, outcome.reason) == (FailureClass.TRANSIENT, "not_connected")


def test_every_code_is_classified_as_the_table_says(contracts: Path) -> None:
    table = json.loads((contracts / "whatsapp" / "error_codes.json").read_text("utf-8"))["codes"]
    check = validator(contracts, "error.response")
    assert len(table) > 50
    for row in table:
        first, last = row.get("code_range") or (row.get("code"), row.get("code"))
        wanted = FailureClass.UNKNOWN if row.get("ambiguous") else FailureClass(row["class"])
        if row.get("scope") == "pair":  # too fast for one person, which is nobody else's matter
            wanted = FailureClass.PACED
        for code in range(first, last + 1):
            body = error_body(code)
            assert check.is_valid(body)
            # Whatever the status: it differs between Meta's own pages.
            for status in (row["http_documented"] or 400, 400, 403, 429, 500):
                outcome = outcome_of(Answer(status, {}, json.dumps(body).encode()))
                assert (outcome.accepted, outcome.failure) == (False, wanted), code
                assert outcome.reason
                assert outcome.detail.startswith(f"{code}: ")


def test_the_error_answers_of_the_examples_are_understood(contracts: Path) -> None:
    reasons = {}
    for name, example in examples(contracts, "own_error_responses").items():
        answer = Answer(example["http_status"], {}, json.dumps(example["body"]).encode())
        outcome = outcome_of(answer)
        reasons[name] = (outcome.failure, outcome.reason, outcome.retry_after_s)
    assert reasons == {
        "throttled 130429": (FailureClass.THROTTLED, "provider_throttled", None),
        "auth 190": (FailureClass.AUTH, "credentials_refused", None),
        "pair 131056": (FailureClass.PACED, "pair_rate_limit", 6.0),
        "template missing 132001": (FailureClass.PERMANENT, "template_missing", None),
        "temporarily down 131016": (FailureClass.TRANSIENT, "provider_down", None),
    }


def test_the_official_answer_is_understood(contracts: Path) -> None:
    for example in examples(contracts, "official_responses").values():
        body = example.get("body", example)
        if "messages" in body:
            outcome = outcome_of(Answer(200, {}, json.dumps(body).encode()))
            assert (outcome.accepted, outcome.provider_id) == (True, body["messages"][0]["id"])


def test_signatures_are_believed_or_refused_as_the_vectors_say(contracts: Path) -> None:
    vectors = json.loads((contracts / "signatures" / "meta_x_hub_signature_256.json").read_text("utf-8"))["vectors"]
    assert len(vectors) == 13
    for vector in vectors:
        body = (
            vector["raw_body_utf8"].encode()
            if "raw_body_utf8" in vector
            else base64.b64decode(vector["raw_body_base64"])
        )
        headers = {} if vector["header"] is None else {"x-hub-signature-256": vector["header"]}
        callback = WhatsAppCallback(Credentials(OneSecret(app_secret=vector["secret"]), "x", parse))
        refused = False
        try:
            asyncio.run(callback.read(Call("https://x", headers, body), NOW))
        except CallbackRefusedError:
            refused = True
        except Exception as error:  # a body that is no webhook, after its signature was believed
            assert type(error).__name__ == "InputError", vector["name"]
        assert refused is not vector["valid"], vector["name"]


def test_every_example_webhook_is_understood(contracts: Path) -> None:
    check = validator(contracts, "webhook")
    kinds = {}
    for name, example in examples(contracts, "official_webhooks", "own_webhooks").items():
        assert check.is_valid(example), name
        told = read(json.dumps(example).encode())
        events: list[Receipt | Reply | Notice] = [*told.receipts, *told.replies, *told.notices]
        assert len(events) == 1, name
        kinds[name] = events[0]
    said = {name: event.text for name, event in kinds.items() if isinstance(event, Reply)}
    assert said["Text Message"] == "Does it come in another color?"
    assert said["Reaction Message"] == "👍"
    assert said["Image Message"] == "[imagem] Taj Mahal"
    assert said["Location Message"] == "[localização] Philz Coffee 101 Forest Ave, Palo Alto, CA 94301"
    assert said["Order Message"] == "[pedido]"
    assert said["Button Message"] == "Unsubscribe"
    assert said["inbound opt-out text (pt-BR)"] == "SAIR"
    noted = {name: event.kind for name, event in kinds.items() if isinstance(event, Notice)}
    assert noted == {
        "System Message": "system:user_changed_number",
        "Group Create Message": "group_lifecycle_update",
        "Group Settings Update": "group_settings_update",
        "Group Remove Participants": "group_participants_update",
        "status read (no delivered before it)": "status",
        "status delivered, sent to a BSUID, phone withheld": "status",
        "status failed 131049": "status",
        "status failed 131026": "status",
        "status failed 131050 (marketing opt-out)": "status",
        "status failed 132015 (held message dropped after pacing)": "status",
        "account-level errors object": "errors",
        "template paused": "message_template_status_update",
    }
    received = {name: event.kind for name, event in kinds.items() if isinstance(event, Receipt)}
    assert received == {
        "status sent v23 (conversation present)": ReceiptKind.ACCEPTED,
        "status sent v24+ (no conversation)": ReceiptKind.ACCEPTED,
        "status delivered": ReceiptKind.DELIVERED,
    }


@pytest.mark.parametrize(
    ("example", "reason", "suppress"),
    [
        ("status failed 131049", "withheld_by_meta", None),
        ("status failed 131026", "undeliverable", SuppressionCause.BOUNCED),
        ("status failed 131050 (marketing opt-out)", "marketing_opt_out", SuppressionCause.OPTED_OUT),
        ("status failed 132015 (held message dropped after pacing)", "template_paused", None),
    ],
)
def test_a_failure_of_a_message_of_ours_says_why(
    contracts: Path, example: str, reason: str, suppress: SuppressionCause | None
) -> None:
    document = examples(contracts, "own_webhooks")[example]
    document["entry"][0]["changes"][0]["value"]["statuses"][0]["biz_opaque_callback_data"] = "3.1.57"
    [receipt] = read(json.dumps(document).encode()).receipts
    assert (receipt.kind, receipt.message_id, receipt.reason) == (ReceiptKind.FAILED, "3.1.57", reason)
    assert (receipt.suppress, receipt.provider_id is not None) == (suppress, True)
    assert "16505551234" not in receipt.detail
