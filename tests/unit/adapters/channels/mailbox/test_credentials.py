"""The secrets of a mailbox and of a mail server that calls."""

from __future__ import annotations

from datetime import timedelta

import pytest

from disparo.adapters.channels.mailbox.credentials import parse, parse_webhook
from disparo.adapters.mail_server import Security
from disparo.domain.errors import InputError

SECRET = {"imap_host": "imap.exemplo.com.br", "username": "contato", "password": "segredo-muito-secreto"}


def test_what_is_not_said_is_usual() -> None:
    account = parse("mcp-mailbox", SECRET)
    assert (account.server.port, account.server.security) == (993, Security.TLS)
    assert (account.folder, account.done_folder, account.poll) == ("INBOX", None, timedelta(minutes=1))
    assert "segredo" not in repr(account)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("imap_host", ""),
        ("imap_port", "x"),
        ("imap_security", "ssl"),
        ("imap_security", "none"),
        ("username", ""),
        ("password", ""),
        ("folder", "Devoluções"),
        ("folder", 'INBOX" UNSELECT'),
        ("folder", "INBOX\r\nA1 DELETE INBOX"),
        ("done_folder", "INBOX"),
        ("done_folder", "a&b"),
        ("poll_s", "1"),
        ("poll_s", "sempre"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: str) -> None:
    with pytest.raises(InputError, match=f"^segredo mcp-mailbox: {field} "):
        parse("mcp-mailbox", SECRET | {field: value})


def test_a_mailbox_needs_a_login() -> None:
    with pytest.raises(InputError, match=r"^segredo mcp-mailbox: username falta"):
        parse("mcp-mailbox", {"imap_host": "imap.exemplo.com.br"})


@pytest.mark.parametrize("value", ["", "curto", "whsec_nao é base64", "whsec_Y3VydG8="])
def test_a_key_that_protects_nothing_is_refused(value: str) -> None:
    with pytest.raises(InputError, match=r"^segredo mail-webhook: webhook_secret ") as told:
        parse_webhook("mail-webhook", {"webhook_secret": value})
    assert not value or value not in str(told.value)


def test_a_key_is_not_shown() -> None:
    assert "um-segredo" not in repr(parse_webhook("mail-webhook", {"webhook_secret": "um-segredo-bem-comprido"}))
