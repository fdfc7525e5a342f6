"""No personal data in lines that are kept."""

from __future__ import annotations

import time

import pytest

from disparo.domain.masking import masked


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("to ana.souza+x@exemplo.com.br now", "to a***@*** now"),
        ("<mailto:joão@exemplo.com>", "<mailto:j***@***>"),
        ('{"to": "+5541988887766"}', '{"to": "***66"}'),
        ("fone 41 98888-7766.", "fone ***66."),
        ("(41) 98888-7766", "***66"),
        ("55 41 9 8888 7766", "***66"),
        ("CPF 123.456.789-09", "CPF ***09"),
        ("CNPJ 12.345.678/0001-95", "CNPJ ***95"),
        ("whatsapp:5541988887766", "whatsapp:***66"),
        ("a@b.co,c@d.co", "a***@***,c***@***"),
    ],
)
def test_addresses_and_numbers_of_people_are_masked(line, kept) -> None:
    assert masked(line) == kept


@pytest.mark.parametrize(
    "line",
    [
        "message 3.1.57 of campaign 3: due",
        "2026-11-23 01:31:41 began",
        "2026-11-23T01:31:41.123456+00:00",
        "1,000,000 contacts in 12.5 s",
        "request 8f14e45f-ceea-467f-a0f5-1234567890ab",
        "arn:aws:sqs:us-east-1:fila",
        "port 8080, pid 12345, 127.0.0.1:51234",
        "credentials.py:120 read",
        "",
        "sem nada de ninguém",
        "@ninguem",
        "x @ y",
    ],
)
def test_what_is_of_nobody_stays(line) -> None:
    assert masked(line) == line


def test_masking_again_changes_nothing() -> None:
    line = masked("ana@exemplo.com +5541988887766 2026-11-23 01:31:41")
    assert masked(line) == line


@pytest.mark.parametrize("text", ["1" * 100_000, "a@" * 50_000, "1 " * 50_000, "a" * 100_000 + "@", "((((" * 20_000])
def test_no_line_takes_long(text) -> None:
    began = time.perf_counter()
    masked(text)
    assert time.perf_counter() - began < 0.5
