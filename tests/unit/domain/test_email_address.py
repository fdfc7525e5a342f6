from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email

from disparo.domain.email_address import EmailError, parse_email


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Ana.Souza+1@Empresa.COM.br", "Ana.Souza+1@empresa.com.br"),
        ("  ana@empresa.com ", "ana@empresa.com"),
        ("mailto:ana@empresa.com", "ana@empresa.com"),
        ("Ana Souza <ana@empresa.com>", "ana@empresa.com"),
        ("o'neil@empresa.com", "o'neil@empresa.com"),
        ("ana@açaí.com.br", "ana@açaí.com.br"),
    ],
)
def test_an_address_is_read(text: str, address: str) -> None:
    email = parse_email(text)
    assert (email.address, email.key) == (address, address.lower())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "email_not_an_address"),
        ("ana", "email_not_an_address"),
        ("ana@", "email_invalid_domain"),
        ("ana@empresa", "email_invalid_domain"),
        ("ana@empresa..com", "email_invalid_domain"),
        ("ana@-x.com", "email_invalid_domain"),
        ("ana@localhost", "email_invalid_domain"),
        (".ana@empresa.com", "email_invalid_local"),
        ("ana souza@empresa.com", "email_invalid_local"),
        ("@empresa.com", "email_invalid_local"),
        ("a" * 65 + "@empresa.com", "email_too_long"),
        ("a@" + ".".join(["b" * 60] * 5) + ".com", "email_invalid_domain"),
    ],
)
def test_a_wrong_address_has_a_reason(text: str, reason: str) -> None:
    with pytest.raises(EmailError) as refused:
        parse_email(text)
    assert refused.value.reason == reason


@pytest.mark.parametrize("local", ["a", "a.b", "a-b_c+d", "A1", "a" * 64, "1.2.3", "_", "+"])
@pytest.mark.parametrize("domain", ["x.com", "X.com.br", "a-b.org", "1.com", "x.c", "x_y.com", "x.test"])
def test_the_short_way_agrees_with_the_library(local: str, domain: str) -> None:
    text = f"{local}@{domain}"
    try:
        expected: str | None = validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        expected = None
    try:
        found: str | None = parse_email(text).address
    except EmailError:
        found = None
    assert found == expected
