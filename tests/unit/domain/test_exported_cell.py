from __future__ import annotations

import pytest

from disparo.domain.contact_row import LONGEST_CELL
from disparo.domain.exported_cell import harmless


@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("http://x.example","clique")',
        "+55 41 98888-7777",
        "-2+3",
        "@SUM(A1)",
        "\tx",
        "\r=1",
        "\n=1",
        "   =1+1",
        "\xa0=1",
        "＝1",
    ],
)
def test_what_a_spreadsheet_would_run_is_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Ana", "a=b", "41 98888-7777", "R$ 5", "'já"])
def test_everything_else_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell


def test_what_no_workbook_may_hold_is_shown_as_a_sign() -> None:
    assert harmless("a\0b\x08c\ud800") == "a␀b␀c␀"


def test_no_cell_is_longer_than_a_spreadsheet_takes() -> None:
    assert len(harmless("=" + "x" * LONGEST_CELL)) == LONGEST_CELL
