"""What the secret of a Google calendar may say, and what it may not."""

from __future__ import annotations

from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from disparo.adapters.calendars.google.credentials import ENDPOINT, TOKEN_URI, parse
from disparo.domain.errors import InputError


@cache
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def secret(**changed: str) -> dict[str, str]:
    """The source document's ("MCP Calendar"), with a key that is one."""
    return {
        "endpoint": "https://www.googleapis.com/calendar/v3",
        "api_key": "YOUR_GOOGLE_API_KEY",
        "calendar_id": "vendas@alquimista.ai",
        "service_account_email": "calendar-service@project.iam.gserviceaccount.com",
        "private_key": private_key(),
        **changed,
    }


def test_the_documents_secret_is_taken_as_it_stands() -> None:
    found = parse("mcp-calendar", secret())
    assert (found.endpoint, found.token_uri, found.subject) == (ENDPOINT, TOKEN_URI, None)
    assert found.calendar_id == "vendas@alquimista.ai"
    assert found.service_account_email == "calendar-service@project.iam.gserviceaccount.com"


def test_what_can_be_left_out_is() -> None:
    told = secret()
    for name in ("endpoint", "api_key"):
        del told[name]
    assert parse("x", told) == parse("x", secret())


def test_a_key_may_be_written_in_one_line() -> None:
    one_line = private_key().replace("\n", "\\n")
    assert parse("x", secret(private_key=one_line)) == parse("x", secret())


def test_a_subject_and_other_addresses_are_read() -> None:
    found = parse("x", secret(subject=" Ana@example.com ", endpoint="http://127.0.0.1:1/v3/", more="?"))
    assert (found.subject, found.endpoint) == ("Ana@example.com", "http://127.0.0.1:1/v3")


def test_nothing_shows_the_key() -> None:
    assert "PRIVATE" not in repr(parse("x", secret()))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("endpoint", "http://www.googleapis.com/calendar/v3"),
        ("endpoint", "https://a@evil.example/v3"),
        ("token_uri", "ftp://oauth2.googleapis.com/token"),
        ("token_uri", "https://oauth2.googleapis.com/token?x"),
        ("calendar_id", ""),
        ("calendar_id", "duas palavras"),
        ("calendar_id", "a" * 300),
        ("service_account_email", ""),
        ("service_account_email", "segredo-valor"),
        ("subject", "segredo-valor"),
        ("private_key", ""),
        ("private_key", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n"),
        ("private_key", "segredo-valor"),
        ("private_key", "x" * 30_000),
    ],
)
def test_a_wrong_field_is_named_and_its_value_is_not(field: str, value: str) -> None:
    with pytest.raises(InputError) as refused:
        parse("mcp-calendar", secret(**{field: value}))
    told = str(refused.value)
    assert told.startswith(f"segredo mcp-calendar, campo {field}: ")
    assert "segredo-valor" not in told
    assert "\n" not in told


def test_a_key_of_another_kind_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(InputError, match="private_key: não é uma chave RSA"):
        parse("x", secret(private_key=key.decode()))
