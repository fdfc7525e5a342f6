"""A mail server as secrets name it: where it is, how the line is protected, who logs in."""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.errors import InputError

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:_-]{0,252}[A-Za-z0-9])?")
_LONGEST = 1000
_LONGEST_CERTIFICATE = 64 * 1024


class Security(StrEnum):
    """How the line is protected: from the first byte, from STARTTLS on (never without), or not at all."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server and the login; `ca_certificate` (PEM) is whom its certificate is believed, None the system's list."""

    host: str
    port: int
    security: Security
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    ca_certificate: str | None = field(default=None, repr=False)


class SecretFields:
    """The fields of the secret `name`, stripped; its errors name secret and field and never a value."""

    def __init__(self, name: str, fields: Mapping[str, str]) -> None:
        self.name, self._fields = name, fields

    def optional(self, field_name: str, longest: int = _LONGEST) -> str | None:
        """A text, None when it is missing or blank."""
        text = str(self._fields.get(field_name) or "").strip()
        if len(text) > longest:
            raise self.wrong(field_name, f"tem mais de {longest} caracteres")
        return text or None

    def required(self, field_name: str) -> str:
        """A text that must be there."""
        text = self.optional(field_name)
        if text is None:
            raise self.wrong(field_name, "falta; preencha")
        return text

    def line(self, field_name: str, default: str = "") -> str:
        """A text that may stand in a header: at most 200 characters, no line breaks, no control characters."""
        text = self.optional(field_name, 200) or default
        if not text.isprintable():
            raise self.wrong(field_name, "tem quebra de linha ou caractere de controle; retire")
        return text

    def address(self, field_name: str) -> str | None:
        """An e-mail address in ASCII, its domain in the form of the DNS; None when it is missing."""
        text = self.optional(field_name)
        if text is None:
            return None
        try:
            address = ascii_address(parse_email(text).address)
        except EmailError:
            address = None
        if address is None:
            raise self.wrong(field_name, "não é um endereço de e-mail em letras sem acento; corrija")
        return address

    def wrong(self, field_name: str, problem: str) -> InputError:
        """The error that says what is wrong with a field."""
        return InputError(f"segredo {self.name}: {field_name} {problem}")


def parse_server(
    secret: SecretFields, ports: Mapping[Security, int], default: Security, prefix: str = ""
) -> MailServer:
    """The fields `host`, `port` and `security`, each behind `prefix`, `username`, `password` and `ca_certificate`.

    `ports` has the port of each way. A login over an open line is refused unless it stays on this machine.
    """
    host = secret.required(f"{prefix}host")
    if not _HOST.fullmatch(host):
        raise secret.wrong(f"{prefix}host", "não é o nome de um servidor; escreva como mail.exemplo.com.br")
    security = _security(secret, f"{prefix}security", default)
    port = secret.optional(f"{prefix}port") or str(ports[security])
    if not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        raise secret.wrong(f"{prefix}port", "não é uma porta de 1 a 65535")
    username, password = secret.optional("username"), secret.optional("password")
    if (username is None) != (password is None):
        raise secret.wrong("password" if password is None else "username", "falta; login precisa dos dois")
    for field_name, value in (("username", username), ("password", password)):
        if value is not None and not value.isprintable():
            raise secret.wrong(field_name, "tem quebra de linha ou caractere de controle; retire")
    if security is Security.NONE and username is not None and not _is_here(host):
        raise secret.wrong(f"{prefix}security", "é none: a senha iria aberta pela rede; use starttls ou tls")
    ca_certificate = secret.optional("ca_certificate", _LONGEST_CERTIFICATE)
    if ca_certificate is not None:
        _check_certificate(secret, ca_certificate)
    return MailServer(host, int(port), security, username, password, ca_certificate)


@lru_cache(maxsize=16)
def tls_context(ca_certificate: str | None) -> ssl.SSLContext:
    """How certificates are checked: name and chain always, up to the system's authorities or to this one (PEM)."""
    return ssl.create_default_context(cadata=ca_certificate)


def ascii_address(address: str) -> str | None:
    """An address with its domain as the DNS has it (RFC 5891); None when its local part is not ASCII or it is none.

    Not by Python's own codec: that one is of the older IDNA2003, by which straße.de is strasse.de, somebody else's.
    """
    local, _, domain = address.rpartition("@")
    if not local.isascii():
        return None
    if domain.isascii():
        return address
    from email_validator import EmailNotValidError, validate_email

    try:
        return f"{local}@{validate_email(address, check_deliverability=False).ascii_domain}"
    except EmailNotValidError:
        return None


def _security(secret: SecretFields, field_name: str, default: Security) -> Security:
    text = (secret.optional(field_name) or default).lower()
    try:
        return Security(text)
    except ValueError:
        raise secret.wrong(field_name, "não é starttls, tls nem none") from None


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _check_certificate(secret: SecretFields, text: str) -> None:
    try:
        tls_context(text)
    except (ssl.SSLError, ValueError):
        raise secret.wrong("ca_certificate", "não é um certificado em PEM") from None
