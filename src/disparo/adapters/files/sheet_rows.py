"""What all workbook formats do with the rows of a sheet."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from disparo.adapters.files.table_header import ROWS_SEARCHED, find_header, is_blank, titles
from disparo.domain.errors import InputError

SheetRows = Iterator[tuple[int, list[str]]]


def sheet_header(where: str, rows: SheetRows) -> tuple[int, tuple[str, ...]]:
    """The row of the header and its titles. Raises InputError for an empty sheet and for one without rows below."""
    head = list(islice(rows, ROWS_SEARCHED))
    position = find_header([cells for _, cells in head])
    if position is None:
        raise InputError(f"{where} está vazia; precisa de um cabeçalho e de contatos abaixo dele")
    row, cells = head[position]
    below = any(not is_blank(cells) for _, cells in head[position + 1 :])
    if not below and not any(not is_blank(cells) for _, cells in rows):
        raise InputError(f"{where} tem um cabeçalho (linha {row}), mas nenhum contato abaixo dele")
    return row, titles(cells)


def rows_below(rows: SheetRows, header_row: int, width: int) -> SheetRows:
    """The rows under a header that hold something in its columns; a sheet's other cells belong to no column."""
    for row, cells in rows:
        if row > header_row:
            cells = cells[:width]
            if not is_blank(cells):
                yield row, cells
