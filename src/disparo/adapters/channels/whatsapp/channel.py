"""The WhatsApp Cloud API as a channel."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from disparo.adapters.channels.whatsapp.credentials import WhatsAppCredentials
from disparo.adapters.channels.whatsapp.detail import detail_of
from disparo.adapters.channels.whatsapp.errors import MEANINGS, WINDOW_CLOSED, Meaning, code_of, meaning_of
from disparo.adapters.channels.whatsapp.payload import free_text, recipient, template
from disparo.adapters.credentials import Credentials
from disparo.adapters.http_exchange import Answer, HttpExchange
from disparo.domain.errors import DisparoError
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.template import Template
from disparo.ports.channel import Outgoing

_REASON_CLOSED: Final = MEANINGS[WINDOW_CLOSED].reason
_NO_ANSWER: Final = Meaning(FailureClass.UNKNOWN, "no_answer")
_NOT_BEGUN: Final = Meaning(FailureClass.TRANSIENT, "not_connected")
_LONGEST_ID: Final = 256


@dataclass(slots=True)
class _Journey:
    """Whether a request is under way, so that it may have arrived: while a secret is read none is."""

    under_way: bool = False


class WhatsAppChannel:
    """`SendChannel`, `Inspects`, `HasAccount` and `Closes` for one number.

    A person who wrote less than 24 hours ago gets the text with its choices, everybody else the approved template. A
    text that is refused because the window has closed meanwhile is followed by the template at once: the refusal says
    that it was not taken. The API has no key against repeats, so what may have been taken is in doubt until a status
    with our id comes.
    """

    def __init__(
        self, credentials: Credentials[WhatsAppCredentials], *, timeout_s: float, connections: int = 100
    ) -> None:
        self._credentials = credentials
        self._exchange = HttpExchange(timeout_s=timeout_s, connections=connections)
        self._timeout_s = timeout_s

    async def send(self, message: Outgoing, now: datetime) -> Outcome:  # noqa: ARG002  # its answers bear no date
        """See `SendChannel.send`."""
        to = recipient(message.address)
        if to is None:
            return _refused(Meaning(FailureClass.RECIPIENT, "address_malformed"), "")
        journey = _Journey()
        try:
            async with asyncio.timeout(self._timeout_s):  # over the text, the template and a newer secret together
                return await self._send(message, to, journey)
        except TimeoutError:
            return _refused(_NO_ANSWER if journey.under_way else _NOT_BEGUN, "")

    def problem(self, template: Template) -> str | None:
        """See `Inspects.problem`."""
        if template.approved is None:
            return (
                f'modelo "{template.name}": o WhatsApp só deixa uma empresa começar a conversa com um modelo aprovado '
                "pela Meta; escreva o nome dele, o idioma e os textos sob [steps.approved]"
            )
        return None

    async def account(self) -> str | None:
        """See `HasAccount.account`: the `phone_number_id`."""
        try:
            return (await self._credentials.current()).phone_number_id
        except DisparoError:
            return None

    async def close(self) -> None:
        """See `Closes.close`."""
        await self._exchange.close()

    async def _send(self, message: Outgoing, to: str, journey: _Journey) -> Outcome:
        approved = message.content.approved
        if message.window_open:
            outcome = await self._post(free_text(message, to), journey)
            if outcome.reason != _REASON_CLOSED or approved is None:
                return outcome
        if approved is None:
            return _refused(MEANINGS[WINDOW_CLOSED], "")
        return await self._post(template(message, to, approved), journey)

    async def _post(self, body: dict[str, Any], journey: _Journey) -> Outcome:
        data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")

        async def attempt(credentials: WhatsAppCredentials) -> Outcome:
            headers = {"authorization": f"Bearer {credentials.api_key}", "content-type": "application/json"}
            journey.under_way = True
            answer = await self._exchange.request("POST", credentials.messages_url, headers=headers, data=data)
            journey.under_way = False
            return answer if isinstance(answer, Outcome) else outcome_of(answer)

        return await self._credentials.use(attempt)


def outcome_of(answer: Answer) -> Outcome:
    """What an answer of the Cloud API says of the message."""
    body = answer.json()
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict) and (code := code_of(error)) is not None:
        meaning = meaning_of(code, answer.status, is_transient=error.get("is_transient") is True)
        return _refused(_with_retry_after(meaning, answer.headers), detail_of(error))
    if 200 <= answer.status < 300:
        return _taken(body)
    return _refused(_meaning_without_code(answer), f"HTTP {answer.status}")


def _taken(body: Any) -> Outcome:
    """200 means taken, not delivered; held back for a look at the template's quality is taken too."""
    try:
        [first, *_] = body["messages"]
        provider_id, status = first["id"], first.get("message_status", "accepted")
    except (KeyError, TypeError, ValueError, AttributeError):
        provider_id, status = None, None
    if not isinstance(provider_id, str) or not 0 < len(provider_id) <= _LONGEST_ID or not provider_id.isprintable():
        return _refused(Meaning(FailureClass.UNKNOWN, "unreadable_answer"), "HTTP 200")
    held = status in ("held_for_quality_assessment", "paused")
    return Outcome(True, provider_id, detail=status if held else "")


def _meaning_without_code(answer: Answer) -> Meaning:
    """Whatever answers without an error code is no Cloud API, but something in front of it or elsewhere.

    4xx and 3xx say that the request was not carried out (RFC 9110 section 15), except 408; our messages wait until the
    endpoint is right.
    """
    if answer.status >= 500 or answer.status == 408:
        return _NO_ANSWER
    if answer.status == 429:
        return _with_retry_after(Meaning(FailureClass.THROTTLED, "provider_throttled"), answer.headers)
    return Meaning(FailureClass.AUTH, "not_the_cloud_api")


def _with_retry_after(meaning: Meaning, headers: Mapping[str, str]) -> Meaning:
    told = headers.get("retry-after", "")
    waits = meaning.failure in (FailureClass.THROTTLED, FailureClass.PACED, FailureClass.TRANSIENT)
    if not waits or not (told.isascii() and told.isdigit() and len(told) <= 6):
        return meaning
    return meaning._replace(retry_after_s=max(float(told), meaning.retry_after_s or 0.0))


def _refused(meaning: Meaning, detail: str) -> Outcome:
    return Outcome(
        accepted=False,
        failure=meaning.failure,
        reason=meaning.reason,
        detail=detail or meaning.reason,
        retry_after_s=meaning.retry_after_s,
    )
