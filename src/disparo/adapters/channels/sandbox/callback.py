"""How the sandbox calls us, as a real provider would: signed by the Standard Webhooks scheme."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from disparo.domain.errors import InputError
from disparo.domain.receipt import Receipt, ReceiptKind, Reply
from disparo.ports.callback import CallbackRefusedError, Told

T = TypeVar("T")

PROVIDER = "sandbox"
TOLERANCE = timedelta(minutes=5)
"""How old or early a call may be (Standard Webhooks specification, "Verifying webhook authenticity")."""
_LONGEST = 200


class SandboxCallback:
    """`Callback` of calls signed with a shared secret (`whsec_` and base64, or any text).

    The body is `{"receipts": [...], "replies": [...]}`, their items the fields of `Receipt` and `Reply`.
    """

    def __init__(self, secret: str) -> None:
        self._key = _key(secret)

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Told:
        """See `Callback.read`."""
        message_id, sent_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        wanted = _signature(self._key, message_id, sent_at, body)
        given = headers.get("webhook-signature", "").split()
        # Compared as bytes: a header may hold what is no ASCII, which compare_digest refuses in text.
        if not any(hmac.compare_digest(one.encode(), wanted.encode()) for one in given):
            raise CallbackRefusedError("a assinatura não confere")
        if not sent_at.isdecimal() or len(sent_at) > 12 or abs(now - _instant(int(sent_at))) > TOLERANCE:
            raise CallbackRefusedError("a chamada é velha demais, ou o relógio de um dos lados está errado")
        return _told(body)


def sign(secret: str, message_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers that a caller sends with this body."""
    sent_at = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": sent_at,
        "webhook-signature": _signature(_key(secret), message_id, sent_at, body),
    }


def _key(secret: str) -> bytes:
    text = secret.removeprefix("whsec_")
    if text == secret:
        return secret.encode()
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise InputError("o segredo do sandbox começa com whsec_ mas o resto não é base64; gere outro") from None


def _signature(key: bytes, message_id: str, sent_at: str, body: bytes) -> str:
    signed = b".".join((message_id.encode(), sent_at.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def _instant(seconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


def _told(body: bytes) -> Told:
    try:
        document = json.loads(body)
        return Told(_each(document, "receipts", _receipt), _each(document, "replies", _reply))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(f"o aviso do sandbox não pôde ser lido ({type(error).__name__})") from None


def _each(document: dict[str, Any], name: str, read: Callable[[dict[str, Any]], T]) -> list[T]:
    return [read(item) for item in document.get(name, [])]


def _receipt(item: dict[str, Any]) -> Receipt:
    provider_id = item.get("provider_id")
    return Receipt(
        PROVIDER,
        _text(item["event_id"]),
        _text(item["message_id"]),
        ReceiptKind(item["kind"]),
        _at(item["at"]),
        None if provider_id is None else _text(provider_id),
        _text(item.get("detail", "")),
    )


def _reply(item: dict[str, Any]) -> Reply:
    text = item["text"]
    if not isinstance(text, str):
        raise TypeError
    return Reply(PROVIDER, _text(item["event_id"]), _text(item["message_id"]), text, _at(item["at"]))


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise TypeError
    return value


def _at(value: object) -> datetime:
    at = datetime.fromisoformat(value) if isinstance(value, str) else None
    if at is None or at.tzinfo is None:
        raise ValueError
    return at.astimezone(UTC)
