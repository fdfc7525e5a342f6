"""The secret of an SMTP account."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from disparo.adapters.mail_server import MailServer, SecretFields, Security, parse_server

PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
"""RFC 8314 (465), RFC 6409 (587), RFC 5321 (25)."""

CONNECTIONS = 10
"""Connections at once that common servers take from one client."""
_MOST_CONNECTIONS = 1000


@dataclass(frozen=True, slots=True)
class SmtpCredentials:
    """Where mail is handed over and in whose name: every address in ASCII.

    Bounces go to `bounce_address`, answers to `reply_to`; both are `from_email` where the secret has none. With
    `unsubscribe_address` mail programs may also ask there for no more messages.
    """

    server: MailServer
    from_email: str
    bounce_address: str
    from_name: str = ""
    reply_to: str | None = None
    unsubscribe_address: str | None = None
    helo_name: str = ""
    connections: int = CONNECTIONS

    @property
    def domain(self) -> str:
        """The domain of the sender's address."""
        return self.from_email.rpartition("@")[2]


def parse(name: str, fields: Mapping[str, str]) -> SmtpCredentials:
    """Read the secret `name`; InputError that names the field."""
    secret = SecretFields(name, fields)
    server = parse_server(secret, PORTS, Security.STARTTLS)
    from_email = secret.address("from_email")
    if from_email is None:
        raise secret.wrong("from_email", "falta; preencha")
    helo_name = secret.line("helo_name", from_email.rpartition("@")[2])
    if not helo_name.isascii() or " " in helo_name:
        raise secret.wrong("helo_name", "não é o nome de um computador; escreva como envio.exemplo.com.br")
    connections = secret.optional("connections") or str(CONNECTIONS)
    if not re.fullmatch("[0-9]{1,4}", connections) or not 1 <= int(connections) <= _MOST_CONNECTIONS:
        raise secret.wrong("connections", f"não é um número de 1 a {_MOST_CONNECTIONS}")
    return SmtpCredentials(
        server,
        from_email,
        secret.address("bounce_address") or from_email,
        secret.line("from_name"),
        secret.address("reply_to"),
        secret.address("unsubscribe_address"),
        helo_name,
        int(connections),
    )
