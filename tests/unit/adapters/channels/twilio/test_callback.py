from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from disparo.adapters.channels.twilio.callback import TwilioCallback
from disparo.adapters.channels.twilio.signature import signature
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.receipt import ReceiptKind, SuppressionCause
from disparo.ports.callback import Call, CallbackRefusedError, Told
from tests.unit.adapters.channels.twilio.account import NOW, PUBLIC_URL, SECRET, SID, TOKEN, Secrets, call, credentials

INBOUND = {
    "MessageSid": "SM" + "e" * 32,
    "SmsSid": "SM" + "e" * 32,
    "SmsStatus": "received",
    "AccountSid": SECRET["account_sid"],
    "From": "+5511999990000",
    "To": "+12025550100",
    "Body": "Sim, às 15h",
    "NumMedia": "0",
}


def status(name: str, **more: str) -> dict[str, str]:
    return {"MessageSid": SID, "MessageStatus": name, "SmsStatus": name, "To": "+5511999990000", **more}


def read(one: Call, secrets: Secrets | None = None) -> Told:
    return asyncio.run(TwilioCallback(credentials(secrets)).read(one, NOW))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((name, ReceiptKind.ACCEPTED) for name in ("accepted", "scheduled", "queued", "sending", "sent")),
        ("delivered", ReceiptKind.DELIVERED),
        ("read", ReceiptKind.READ),
        ("undelivered", ReceiptKind.FAILED),
        ("failed", ReceiptKind.FAILED),
        ("canceled", ReceiptKind.FAILED),
        ("partially_delivered", ReceiptKind.NOTED),
        ("vaporised", ReceiptKind.NOTED),
    ],
)
def test_a_status_is_a_receipt_of_the_message_in_the_query(name: str, kind: ReceiptKind) -> None:
    [receipt] = read(call(status(name))).receipts
    assert (receipt.provider, receipt.message_id, receipt.kind, receipt.at) == ("twilio", "3.1.57", kind, NOW)
    assert (receipt.event_id, receipt.provider_id) == (f"{SID}:{name}", SID)
    assert bool(receipt.reason) == (kind in (ReceiptKind.FAILED, ReceiptKind.NOTED))


@pytest.mark.parametrize(
    ("code", "reason", "suppress"),
    [
        ("30003", "unreachable", None),
        ("30005", "address_unknown", SuppressionCause.BOUNCED),
        ("30006", "not_a_mobile", None),
        ("30007", "filtered", None),
        ("21610", "opted_out", SuppressionCause.OPTED_OUT),
        ("21211", "address_unknown", SuppressionCause.BOUNCED),
        ("30036", "came_too_late", None),
        ("99999", "refused_later", None),
        ("many", "refused_later", None),
        ("", "refused_later", None),
    ],
)
def test_why_it_was_not_delivered_decides_what_becomes_of_the_address(
    code: str, reason: str, suppress: SuppressionCause | None
) -> None:
    [receipt] = read(call(status("undelivered", ErrorCode=code))).receipts
    assert (receipt.kind, receipt.reason, receipt.suppress) == (ReceiptKind.FAILED, reason, suppress)
    assert "+55" not in receipt.detail


def test_the_id_comes_back_as_it_went() -> None:
    [receipt] = read(call(status("sent"), query="?id=camp%261%3D%C3%A9.2.a%2Bb%20c%23")).receipts
    assert receipt.message_id == "camp&1=é.2.a+b c#"


def test_a_repeat_has_the_same_names() -> None:
    assert read(call(status("delivered"))) == read(call(status("delivered")))


def test_what_a_person_writes_is_a_reply() -> None:
    [reply] = read(call(INBOUND, query="")).replies
    assert (reply.provider, reply.event_id, reply.message_id) == ("twilio", INBOUND["MessageSid"], None)
    assert (reply.channel, reply.address, reply.sender, reply.text) == (
        Channel.SMS,
        "+5511999990000",
        "+12025550100",
        "Sim, às 15h",
    )
    assert (reply.opted_out, reply.answered, reply.choice, reply.answers) == (False, False, None, None)


def test_whatsapp_through_twilio_is_told_by_the_prefix() -> None:
    form = INBOUND | {
        "From": "whatsapp:+5511999990000",
        "To": "whatsapp:+551140000000",
        "ButtonPayload": "yes",
        "OriginalRepliedMessageSid": SID,
    }
    [reply] = read(call(form, query="")).replies
    assert (reply.channel, reply.address, reply.sender) == (Channel.WHATSAPP, "+5511999990000", "+551140000000")
    assert (reply.choice, reply.answers) == ("yes", SID)


def test_an_opt_out_that_twilio_confirmed_is_not_answered_again() -> None:
    [reply] = read(call(INBOUND | {"Body": "SAIR", "OptOutType": "STOP"}, query="")).replies
    assert (reply.opted_out, reply.answered) == (True, True)


@pytest.mark.parametrize("kind", ["START", "HELP"])
def test_other_keywords_are_notices(kind: str) -> None:
    told = read(call(INBOUND | {"Body": kind, "OptOutType": kind}, query=""))
    assert ([one.kind for one in told.notices], told.replies) == ([f"message.{kind}"], ())


def test_a_picture_alone_says_so() -> None:
    [reply] = read(call(INBOUND | {"Body": "", "NumMedia": "1"}, query="")).replies
    assert reply.text == "[mídia]"


def test_whoever_has_no_number_is_known_by_name_only() -> None:
    [reply] = read(call(INBOUND | {"From": "27900"}, query="")).replies
    assert (reply.address, reply.user_id) == (None, "27900")


def test_texts_are_cut() -> None:
    [reply] = read(call(INBOUND | {"Body": "a" * 9000}, query="")).replies
    assert len(reply.text) == 4096


@pytest.mark.parametrize(
    ("form", "query"),
    [
        (status("delivered"), ""),
        (INBOUND | {"From": "rcs:+5511999990000"}, ""),
        ({"Sid": "NO" + "1" * 32, "Level": "ERROR", "Payload": '{"to": "+5511999990000"}'}, ""),
        ({}, ""),
    ],
)
def test_what_is_of_no_message_of_ours_is_a_notice_that_names_nobody(form: dict[str, str], query: str) -> None:
    told = read(call(form, query=query))
    assert (told.receipts, told.replies, len(told.notices)) == ((), (), 1)
    assert "5511999990000" not in told.notices[0].detail
    assert told == read(call(form, query=query))


@pytest.mark.parametrize(
    "form", [{"MessageStatus": "sent"}, {"MessageSid": SID}, {"MessageSid": "S" * 400, "MessageStatus": "sent"}]
)
def test_a_signed_call_that_cannot_be_understood_is_told_apart(form: dict[str, str]) -> None:
    with pytest.raises(InputError):
        read(call(form))


def refusing(one: Call) -> None:
    secrets = Secrets()
    with pytest.raises(CallbackRefusedError) as refused:
        read(one, secrets)
    assert secrets.refreshed == 1
    assert SID not in str(refused.value)


def test_a_call_that_is_not_twilios_is_refused() -> None:
    good = call(status("delivered"))
    refusing(call(status("delivered"), token="another"))
    refusing(replace(good, body=good.body.replace(b"delivered", b"read")))
    refusing(replace(good, url=good.url.replace("3.1.57", "3.1.58")))
    refusing(replace(good, headers={**good.headers, "x-twilio-signature": ""}))
    refusing(replace(good, headers={**good.headers, "x-twilio-signature": "é"}))
    refusing(replace(good, headers={"content-type": good.headers["content-type"]}))
    refusing(replace(good, headers={**good.headers, "content-type": "application/json"}))


def test_a_form_that_is_none_is_refused_before_it_is_read() -> None:
    good = call()
    for body in (b"\xff=1", b"&".join([b"a=1"] * 501)):
        with pytest.raises(CallbackRefusedError):
            read(replace(good, body=body))


def test_a_token_that_was_rotated_is_read_anew() -> None:
    secrets = Secrets(newest={**SECRET, "auth_token": "rotated"})
    assert read(call(status("delivered"), token="rotated"), secrets).receipts
    assert secrets.refreshed == 1


def in_json(document: Any, *, hashed: bytes | None = None) -> Call:
    body = json.dumps(document).encode()
    url = f"{PUBLIC_URL}/webhooks/twilio?bodySHA256={hashlib.sha256(body if hashed is None else hashed).hexdigest()}"
    return Call(url, {"content-type": "application/json", "x-twilio-signature": signature(url, (), TOKEN)}, body)


def test_json_is_believed_by_its_hash_and_kept_as_a_notice() -> None:
    told = read(in_json({"type": "com.twilio.messaging.message.sent", "to": "+5511999990000"}))
    assert [one.kind for one in told.notices] == ["com.twilio.messaging.message.sent"]
    assert told.notices[0].detail == '{"fields": ["to", "type"]}'
    assert [one.kind for one in read(in_json([1])).notices] == ["json"]
    refusing(in_json({"type": "x"}, hashed=b"other"))
    bare = Call(PUBLIC_URL, {"x-twilio-signature": signature(PUBLIC_URL, (), TOKEN)}, b"{}")
    refusing(bare)


def test_nothing_is_answered_to_a_greeting() -> None:
    with pytest.raises(CallbackRefusedError):
        asyncio.run(TwilioCallback(credentials()).greet(call()))


@pytest.mark.parametrize(
    "url", ["http://[/webhooks/twilio?id=3.1.57", "http://[::1/webhooks/twilio", "http://a]b?x", "?"]
)
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_an_address_that_is_none_is_a_forged_call(url: str, kind: str) -> None:
    """Without a public_url it is made of the Host header, which anybody writes."""
    with pytest.raises(CallbackRefusedError):
        read(Call(url, {"content-type": kind, "x-twilio-signature": "x"}, b"{}"))
