from __future__ import annotations

import pytest

from disparo.domain.address_list import FIRST_COLUMN, addresses, header_columns
from disparo.domain.suppression import hashed_key


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        (["Telefone"], (0,)),
        (["Nome", "Celular", "E-mail"], (1, 2)),
        (["Data", "SHA-256"], (1,)),
        (["Números bloqueados"], FIRST_COLUMN),
        (["11 98765-4321"], None),
        (["ana@example.com", "Ana"], None),
        (["a" * 63 + "1"], None),
    ],
)
def test_a_header_names_the_columns_and_an_address_is_none(cells: list[str], columns: tuple[int, ...] | None) -> None:
    assert header_columns(cells) == columns


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("(11) 98765-4321", "+5511987654321"),
        ("1187654321", "+5511987654321"),
        ("5511987654321.0", "+5511987654321"),
        ("+1 415 555 2671", "+14155552671"),
        ("Ana@Example.COM", "ana@example.com"),
        (hashed_key("x").upper().replace("SHA256:", ""), hashed_key("x")),
    ],
)
def test_an_address_is_read_however_it_is_written(cell: str, key: str) -> None:
    assert addresses([f" {cell} "], FIRST_COLUMN, "BR") == ([key], [])


def test_what_is_none_is_told_with_its_reason_and_blanks_are_neither() -> None:
    keys, wrong = addresses(["98765-4321", "ana@", "", "11 98765-4321"], (0, 1, 2, 3, 9), "BR")
    assert keys == ["+5511987654321"]
    assert [(one.column, one.reason) for one in wrong] == [(0, "phone_missing_area_code"), (1, "email_invalid_domain")]
