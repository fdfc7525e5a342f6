"""Finding the header among the first rows of a table."""

from __future__ import annotations

from collections.abc import Sequence

from disparo.domain.contact_columns import ADDRESS_FIELDS, recognise_header

ROWS_SEARCHED = 50
_ROWS_ABOVE_HEADER = 30


def header_score(cells: Sequence[str]) -> int:
    """How many of the cells are titles that we know; 0 when none of them is an address column's."""
    meanings = [found[0] for cell in cells if (found := recognise_header(cell[:100]))]
    return len(meanings) if ADDRESS_FIELDS.intersection(meanings) else 0


def find_header(rows: Sequence[Sequence[str]]) -> int | None:
    """The position of the header among the first rows of a table, None if all of them are blank.

    It is the row with most known titles, so that titles, dates and blank rows may stand above it. If no title
    is known (columns to be named by hand) it is the first row that is about as wide as the widest.
    """
    candidates = rows[:_ROWS_ABOVE_HEADER]
    scores = [header_score(row) for row in candidates]
    if any(scores):
        return scores.index(max(scores))
    widths = [_filled(row) for row in candidates]
    widest = max(widths, default=0)
    return next((i for i, width in enumerate(widths) if width and width * 2 >= widest), None)


def titles(cells: Sequence[str]) -> tuple[str, ...]:
    """The titles of a header, each on one line without spaces around it."""
    return tuple(" ".join(cell.split()) for cell in cells)


def is_blank(cells: Sequence[str]) -> bool:
    """Whether no cell holds anything but spaces."""
    return not any(map(str.strip, cells))


def _filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell.strip())
