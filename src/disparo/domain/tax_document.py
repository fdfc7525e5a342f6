"""CPF and CNPJ: the documents of Brazilian persons and companies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from validate_docbr import CNPJ, CPF

from disparo.domain.errors import DisparoError

_CPF, _CNPJ = CPF(), CNPJ()
_DECORATION = {ord(mark): None for mark in " .-/\u00a0\t'"}
_FLOAT_TAIL = re.compile(r"\s*(\d+)[.,]0\s*", re.ASCII)
_WORTH_PADDING_TO_CPF = range(8, 12)
_WORTH_PADDING_TO_CNPJ = range(11, 15)


class DocumentKind(StrEnum):
    """Whose document it is: a person's (CPF) or a company's (CNPJ)."""

    CPF = "cpf"
    CNPJ = "cnpj"


class DocumentError(DisparoError):
    """A text that is neither CPF nor CNPJ; `reason` is a stable code that begins with `document_`."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(f"{text[:40]!r}: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TaxDocument:
    """A document whose check digits are right: `digits` has no punctuation (a CNPJ may hold letters since
    2026).
    """

    digits: str
    kind: DocumentKind


def parse_document(text: str) -> TaxDocument:
    """Read a CPF (11 digits) or CNPJ (14, letters allowed: Instrução Normativa RFB 2.229/2024), punctuated or
    not.

    Zeros at the front that a spreadsheet dropped are put back: up to three, and only if the check digits then
    agree; a text that could be either is a CPF. Raises DocumentError with the reason.
    """
    match = _FLOAT_TAIL.fullmatch(text)
    bare = (match[1] if match else text).translate(_DECORATION).upper()
    if not bare.isascii() or not bare.isalnum():
        raise DocumentError("document_not_a_document", text)
    if len(bare) in _WORTH_PADDING_TO_CPF and bare.isdecimal():
        padded = bare.zfill(11)
        if _CPF.validate(padded):
            return TaxDocument(padded, DocumentKind.CPF)
    if len(bare) in _WORTH_PADDING_TO_CNPJ:
        padded = bare.zfill(14)
        if _CNPJ.validate(padded):
            return TaxDocument(padded, DocumentKind.CNPJ)
    known = len(bare) in (11, 14)
    raise DocumentError("document_wrong_digits" if known else "document_wrong_length", text)
