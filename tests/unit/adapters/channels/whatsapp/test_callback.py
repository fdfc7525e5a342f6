from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from disparo.adapters.channels.whatsapp.callback import WhatsAppCallback, sign
from disparo.adapters.channels.whatsapp.credentials import parse
from disparo.adapters.credentials import Credentials
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.receipt import Notice, Receipt, ReceiptKind, Reply, SuppressionCause
from disparo.ports.callback import Call, CallbackRefusedError, Told

NOW = datetime(2026, 11, 23, 13, tzinfo=UTC)
AT = datetime(2025, 6, 15, 23, 28, 20, tzinfo=UTC)
NUMBER = "106540352242922"


class TwoSecrets:
    """`Secrets` whose value changed since it was last asked for."""

    def __init__(self, known: Mapping[str, str], newer: Mapping[str, str] | None = None) -> None:
        self.known, self.newer, self.refreshed = known, newer or known, 0

    async def get(self, name: str) -> Mapping[str, str]:
        return self.known

    async def refresh(self, name: str) -> Mapping[str, str]:
        self.refreshed += 1
        return self.newer


def secret(**changes: str) -> dict[str, str]:
    return {
        **{"api_key": "k", "phone_number_id": NUMBER, "app_secret": "app", "webhook_verify_token": "tok", **changes}
    }


def callback(secrets: TwoSecrets | None = None) -> WhatsAppCallback:
    return WhatsAppCallback(Credentials(secrets or TwoSecrets(secret()), "mcp-whatsapp", parse))


def read(body: bytes, signature: str | None = None, secrets: TwoSecrets | None = None) -> Told:
    headers = {"x-hub-signature-256": sign("app", body) if signature is None else signature}
    return asyncio.run(callback(secrets).read(Call("https://x", headers, body), NOW))


def webhook(field: str, *values: dict[str, Any], **entry: object) -> bytes:
    changes = [{"field": field, "value": value} for value in values]
    document = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes, **entry}]}
    return json.dumps(document).encode()


def messages(*events: dict[str, Any], **more: object) -> dict[str, Any]:
    metadata = {"display_phone_number": "15550783881", "phone_number_id": NUMBER}
    return {"messaging_product": "whatsapp", "metadata": metadata, "messages": list(events), **more}


def message(kind: str, content: object, **more: object) -> dict[str, Any]:
    base = {"from": "554188887777", "id": "wamid.A", "timestamp": "1750030100"}
    return {**base, "type": kind, kind: content, **more}


def status(name: str, **more: object) -> dict[str, Any]:
    base = {"id": "wamid.A", "status": name, "timestamp": "1750030100", "biz_opaque_callback_data": "3.1.57"}
    return {"messaging_product": "whatsapp", "metadata": {}, "statuses": [{**base, **more}]}


def reply(event: dict[str, Any], **more: object) -> Reply:
    [found] = read(webhook("messages", messages(event, **more))).replies
    return found


def receipt(value: dict[str, Any]) -> Receipt:
    [found] = read(webhook("messages", value)).receipts
    return found


def only_notice(body: bytes) -> Notice:
    told = read(body)
    assert not told.receipts
    assert not told.replies
    [found] = told.notices
    return found


def test_a_text_tells_who_where_and_what_it_answers() -> None:
    assert reply(message("text", {"body": "Oi 🙂"}, context={"from": "1", "id": "wamid.B"})) == Reply(
        "whatsapp",
        "wamid.A",
        None,
        "Oi 🙂",
        AT,
        Channel.WHATSAPP,
        "+554188887777",
        answers="wamid.B",
        sender=NUMBER,
    )


def test_a_person_without_a_number_is_known_by_their_id() -> None:
    found = reply({**message("text", {"body": "Oi"}, from_user_id="BR.1"), "from": None})
    assert (found.address, found.user_id) == (None, "BR.1")


def test_the_id_of_a_person_may_stand_in_the_contact_beside() -> None:
    contacts = [{"wa_id": "1", "user_id": "BR.9"}, {"wa_id": "554188887777", "user_id": "BR.1"}]
    assert reply(message("text", {"body": "Oi"}), contacts=contacts).user_id == "BR.1"
    assert reply(message("text", {"body": "Oi"}), contacts=contacts[:1]).user_id is None


@pytest.mark.parametrize(
    ("event", "text", "choice"),
    [
        (message("button", {"text": "Sair", "payload": "parar tudo"}), "Sair", "parar tudo"),
        (message("interactive", {"type": "button_reply", "button_reply": {"id": "s", "title": "Sim"}}), "Sim", "s"),
        (message("interactive", {"type": "list_reply", "list_reply": {"id": "slot:2", "title": "9h"}}), "9h", "slot:2"),
        (message("interactive", {"type": "nfm_reply", "nfm_reply": {"body": "x"}}), "[formulário respondido]", None),
        (message("image", {"caption": "veja"}), "[imagem] veja", None),
        (message("video", {}), "[vídeo]", None),
        (message("audio", {"voice": True}), "[áudio]", None),
        (message("document", {"filename": "a.pdf", "caption": "segue"}), "[documento] segue", None),
        (message("sticker", {}), "[figurinha]", None),
        (message("location", {"latitude": 1, "name": "Casa"}), "[localização] Casa", None),
        (message("contacts", [{"name": {"formatted_name": "Lucía"}}]), "[contato]", None),
        (message("novelty", {"body": "?"}), "[mensagem de outro tipo]", None),
    ],
)
def test_what_was_said_is_read_whatever_its_kind(event: dict[str, Any], text: str, choice: str | None) -> None:
    found = reply(event)
    assert (found.text, found.choice) == (text, choice)


def test_a_reaction_answers_the_message_it_is_put_on_and_one_taken_back_says_nothing() -> None:
    found = reply(message("reaction", {"message_id": "wamid.B", "emoji": "👍"}))
    assert (found.text, found.answers) == ("👍", "wamid.B")
    taken_back = only_notice(webhook("messages", messages(message("reaction", {"message_id": "wamid.B"}))))
    assert taken_back.kind == "reaction:taken_back"


def test_a_new_number_is_a_notice_without_the_number() -> None:
    system = {"body": "Ana changed from 554188887777 to 5541999990000", "wa_id": "5541999990000", "type": "user_x"}
    found = only_notice(webhook("messages", messages(message("system", system))))
    assert found.kind == "system:user_x"
    assert "5541999990000" not in found.detail
    assert "554188887777" not in found.detail
    assert "Ana" not in found.detail


def test_whoever_stops_in_whatsapp_itself_has_opted_out_and_knows_it() -> None:
    wish = {"wa_id": "554188887777", "category": "marketing_messages", "value": "stop", "timestamp": 1750030100}
    value = {**messages(), "contacts": [{"wa_id": "554188887777", "user_id": "BR.1"}], "user_preferences": [wish]}
    told = read(webhook("user_preferences", value))
    [found] = told.replies
    assert (found.opted_out, found.answered, found.address, found.user_id) == (True, True, "+554188887777", "BR.1")
    assert read(webhook("user_preferences", value)) == told
    resumed = only_notice(webhook("user_preferences", {**value, "user_preferences": [{**wish, "value": "resume"}]}))
    assert resumed.kind == "user_preferences"
    assert "554188887777" not in resumed.detail


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("sent", ReceiptKind.ACCEPTED, ""),
        ("delivered", ReceiptKind.DELIVERED, ""),
        ("read", ReceiptKind.READ, ""),
        ("played", ReceiptKind.READ, ""),
        ("deleted", ReceiptKind.NOTED, "deleted"),
        ("warning", ReceiptKind.NOTED, "warning"),
        ("invented", ReceiptKind.NOTED, "unknown_status"),
    ],
)
def test_a_status_moves_the_message_that_it_names(name: str, kind: ReceiptKind, reason: str) -> None:
    found = receipt(status(name, recipient_user_id="BR.1"))
    assert (found.kind, found.reason, found.message_id, found.at) == (kind, reason, "3.1.57", AT)
    assert (found.event_id, found.provider_id, found.user_id) == (f"wamid.A:{name}", "wamid.A", "BR.1")


@pytest.mark.parametrize(
    ("errors", "reason", "suppress"),
    [
        ([{"code": 131047, "title": "Re-engagement message"}], "window_closed", None),
        ([{"code": 131050}], "marketing_opt_out", SuppressionCause.OPTED_OUT),
        ([{"code": 131026}], "undeliverable", SuppressionCause.BOUNCED),
        ([{"code": 131000}], "provider_failed", None),
        ([{"code": 424242}], "request_refused", None),
        ([], "refused_later", None),
        ("x", "refused_later", None),
    ],
)
def test_a_failure_tells_its_reason(errors: object, reason: str, suppress: SuppressionCause | None) -> None:
    found = receipt(status("failed", errors=errors))
    assert (found.kind, found.reason, found.suppress) == (ReceiptKind.FAILED, reason, suppress)


@pytest.mark.parametrize("ours", [None, "", "x" * 257, "a b", 7])
def test_a_status_without_our_id_is_a_notice(ours: object) -> None:
    value = status("delivered", biz_opaque_callback_data=ours, recipient_id="554188887777")
    found = only_notice(webhook("messages", value))
    assert (found.kind, found.event_id, found.at) == ("status", "wamid.A:delivered", AT)
    assert "554188887777" not in found.detail


def test_errors_of_the_account_templates_and_whatever_is_new_are_notices() -> None:
    assert only_notice(webhook("messages", {"metadata": {}, "errors": [{"code": 130429}]})).kind == "errors"
    paused = only_notice(webhook("message_template_status_update", {"event": "PAUSED"}, time=1750030100))
    assert (paused.kind, paused.at, paused.detail) == ("message_template_status_update", AT, '{"event": "PAUSED"}')
    assert only_notice(webhook("account_update", {"event": "BAN"}, time=1750030100000)).at == AT
    assert only_notice(webhook("next_year", {"x": "y" * 20_000})).detail.startswith('{"x": "yyy')
    assert only_notice(b'{"object": "page", "entry": [{"id": "1"}]}').kind == "page"


def test_notices_that_come_again_are_the_same_and_others_are_not() -> None:
    first, again, other, later = (
        only_notice(webhook("account_update", {"event": event}, time=time)).event_id
        for event, time in (("A", 1), ("A", 1), ("B", 1), ("A", 2))
    )
    assert first == again
    assert len({first, other, later}) == 3


def test_one_event_that_makes_no_sense_does_not_keep_back_the_others() -> None:
    wrong: list[Any] = [7, None, {}, {"id": "wamid.X"}, message("text", {"body": "x"}, timestamp="soon")]
    nobody = {key: value for key, value in message("text", {"body": "x"}).items() if key != "from"}
    told = read(webhook("messages", messages(*wrong, nobody, message("text", {"body": "Oi"})), status("read")))
    assert [one.text for one in told.replies] == ["Oi"]
    assert [one.kind for one in told.receipts] == [ReceiptKind.READ]
    assert [one.kind for one in told.notices] == ["messages"] * 6


def test_what_a_store_could_not_keep_is_taken_out() -> None:
    body = webhook("messages", messages(message("text", {"body": "PLACE"}))).replace(b"PLACE", rb"a\ud83db\u0000c")
    [found] = read(body).replies
    assert found.text == "a?bc"
    assert len(reply(message("text", {"body": "x" * 20_000})).text) == 8_000


@pytest.mark.parametrize(
    "body",
    [b"", b"Oi", b"[]", b"7", b'"x"', b"{}", b'{"entry": 7}', b'{"entry": ["x"]}', b"\xff", b"[" * 5000, b"9" * 5000],
)
def test_what_is_signed_and_no_webhook_is_refused_as_input(body: bytes) -> None:
    with pytest.raises(InputError):
        read(body)


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "sha256=" + "ç" * 64, "sha1=" + "0" * 40])
def test_a_call_that_is_not_signed_is_refused_before_it_is_read(signature: str) -> None:
    with pytest.raises(CallbackRefusedError) as caught:
        read(b"not even JSON", signature)
    assert "JSON" not in str(caught.value)


def test_a_signature_in_capitals_or_with_more_behind_it_is_refused() -> None:
    body = webhook("messages", status("read"))
    for signature in (sign("app", body).upper(), sign("app", body) + "0", sign("app", body) + "\n"):
        with pytest.raises(CallbackRefusedError):
            read(body, signature)


def test_a_secret_that_was_changed_is_read_anew_once() -> None:
    body = webhook("messages", status("read"))
    secrets = TwoSecrets(secret(), secret(app_secret="newer"))
    assert len(read(body, sign("newer", body), secrets).receipts) == 1
    assert secrets.refreshed == 1
    assert len(read(body, sign("app", body), secrets).receipts) == 1
    assert secrets.refreshed == 1
    with pytest.raises(CallbackRefusedError):
        read(body, sign("wrong", body), secrets)


def test_a_secret_that_is_wrong_is_nothing_to_tell_a_stranger() -> None:
    body = webhook("messages", status("read"))
    with pytest.raises(CallbackRefusedError) as caught:
        read(body, secrets=TwoSecrets({"api_key": "k"}))
    assert "phone_number_id" not in str(caught.value)


def greeted(secrets: TwoSecrets | None = None, **fields: str) -> str:
    asked = {"hub.mode": "subscribe", "hub.verify_token": "tok", "hub.challenge": "1158201444"}
    query = urlencode({**asked, **{f"hub.{name}": value for name, value in fields.items()}})
    return asyncio.run(callback(secrets).greet(Call(f"https://x/webhooks/whatsapp?{query}", {}, b"")))


def test_the_challenge_is_given_back_to_whoever_knows_our_token() -> None:
    assert greeted() == "1158201444"
    assert greeted(TwoSecrets(secret(), secret(webhook_verify_token="new")), verify_token="new") == "1158201444"


@pytest.mark.parametrize(
    "fields",
    [
        {"verify_token": "tokk"},
        {"verify_token": ""},
        {"verify_token": "çã"},
        {"mode": "unsubscribe"},
        {"challenge": ""},
        {"challenge": "<script>"},
        {"challenge": "1" * 101},
    ],
)
def test_nobody_else_is_answered(fields: dict[str, str]) -> None:
    with pytest.raises(CallbackRefusedError):
        greeted(**fields)


@pytest.mark.parametrize("query", ["", "hub.mode=subscribe&hub.mode=subscribe", "a=1&" * 50, "hub.verify_token=tok"])
def test_a_question_that_is_none_is_refused(query: str) -> None:
    with pytest.raises(CallbackRefusedError):
        asyncio.run(callback().greet(Call(f"https://x/?{query}", {}, b"")))
