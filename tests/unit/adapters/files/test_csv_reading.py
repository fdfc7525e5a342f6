from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from disparo.adapters.files.csv_text import LONGEST_LINE
from disparo.adapters.files.open_table import open_table
from disparo.domain.errors import InputError
from disparo.ports.row_source import UnreadableRow

TABLE = "Nome,Email\nJoão,joao@x.com\nConceição,c@x.com\n"


def written(folder: Path, content: bytes | str, name: str = "lista.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows_of(path: Path) -> list[tuple[int, list[str] | UnreadableRow]]:
    return list(open_table(path).rows())


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        codecs.BOM_UTF8 + TABLE.encode(),
        TABLE.encode("cp1252"),
        TABLE.encode("utf-16"),
        codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace("\n", "\r").encode(),
        TABLE.replace(",", ";").encode(),
        TABLE.replace(",", "\t").encode(),
    ],
)
def test_encodings_line_ends_and_delimiters_give_the_same_table(tmp_path: Path, content: bytes) -> None:
    table = open_table(written(tmp_path, content))
    assert (table.name, table.header) == ("lista.csv", ("Nome", "Email"))
    assert list(table.rows()) == [(2, ["João", "joao@x.com"]), (3, ["Conceição", "c@x.com"])]


def test_a_windows_letter_far_down_the_file_is_still_windows_text(tmp_path: Path) -> None:
    filler = "Ana,ana@x.com\n" * 20_000
    path = written(tmp_path, ("Nome,Email\n" + filler + "José,j@x.com\n").encode("cp1252"))
    assert rows_of(path)[-1] == (20_002, ["José", "j@x.com"])


def test_a_last_windows_letter_at_the_end_of_the_file_is_no_cut_utf8(tmp_path: Path) -> None:
    assert rows_of(written(tmp_path, "Email,Nome\nj@x.com,José".encode("cp1252"))) == [(2, ["j@x.com", "José"])]


def test_a_utf8_file_cut_inside_a_letter_is_still_utf8(tmp_path: Path) -> None:
    path = written(tmp_path, "Email,Nome\na@x.com,João\nj@x.com,José".encode()[:-1])
    assert rows_of(path)[0] == (2, ["a@x.com", "João"])


def test_the_delimiter_is_not_taken_from_inside_quotes(tmp_path: Path) -> None:
    path = written(tmp_path, 'Nome;Telefone\n"Silva, Souza, Lima";"41 98888-7777, 41 97777-6666"\n')
    assert rows_of(path) == [(2, ["Silva, Souza, Lima", "41 98888-7777, 41 97777-6666"])]


def test_a_space_before_a_quote_does_not_hide_it(tmp_path: Path) -> None:
    path = written(tmp_path, 'Nome, Email\nAna, "a@x.com, b@x.com"\n')
    assert rows_of(path) == [(2, ["Ana", "a@x.com, b@x.com"])]


def test_columns_without_a_title_are_columns(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, "Nome,Email,,\nAna,a@x.com,extra,\n"))
    assert table.header == ("Nome", "Email", "", "")


def test_excels_separator_line_is_obeyed(tmp_path: Path) -> None:
    path = written(tmp_path, "sep=;\nNome;Email\nAna;a@x.com\n")
    assert open_table(path).header == ("Nome", "Email")
    assert rows_of(path) == [(3, ["Ana", "a@x.com"])]


def test_titles_and_blank_lines_may_stand_above_the_header(tmp_path: Path) -> None:
    path = written(tmp_path, "Relatório de clientes;;\n\n;;\nNome;Email;Telefone\n\nAna;a@x.com;\n;;\n")
    table = open_table(path)
    assert table.header == ("Nome", "Email", "Telefone")
    assert list(table.rows()) == [(6, ["Ana", "a@x.com", ""])]


def test_a_header_of_unknown_titles_is_the_first_wide_row(tmp_path: Path) -> None:
    path = written(tmp_path, "Clientes\nQuem,Recado,Idade\nAna,41 98888-7777,30\n")
    assert open_table(path).header == ("Quem", "Recado", "Idade")


def test_quoted_line_ends_stay_in_their_cell_and_lines_are_counted_as_in_an_editor(tmp_path: Path) -> None:
    path = written(tmp_path, 'Nome,Email\n"Ana\nSouza",a@x.com\nBia,b@x.com\n')
    assert rows_of(path) == [(2, ["Ana\nSouza", "a@x.com"]), (4, ["Bia", "b@x.com"])]


def test_a_quote_never_closed_costs_only_its_own_line(tmp_path: Path) -> None:
    path = written(tmp_path, 'Nome,Email\nAna,a@x.com\n"Bia,b@x.com\nCau,c@x.com\nDani,d@x.com\n')
    found = rows_of(path)
    assert found[1] == (3, UnreadableRow("unclosed_quote", '"Bia,b@x.com'))
    assert [line for line, _ in found] == [2, 3, 4, 5]
    assert found[3] == (5, ["Dani", "d@x.com"])


def test_a_quote_closed_by_a_later_cell_costs_only_its_own_line(tmp_path: Path) -> None:
    path = written(tmp_path, 'Nome,Email\n"Bia,b@x.com\nCau,c@x.com\n"Lima, Davi",d@x.com\n')
    assert rows_of(path) == [
        (2, UnreadableRow("unclosed_quote", '"Bia,b@x.com')),
        (3, ["Cau", "c@x.com"]),
        (4, ["Lima, Davi", "d@x.com"]),
    ]


def test_a_quote_never_closed_in_a_long_file_does_not_swallow_it(tmp_path: Path) -> None:
    rest = "".join(f"P{i},p{i}@x.com\n" for i in range(5_000))
    found = rows_of(written(tmp_path, f'Nome,Email\n"Bia,b@x.com\n{rest}'))
    assert len(found) == 5_001
    assert sum(isinstance(cells, UnreadableRow) for _, cells in found) == 1


def test_quotes_within_words_are_part_of_them(tmp_path: Path) -> None:
    path = written(tmp_path, 'Nome,Email\n"ACME" Ltda,a@x.com\nJosé "Zé" Lima,z@x.com\n')
    assert rows_of(path) == [(2, ["ACME Ltda", "a@x.com"]), (3, ['José "Zé" Lima', "z@x.com"])]


def test_a_cell_of_ten_megabytes_is_one_row_and_the_next_ones_follow(tmp_path: Path) -> None:
    path = written(tmp_path, f'Nome,Email\n{"x" * 10_000_000},a@x.com\n"{"y" * 10_000_000}",b@x.com\nCau,c@x.com\n')
    found = rows_of(path)
    assert [line for line, _ in found] == [2, 3, 4]
    assert found[2] == (4, ["Cau", "c@x.com"])


def test_a_line_longer_than_any_is_cut_and_the_next_ones_follow(tmp_path: Path) -> None:
    path = written(tmp_path, f"Nome,Email\n{'x' * (LONGEST_LINE + 99)},a@x.com\nCau,c@x.com\n")
    found = rows_of(path)
    assert found[-1][1] == ["Cau", "c@x.com"]
    assert len(found) == 2


def test_a_nul_byte_stays_in_its_cell_for_the_row_to_be_judged(tmp_path: Path) -> None:
    path = written(tmp_path, "Nome,Email\nA\0na,a@x.com\nBia,b@x.com\n")
    assert rows_of(path) == [(2, ["A\0na", "a@x.com"]), (3, ["Bia", "b@x.com"])]


def test_rows_can_be_read_again_and_progress_ends_at_one(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, TABLE))
    assert list(table.rows()) == list(table.rows())
    assert table.fraction_read() == 1.0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vazio"),
        (b"\n\n  \n", "vazio"),
        (b";;\n;;\n", "vazio"),
        (b"Nome,Email\n", "nenhum contato abaixo"),
        (b"Nome,Email\n\n,\n", "nenhum contato abaixo"),
        (b"%PDF-1.7\n...", "PDF"),
        (b"\x89PNG\r\n\x1a\n....", "uma imagem"),
        (b'{"nome": "Ana"}', "JSON"),
        (b'[{"nome": "Ana"}]', "JSON"),
        (b"<html><table></table></html>", "HTML"),
        (bytes(range(256)) * 20, "binário"),
        (b"\x00" * 500, "binário"),
        (b"PK\x03\x04 cut off", "danificada ou incompleta"),
        (b"\x1f\x8b\x08\x00", "gzip"),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(InputError, match=rf"^lista\.csv: .*{words}"):
        open_table(written(tmp_path, content))


def test_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="é uma pasta"):
        open_table(tmp_path)
    with pytest.raises(InputError, match="não existe"):
        open_table(tmp_path / "nada.csv")


def test_a_csv_file_has_no_sheets(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="não tem abas"):
        open_table(written(tmp_path, TABLE), "Plan1")
