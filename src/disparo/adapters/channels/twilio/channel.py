"""Twilio as a channel."""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from disparo.adapters.channels.twilio.credentials import TwilioCredentials
from disparo.adapters.channels.twilio.errors import of_answer, words_without_numbers
from disparo.adapters.channels.twilio.payload import (
    LONGEST_BODY,
    LONGEST_STATUS_CALLBACK,
    encoded,
    form,
    headers,
    messages_url,
)
from disparo.adapters.credentials import Credentials
from disparo.adapters.http_exchange import Answer, HttpExchange
from disparo.domain.errors import DisparoError, InputError
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.ports.channel import Outgoing

_DETAIL = 300
_LONGEST_PUBLIC_URL = LONGEST_STATUS_CALLBACK - 1000
"""So that the door's name and an id of 256 bytes, each percent-encoded, fit behind it."""


class TwilioChannel:
    """`SendChannel`, `HasAccount` and `Closes` of Twilio's REST API.

    Twilio has no idempotency key and its list of messages does not show our id: a message of the same text to the same
    number may be of another campaign. So there is no `LooksUp`; what is in doubt is settled by the status callback,
    which has our id in its query and is asked for with `public_url`. InputError when Twilio could not call that.
    """

    def __init__(
        self,
        credentials: Credentials[TwilioCredentials],
        *,
        public_url: str | None,
        timeout_s: float,
        connections: int = 100,
    ) -> None:
        self._credentials, self._public_url = credentials, _callable(public_url)
        self._exchange = HttpExchange(timeout_s=timeout_s, connections=connections)

    async def send(self, message: Outgoing, now: datetime) -> Outcome:  # noqa: ARG002  # Twilio has its own clock
        """See `SendChannel.send`."""
        size = len(message.content.text)
        if size > LONGEST_BODY:
            return Outcome(False, None, FailureClass.PERMANENT, "text_too_long", f"{size} > {LONGEST_BODY}")
        return await self._credentials.use(partial(self._post, message))

    async def account(self) -> str | None:
        """See `HasAccount.account`: the number that people answer to, where the secret names one."""
        try:
            return (await self._credentials.current()).from_number
        except DisparoError:
            return None

    async def close(self) -> None:
        """See `Closes.close`."""
        await self._exchange.close()

    async def _post(self, message: Outgoing, credentials: TwilioCredentials) -> Outcome:
        answer = await self._exchange.request(
            "POST",
            messages_url(credentials),
            headers=headers(credentials),
            data=encoded(form(message, credentials, self._public_url)),
        )
        return outcome_of(answer) if isinstance(answer, Answer) else answer


def outcome_of(answer: Answer) -> Outcome:
    """What Twilio's answer to a request means; its words without numbers of people."""
    told = answer.json()
    document: dict[str, Any] = told if isinstance(told, dict) else {}
    if 200 <= answer.status < 300:
        sid = document.get("sid")
        if isinstance(sid, str) and sid:
            return Outcome(True, sid[:64])
        # Somebody answers in Twilio's place, or Twilio in a new way: only the status callback can tell.
        return Outcome(False, None, FailureClass.UNKNOWN, "answer_not_understood", f"HTTP {answer.status}")
    code = document.get("code")
    code = code if isinstance(code, int) and not isinstance(code, bool) else None
    failure, reason = of_answer(answer.status, code)
    return Outcome(
        False, None, failure, reason, _detail(answer.status, code, document.get("message")), _retry_after_s(answer)
    )


def _detail(status: int, code: int | None, text: object) -> str:
    return f"HTTP {status}, Twilio {code or '?'}: {words_without_numbers(text)}".rstrip(": ")[:_DETAIL]


def _retry_after_s(answer: Answer) -> float | None:
    told = answer.headers.get("retry-after", "")
    return float(told) if re.fullmatch(r"\d{1,7}(?:\.\d{1,3})?", told) else None


def _callable(public_url: str | None) -> str | None:
    if public_url is None:
        return None
    host = urlsplit(public_url).hostname or ""
    if not host or "_" in host or len(public_url) > _LONGEST_PUBLIC_URL:
        raise InputError("public_url: a Twilio não aceita este endereço (sem host, com _ no host, ou longo demais)")
    return public_url
