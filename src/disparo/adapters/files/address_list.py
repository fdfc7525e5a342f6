"""Lists of addresses in files: text, CSV or a workbook, with or without a header."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from disparo.adapters.files.csv_table import detect_delimiter, split_rows
from disparo.adapters.files.csv_text import bounded_lines, detect_encoding
from disparo.adapters.files.open_table import is_text, open_table
from disparo.adapters.files.table_header import is_blank
from disparo.ports.row_source import AddressSource, UnreadableRow

_LINES_LOOKED_AT = 100


def open_address_list(path: Path, sheet: str | int | None = None) -> AddressSource:
    """Open a list of numbers, e-mails or hashes; what kind of file it is is told from its content.

    Text may have one address in each line, or columns divided by comma, semicolon or tab. InputError as `open_table`.
    """
    return TextList(path) if is_text(path, sheet) else WorkbookList(path, sheet)


class TextList:
    """`AddressSource` of a text file."""

    def __init__(self, path: Path) -> None:
        self._path, self._size = path, path.stat().st_size
        self._encoding = detect_encoding(path)
        self._raw: BinaryIO | None = None
        with self._open() as file:
            self._delimiter = detect_delimiter([*islice(bounded_lines(file), _LINES_LOOKED_AT)])

    @property
    def name(self) -> str:
        """The file's name, without its folder."""
        return self._path.name

    def rows(self) -> Iterator[tuple[int, list[str] | UnreadableRow]]:
        """See `AddressSource.rows`."""
        with self._open() as file:
            for line, cells in split_rows(bounded_lines(file), self._delimiter):
                if isinstance(cells, UnreadableRow) or not is_blank(cells):
                    yield line, cells

    def fraction_read(self) -> float:
        """See `AddressSource.fraction_read`."""
        if self._raw is None or not self._size:
            return 0.0
        return 1.0 if self._raw.closed else min(1.0, self._raw.tell() / self._size)

    def _open(self) -> io.TextIOWrapper:
        self._raw = self._path.open("rb", 1 << 18)
        return io.TextIOWrapper(self._raw, self._encoding, errors="replace", newline="")


class WorkbookList:
    """`AddressSource` of a worksheet; what a table has for its header is a row like the others here."""

    def __init__(self, path: Path, sheet: str | int | None) -> None:
        self._table = open_table(path, sheet)

    @property
    def name(self) -> str:
        """The file's name, without its folder."""
        return self._table.name

    def rows(self) -> Iterator[tuple[int, list[str] | UnreadableRow]]:
        """See `AddressSource.rows`; the header's line is told as 1."""
        yield 1, list(self._table.header)
        yield from self._table.rows()

    def fraction_read(self) -> float:
        """See `AddressSource.fraction_read`."""
        return self._table.fraction_read()
