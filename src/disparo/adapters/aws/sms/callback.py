"""What AWS tells us through topics of SNS: what became of messages, and what people wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from disparo.adapters.aws.sms.credentials import AwsSmsCredentials
from disparo.adapters.aws.sms.payload import CONTEXT_KEY
from disparo.adapters.aws.sms.sns import (
    NOTIFICATION,
    SUBSCRIPTION,
    Envelope,
    Fetch,
    SnsSignatures,
    envelope,
    is_address_of_sns,
)
from disparo.adapters.credentials import Credentials
from disparo.adapters.http_exchange import Answer, HttpExchange
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError, StoreError
from disparo.domain.message import Outcome
from disparo.domain.receipt import Notice, Receipt, ReceiptKind, Reply, SuppressionCause
from disparo.ports.callback import Call, CallbackRefusedError, Told

PROVIDER = "aws_sms"
FETCH_TIMEOUT_S = 10.0
_LONGEST_ID = 300
_LONGEST_TEXT = 4096
_LONGEST_NOTICE = 8000
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Meaning:
    kind: ReceiptKind
    reason: str = ""
    suppress: SuppressionCause | None = None


def _failed(reason: str, suppress: SuppressionCause | None = None) -> _Meaning:
    return _Meaning(ReceiptKind.FAILED, reason, suppress)


EVENTS: Mapping[str, _Meaning] = {
    "TEXT_QUEUED": _Meaning(ReceiptKind.ACCEPTED),
    "TEXT_PENDING": _Meaning(ReceiptKind.ACCEPTED),
    "TEXT_SENT": _Meaning(ReceiptKind.ACCEPTED),
    # The carrier took it; in some countries that is the last word, and no proof that a telephone did.
    "TEXT_SUCCESSFUL": _Meaning(ReceiptKind.ACCEPTED),
    "TEXT_DELIVERED": _Meaning(ReceiptKind.DELIVERED),
    "TEXT_INVALID": _failed("address_unknown", SuppressionCause.BOUNCED),
    "TEXT_INVALID_MESSAGE": _failed("message_refused"),
    "TEXT_UNREACHABLE": _failed("unreachable"),
    "TEXT_CARRIER_UNREACHABLE": _failed("carrier_failed"),
    "TEXT_BLOCKED": _failed("blocked"),
    "TEXT_CARRIER_BLOCKED": _failed("blocked"),
    "TEXT_SPAM": _failed("filtered"),
    "TEXT_PROTECT_BLOCKED": _failed("country_not_served"),
    "TEXT_TTL_EXPIRED": _failed("came_too_late"),
    # After 72 hours without a word from the carrier: no reason to believe either.
    "TEXT_UNKNOWN": _Meaning(ReceiptKind.NOTED, "unknown_to_provider"),
}
"""By `eventType` (End User Messaging SMS user guide, "Event types for SMS, MMS, and voice"). Others are noted."""

OPT_OUT_KEYWORDS = frozenset(
    {"arret", "cancel", "end", "opt-out", "optout", "quit", "remove", "stop", "td", "unsubscribe"}
)
"""At these AWS itself notes an opt-out (same guide, "Required opt-out keywords"), unless told to leave it to us."""


class AwsSmsCallback:
    """`Callback` of SNS messages: events of a configuration set, two-way SMS, and a topic's question whether we listen.

    Only the topics of the secret are believed: a good signature says no more than that some topic of some account
    called. Their subscription is confirmed by calling back SNS, once more at a repeat, which changes nothing. The door
    should answer 5xx to StoreError (the certificate cannot be had): after 4xx SNS does not try again.
    """

    def __init__(self, credentials: Credentials[AwsSmsCredentials], *, fetch: Fetch | None = None) -> None:
        self._credentials = credentials
        self._fetch = fetch or _get
        self._signatures = SnsSignatures(self._fetch)

    async def read(self, call: Call, now: datetime) -> Told:
        """See `Callback.read`."""
        told = envelope(call.body)
        await self._believe(told["TopicArn"])
        await self._signatures.check(told, now)
        if told["Type"] == SUBSCRIPTION:
            return Told(notices=[await self._confirm(told, now)])
        if told["Type"] != NOTIFICATION:
            return Told(notices=[_notice(told, told["Type"], {}, now)])
        document = _document(told)
        if "inboundMessageId" in document:
            return Told(replies=[_reply(document, told.at(now))])
        message_id = _dict(document.get("context")).get(CONTEXT_KEY)
        if isinstance(message_id, str) and message_id and isinstance(document.get("messageId"), str):
            return Told([_receipt(document, message_id, now)])
        return Told(notices=[_notice(told, document.get("eventType"), document, now)])

    async def greet(self, call: Call) -> str:  # noqa: ARG002
        """See `Callback.greet`; SNS asks by POST."""
        raise CallbackRefusedError("o SNS não faz esta pergunta")

    async def _believe(self, topic: str) -> None:
        known = await self._credentials.current()
        if topic not in known.topics and topic not in (await self._credentials.renewed()).topics:
            raise CallbackRefusedError("o tópico não é o do segredo")

    async def _confirm(self, told: Envelope, now: datetime) -> Notice:
        url = told["SubscribeURL"]
        if not is_address_of_sns(url):
            raise CallbackRefusedError("o endereço de confirmação não é do SNS")
        answer = await self._fetch(url)
        if not isinstance(answer, Answer) or answer.status >= 500:
            raise StoreError("a assinatura do tópico não pôde ser confirmada; o SNS perguntará de novo")
        confirmed = 200 <= answer.status < 300
        return _notice(told, SUBSCRIPTION, {"confirmed": confirmed, "topic": told["TopicArn"]}, now, whole=True)


async def _get(url: str) -> Answer | Outcome:
    exchange = HttpExchange(timeout_s=FETCH_TIMEOUT_S, connections=1)
    try:
        return await exchange.request("GET", url, headers={})
    finally:
        await exchange.close()


def _document(told: Envelope) -> dict[str, Any]:
    try:
        document = json.loads(told["Message"])
    except (ValueError, RecursionError):
        document = None
    return _dict(document)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _receipt(event: dict[str, Any], message_id: str, now: datetime) -> Receipt:
    kind, provider_id, moment = str(event.get("eventType", "")), event["messageId"], event.get("eventTimestamp")
    if max(len(message_id), len(provider_id), len(kind)) > _LONGEST_ID:
        raise InputError(f"o aviso da AWS traz um campo com mais de {_LONGEST_ID} caracteres")
    meaning = EVENTS.get(kind, _Meaning(ReceiptKind.NOTED, "unknown_event"))
    if meaning.kind is ReceiptKind.FAILED and event.get("isFinal") is False:
        meaning = _Meaning(ReceiptKind.NOTED, "deferred")
    detail = f"{kind} {event.get('messageStatus', '')}"[:_LONGEST_ID].strip()
    return Receipt(
        PROVIDER,
        f"{provider_id}:{kind}:{moment if isinstance(moment, int) else ''}",
        message_id,
        meaning.kind,
        _at(moment, now),
        provider_id,
        detail,
        meaning.reason,
        meaning.suppress,
    )


def _at(milliseconds: object, now: datetime) -> datetime:
    if not isinstance(milliseconds, int) or not 0 <= milliseconds < 10**14:
        return now
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _reply(inbound: dict[str, Any], at: datetime) -> Reply:
    def text(name: str, longest: int = _LONGEST_ID) -> str:
        value = inbound.get(name)
        return value[:longest] if isinstance(value, str) else ""

    sent_from, keyword = text("originationNumber"), text("messageKeyword").strip().lower()
    if not text("inboundMessageId") or not sent_from:
        raise InputError("o aviso da AWS não diz quem escreveu; confira o tópico de mensagens recebidas")
    known = _E164.fullmatch(sent_from) is not None
    return Reply(
        PROVIDER,
        text("inboundMessageId"),
        None,
        text("messageBody", _LONGEST_TEXT),
        at,
        Channel.SMS,
        sent_from if known else None,
        None if known else sent_from,
        text("previousPublishedMessageId") or None,
        text("destinationNumber") or None,
        opted_out=keyword in OPT_OUT_KEYWORDS,
    )


def _notice(told: Envelope, kind: object, document: Mapping[str, Any], now: datetime, *, whole: bool = False) -> Notice:
    """What concerns no message of ours: names of fields, not what is in them, unless `whole`."""
    kept = document if whole else {"fields": sorted(str(name)[:64] for name in document)}
    named = kind if isinstance(kind, str) and kind else "unknown"
    detail = json.dumps(kept)[:_LONGEST_NOTICE]
    return Notice(PROVIDER, told["MessageId"][:_LONGEST_ID], named[:100], told.at(now), detail)
