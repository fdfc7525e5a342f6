from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace

import pytest

from disparo.adapters.channels.twilio.payload import LONGEST_STATUS_CALLBACK, status_callback
from disparo.adapters.http_exchange import Answer
from disparo.domain.errors import InputError
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.template import Content
from disparo.ports.channel import Closes, HasAccount, LooksUp
from tests.unit.adapters.channels.twilio.account import MESSAGE, NOW, SECRET, SID, Secrets, Wire, channel

TAKEN = Answer(201, {}, json.dumps({"sid": SID, "status": "queued", "error_code": None}).encode())


def refused(status: int, code: int | None = None, text: str = "no", **headers: str) -> Answer:
    body = {"message": text, "status": status} | ({} if code is None else {"code": code})
    return Answer(status, headers, json.dumps(body).encode())


def test_a_message_goes_out_once_with_our_id_in_the_callback() -> None:
    wire = Wire([TAKEN])
    outcome = asyncio.run(channel(wire).send(MESSAGE, NOW))
    assert (outcome.accepted, outcome.provider_id) == (True, SID)
    [(method, url, headers, form)] = wire.asked
    assert (method, url) == (
        "POST",
        f"https://api.twilio.com/2010-04-01/Accounts/{SECRET['account_sid']}/Messages.json",
    )
    login = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
    assert login == f"{SECRET['account_sid']}:{SECRET['auth_token']}"
    assert form == {
        "To": "+5511999990000",
        "Body": "Oi, Ana! Preço: R$ 10 🎉",
        "From": "+12025550100",
        "StatusCallback": "https://hooks.example.com/webhooks/twilio?id=3.1.57",
        "ValidityPeriod": "3600",
    }


def test_without_a_public_address_nobody_is_called_back() -> None:
    wire = Wire([TAKEN])
    service = {**SECRET, "messaging_service_sid": "MG" + "c" * 32, "validity_period_s": "600"}
    asyncio.run(channel(wire, Secrets(service), public_url=None).send(MESSAGE, NOW))
    form = wire.asked[0][3]
    assert "StatusCallback" not in form
    assert (form["MessagingServiceSid"], form["From"]) == (service["messaging_service_sid"], "+12025550100")
    assert form["ValidityPeriod"] == "600"


def test_an_id_with_any_letters_survives_the_query() -> None:
    url = status_callback("https://h.example/", "camp&1=é.2.a+b c#")
    assert url == "https://h.example/webhooks/twilio?id=camp%261%3D%C3%A9.2.a%2Bb%20c%23"
    assert len(status_callback("https://h.example/" + "p" * 2900, "ç" * 128)) <= LONGEST_STATUS_CALLBACK


@pytest.mark.parametrize("url", ["https://my_host.example", "https:///webhooks", "https://h.example/" + "p" * 4000])
def test_an_address_that_twilio_cannot_call_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(InputError, match="public_url"):
        channel(Wire([TAKEN]), public_url=url)


def test_what_is_too_long_is_not_even_asked() -> None:
    wire = Wire([TAKEN])
    outcome = asyncio.run(channel(wire).send(replace(MESSAGE, content=Content("a" * 1601)), NOW))
    assert (outcome.failure, outcome.reason, wire.asked) == (FailureClass.PERMANENT, "text_too_long", [])


@pytest.mark.parametrize(
    ("answer", "failure", "reason"),
    [
        (refused(429, 20429), FailureClass.THROTTLED, "provider_throttled"),
        (refused(429), FailureClass.THROTTLED, "provider_throttled"),
        (refused(500, 20500), FailureClass.UNKNOWN, "provider_failed"),
        (refused(503), FailureClass.UNKNOWN, "provider_failed"),
        (refused(502, 63009), FailureClass.UNKNOWN, "provider_failed"),
        (Answer(504, {}, b"<html>gateway</html>"), FailureClass.UNKNOWN, "provider_failed"),
        (refused(400, 21610), FailureClass.RECIPIENT, "opted_out"),
        (refused(400, 21614), FailureClass.RECIPIENT, "not_a_mobile"),
        (refused(401, 20003), FailureClass.AUTH, "credentials_refused"),
        (refused(401), FailureClass.AUTH, "credentials_refused"),
        (refused(404), FailureClass.AUTH, "endpoint_wrong"),
        (Answer(307, {"location": "https://elsewhere.example"}, b""), FailureClass.AUTH, "endpoint_wrong"),
        (refused(400, 99999), FailureClass.PERMANENT, "message_refused"),
        (Answer(200, {}, b"<html>hotel wifi</html>"), FailureClass.UNKNOWN, "answer_not_understood"),
        (Answer(201, {}, b'{"sid": ""}'), FailureClass.UNKNOWN, "answer_not_understood"),
        (Answer(400, {}, b'["odd"]'), FailureClass.PERMANENT, "message_refused"),
        (Outcome(False, None, FailureClass.UNKNOWN, "no_answer"), FailureClass.UNKNOWN, "no_answer"),
    ],
)
def test_each_answer_is_an_outcome(answer: Answer | Outcome, failure: FailureClass, reason: str) -> None:
    outcome = asyncio.run(channel(Wire([answer])).send(MESSAGE, NOW))
    assert (outcome.accepted, outcome.failure, outcome.reason) == (False, failure, reason)


def test_the_operator_reads_twilios_words_without_the_number() -> None:
    text = "The 'To' number +55 11 99999-0000 is not a valid phone number. " + "x" * 400
    outcome = asyncio.run(channel(Wire([refused(400, 21211, text)])).send(MESSAGE, NOW))
    assert outcome.detail.startswith("HTTP 400, Twilio 21211: The 'To' number … is not a valid")
    assert len(outcome.detail) == 300


def test_a_wait_that_twilio_asks_for_is_kept() -> None:
    answers = [refused(429, 20429, **{"retry-after": "7"}), refused(429, 20429, **{"retry-after": "soon"})]
    made = channel(Wire(answers))
    assert asyncio.run(made.send(MESSAGE, NOW)).retry_after_s == 7.0
    assert asyncio.run(made.send(MESSAGE, NOW)).retry_after_s is None


def test_a_rotated_token_is_read_anew_and_the_message_goes_out() -> None:
    secrets = Secrets(newest={**SECRET, "auth_token": "rotated"})
    wire = Wire([refused(401, 20003), TAKEN])
    assert asyncio.run(channel(wire, secrets).send(MESSAGE, NOW)).accepted
    assert (secrets.refreshed, len(wire.asked)) == (1, 2)
    assert base64.b64decode(wire.asked[1][2]["Authorization"].removeprefix("Basic ")).endswith(b":rotated")


def test_a_wrong_secret_sends_nothing_and_waits() -> None:
    wire = Wire([TAKEN])
    outcome = asyncio.run(channel(wire, Secrets({"auth_token": "x"})).send(MESSAGE, NOW))
    assert (outcome.failure, outcome.reason, wire.asked) == (FailureClass.AUTH, "secret_unusable", [])


def test_it_says_who_it_is_and_lets_go_of_its_connections() -> None:
    wire = Wire([TAKEN])
    made = channel(wire)
    assert isinstance(made, Closes)
    assert isinstance(made, HasAccount)
    assert not isinstance(made, LooksUp)
    assert asyncio.run(made.account()) == "+12025550100"
    assert asyncio.run(channel(wire, Secrets({})).account()) is None
    asyncio.run(made.close())
    assert wire.closed


def test_half_a_character_in_a_text_keeps_nothing_from_being_sent() -> None:
    wire = Wire([TAKEN])
    assert asyncio.run(channel(wire).send(replace(MESSAGE, content=Content("Oi \ud83d!")), NOW)).accepted
    assert wire.asked[0][3]["Body"] == "Oi ?!"


def test_half_a_character_in_an_answer_becomes_no_fault_of_the_store() -> None:
    asyncio.run(channel(Wire([refused(400, 21617, "no \ud83d")])).send(MESSAGE, NOW)).detail.encode()
