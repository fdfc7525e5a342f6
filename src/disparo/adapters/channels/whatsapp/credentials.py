"""The secret of a WhatsApp number, as the source document writes it ("Secrets", "MCP WhatsApp"), plus `app_secret`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from disparo.domain.errors import InputError

CLOUD_API: Final = "https://graph.facebook.com/v23.0"
"""Meta's host for messages, in the version that the contracts describe."""

NO_CLOUD_API: Final = "https://api.whatsapp.com/v1"
"""The endpoint in the source document. No Cloud API answers at that host (it serves wa.me links), so a secret with it
means `CLOUD_API`; any other endpoint is used as it is written."""

_IDS: Final = re.compile(r"[0-9]{1,32}")
_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,2000}")
_TEXT: Final = re.compile(r"[\x20-\x7e]{1,500}")
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")
_WHERE: Final = {
    "api_key": "o token de acesso do usuário do sistema",
    "phone_number_id": "o id do número (só algarismos), que não é o telefone",
    "business_account_id": "o id da conta do WhatsApp Business, só algarismos",
    "webhook_verify_token": "o texto que você pôs no painel, em Webhooks",
    "app_secret": "a chave secreta do app (Configurações, Básico); sem ela nenhum aviso nem SAIR pode ser conferido",
}


@dataclass(frozen=True, slots=True)
class WhatsAppCredentials:
    """What it takes to send from one number and to believe what Meta tells of it."""

    endpoint: str
    phone_number_id: str
    api_key: str = field(repr=False)
    app_secret: str = field(repr=False)
    webhook_verify_token: str = field(repr=False)
    business_account_id: str | None = None

    @property
    def messages_url(self) -> str:
        """Where messages are sent to."""
        return f"{self.endpoint}/{self.phone_number_id}/messages"


def parse(name: str, secret: Mapping[str, str]) -> WhatsAppCredentials:
    """Read the secret `name`; InputError that names it and the field at fault, never a value.

    `endpoint` and `business_account_id` may be missing; fields that are not known are left alone.
    """
    account = _field(name, secret, "business_account_id", _IDS) if "business_account_id" in secret else None
    return WhatsAppCredentials(
        endpoint=_endpoint(name, secret.get("endpoint", CLOUD_API)),
        phone_number_id=_field(name, secret, "phone_number_id", _IDS),
        api_key=_field(name, secret, "api_key", _TOKEN),
        app_secret=_field(name, secret, "app_secret", _TEXT),
        webhook_verify_token=_field(name, secret, "webhook_verify_token", _TEXT),
        business_account_id=account,
    )


def _field(name: str, secret: Mapping[str, str], key: str, pattern: re.Pattern[str]) -> str:
    value = secret.get(key, "").strip()
    if not value:
        raise InputError(f"segredo {name}: falta {key}; escreva {_WHERE[key]}")
    if value.startswith("YOUR_"):
        raise InputError(f"segredo {name}: {key} ainda é o do exemplo; escreva {_WHERE[key]}")
    if not pattern.fullmatch(value):
        raise InputError(f"segredo {name}: {key} não tem a forma certa; escreva {_WHERE[key]}")
    return value


def _endpoint(name: str, text: str) -> str:
    endpoint = text.strip().rstrip("/")
    if endpoint.lower() == NO_CLOUD_API:
        return CLOUD_API
    problem = f"segredo {name}: endpoint não serve; escreva um endereço https, como {CLOUD_API}"
    try:
        parts = urlsplit(endpoint)
        host = parts.hostname if parts.port is None or parts.port > 0 else None
    except ValueError:
        raise InputError(problem) from None
    plain = parts.scheme == "http" and host in _LOCAL
    if not host or not (parts.scheme == "https" or plain) or "@" in parts.netloc or not _TOKEN.fullmatch(endpoint):
        raise InputError(problem)
    if "?" in endpoint or "#" in endpoint:
        raise InputError(problem)
    return endpoint
