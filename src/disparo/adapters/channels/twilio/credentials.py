"""What Twilio's secret holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from disparo.domain.errors import InputError

ENDPOINT = "https://api.twilio.com"
VALIDITY_PERIOD_S = 3600
"""How long a message may wait in Twilio's queue. Twilio's own value, 10 hours, lets one that left at 17:59 arrive at
04:00; within an hour of a closing lane the hours are still believable, and a queue that long is a fault anyway."""
_VALIDITY_PERIODS = range(1, 36_001)

_HTTPS = re.compile(r"https://[^/?#@\s]+(?:/[^?#\s]*)?")
_LOCAL = re.compile(r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:/[^?#\s]*)?")
_ACCOUNT = re.compile("AC[0-9a-fA-F]{32}")
_SERVICE = re.compile("MG[0-9a-fA-F]{32}")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TwilioCredentials:
    """An account and what it sends from: a number, a messaging service, or a number of a service.

    Requests are signed in with the API key where there is one; `auth_token` always signs what Twilio tells us.
    """

    endpoint: str
    account_sid: str
    auth_token: str = field(repr=False)
    api_key_sid: str | None = None
    api_key_secret: str | None = field(default=None, repr=False)
    from_number: str | None = None
    messaging_service_sid: str | None = None
    validity_period_s: int = VALIDITY_PERIOD_S

    @property
    def login(self) -> tuple[str, str]:
        """User and password of HTTP basic authentication."""
        if self.api_key_sid is not None and self.api_key_secret is not None:
            return self.api_key_sid, self.api_key_secret
        return self.account_sid, self.auth_token


def parse(name: str, fields: Mapping[str, str]) -> TwilioCredentials:
    """The secret `name`; InputError that names it and the field at fault. Fields that are not known are ignored."""
    secret = _Fields(name, fields)
    credentials = TwilioCredentials(
        secret.like("endpoint", (_HTTPS, _LOCAL), "um endereço https", ENDPOINT).rstrip("/"),
        secret.like("account_sid", (_ACCOUNT,), "AC e 32 dígitos hexadecimais"),
        secret.like("auth_token", (re.compile(r"\S+"),), "um texto sem espaços"),
        secret.text("api_key_sid"),
        secret.text("api_key_secret"),
        secret.like("from_number", (_NUMBER,), "um número como +5511999990000, curto ou um nome", "") or None,
        secret.like("messaging_service_sid", (_SERVICE,), "MG e 32 dígitos hexadecimais", "") or None,
        secret.validity_period_s(),
    )
    if (credentials.api_key_sid is None) != (credentials.api_key_secret is None):
        raise InputError(f"segredo {name}: api_key_sid e api_key_secret só valem juntos; preencha os dois ou retire-os")
    if credentials.from_number is None and credentials.messaging_service_sid is None:
        raise InputError(f"segredo {name}: falta de quem enviar; preencha from_number ou messaging_service_sid")
    return credentials


@dataclass(frozen=True, slots=True)
class _Fields:
    name: str
    fields: Mapping[str, str] = field(repr=False)

    def text(self, key: str) -> str | None:
        return self.fields.get(key, "").strip() or None

    def like(self, key: str, shapes: tuple[re.Pattern[str], ...], wanted: str, default: str | None = None) -> str:
        value = self.text(key)
        if value is None:
            if default is None:
                raise InputError(f"segredo {self.name}: falta {key}; copie-o do console da Twilio")
            return default
        if not any(shape.fullmatch(value) for shape in shapes):
            raise InputError(f"segredo {self.name}: {key} não é {wanted}; corrija")
        return value

    def validity_period_s(self) -> int:
        value = self.text("validity_period_s")
        if value is None:
            return VALIDITY_PERIOD_S
        if not re.fullmatch(r"[0-9]{1,5}", value) or int(value) not in _VALIDITY_PERIODS:
            raise InputError(f"segredo {self.name}: validity_period_s não é um número de 1 a 36000; corrija")
        return int(value)
