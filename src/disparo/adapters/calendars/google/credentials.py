"""The secret of a Google service account that may see and write calendars."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn

from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.errors import InputError

if TYPE_CHECKING:
    from google.auth.crypt import RSASigner

ENDPOINT = "https://www.googleapis.com/calendar/v3"
TOKEN_URI = "https://oauth2.googleapis.com/token"
"""Google's own, by the source document ("MCP Calendar") and the guide "Using OAuth 2.0 for Server to Server"."""
_URL = re.compile(r"https://[^\s/?#@]+(/[^\s?#]*)?|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?(/[^\s?#]*)?")
_CALENDAR_ID = re.compile(r"[\x21-\x7e]{1,254}")
_LONGEST_KEY = 20_000


@dataclass(frozen=True, slots=True)
class GoogleCredentials:
    """What is needed to see and write a calendar; `endpoint` has no slash at its end.

    `calendar_id` is the calendar of hosts who name none. `subject` is the person of the domain on whose behalf the
    service account acts (domain-wide delegation): only then does Google let it invite attendees.
    """

    endpoint: str
    calendar_id: str
    service_account_email: str
    private_key: str = field(repr=False)
    token_uri: str = TOKEN_URI
    subject: str | None = None


def parse(name: str, secret: Mapping[str, str]) -> GoogleCredentials:
    """Read a secret as the source document writes it ("MCP Calendar"); unknown fields are left alone.

    So is `api_key`: with a token Google needs none, and by a key alone it shows no private calendar. InputError that
    names the secret and the field, and never a value.
    """
    texts = {key: value.strip() for key, value in secret.items()}
    subject = texts.get("subject", "")
    return GoogleCredentials(
        endpoint=_url(name, "endpoint", texts.get("endpoint") or ENDPOINT).rstrip("/"),
        calendar_id=_calendar_id(name, texts.get("calendar_id", "")),
        service_account_email=_address(name, "service_account_email", texts.get("service_account_email", "")),
        private_key=_private_key(name, texts.get("private_key", "")),
        token_uri=_url(name, "token_uri", texts.get("token_uri") or TOKEN_URI),
        subject=_address(name, "subject", subject) if subject else None,
    )


@lru_cache(maxsize=32)
def signer_of(private_key: str) -> RSASigner:
    """What signs with a key, read once; ValueError when it is no RSA key in PEM."""
    from google.auth.crypt import RSASigner

    read: Callable[[str], RSASigner] = RSASigner.from_string
    try:
        signer = read(private_key)
        signer.sign(b"")  # a key of another kind is only found out here
    except Exception as error:  # the library lets through whatever its own libraries raise
        raise ValueError("no RSA key in PEM") from error
    return signer


def _refuse(name: str, part: str, what: str) -> NoReturn:
    raise InputError(f"segredo {name}, campo {part}: {what}")


def _url(name: str, part: str, text: str) -> str:
    if not _URL.fullmatch(text):
        _refuse(name, part, f"escreva um endereço https, como {ENDPOINT if part == 'endpoint' else TOKEN_URI}")
    return text


def _calendar_id(name: str, text: str) -> str:
    if not text:
        _refuse(name, "calendar_id", "falta; copie o ID da agenda (Configurações da agenda, Integrar agenda)")
    if not _CALENDAR_ID.fullmatch(text):
        _refuse(name, "calendar_id", "não é um ID de agenda; escreva como nome@exemplo.com.br")
    return text


def _address(name: str, part: str, text: str) -> str:
    if not text:
        _refuse(name, part, "falta; escreva o e-mail da conta de serviço")
    try:
        return parse_email(text).address
    except EmailError:
        _refuse(name, part, "não é um e-mail; escreva como nome@exemplo.com.br")


def _private_key(name: str, text: str) -> str:
    """In PEM; line breaks may have been written as the two characters `\\n`, as in an environment variable."""
    if not text:
        _refuse(name, "private_key", "falta; copie o campo private_key do JSON da conta de serviço")
    key = text.replace("\\n", "\n").strip()
    try:
        if len(key) > _LONGEST_KEY:
            raise ValueError("too long")
        signer_of(key)
    except ValueError:
        _refuse(name, "private_key", "não é uma chave RSA em PEM; copie-a inteira, com as linhas BEGIN e END")
    return key
