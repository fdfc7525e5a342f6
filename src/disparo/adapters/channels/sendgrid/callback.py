"""SendGrid's signed Event Webhook.

Sources: Twilio SendGrid, "Event Webhook Reference", "Getting Started with the Event Webhook Security Features" and
"Troubleshooting the Event Webhook" (events come in any order and more than once, and are retried for 24 hours).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from disparo.adapters.channels.sendgrid.credentials import SendGridCredentials
from disparo.adapters.channels.sendgrid.errors import without_addresses
from disparo.adapters.channels.sendgrid.events import meaning_of
from disparo.adapters.channels.sendgrid.payload import OUR_ID
from disparo.adapters.credentials import Credentials
from disparo.domain.errors import InputError, NotFoundError
from disparo.domain.message import MessageId
from disparo.domain.receipt import Notice, Receipt
from disparo.ports.callback import Call, CallbackRefusedError, Told

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

PROVIDER = "sendgrid"
SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
MOST_NOTICES = 50
"""Kept of one call: an account may send much more than ours."""
_LONGEST_ID = 100
_LONGEST_NOTICE = 8000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_S = 10**11
_PERSONAL = frozenset({"email", "ip", "useragent", "url", "smtp-id", "to", "from", "subject", "newsletter"})


class SendGridCallback:
    """`Callback` of SendGrid's events.

    A late call is believed as an early one: SendGrid repeats a call for 24 hours, and the same events again change
    nothing. Without a `webhook_public_key` in the secret nothing is believed.
    """

    def __init__(self, credentials: Credentials[SendGridCredentials]) -> None:
        self._credentials = credentials

    async def read(self, call: Call, now: datetime) -> Told:
        """See `Callback.read`."""
        try:
            known = (await self._credentials.current()).webhook_public_key
            if not _is_signed(call, known):
                newer = (await self._credentials.renewed()).webhook_public_key
                if newer == known or not _is_signed(call, newer):
                    raise CallbackRefusedError("a assinatura não confere")
        except InputError:  # of our secret, which is no business of whoever calls
            raise CallbackRefusedError("a assinatura não confere") from None
        try:
            return _told(_events(call.body), now)
        except RecursionError:
            raise InputError("o aviso do SendGrid não pôde ser lido") from None

    async def greet(self, call: Call) -> str:  # noqa: ARG002
        """See `Callback.greet`: SendGrid asks nothing."""
        raise CallbackRefusedError("o SendGrid não faz essa pergunta")


def _is_signed(call: Call, key: str | None) -> bool:
    """Whether the call is signed: ECDSA with SHA-256 over the timestamp's text and the body, byte for byte."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    if key is None:
        return False
    try:
        signature = base64.b64decode(call.headers.get(SIGNATURE, ""), validate=True)
        signed = call.headers.get(TIMESTAMP, "").encode("latin-1") + call.body
        _public_key(key).verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


@lru_cache(maxsize=16)
def _public_key(text: str) -> EllipticCurvePublicKey:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    key = load_der_public_key(base64.b64decode(text))
    if not isinstance(key, EllipticCurvePublicKey):
        raise ValueError("no elliptic curve")
    return key


def _events(body: bytes) -> list[Any]:
    try:
        events = json.loads(body)
    except ValueError:
        raise InputError("o aviso do SendGrid não é JSON") from None
    if not isinstance(events, list):
        raise InputError("o aviso do SendGrid não é uma lista de eventos")
    return events


def _told(events: list[Any], now: datetime) -> Told:
    receipts: list[Receipt] = []
    notices: list[Notice] = []
    for event in events:
        fields = event if isinstance(event, dict) else {"event": "unreadable"}
        message_id = _message_id(fields)
        if message_id is not None:
            receipts.append(_receipt(fields, message_id, now))
        elif len(notices) < MOST_NOTICES:
            notices.append(_notice(fields, now))
    return Told(receipts, (), notices)


def _message_id(event: Mapping[str, Any]) -> str | None:
    """Our message id, as it travelled with the message; None where it is not, or none of ours."""
    text = event.get(OUR_ID)
    if not isinstance(text, str) or len(text) > 256:
        return None
    try:
        return str(MessageId.parse(text))
    except NotFoundError:
        return None


def _receipt(event: Mapping[str, Any], message_id: str, now: datetime) -> Receipt:
    meaning = meaning_of(event)
    name = _text(event, "event", 50)
    words = ("reason", "response", "status", "bounce_classification", "attempt")
    detail = " ".join([name, *(f"{word}={_text(event, word, 500)}" for word in words if event.get(word))])
    return Receipt(
        PROVIDER,
        _event_id(event),
        message_id,
        meaning.kind,
        _at(event, now),
        _provider_id(event),
        without_addresses(detail),
        meaning.reason,
        meaning.suppress,
    )


def _notice(event: Mapping[str, Any], now: datetime) -> Notice:
    """What concerns no message of ours, without whom it was about."""
    kept = {
        without_addresses(name): without_addresses(value if isinstance(value, str) else json.dumps(value))
        for name, value in event.items()
        if name not in _PERSONAL
    }
    detail = json.dumps(kept, ensure_ascii=False)[:_LONGEST_NOTICE]
    return Notice(PROVIDER, _event_id(event), _text(event, "event", 50) or "unknown", _at(event, now), detail)


def _event_id(event: Mapping[str, Any]) -> str:
    """SendGrid's own id of the event, the same whenever it is told; without one a digest of what it says."""
    own = event.get("sg_event_id")
    if isinstance(own, str) and 0 < len(own) <= _LONGEST_ID and own.isascii() and own.isprintable():
        return own
    return blake2b(json.dumps(event, sort_keys=True).encode(), digest_size=16).hexdigest()


def _provider_id(event: Mapping[str, Any]) -> str | None:
    """The `X-Message-Id` of the request: `sg_message_id` without the server and the number of the recipient."""
    own = _text(event, "sg_message_id", 200)
    for behind in (".filter", ".recvd"):
        own = own.partition(behind)[0]
    return own[:_LONGEST_ID] or None


def _at(event: Mapping[str, Any], now: datetime) -> datetime:
    seconds = event.get("timestamp")
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 < seconds < _LATEST_S:
        return now
    return _EPOCH + timedelta(seconds=seconds)


def _text(event: Mapping[str, Any], name: str, most: int) -> str:
    value = event.get(name)
    return str(value)[:most].encode("utf-8", "replace").decode() if isinstance(value, str | int) else ""
