from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from disparo.adapters.channels.sendgrid.callback import MOST_NOTICES, SIGNATURE, TIMESTAMP, SendGridCallback
from disparo.adapters.channels.sendgrid.credentials import parse
from disparo.adapters.credentials import Credentials
from disparo.domain.errors import InputError
from disparo.domain.receipt import Receipt, ReceiptKind, SuppressionCause
from disparo.ports.callback import Call, CallbackRefusedError, Told

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
URL = "https://casa.com.br/webhooks/sendgrid"
KEY, OTHER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
K, C = ReceiptKind, SuppressionCause


def shown(key: ec.EllipticCurvePrivateKey) -> str:
    """The public key as SendGrid shows it."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(key.public_key().public_bytes(serialization.Encoding.DER, form)).decode()


def call(body: bytes, key: ec.EllipticCurvePrivateKey = KEY, timestamp: str = "1600112502") -> Call:
    signature = key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return Call(URL, {SIGNATURE: base64.b64encode(signature).decode(), TIMESTAMP: timestamp}, body)


@dataclass
class Vault:
    """`Secrets` whose secret may change."""

    now: str | None
    then: str | None = None
    refreshed: int = 0

    async def get(self, name: str) -> Mapping[str, str]:
        key = {"webhook_public_key": self.now} if self.now else {}
        return {"api_key": "SG.x", "from_email": "oi@casa.com.br", **key}

    async def refresh(self, name: str) -> Mapping[str, str]:
        self.refreshed += 1
        self.now = self.then or self.now
        return await self.get(name)


def read(given: Call, vault: Vault | None = None) -> Told:
    callback = SendGridCallback(Credentials(vault or Vault(shown(KEY)), "mcp-email", parse))
    return asyncio.run(callback.read(given, NOW))


def event(**fields: Any) -> dict[str, Any]:
    return {
        "email": "ana@example.com",
        "timestamp": 1600112492,
        "sg_event_id": "e1",
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
        "disparo_id": "3.1.57",
        **fields,
    }


def told(*events: Any) -> Told:
    return read(call(json.dumps(events).encode()))


def receipt(**fields: Any) -> Receipt:
    [found] = told(event(**fields)).receipts
    return found


@pytest.mark.parametrize(
    ("fields", "kind", "reason", "suppress"),
    [
        ({"event": "processed"}, K.ACCEPTED, "", None),
        ({"event": "delivered", "response": "250 OK"}, K.DELIVERED, "", None),
        ({"event": "open"}, K.READ, "", None),
        ({"event": "open", "sg_machine_open": False}, K.READ, "", None),
        ({"event": "open", "sg_machine_open": True}, K.NOTED, "opened_by_machine", None),
        ({"event": "click", "url": "https://x"}, K.READ, "", None),
        ({"event": "deferred", "response": "400 later", "attempt": "5"}, K.NOTED, "deferred", None),
        ({"event": "bounce", "type": "bounce"}, K.FAILED, "bounced", C.BOUNCED),
        ({"event": "bounce"}, K.FAILED, "bounced", C.BOUNCED),
        ({"event": "bounce", "type": "blocked"}, K.FAILED, "blocked", None),
        ({"event": "bounce", "type": "expired"}, K.FAILED, "came_too_late", None),
        ({"event": "dropped", "reason": "Bounced Address"}, K.FAILED, "bounced_before", C.BOUNCED),
        ({"event": "dropped", "reason": "Unsubscribed Address"}, K.FAILED, "opted_out", C.OPTED_OUT),
        ({"event": "dropped", "reason": "Spam Reporting Address"}, K.FAILED, "complained", C.COMPLAINED),
        ({"event": "dropped", "reason": "Invalid"}, K.FAILED, "address_refused", None),
        ({"event": "dropped", "reason": "Invalid SMTPAPI header"}, K.FAILED, "message_refused", None),
        (
            {"event": "dropped", "reason": "Spam Content (if Spam Checker app is enabled)"},
            K.FAILED,
            "content_flagged",
            None,
        ),
        ({"event": "dropped", "reason": "Recipient List over Package Quota"}, K.FAILED, "quota_reached", None),
        ({"event": "dropped"}, K.FAILED, "dropped", None),
        ({"event": "spamreport"}, K.NOTED, "complained", C.COMPLAINED),
        ({"event": "unsubscribe"}, K.NOTED, "opted_out", C.OPTED_OUT),
        ({"event": "group_unsubscribe", "asm_group_id": 10}, K.NOTED, "opted_out", C.OPTED_OUT),
        ({"event": "group_resubscribe"}, K.NOTED, "resubscribed", None),
        ({"event": "invented_tomorrow"}, K.NOTED, "unknown_event", None),
        ({"event": 7}, K.NOTED, "unknown_event", None),
        ({}, K.NOTED, "unknown_event", None),
    ],
)
def test_each_event_has_its_meaning(
    fields: dict[str, Any], kind: ReceiptKind, reason: str, suppress: SuppressionCause | None
) -> None:
    found = receipt(**fields)
    assert (found.kind, found.reason, found.suppress) == (kind, reason, suppress)


def test_a_receipt_says_which_message_when_and_in_whose_words() -> None:
    assert receipt(
        event="bounce", type="bounce", reason="550 5.1.1 <ana@example.com> unknown", status="5.1.1"
    ) == Receipt(
        "sendgrid",
        "e1",
        "3.1.57",
        K.FAILED,
        datetime(2020, 9, 14, 19, 41, 32, tzinfo=UTC),
        "14c5d75ce93.dfd.64b469",
        "bounce reason=550 5.1.1 <…> unknown status=5.1.1",
        "bounced",
        C.BOUNCED,
    )


def test_an_event_without_an_id_of_its_own_has_the_same_one_whenever_it_is_told() -> None:
    for own in (None, "", "x" * 101, 7, "é", "a\nb"):
        first, again, other = (receipt(event=name, sg_event_id=own) for name in ("open", "open", "click"))
        assert first.event_id == again.event_id != other.event_id
        assert len(first.event_id) <= 100


@pytest.mark.parametrize("at", [None, "soon", -1, 10**40, 1.5, True])
def test_an_event_without_a_sensible_instant_is_of_now(at: Any) -> None:
    assert receipt(event="open", timestamp=at).at == NOW


@pytest.mark.parametrize("own", [None, "", "x", "3.x.57", 57, ["3.1.57"], "9" * 300 + ".1.1"])
def test_what_is_of_no_message_of_ours_is_a_notice_without_the_person(own: Any) -> None:
    found = told(event(event="bounce", disparo_id=own, reason="550 <ana@example.com> unknown", ip="203.0.113.7"))
    assert not found.receipts
    [notice] = found.notices
    assert (notice.provider, notice.event_id, notice.kind) == ("sendgrid", "e1", "bounce")
    assert "550" in notice.detail
    assert "ana@" not in notice.detail
    assert "203.0.113.7" not in notice.detail


def test_notices_of_one_call_are_few_and_short() -> None:
    others = [event(event="x" * 500, sg_event_id=str(n), disparo_id=None, junk=["y" * 99_000]) for n in range(60)]
    found = told(*others, event(event="open"))
    assert len(found.notices) == MOST_NOTICES
    assert max(len(one.detail) for one in found.notices) <= 8000
    assert len(found.receipts) == 1


def test_one_strange_thing_among_events_keeps_nothing_from_being_read() -> None:
    found = told(None, 7, [], event(event="open"), {}, {"event": None, "disparo_id": {}}, event(reason="\ud800"))
    assert [one.message_id for one in found.receipts] == ["3.1.57", "3.1.57"]
    assert len(found.notices) == 5
    str([*found.receipts, *found.notices]).encode()


@pytest.mark.parametrize("body", [b"", b"{}", b"3", b"null", b"not json", b"\xff", b"[" * 100_000, b"9" * 10_000])
def test_what_is_signed_and_no_list_of_events_is_refused_with_words(body: bytes) -> None:
    with pytest.raises(InputError):
        read(call(body))


def test_a_call_of_somebody_else_is_refused_whatever_is_in_it() -> None:
    good = call(json.dumps([event(event="open")]).encode())
    forged: list[Mapping[str, str]] = [
        {},
        {SIGNATURE: good.headers[SIGNATURE]},
        {**good.headers, TIMESTAMP: "1600112503"},
        {**good.headers, TIMESTAMP: "\u2028"},
        {**good.headers, SIGNATURE: "!"},
        {**good.headers, SIGNATURE: ""},
        {**good.headers, SIGNATURE: "çç"},
        {**good.headers, SIGNATURE: call(good.body, OTHER).headers[SIGNATURE]},
    ]
    for headers in forged:
        with pytest.raises(CallbackRefusedError):
            read(Call(URL, headers, good.body))
    with pytest.raises(CallbackRefusedError):
        read(Call(URL, good.headers, good.body + b" "))
    with pytest.raises(CallbackRefusedError):  # a forger may not learn whether it is JSON
        read(call(b"not json", OTHER))


def test_a_call_that_comes_a_day_late_is_believed() -> None:
    assert read(call(json.dumps([event(event="open")]).encode(), timestamp="1")).receipts


def test_a_key_that_was_changed_is_read_again_once() -> None:
    vault = Vault(shown(OTHER), shown(KEY))
    assert read(call(json.dumps([event(event="open")]).encode()), vault).receipts
    assert vault.refreshed == 1


def test_without_a_key_or_with_a_wrong_secret_nothing_is_believed_and_nothing_told() -> None:
    for vault in (Vault(None), Vault("zzz"), Vault(None, "zzz")):
        with pytest.raises(CallbackRefusedError) as refused:
            read(call(b"[]"), vault)
        assert "mcp-email" not in str(refused.value)


def test_sendgrid_asks_no_question() -> None:
    callback = SendGridCallback(Credentials(Vault(shown(KEY)), "mcp-email", parse))
    with pytest.raises(CallbackRefusedError):
        asyncio.run(callback.greet(Call(URL, {}, b"")))
