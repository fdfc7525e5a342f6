"""Lists of addresses that must be left alone, such as São Paulo's "Não Me Ligue", row by row.

A list holds telephone numbers, e-mails, or SHA-256 hashes of them (`read_hash` says of what). Lists come with or
without a header and with any number of columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from disparo.domain.contact_columns import ADDRESS_FIELDS, normalised, recognise_header
from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.phone_number import PhoneError, parse_phone
from disparo.domain.suppression import read_hash

_HASH_TITLES = frozenset({"hash", "hashes", "sha256", "sha 256", "telefone hash", "email hash", "phone hash", "digest"})
_LONGEST_TITLE = 100


@dataclass(frozen=True, slots=True)
class WrongAddress:
    """A cell of an address column that holds none: `reason` is a stable code (`phone_...`, `email_...`)."""

    column: int
    reason: str
    value: str


def header_columns(cells: Sequence[str]) -> tuple[int, ...] | None:
    """The columns that hold addresses when this first row is a header; None when it is a row like the others."""
    named = tuple(number for number, cell in enumerate(cells) if _is_address_title(cell))
    if named:
        return named
    return None if any(_may_be_address(cell) for cell in cells[:1]) else FIRST_COLUMN


FIRST_COLUMN = (0,)
"""Where addresses stand in a list without titles that say so."""


def addresses(cells: Sequence[str], columns: Sequence[int], region: str) -> tuple[list[str], list[WrongAddress]]:
    """The keys (or hashed keys) in these columns of a row, and what is wrong there; blank cells are neither.

    Numbers without a country are of `region` (ISO 3166 code).
    """
    keys: list[str] = []
    wrong: list[WrongAddress] = []
    for column in columns:
        text = cells[column].strip() if column < len(cells) else ""
        if not text:
            continue
        try:
            keys.append(read_hash(text) or _key(text, region))
        except (PhoneError, EmailError) as error:
            wrong.append(WrongAddress(column, error.reason, text))
    return keys, wrong


def _key(text: str, region: str) -> str:
    return parse_email(text).key if "@" in text else parse_phone(text, region).key


def _is_address_title(cell: str) -> bool:
    found = recognise_header(cell[:_LONGEST_TITLE])
    return (found is not None and found[0] in ADDRESS_FIELDS) or normalised(cell[:_LONGEST_TITLE]) in _HASH_TITLES


def _may_be_address(cell: str) -> bool:
    return "@" in cell or any(map(str.isdecimal, cell))
