from __future__ import annotations

from pathlib import Path

import pytest

from disparo.adapters.files.open_table import open_table
from disparo.domain.errors import InputError
from disparo.usecases.import_previews import SHOWN, ImportPreview, preview

TABLE = "Nome;Celular;E-mail\n" + "".join(f"P{n};41 9{88880000 + n};p{n}@x.com\n" for n in range(30))


def seen(folder: Path, text: str | bytes, **options: object) -> ImportPreview:
    path = folder / "contatos.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return preview(open_table, path, **options)  # type: ignore[arg-type]


def test_a_file_is_told_with_its_columns_its_first_rows_and_its_counts(tmp_path: Path) -> None:
    found = seen(tmp_path, TABLE + "X;12;\n")
    assert (found.file, found.facts.encoding, found.facts.delimiter, found.facts.header_line) == (
        "contatos.csv",
        "utf-8",
        ";",
        1,
    )
    assert found.mapping == {"nome": "name", "celular": "phone", "e_mail": "email"}
    assert (found.judged, found.good, found.rejected, found.whole) == (31, 30, 1, True)
    assert found.by_reason == {"phone_too_short": 1}
    assert len(found.rows) == SHOWN
    assert found.rows[0].reading is not None
    assert found.rows[0].reading.draft is not None
    assert found.rows[0].reading.draft.phone == "+5541988880000"
    assert [(one.line, one.value) for one in found.rejections] == [(32, "12")]


def test_a_long_file_is_judged_in_part_and_says_so(tmp_path: Path) -> None:
    found = seen(tmp_path, TABLE, most=10)
    assert (found.judged, found.whole) == (10, False)


def test_the_mapping_of_a_person_is_tried(tmp_path: Path) -> None:
    found = seen(tmp_path, TABLE, mapping={"E-mail": "email", "Celular": "ignore"})
    assert found.mapping == {"nome": "variable", "celular": "ignore", "e_mail": "email"}
    assert found.rows[0].reading is not None
    assert found.rows[0].reading.draft is not None
    assert (found.rows[0].reading.draft.phone, found.rows[0].reading.draft.email) == (None, "p0@x.com")


def test_a_file_without_addresses_is_shown_with_what_is_missing(tmp_path: Path) -> None:
    found = seen(tmp_path, "Quem;Cor\nAna;azul\nBia;verde\n")
    assert "nenhuma coluna foi apontada" in found.fault
    assert (found.judged, found.good, [row.cells for row in found.rows]) == (0, 0, [["Ana", "azul"], ["Bia", "verde"]])
    assert found.mapping == {"quem": "variable", "cor": "variable"}


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        ("Nome;Celular\nÂngela;41 98888-7777\n".encode("cp1252"), "cp1252"),
        ("Nome;Celular\nÂngela;41 98888-7777\n".encode("utf-16"), "utf-16"),
    ],
)
def test_other_encodings_are_read_and_told(raw: bytes, encoding: str, tmp_path: Path) -> None:
    found = seen(tmp_path, raw)
    assert (found.facts.encoding, found.rows[0].cells[0]) == (encoding, "Ângela")


def test_a_damaged_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    text = "Nome;Celular\n" + "São João;41 98888-7777\n" * 5
    with pytest.raises(InputError, match=r"codificação está danificada \(linha 7\)"):
        seen(tmp_path, text.encode() + "Ação\n".encode("cp1252"))


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "vazio"),
        (b"%PDF-1.7", "é um PDF"),
        (b"\x89PNG\r\n", "é uma imagem"),
        (b'{"a": 1}', "é JSON"),
        (b"<html>", "HTML"),
        (b"\x00\x01\x02\x03\x04\x05\x06\x07", "binário"),
        (b"PK\x03\x04" + b"\0" * 30, "danificada"),
    ],
)
def test_what_is_no_table_is_refused_with_words(raw: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        seen(tmp_path, raw)
