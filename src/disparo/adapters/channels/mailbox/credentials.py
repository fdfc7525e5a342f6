"""The secrets of a mailbox that is asked, and of a mail server that calls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from disparo.adapters.mail_server import MailServer, SecretFields, Security, parse_server
from disparo.adapters.standard_webhooks import signing_key
from disparo.domain.errors import InputError

PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}
"""RFC 8314 (993), RFC 9051 (143)."""
_FOLDER = re.compile(r"[ !#-%'-\[\]-~]{1,200}")
_SHORTEST_POLL_S, _LONGEST_POLL_S = 5, 86_400
_SHORTEST_KEY = 16


@dataclass(frozen=True, slots=True)
class MailboxCredentials:
    """Which folder is read how often. What was read goes to `done_folder`, else it is only marked."""

    server: MailServer
    folder: str = "INBOX"
    done_folder: str | None = None
    poll: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class MailWebhookCredentials:
    """The key with which calls are signed."""

    key: bytes = field(repr=False)


def parse(name: str, fields: Mapping[str, str]) -> MailboxCredentials:
    """Read the secret `name` of a mailbox; InputError that names the field."""
    secret = SecretFields(name, fields)
    server = parse_server(secret, PORTS, Security.TLS, "imap_")
    if server.username is None:
        raise secret.wrong("username", "falta; preencha")
    folder, done_folder = secret.optional("folder") or "INBOX", secret.optional("done_folder")
    for field_name, value in (("folder", folder), ("done_folder", done_folder)):
        if value is not None and not _FOLDER.fullmatch(value):
            raise secret.wrong(field_name, 'tem letra acentuada, " ou & ou \\; escolha outro nome de pasta')
    if folder == done_folder:
        raise secret.wrong("done_folder", "é a própria pasta que se lê; escolha outra ou retire")
    poll = secret.optional("poll_s") or "60"
    if not re.fullmatch("[0-9]{1,6}", poll) or not _SHORTEST_POLL_S <= int(poll) <= _LONGEST_POLL_S:
        raise secret.wrong("poll_s", f"não é um número de segundos de {_SHORTEST_POLL_S} a {_LONGEST_POLL_S}")
    return MailboxCredentials(server, folder, done_folder, timedelta(seconds=int(poll)))


def parse_webhook(name: str, fields: Mapping[str, str]) -> MailWebhookCredentials:
    """Read the secret `name` of a mail server that calls; InputError that names the field."""
    secret = SecretFields(name, fields)
    text = secret.required("webhook_secret")
    try:
        key = signing_key(text)
    except InputError:
        raise secret.wrong("webhook_secret", "começa com whsec_ mas o resto não é base64; gere outro") from None
    if len(key) < _SHORTEST_KEY:
        raise secret.wrong("webhook_secret", f"tem menos de {_SHORTEST_KEY} bytes; gere um mais longo")
    return MailWebhookCredentials(key)
