"""Calls signed with a shared secret (Standard Webhooks specification 1.0.0, symmetric signatures)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from disparo.domain.errors import InputError
from disparo.ports.callback import CallbackRefusedError

TOLERANCE = timedelta(minutes=5)
"""How old or early a call may be (Standard Webhooks specification, "Verifying webhook authenticity")."""


def sign(secret: str, message_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers that a caller sends with this body."""
    sent_at = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": sent_at,
        "webhook-signature": _signature(signing_key(secret), message_id, sent_at, body),
    }


def check(key: bytes, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """CallbackRefusedError unless a signature with this key stands over the call and its instant is not far off."""
    message_id, sent_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    wanted = _signature(key, message_id, sent_at, body)
    given = headers.get("webhook-signature", "").split()
    # Compared as bytes: a header may hold what is no ASCII, which compare_digest refuses in text.
    if not any(hmac.compare_digest(_bytes(one), wanted.encode()) for one in given):
        raise CallbackRefusedError("a assinatura não confere")
    if not _is_instant(sent_at) or abs(now - _instant(int(sent_at))) > TOLERANCE:
        raise CallbackRefusedError("a chamada é velha demais, ou o relógio de um dos lados está errado")


def signing_key(secret: str) -> bytes:
    """The key in a secret: `whsec_` and base64, or any text as it stands; InputError when the base64 is none."""
    text = secret.removeprefix("whsec_")
    if text == secret:
        return secret.encode()
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InputError("o segredo de assinatura começa com whsec_ mas o resto não é base64; gere outro") from None


def _signature(key: bytes, message_id: str, sent_at: str, body: bytes) -> str:
    signed = b".".join((_bytes(message_id), _bytes(sent_at), body))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def _bytes(header: str) -> bytes:
    return header.encode("utf-8", "replace")


def _is_instant(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 12


def _instant(seconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
