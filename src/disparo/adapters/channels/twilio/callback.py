"""What Twilio tells us: status callbacks, and messages that people write."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs, parse_qsl

from disparo.adapters.channels.twilio.credentials import TwilioCredentials
from disparo.adapters.channels.twilio.errors import of_receipt, words_without_numbers
from disparo.adapters.channels.twilio.signature import is_signed
from disparo.adapters.credentials import Credentials
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.receipt import Notice, Receipt, ReceiptKind, Reply
from disparo.ports.callback import Call, CallbackRefusedError, Told

PROVIDER = "twilio"
MEDIA = "[mídia]"
_MOST_FIELDS = 500
_LONGEST_ID = 300
_LONGEST_TEXT = 4096
_LONGEST_NOTICE = 8000
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")

_KINDS: Mapping[str, ReceiptKind] = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), ReceiptKind.ACCEPTED),
    "delivered": ReceiptKind.DELIVERED,
    "read": ReceiptKind.READ,
    **dict.fromkeys(("undelivered", "failed", "canceled"), ReceiptKind.FAILED),
}
"""Of MessageStatus (Twilio REST API 2010-04-01, `message_enum_status`); any other is noted."""

_CHANNELS: Mapping[str, Channel] = {"": Channel.SMS, "whatsapp": Channel.WHATSAPP}
_HARMLESS = frozenset(
    {
        "AccountSid",
        "ApiVersion",
        "ErrorCode",
        "EventType",
        "Level",
        "MessageSid",
        "MessageStatus",
        "MessagingServiceSid",
    }
    | {"NumMedia", "NumSegments", "OptOutType", "ParentAccountSid", "PayloadType", "Sid", "SmsSid", "SmsStatus"}
)
"""Fields that name nobody: those of a notice. Of the others only the name is kept."""

Form = Mapping[str, str]


class TwilioCallback:
    """`Callback` of Twilio's webhooks for messages: status callbacks with our id in their query, inbound messages.

    The same event has the same id however often it is told. Twilio takes 204 as an answer to both: it says nothing to
    the person who wrote.
    """

    def __init__(self, credentials: Credentials[TwilioCredentials]) -> None:
        self._credentials = credentials

    async def read(self, call: Call, now: datetime) -> Told:
        """See `Callback.read`."""
        fields = _fields(call)
        if not is_signed(call, fields, (await self._credentials.current()).auth_token) and not is_signed(
            call, fields, (await self._credentials.renewed()).auth_token
        ):
            raise CallbackRefusedError("a assinatura não confere")
        if fields is None:
            return Told(notices=[_notice_of_json(call.body, now)])
        form = dict(fields)
        message_id = _one(parse_qs(call.url.partition("?")[2]).get("id", [""])[0], _LONGEST_ID)
        if message_id:
            return Told([_receipt(form, message_id, now)])
        if form.get("OptOutType") in ("START", "HELP") or not (form.get("From") and _is_inbound(form)):
            return Told(notices=[_notice(form, now)])
        return _inbound(form, now)

    async def greet(self, call: Call) -> str:  # noqa: ARG002
        """See `Callback.greet`; Twilio asks no such question."""
        raise CallbackRefusedError("a Twilio não faz esta pergunta")


def _fields(call: Call) -> list[tuple[str, str]] | None:
    """The fields of a form as they are signed; None when the body is none (then its hash is signed)."""
    if not call.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
        return None
    try:
        return parse_qsl(call.body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise CallbackRefusedError("a assinatura não confere") from None


def _one(text: str, longest: int) -> str:
    if len(text) > longest:
        raise InputError(f"o aviso da Twilio traz um campo com mais de {longest} caracteres")
    return text


def _required(form: Form, *names: str) -> str:
    for name in names:
        if value := form.get(name):
            return _one(value, _LONGEST_ID)
    raise InputError(f"o aviso da Twilio não traz {names[0]}")


def _receipt(form: Form, message_id: str, now: datetime) -> Receipt:
    sid, status = _required(form, "MessageSid", "SmsSid"), _required(form, "MessageStatus", "SmsStatus")
    kind = _KINDS.get(status, ReceiptKind.NOTED)
    code = form.get("ErrorCode", "")
    reason, suppress = "", None
    if status == "canceled":
        reason = "cancelled_at_provider"
    elif kind is ReceiptKind.FAILED:
        reason, suppress = of_receipt(int(code) if re.fullmatch("[0-9]{1,9}", code) else None)
    elif kind is ReceiptKind.NOTED:
        reason = "unknown_event"
    words = f"{status} {code}: {words_without_numbers(form.get('ErrorMessage', ''))}".rstrip(": ")
    return Receipt(PROVIDER, f"{sid}:{status}", message_id, kind, now, sid, words[:300], reason, suppress)


def _is_inbound(form: Form) -> bool:
    """Whether a person wrote it: what was sent from the account has a status of sending."""
    return form.get("SmsStatus", "received") in ("receiving", "received") and "MessageStatus" not in form


def _inbound(form: Form, now: datetime) -> Told:
    kind, _, address = form["From"].rpartition(":")
    channel = _CHANNELS.get(kind)
    if channel is None:
        return Told(notices=[_notice(form, now)])
    sid = _required(form, "MessageSid", "SmsSid")
    # Short codes and names of senders are no address of a contact.
    known = _E164.fullmatch(address) is not None
    opted_out = form.get("OptOutType") == "STOP"
    return Told(
        replies=[
            Reply(
                PROVIDER,
                sid,
                None,
                _text(form),
                now,
                channel,
                address if known else None,
                None if known else _one(address, _LONGEST_ID),
                form.get("OriginalRepliedMessageSid", "")[:_LONGEST_ID] or None,
                form.get("To", "").rpartition(":")[2][:_LONGEST_ID] or None,
                (form.get("ButtonPayload") or form.get("ListId") or "")[:_LONGEST_ID] or None,
                opted_out=opted_out,
                answered=opted_out,
            )
        ]
    )


def _text(form: Form) -> str:
    text = form.get("Body", "")[:_LONGEST_TEXT]
    if text.strip():
        return text
    return MEDIA if form.get("NumMedia", "0") not in ("", "0") else ""


def _notice(form: Form, now: datetime) -> Notice:
    told = {name: value[:_LONGEST_ID] for name, value in form.items() if name in _HARMLESS}
    others = sorted(name[:64] for name in form.keys() - _HARMLESS)
    sid = form.get("MessageSid") or form.get("Sid") or ""
    status = form.get("MessageStatus") or form.get("OptOutType") or form.get("Level") or "unknown"
    event_id = f"{sid}:{status}"[:_LONGEST_ID] if sid else _digest(json.dumps(sorted(form.items())).encode())
    detail = json.dumps({**told, "fields": others})[:_LONGEST_NOTICE]
    return Notice(PROVIDER, event_id, f"message.{status}"[:100], now, detail)


def _notice_of_json(body: bytes, now: datetime) -> Notice:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise InputError("o aviso da Twilio não é um formulário nem JSON") from None
    fields = sorted(document) if isinstance(document, dict) else []
    kind = document.get("type") if isinstance(document, dict) else None
    detail = json.dumps({"fields": [name[:64] for name in fields]})[:_LONGEST_NOTICE]
    return Notice(PROVIDER, _digest(body), kind[:100] if isinstance(kind, str) and kind else "json", now, detail)


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()
