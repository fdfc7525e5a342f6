from __future__ import annotations

import csv
import io

from hypothesis import example, given
from hypothesis import strategies as st

from disparo.adapters.files.csv_table import split_rows
from disparo.domain.contact_columns import recognise_columns
from disparo.domain.contact_row import read_row, split_cell
from disparo.ports.row_source import UnreadableRow

CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TABLES = st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=8)
NOISE = st.lists(st.text('ab,;"\n', max_size=12).map(lambda text: text + "\n"), max_size=30)


@given(TABLES, st.sampled_from(",;\t"))
def test_what_a_csv_writer_wrote_is_read_back(table: list[list[str]], delimiter: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(table)
    lines = io.StringIO(text.getvalue(), newline="")
    found = [cells for _, cells in split_rows(lines, delimiter)]
    assert [[cell.lstrip(" ") for cell in cells] for cells in found if isinstance(cells, list)] == [
        [cell.lstrip(" ") for cell in cells] for cells in table
    ]
    assert len(found) == len(table)


@given(NOISE)
@example(['"a,b\n', "c,d\n", '"e,f\n'])
def test_any_text_ends_and_every_line_is_in_exactly_one_row(pieces: list[str]) -> None:
    lines = io.StringIO("".join(pieces), newline="").readlines()
    starts = [line for line, _ in split_rows(lines, ",")]
    assert starts == sorted(set(starts))
    assert all(1 <= start <= len(lines) for start in starts)
    assert bool(starts) == bool(lines)


@given(NOISE, st.integers(0, 30))
def test_a_good_row_after_any_text_without_quotes_is_never_lost(pieces: list[str], at: int) -> None:
    """One stray quote costs at most its own line."""
    clean = [piece.replace('"', "").replace("\n", "") + "\n" for piece in pieces]
    clean.insert(min(at, len(clean)), '"stray,x\n')
    found = [cells for _, cells in split_rows([*clean, "Ana,ana@x.com\n"], ",")]
    assert found[-1] == ["Ana", "ana@x.com"]
    assert len(found) == len(clean) + 1
    assert sum(isinstance(cells, UnreadableRow) for cells in found) == 1


MAPPING = recognise_columns(["Nome", "Contato", "CNPJ/CPF", "Email", "Telefone", "UF", "Fuso", "Prioridade"])
ROWS = st.lists(
    st.one_of(CELLS, st.sampled_from(["=1+1", "a@x.com", "41 98888-7777|x", "SP", "\0", "@", "+", "x" * 40_000])),
    max_size=10,
)


@given(ROWS)
def test_any_row_is_a_draft_with_an_address_or_rejected_with_a_reason(cells: list[str]) -> None:
    reading = read_row(cells, MAPPING, file="f.csv", line=2)
    if reading.draft is None:
        assert any(problem.rejects for problem in reading.problems)
    else:
        assert reading.draft.phone or reading.draft.email
        assert not any(problem.rejects for problem in reading.problems)
    assert all(len(problem.value) <= 80 and problem.reason for problem in reading.problems)


@given(st.text(max_size=60))
def test_parts_of_a_cell_are_never_blank(text: str) -> None:
    assert all(part.strip() for part in split_cell(text.strip()))
