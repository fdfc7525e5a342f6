from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from disparo.adapters.aws.sms.callback import EVENTS
from disparo.adapters.http_exchange import Answer
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError, StoreError
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import ReceiptKind, SuppressionCause
from disparo.ports.callback import Call, CallbackRefusedError, Told
from tests.unit.adapters.aws.sms.topic import (
    CERTIFICATE_URL,
    NOW,
    SECRET,
    SUBSCRIBE_URL,
    TOPIC,
    Secrets,
    Web,
    call,
    callback,
    certificate,
    event,
)

INBOUND = {
    "originationNumber": "+5511999990000",
    "destinationNumber": "+551140000000",
    "messageKeyword": "KEYWORD_123456789012",
    "messageBody": "Sim, às 15h",
    "inboundMessageId": "cae173d2-66b9-564c-8309-21f858e9fb84",
    "previousPublishedMessageId": "862a8790",
}


def read(one: Call, web: Web | None = None, secrets: Secrets | None = None) -> Told:
    return asyncio.run(callback(web, secrets).read(one, NOW))


@pytest.mark.parametrize("version", ["1", "2"])
def test_an_event_is_a_receipt_of_the_message_in_its_context(version: str) -> None:
    [receipt] = read(call(event(), version=version)).receipts
    assert (receipt.provider, receipt.message_id, receipt.kind) == ("aws_sms", "3.1.57", ReceiptKind.DELIVERED)
    assert receipt.at == datetime(2026, 11, 23, 12, 59, 50, 123000, tzinfo=UTC)
    assert receipt.event_id == f"{receipt.provider_id}:TEXT_DELIVERED:1795438790123"
    assert "5511" not in receipt.detail


@pytest.mark.parametrize(
    ("kind", "final", "wanted", "reason", "suppress"),
    [
        ("TEXT_QUEUED", False, ReceiptKind.ACCEPTED, "", None),
        ("TEXT_SUCCESSFUL", True, ReceiptKind.ACCEPTED, "", None),
        ("TEXT_DELIVERED", True, ReceiptKind.DELIVERED, "", None),
        ("TEXT_INVALID", True, ReceiptKind.FAILED, "address_unknown", SuppressionCause.BOUNCED),
        ("TEXT_BLOCKED", True, ReceiptKind.FAILED, "blocked", None),
        ("TEXT_SPAM", True, ReceiptKind.FAILED, "filtered", None),
        ("TEXT_TTL_EXPIRED", True, ReceiptKind.FAILED, "came_too_late", None),
        ("TEXT_CARRIER_UNREACHABLE", True, ReceiptKind.FAILED, "carrier_failed", None),
        ("TEXT_CARRIER_UNREACHABLE", False, ReceiptKind.NOTED, "deferred", None),
        ("TEXT_INVALID", False, ReceiptKind.NOTED, "deferred", None),
        ("TEXT_UNKNOWN", True, ReceiptKind.NOTED, "unknown_to_provider", None),
        ("TEXT_TELEPORTED", True, ReceiptKind.NOTED, "unknown_event", None),
    ],
)
def test_each_event_has_its_meaning(
    kind: str, final: bool, wanted: ReceiptKind, reason: str, suppress: SuppressionCause | None
) -> None:
    [receipt] = read(call(event(kind, isFinal=final))).receipts
    assert (receipt.kind, receipt.reason, receipt.suppress) == (wanted, reason, suppress)


def test_every_kind_of_event_that_can_be_subscribed_to_is_known() -> None:
    from botocore.session import Session

    model = Session().get_service_model("pinpoint-sms-voice-v2").operation_model("CreateEventDestination")
    kinds = model.input_shape.members["MatchingEventTypes"].member.enum
    assert {kind for kind in kinds if kind.startswith("TEXT_")} - {"TEXT_ALL"} == EVENTS.keys()


def test_a_repeat_under_another_wrapping_has_the_same_name() -> None:
    [first] = read(call(event())).receipts
    [again] = read(call(event(), MessageId="another", Timestamp="2026-11-23T13:10:00.000Z")).receipts
    assert first == again


def test_what_a_person_writes_is_a_reply() -> None:
    [reply] = read(call(INBOUND)).replies
    assert (reply.provider, reply.event_id, reply.message_id) == ("aws_sms", INBOUND["inboundMessageId"], None)
    assert (reply.channel, reply.address, reply.sender, reply.answers, reply.text) == (
        Channel.SMS,
        "+5511999990000",
        "+551140000000",
        "862a8790",
        "Sim, às 15h",
    )
    assert reply.at == datetime(2026, 11, 23, 12, 59, 58, 123000, tzinfo=UTC)
    assert not reply.opted_out


def test_a_keyword_by_which_aws_opts_out_is_an_opt_out() -> None:
    [reply] = read(call(INBOUND | {"messageKeyword": "STOP", "messageBody": "Stop"})).replies
    assert (reply.opted_out, reply.answered) == (True, False)


def test_a_short_code_is_no_address() -> None:
    [reply] = read(call(INBOUND | {"originationNumber": "27900"})).replies
    assert (reply.address, reply.user_id) == (None, "27900")


@pytest.mark.parametrize(
    "message",
    [
        {"eventType": "TEXT_DELIVERED", "messageId": "1", "destinationPhoneNumber": "+5511999990000"},
        {"eventType": "VOICE_ANSWERED", "context": {"other": "1"}},
        {"registrationId": "r-1"},
        "plain words to +5511999990000",
        "[1]",
    ],
)
def test_what_is_of_no_message_of_ours_is_a_notice_that_names_nobody(message: Any) -> None:
    told = read(call(message))
    assert (told.receipts, told.replies, len(told.notices)) == ((), (), 1)
    assert "5511999990000" not in told.notices[0].detail
    assert told.notices[0].event_id == "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324"


@pytest.mark.parametrize("message", [event(messageId="m" * 400), INBOUND | {"originationNumber": 5}])
def test_a_signed_call_that_cannot_be_understood_is_told_apart(message: Any) -> None:
    with pytest.raises(InputError):
        read(call(message))


def asking(**more: str) -> Call:
    fields = {"Type": "SubscriptionConfirmation", "SubscribeURL": SUBSCRIBE_URL, "Token": "t0"} | more
    return call("You have chosen to subscribe", **fields)


def test_our_own_topic_is_confirmed() -> None:
    web = Web()
    [notice] = read(asking(), web).notices
    assert web.asked == [CERTIFICATE_URL, SUBSCRIBE_URL]
    assert (notice.kind, json.loads(notice.detail)) == (
        "SubscriptionConfirmation",
        {"confirmed": True, "topic": TOPIC},
    )
    web.pages[SUBSCRIBE_URL] = Answer(400, {}, b"the token has expired")
    [repeat] = read(asking(), web).notices
    assert (repeat.event_id, json.loads(repeat.detail)["confirmed"]) == (notice.event_id, False)


def test_a_confirmation_that_does_not_get_through_is_asked_for_again() -> None:
    web = Web()
    web.pages[SUBSCRIBE_URL] = Outcome(False, None, FailureClass.TRANSIENT, "not_connected")
    with pytest.raises(StoreError):
        read(asking(), web)


def test_the_end_of_a_subscription_is_told_and_not_undone() -> None:
    web = Web()
    [notice] = read(asking(Type="UnsubscribeConfirmation"), web).notices
    assert (notice.kind, web.asked) == ("UnsubscribeConfirmation", [CERTIFICATE_URL])


def refusing(one: Call, *, asked: list[str], web: Web | None = None) -> None:
    web = web or Web()
    with pytest.raises(CallbackRefusedError):
        read(one, web)
    assert web.asked == asked


def test_a_topic_of_somebody_else_is_refused_unseen() -> None:
    other = TOPIC.replace("123456789012", "210987654321")
    refusing(call(event(), TopicArn=other), asked=[])
    refusing(asking(TopicArn=other), asked=[])
    with pytest.raises(CallbackRefusedError):
        read(call(event()), secrets=Secrets({**SECRET, "topic_arn": ""}))


def test_a_topic_that_was_just_added_is_believed() -> None:
    secrets = Secrets({**SECRET, "topic_arn": ""}, newest=SECRET)
    assert read(call(event()), secrets=secrets).receipts


def test_what_was_changed_on_the_way_is_refused() -> None:
    good = call(event())
    refusing(replace(good, body=good.body.replace(b"DELIVERED", b"INVALID")), asked=[CERTIFICATE_URL])
    refusing(replace(good, body=good.body.replace(b"12:59:58", b"12:59:59")), asked=[CERTIFICATE_URL])
    refusing(call(event(), signer="somebody"), asked=[CERTIFICATE_URL])
    refusing(call(event(), version="3"), asked=[CERTIFICATE_URL])
    document = json.loads(good.body)
    for signature in ("", "not base64", "é", "AAAA"):
        body = json.dumps(document | {"Signature": signature}).encode()
        refusing(replace(good, body=body), asked=[CERTIFICATE_URL])
    refusing(replace(good, body=json.dumps(document | {"Message": "\ud800"}).encode()), asked=[CERTIFICATE_URL])


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.sa-east-1.amazonaws.com/x.pem",
        "https://sns.sa-east-1.amazonaws.com.evil.example/x.pem",
        "https://evil.example/sns.sa-east-1.amazonaws.com/x.pem",
        "https://sns.sa-east-1.amazonaws.com@evil.example/x.pem",
        "https://sns.sa-east-1.amazonaws.com:8443/x.pem",
        "https://bucket.s3.amazonaws.com/x.pem",
        "https://sns.sa-east-1.amazonaws.com/x.pem\nHost: evil",
        "https://sns.sa-east-1.amazonaws.com/x.txt",
        "",
    ],
)
def test_a_certificate_from_elsewhere_is_not_even_fetched(url: str) -> None:
    refusing(call(event(), SigningCertURL=url), asked=[])
    if not url.endswith(".txt"):
        refusing(asking(SubscribeURL=url), asked=[CERTIFICATE_URL])


def test_a_certificate_is_fetched_once_and_no_longer_believed_when_it_has_ended() -> None:
    web = Web()
    ours = callback(web)

    async def check() -> None:
        for _ in range(3):
            assert (await ours.read(call(event()), NOW)).receipts
        assert web.asked == [CERTIFICATE_URL]
        with pytest.raises(CallbackRefusedError):
            await ours.read(call(event()), NOW + timedelta(days=366))

    asyncio.run(check())
    web.pages[CERTIFICATE_URL] = Answer(200, {}, certificate("old", NOW - timedelta(days=1)))
    refusing(call(event(), signer="old"), asked=[CERTIFICATE_URL, CERTIFICATE_URL], web=web)


@pytest.mark.parametrize("answer", [Answer(503, {}, b""), Outcome(False, None, FailureClass.UNKNOWN, "no_answer")])
def test_a_certificate_that_cannot_be_had_is_no_refusal(answer: Answer | Outcome) -> None:
    web = Web({CERTIFICATE_URL: answer})
    with pytest.raises(StoreError):
        read(call(event()), web)


def test_forged_calls_make_us_fetch_no_more_than_ten_times_a_minute() -> None:
    web, forged = Web(), [call(event(), SigningCertURL=CERTIFICATE_URL.replace(".pem", f"{n}.pem")) for n in range(12)]
    ours = callback(web)

    async def check() -> None:
        refused = [CallbackRefusedError] * 10 + [StoreError] * 2
        for one, wanted in zip(forged, refused, strict=True):
            with pytest.raises(wanted):
                await ours.read(one, NOW)
        assert len(web.asked) == 10
        assert (await ours.read(call(event()), NOW + timedelta(minutes=1))).receipts

    asyncio.run(check())


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"\xff", b'{"Type": "Other"}', b'{"Type": ["Notification"]}', b"[" * 9999]
)
def test_what_is_no_message_of_sns_is_refused(body: bytes) -> None:
    refusing(replace(call(event()), body=body), asked=[])


def test_nothing_is_answered_to_a_greeting() -> None:
    with pytest.raises(CallbackRefusedError):
        asyncio.run(callback().greet(call(event())))


@pytest.mark.parametrize(
    "url",
    [
        "https://sns.s3-us-west-2.amazonaws.com/SimpleNotificationService-1.pem",  # whoever's bucket is called "sns"
        "https://sns.s3-website.amazonaws.com/x.pem",
        "https://sns.sa-east-1.amazonaws.com/?Action=x&y=.pem",
        f"{CERTIFICATE_URL}?one-more=.pem",  # eight of these would push the true one out
    ],
)
def test_a_certificate_comes_from_sns_and_from_nobody_s_bucket(url: str) -> None:
    web = Web()
    web.pages[url] = Answer(200, {}, certificate("sns.amazonaws.com"))
    with pytest.raises(CallbackRefusedError):
        read(call(event(), SigningCertURL=url), web)
    assert web.asked == []


def test_an_instant_that_no_calendar_has_is_now() -> None:
    [reply] = read(call(INBOUND, Timestamp="0001-01-01T00:00:00+14:00")).replies
    assert reply.at == NOW
