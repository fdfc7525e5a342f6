"""An account at Twilio that is nobody's, and what its provider would answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

from disparo.adapters.channels.twilio import credentials as of_twilio
from disparo.adapters.channels.twilio.channel import TwilioChannel
from disparo.adapters.channels.twilio.credentials import TwilioCredentials
from disparo.adapters.channels.twilio.signature import signature
from disparo.adapters.credentials import Credentials
from disparo.adapters.http_exchange import Answer
from disparo.domain.message import MessageId, Outcome
from disparo.domain.template import Content
from disparo.ports.callback import Call
from disparo.ports.channel import Outgoing

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
PUBLIC_URL = "https://hooks.example.com"
TOKEN = "0123456789abcdef0123456789abcdef"
SECRET = {
    "account_sid": "AC" + "a" * 32,
    "auth_token": TOKEN,
    "from_number": "+12025550100",
}
SID = "SM" + "b" * 32
MESSAGE = Outgoing(MessageId("3", 1, "57"), "+5511999990000", Content("Oi, Ana! Preço: R$ 10 🎉"))


@dataclass
class Secrets:
    """Secrets that may be replaced; `newest` is what only a refresh sees."""

    fields: Mapping[str, str] = field(default_factory=lambda: dict(SECRET))
    newest: Mapping[str, str] | None = None
    refreshed: int = 0

    async def get(self, name: str) -> Mapping[str, str]:
        """What is believed."""
        return self.fields

    async def refresh(self, name: str) -> Mapping[str, str]:
        """What is so now."""
        self.refreshed += 1
        self.fields = self.fields if self.newest is None else self.newest
        return self.fields


@dataclass
class Wire:
    """Takes requests in an exchange's place and gives back the answers that it holds, the last one for ever."""

    answers: list[Answer | Outcome]
    asked: list[tuple[str, str, Mapping[str, str], dict[str, str]]] = field(default_factory=list)
    closed: bool = False

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], data: bytes | None = None
    ) -> Answer | Outcome:
        """See `HttpExchange.request`."""
        self.asked.append((method, url, headers, dict(parse_qsl((data or b"").decode(), keep_blank_values=True))))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def close(self) -> None:
        """See `HttpExchange.close`."""
        self.closed = True


def credentials(secrets: Secrets | None = None) -> Credentials[TwilioCredentials]:
    """The account's secret."""
    return Credentials(secrets or Secrets(), "mcp-sms", of_twilio.parse)


def channel(wire: Wire, secrets: Secrets | None = None, public_url: str | None = PUBLIC_URL) -> TwilioChannel:
    """A channel whose requests go to `wire`."""
    made = TwilioChannel(credentials(secrets), public_url=public_url, timeout_s=5.0)
    made._exchange = wire  # type: ignore[assignment]
    return made


def call(
    form: Mapping[str, str] | None = None, query: str = "?id=3.1.57", token: str = TOKEN, url: str | None = None
) -> Call:
    """A webhook call with this form, signed as Twilio does."""
    fields = list((form or {}).items())
    target = url or f"{PUBLIC_URL}/webhooks/twilio{query}"
    headers = {
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
        "x-twilio-signature": signature(target, fields, token),
    }
    return Call(target, headers, urlencode(fields).encode())
