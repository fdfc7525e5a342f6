"""How the sandbox calls us, as a real provider would: signed by the Standard Webhooks scheme."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from disparo.adapters.standard_webhooks import check, sign, signing_key
from disparo.domain.errors import InputError
from disparo.domain.receipt import Receipt, ReceiptKind, Reply
from disparo.ports.callback import Call, CallbackRefusedError, Told

__all__ = ["SandboxCallback", "sign"]

T = TypeVar("T")

PROVIDER = "sandbox"
_LONGEST = 200


class SandboxCallback:
    """`Callback` of calls signed with a shared secret (`whsec_` and base64, or any text).

    The body is `{"receipts": [...], "replies": [...]}`, their items the fields of `Receipt` and `Reply`.
    """

    def __init__(self, secret: str) -> None:
        self._key = signing_key(secret)

    async def read(self, call: Call, now: datetime) -> Told:
        """See `Callback.read`."""
        check(self._key, call.headers, call.body, now)
        return _told(call.body)

    async def greet(self, call: Call) -> str:  # noqa: ARG002  # it never asks
        """See `Callback.greet`."""
        raise CallbackRefusedError("o sandbox não pergunta")


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
