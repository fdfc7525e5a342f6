"""The secret of a SendGrid account."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from disparo.adapters.mail_server import ascii_address
from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.errors import InputError

ENDPOINT = "https://api.sendgrid.com/v3"
_URL = re.compile(r"https://[^\s/?#@]+(/[^\s?#]*)?|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?(/[^\s?#]*)?")
_YES_OR_NO = {"": False, "false": False, "true": True}
_P256_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
"""How the DER of a P-256 public key begins (RFC 5480, section 2)."""
_P256_BYTES = 91


@dataclass(frozen=True, slots=True)
class SendGridCredentials:
    """What is needed to send and to believe what comes back; `endpoint` has no slash at its end.

    `webhook_public_key` is the base64 that SendGrid shows (DER of a P-256 key); without one no event is believed. With
    `tracking` SendGrid rewrites links and adds an image, so that it can tell of openings and clicks.
    """

    endpoint: str
    api_key: str = field(repr=False)
    from_email: str
    from_name: str = ""
    reply_to: str | None = None
    webhook_public_key: str | None = field(default=None, repr=False)
    tracking: bool = False

    @property
    def domain(self) -> str:
        """The domain of the sender's address."""
        return self.from_email.rpartition("@")[2]


def parse(name: str, secret: Mapping[str, str]) -> SendGridCredentials:
    """Read a secret as the source document writes it ("MCP Email"); unknown fields are left alone.

    InputError that names the secret and the field, and never a value.
    """
    texts = {key: value.strip() for key, value in secret.items()}
    reply_to = texts.get("reply_to", "")
    return SendGridCredentials(
        endpoint=_endpoint(name, texts.get("endpoint") or ENDPOINT),
        api_key=_api_key(name, texts.get("api_key", "")),
        from_email=_address(name, "from_email", texts.get("from_email", "")),
        from_name=_one_line(name, "from_name", texts.get("from_name", "")),
        reply_to=_address(name, "reply_to", reply_to) if reply_to else None,
        webhook_public_key=_public_key(name, texts.get("webhook_public_key", "")),
        tracking=_yes_or_no(name, "tracking", texts.get("tracking", "")),
    )


def refuse(name: str, part: str, what: str) -> NoReturn:
    """Say what a field of the secret must be."""
    raise InputError(f"segredo {name}, campo {part}: {what}")


def _endpoint(name: str, text: str) -> str:
    if not _URL.fullmatch(text):
        refuse(name, "endpoint", f"escreva um endereço https, como {ENDPOINT}")
    return text.rstrip("/")


def _api_key(name: str, text: str) -> str:
    if not text:
        refuse(name, "api_key", "falta; crie uma em SendGrid, Settings, API Keys, com a permissão Mail Send")
    if not (text.isascii() and text.isprintable() and " " not in text):
        refuse(name, "api_key", "há nela espaços ou caracteres que uma chave não tem; copie-a de novo")
    return text


def _address(name: str, part: str, text: str) -> str:
    """An address in ASCII: SendGrid takes no other."""
    if not text:
        refuse(name, part, "falta; escreva um e-mail")
    try:
        address = ascii_address(parse_email(text).address)
    except EmailError:
        refuse(name, part, "não é um e-mail; escreva como nome@exemplo.com.br")
    if address is None:
        refuse(name, part, "antes da @ só há letras sem acento, algarismos e sinais comuns")
    return address


def _one_line(name: str, part: str, text: str) -> str:
    if not text.isprintable() or len(text) > 200:
        refuse(name, part, "escreva uma linha só, de até 200 caracteres")
    return text


def _public_key(name: str, text: str) -> str | None:
    if not text:
        return None
    try:
        der = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        der = b""
    if len(der) != _P256_BYTES or not der.startswith(_P256_HEAD):
        refuse(name, "webhook_public_key", "copie a Verification Key de SendGrid, Mail Settings, Event Webhooks")
    return text


def _yes_or_no(name: str, part: str, text: str) -> bool:
    if text.lower() not in _YES_OR_NO:
        refuse(name, part, "escreva true ou false")
    return _YES_OR_NO[text.lower()]
