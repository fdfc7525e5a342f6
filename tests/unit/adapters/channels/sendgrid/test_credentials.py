from __future__ import annotations

import pytest

from disparo.adapters.channels.sendgrid.credentials import SendGridCredentials, parse
from disparo.adapters.mail_server import ascii_address
from disparo.domain.errors import InputError

KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eN"
    "Ec6wEA3F+g=="
)
"""A public key of SendGrid's own test (sendgrid-python, MIT)."""
DOCUMENT = {
    "endpoint": "https://api.sendgrid.com/v3",
    "api_key": "YOUR_SENDGRID_API_KEY",
    "from_email": "noreply@alquimista.ai",
    "from_name": "Alquimista",
    "reply_to": "contato@alquimista.ai",
}
"""As the source document writes it, but for the name."""


def test_the_secret_of_the_source_document_is_read_as_it_stands() -> None:
    assert parse("mcp-email", DOCUMENT) == SendGridCredentials(
        "https://api.sendgrid.com/v3",
        "YOUR_SENDGRID_API_KEY",
        "noreply@alquimista.ai",
        "Alquimista",
        "contato@alquimista.ai",
    )


def test_a_key_and_an_address_are_enough_and_unknown_fields_are_left_alone() -> None:
    read = parse("s", {"api_key": " SG.x ", "from_email": "a@b.com.br", "host": "?"})
    assert (read.endpoint, read.api_key, read.reply_to, read.tracking) == (
        "https://api.sendgrid.com/v3",
        "SG.x",
        None,
        False,
    )


def test_an_emulator_on_this_machine_may_stand_in() -> None:
    assert parse("s", {**DOCUMENT, "endpoint": "http://127.0.0.1:8025/sendgrid/v3/"}).endpoint == (
        "http://127.0.0.1:8025/sendgrid/v3"
    )


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("api_key", ""),
        ("api_key", "SG.a b"),
        ("api_key", "SG.a\nb"),
        ("api_key", "SG.çc"),
        ("endpoint", "http://api.sendgrid.com/v3"),
        ("endpoint", "outro.example.com"),
        ("endpoint", "https://x/v3?y=zzzzz"),
        ("endpoint", "https://user:zzzzz@x/v3"),
        ("from_email", ""),
        ("from_email", "not-an-address"),
        ("from_email", "joão@example.com"),
        ("reply_to", "nobody"),
        ("from_name", "Ana\r\nBcc: x"),
        ("tracking", "perhaps"),
        ("webhook_public_key", "zzzz"),
        ("webhook_public_key", KEY[:-8]),
        ("webhook_public_key", "não é base64"),
    ],
)
def test_what_is_wrong_is_told_by_secret_and_field_and_never_by_value(part: str, value: str) -> None:
    with pytest.raises(InputError) as refused:
        parse("mcp-email", {**DOCUMENT, part: value})
    assert str(refused.value).startswith(f"segredo mcp-email, campo {part}: ")
    assert not value or value not in str(refused.value)


def test_secrets_are_not_shown() -> None:
    shown = repr(parse("s", {**DOCUMENT, "api_key": "SG.hidden", "webhook_public_key": KEY}))
    assert "SG.hidden" not in shown
    assert KEY not in shown


def test_a_foreign_domain_travels_as_dns_knows_it() -> None:
    assert ascii_address("ana@café.com.br") == "ana@xn--caf-dma.com.br"
    assert ascii_address("ana@example.com") == "ana@example.com"
    assert ascii_address("joão@example.com") is None
    # IDNA2003 would send it to strasse.de, which is somebody else's.
    assert ascii_address("ana@straße.de") == "ana@xn--strae-oqa.de"
    assert parse("s", {**DOCUMENT, "from_email": "oi@café.com.br"}).domain == "xn--caf-dma.com.br"
