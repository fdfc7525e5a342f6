from __future__ import annotations

import pytest

from disparo.domain.tax_document import DocumentError, DocumentKind, parse_document


@pytest.mark.parametrize(
    ("text", "digits", "kind"),
    [
        ("123.456.789-09", "12345678909", DocumentKind.CPF),
        (" 12345678909 ", "12345678909", DocumentKind.CPF),
        ("12345678909.0", "12345678909", DocumentKind.CPF),
        ("11.222.333/0001-81", "11222333000181", DocumentKind.CNPJ),
        ("11222333000181,0", "11222333000181", DocumentKind.CNPJ),
        ("12.abc.345/01de-35", "12ABC34501DE35", DocumentKind.CNPJ),
        ("360305000104", "00360305000104", DocumentKind.CNPJ),
        ("1234567890", "01234567890", DocumentKind.CPF),
    ],
)
def test_a_document_is_read(text: str, digits: str, kind: DocumentKind) -> None:
    document = parse_document(text)
    assert (document.digits, document.kind) == (digits, kind)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "document_not_a_document"),
        ("isento!", "document_not_a_document"),
        ("isento", "document_wrong_length"),
        ("123", "document_wrong_length"),
        ("191", "document_wrong_length"),
        ("111.111.111-11", "document_wrong_digits"),
        ("123.456.789-00", "document_wrong_digits"),
        ("11.222.333/0001-80", "document_wrong_digits"),
    ],
)
def test_a_wrong_document_has_a_reason(text: str, reason: str) -> None:
    with pytest.raises(DocumentError) as refused:
        parse_document(text)
    assert refused.value.reason == reason
