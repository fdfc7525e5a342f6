from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.worksheet.worksheet import Worksheet

from disparo.adapters.files.open_table import open_table
from disparo.domain.errors import InputError


def workbook(folder: Path, *sheets: tuple[str, list[list[object]]], name: str = "lista.xlsx") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet: Worksheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = folder / name
    book.save(path)
    return path


USUAL: list[list[object]] = [["Nome", "Telefone", "Email"], ["Ana", 5541988887777, "a@x.com"]]


def test_numbers_and_dates_come_as_a_person_typed_them(tmp_path: Path) -> None:
    values: list[object] = [
        5511987654321.0, 5.5e20, 12.5, 1e-7, True, date(2026, 11, 22), datetime(2026, 11, 22, 14, 30),  # noqa: DTZ001 - cells have no zone
        time(8, 5),
    ]  # fmt: skip
    path = workbook(tmp_path, ("Plan1", [["Telefone", *map(str, range(7))], values]))
    assert list(open_table(path).rows()) == [
        (
            2,
            [
                "5511987654321", "550000000000000000000", "12.5", "0.0000001", "true", "2026-11-22",
                "2026-11-22 14:30:00", "08:05:00",
            ],
        )
    ]  # fmt: skip


def test_blank_rows_are_left_out_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Clientes de 2026"],
        [],
        *USUAL,
        [],
        [None, None, " "],
        ["Bia", None, "b@x.com"],
    ]
    table = open_table(workbook(tmp_path, ("Plan1", rows)))
    assert table.header == ("Nome", "Telefone", "Email")
    assert list(table.rows()) == [(4, ["Ana", "5541988887777", "a@x.com"]), (7, ["Bia", "", "b@x.com"])]
    assert table.fraction_read() == 1.0


def test_cells_beyond_the_header_belong_to_no_column(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("Plan1", [["Nome", "Email"], ["Ana", "a@x.com", "nota ao lado"]]))
    assert list(open_table(path).rows()) == [(2, ["Ana", "a@x.com"])]


def test_merged_cells_have_their_value_in_the_first(tmp_path: Path) -> None:
    path = tmp_path / "lista.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.merge_range("A1:C1", "Clientes")
        sheet.write_row("A2", ["Nome", "Telefone", "Email"])
        sheet.merge_range("A3:A4", "ACME")
        sheet.write_row("B3", ["41988887777", "a@x.com"])
        sheet.write_row("B4", ["41988886666", "b@x.com"])
    assert [cells for _, cells in open_table(path).rows()] == [
        ["ACME", "41988887777", "a@x.com"],
        ["", "41988886666", "b@x.com"],
    ]


@pytest.mark.parametrize("constant_memory", [False, True])
def test_shared_and_inline_and_rich_texts_are_read(tmp_path: Path, constant_memory: bool) -> None:
    path = tmp_path / "lista.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": constant_memory}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, ["Nome", "Email"])
        sheet.write_rich_string(1, 0, "João ", bold, "Conceição", " & <Cia>")
        sheet.write_string(1, 1, "j@x.com")
    assert list(open_table(path).rows()) == [(2, ["João Conceição & <Cia>", "j@x.com"])]


def test_a_formula_is_its_stored_value_or_else_its_text(tmp_path: Path) -> None:
    path = tmp_path / "lista.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Nome", "Email"])
        sheet.write_formula(1, 0, '="Ana"&" "&"Souza"', None, "Ana Souza")
        sheet.write_formula(1, 1, "=1+1", None, "")
    (_, cells), *_ = open_table(path).rows()
    assert cells == ["Ana Souza", "=1+1"]
    unsaved = workbook(tmp_path, ("Plan1", [["Nome", "Email"], ['=HYPERLINK("http://x.com")', "a@x.com"]]))
    (_, cells), *_ = open_table(unsaved).rows()
    assert cells == ['=HYPERLINK("http://x.com")', "a@x.com"]


@pytest.mark.parametrize(
    ("sheet", "name"), [(None, "Ana"), ("Vendas", "Vera"), ("vendas", "Vera"), (3, "Vera"), ("2", "Ana")]
)
def test_the_sheet_is_chosen_by_name_or_position_else_the_first_with_cells(
    tmp_path: Path, sheet: str | int | None, name: str
) -> None:
    path = workbook(tmp_path, ("Capa", []), ("Clientes", USUAL), ("Vendas", [USUAL[0], ["Vera", None, "v@x.com"]]))
    (_, cells), *_ = open_table(path, sheet).rows()
    assert isinstance(cells, list)
    assert cells[0] == name


@pytest.mark.parametrize("sheet", ["Vendaz", 9, 0, "0"])
def test_a_sheet_that_is_not_there_is_named_with_those_that_are(tmp_path: Path, sheet: str | int) -> None:
    path = workbook(tmp_path, ("Clientes", USUAL), ("Vendas", USUAL))
    with pytest.raises(InputError, match=r"não há aba .*abas são: Clientes, Vendas"):
        open_table(path, sheet)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def with_damaged_sheet(path: Path) -> None:
    rewrite(path, lambda name, data: data[: len(data) // 2] if name.startswith("xl/worksheets/") else data)


def with_flipped_bits(path: Path) -> None:
    data = bytearray(path.read_bytes())
    start = data.find(b"xl/worksheets/sheet1.xml") + 60
    data[start : start + 40] = bytes(40)
    path.write_bytes(data)


def as_bomb(path: Path) -> None:
    rewrite(path, lambda name, data: data + b" " * 100_000_000 if name.startswith("xl/worksheets/") else data)


def as_plain_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("lista.csv", "Nome,Email\nAna,a@x.com\n")


def without_a_workbook(path: Path) -> None:
    rewrite(path, lambda name, data: b"<broken" if name == "xl/workbook.xml" else data)


def protected(path: Path) -> None:
    header = bytes.fromhex("d0cf11e0a1b11ae1")
    path.write_bytes(header + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(2000))


def broken_ole(path: Path) -> None:
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(3000))


def rewrite(path: Path, change: Callable[[str, bytes], bytes]) -> None:
    with (
        zipfile.ZipFile(io.BytesIO(path.read_bytes())) as old,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (cut_off, "danificada ou incompleta"),
        (with_damaged_sheet, "danificada"),
        (with_flipped_bits, "danificada"),
        (as_bomb, "recusado"),
        (as_plain_archive, "não é uma tabela, é um arquivo compactado"),
        (without_a_workbook, "não é uma planilha legível"),
        (protected, "protegido por senha"),
        (broken_ole, "não é uma planilha legível"),
    ],
)
def test_a_spoilt_workbook_is_named(tmp_path: Path, spoil: Callable[[Path], None], words: str) -> None:
    path = workbook(tmp_path, ("Plan1", [USUAL[0], *(USUAL[1] for _ in range(500))]))
    spoil(path)
    with pytest.raises(InputError, match=rf"^lista\.xlsx: .*{words}"):
        list(open_table(path).rows())


def test_an_empty_workbook_and_one_with_only_a_header_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="; precisa de um cabeçalho"):
        open_table(workbook(tmp_path, ("Plan1", []), name="a.xlsx"))
    with pytest.raises(InputError, match="; precisa de um cabeçalho"):
        open_table(workbook(tmp_path, ("Plan1", []), ("Plan2", USUAL), name="b.xlsx"), "Plan1")
    with pytest.raises(InputError, match="nenhum contato abaixo"):
        open_table(workbook(tmp_path, ("Plan1", USUAL[:1]), name="c.xlsx"))


def test_the_content_tells_what_a_file_is_not_its_name(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("Plan1", USUAL), name="lista.csv")
    assert open_table(path).header == ("Nome", "Telefone", "Email")


def test_an_opendocument_sheet_is_read(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(
        f"<table:table-row>{''.join(cell.format(text) for text in row)}</table:table-row>"
        for row in (("Nome", "Email"), ("Ana", "a@x.com"))
    )
    path = tmp_path / "lista.ods"
    names = "urn:oasis:names:tc:opendocument:xmlns:"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{names}manifest:1.0"/>')
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{names}office:1.0" xmlns:table="{names}table:1.0" '
            f'xmlns:text="{names}text:1.0"><office:body><office:spreadsheet><table:table table:name="Plan1">'
            f"{rows}</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    table = open_table(path)
    assert list(table.rows()) == [(2, ["Ana", "a@x.com"])]
