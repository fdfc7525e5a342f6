"""Cells that leave for a spreadsheet: a person's text must not become a formula there (OWASP, "CSV Injection")."""

from __future__ import annotations

import re

from disparo.domain.contact_row import LONGEST_CELL

_FORMULA_FIRST = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # some read them, too
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What no XML text may hold (XML 1.0, section 2.2), and so no cell of a workbook."""


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet runs: with a `'` in front where it begins like a formula.

    Every exported text passes here, of CSV and of workbooks alike. Blanks in front do not hide a formula. A number such
    as `+5541999998888` is quoted as well: a spreadsheet would take its `+` away. Control characters are shown as `␀`;
    what is longer than a cell is cut.
    """
    shown = _UNFIT.sub("␀", text[:LONGEST_CELL])
    return f"'{shown}"[:LONGEST_CELL] if shown.lstrip(" \xa0").startswith(_FORMULA_FIRST) else shown
