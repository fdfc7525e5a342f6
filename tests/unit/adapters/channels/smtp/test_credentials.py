"""The secret of an SMTP account, and what is said when a field of it is wrong."""

from __future__ import annotations

import pytest

from disparo.adapters.channels.smtp.credentials import parse
from disparo.adapters.mail_server import Security
from disparo.domain.errors import InputError

SECRET = {
    "host": " smtp.exemplo.com.br ",
    "username": "disparo",
    "password": "segredo-muito-secreto",
    "from_email": "noreply@alquimista.ai",
    "from_name": "Alquimista",
    "reply_to": "contato@alquimista.ai",
}


def test_what_is_not_said_is_usual() -> None:
    account = parse("mcp-smtp", SECRET)
    assert (account.server.host, account.server.port, account.server.security) == (
        "smtp.exemplo.com.br",
        587,
        Security.STARTTLS,
    )
    assert (account.bounce_address, account.helo_name, account.domain) == (
        "noreply@alquimista.ai",
        "alquimista.ai",
        "alquimista.ai",
    )


@pytest.mark.parametrize(("security", "port"), [("tls", 465), ("STARTTLS", 587), ("none", 25)])
def test_each_way_has_its_port(security: str, port: int) -> None:
    here = SECRET | {"host": "localhost", "security": security}
    assert parse("mcp-smtp", here).server.port == port
    assert parse("mcp-smtp", here | {"port": "2525"}).server.port == 2525


def test_a_secret_is_not_shown() -> None:
    shown = repr(parse("mcp-smtp", SECRET))
    assert "segredo-muito-secreto" not in shown
    assert "disparo'" not in shown


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", ""),
        ("host", "mail exemplo"),
        ("port", "muitas"),
        ("port", "70000"),
        ("port", "0"),
        ("security", "ssl"),
        ("security", "none"),
        ("password", ""),
        ("username", ""),
        ("from_email", ""),
        ("from_email", "alquimista.ai"),
        ("from_email", "promoção@alquimista.ai"),
        ("reply_to", "x"),
        ("bounce_address", "x"),
        ("unsubscribe_address", "a@b.c\r\nBcc: d@e.f"),
        ("from_name", "Alquimista\r\nBcc: a@b.c"),
        ("from_name", "x" * 201),
        ("helo_name", "dois nomes"),
        ("helo_name", "ação"),
        ("connections", "5000"),
        ("connections", "muitas"),
        ("password", "com\nquebra"),
        ("ca_certificate", "-----BEGIN CERTIFICATE-----\nnada\n-----END CERTIFICATE-----"),
    ],
)
def test_a_wrong_field_is_named_and_never_shown(field: str, value: str) -> None:
    with pytest.raises(InputError) as told:
        parse("mcp-smtp", SECRET | {field: value})
    assert str(told.value).startswith(f"segredo mcp-smtp: {field} ")
    assert not value.strip() or value == "none" or value not in str(told.value)
    assert "\n" not in str(told.value)


def test_a_login_over_an_open_line_stays_on_this_machine() -> None:
    open_line = SECRET | {"security": "none"}
    for host in ("localhost", "127.0.0.1"):
        assert parse("mcp-smtp", open_line | {"host": host}).server.username == "disparo"
    without = {key: one for key, one in open_line.items() if key not in ("username", "password")}
    assert parse("mcp-smtp", without).server.username is None
