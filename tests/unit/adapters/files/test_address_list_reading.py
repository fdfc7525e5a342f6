from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from disparo.adapters.files.address_list import open_address_list
from disparo.domain.errors import InputError


def rows(path: Path) -> list[object]:
    return list(open_address_list(path).rows())


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"11987654321\n\n11987654322", [(1, ["11987654321"]), (3, ["11987654322"])]),
        (b"\xef\xbb\xbfTelefone\r\n11987654321\r\n", [(1, ["Telefone"]), (2, ["11987654321"])]),
        (b"11987654321;2026-01-01\n11987654322;2026-01-02\n", [
            (1, ["11987654321", "2026-01-01"]), (2, ["11987654322", "2026-01-02"])
        ]),
        ("Número\n1".encode("utf-16"), [(1, ["Número"]), (2, ["1"])]),
        ("Não\n1".encode("cp1252"), [(1, ["Não"]), (2, ["1"])]),
        (b"11987654321", [(1, ["11987654321"])]),
    ],
)  # fmt: skip
def test_text_is_read_with_or_without_a_header(tmp_path: Path, content: bytes, expected: list[object]) -> None:
    path = tmp_path / "lista.txt"
    path.write_bytes(content)
    assert rows(path) == expected
    assert open_address_list(path).name == "lista.txt"


def test_the_fraction_read_ends_at_one(tmp_path: Path) -> None:
    path = tmp_path / "lista.txt"
    path.write_text("11987654321\n" * 100_000)
    source = open_address_list(path)
    assert source.fraction_read() == 0.0 or source.fraction_read() == 1.0
    fractions = [source.fraction_read() for _ in source.rows()]
    assert fractions == sorted(fractions)
    assert source.fraction_read() == 1.0


def test_a_workbook_without_a_header_loses_no_row(tmp_path: Path) -> None:
    path = tmp_path / "lista.xlsx"
    book = Workbook()
    for number in range(3):
        book.worksheets[0].append([11987654320 + number])
    book.save(path)
    assert [cells for _, cells in open_address_list(path).rows()] == [[f"1198765432{number}"] for number in range(3)]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b'{"a": 1}', bytes(range(32)) * 100])
def test_what_is_no_list_is_refused_by_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lista.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"lista\.txt"):
        open_address_list(path)
