from __future__ import annotations

import csv
from pathlib import Path

import pytest

from disparo.adapters.files.open_table import open_table
from disparo.adapters.files.rejected_rows import RejectedRows
from disparo.domain.contact_row import RowProblem
from disparo.domain.reason_words import reason_words

HEADER = ("Nome", "Telefone")
WRONG = RowProblem(3, "Telefone", "phone_missing_area_code", "98888-7777", rejects=True)


def report_of(folder: Path) -> list[list[str]]:
    with (folder / "lista.rejeitados.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def test_a_problem_is_written_in_portuguese_with_the_rows_own_cells(tmp_path: Path) -> None:
    with RejectedRows(tmp_path / "lista.xlsx", HEADER) as report:
        report.add(WRONG, ["João", "98888-7777"])
    assert report.written
    assert report.path == tmp_path / "lista.rejeitados.csv"
    assert report_of(tmp_path) == [
        ["linha", "coluna", "motivo", "valor", "Nome", "Telefone"],
        ["3", "Telefone", "Falta o DDD no telefone.", "98888-7777", "João", "98888-7777"],
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["lista.rejeitados.csv"]


def test_a_clean_file_has_no_report_and_an_older_one_goes(tmp_path: Path) -> None:
    (tmp_path / "lista.rejeitados.csv").write_text("velho")
    with RejectedRows(tmp_path / "lista.csv", HEADER):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_import_that_fails_leaves_the_older_report_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "lista.rejeitados.csv").write_text("velho")
    with pytest.raises(RuntimeError), RejectedRows(tmp_path / "lista.csv", HEADER) as report:
        report.add(WRONG, [])
        raise RuntimeError
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("lista.rejeitados.csv", "velho")]


@pytest.mark.parametrize("cell", ["=1+1", "+55 41", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_of_the_report_runs_in_a_spreadsheet(tmp_path: Path, cell: str) -> None:
    with RejectedRows(tmp_path / "lista.csv", ("=Nome",)) as report:
        report.add(RowProblem(2, "=Nome", "formula", cell, rejects=True), [cell])
    assert all(not value.startswith(("=", "+", "-", "@", "\t")) for row in report_of(tmp_path) for value in row)
    assert report_of(tmp_path)[1][-1] == f"'{cell}"


def test_nul_bytes_and_huge_cells_do_not_enter_the_report(tmp_path: Path) -> None:
    with RejectedRows(tmp_path / "lista.csv", HEADER) as report:
        report.add(WRONG, ["a\0b", "x" * 10_000_000])
    assert "\0" not in report.path.read_text("utf-8")
    assert report.path.stat().st_size < 50_000


def test_a_corrected_report_can_be_imported(tmp_path: Path) -> None:
    with RejectedRows(tmp_path / "lista.csv", HEADER) as report:
        report.add(WRONG, ["João", "+55 41 98888-7777"])
    table = open_table(report.path)
    assert table.header[-2:] == HEADER
    (_, cells), *_ = table.rows()
    assert isinstance(cells, list)
    assert cells[-2:] == ["João", "'+55 41 98888-7777"]


def test_a_warning_says_that_the_contact_was_imported() -> None:
    assert reason_words("zone_unknown", rejects=False).startswith("Aviso (contato importado): ")
    assert reason_words("zone_unknown", rejects=True) == "O fuso horário não foi reconhecido."
