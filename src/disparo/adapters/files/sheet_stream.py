"""The rows of one worksheet, read as a stream in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO
from xml.parsers import expat

from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.datetime import from_excel

from disparo.adapters.files.cell_text import cell_text, number_text

_BLOCK = 1 << 16
_MOST_COLUMNS = 16_384


@dataclass(frozen=True, slots=True)
class WorkbookFormats:
    """What is needed to understand a cell besides the cell: texts, which styles are dates or durations, day
    zero.
    """

    texts: Sequence[str]
    date_styles: frozenset[int]
    duration_styles: frozenset[int]
    epoch: datetime


def stream_rows(source: IO[bytes], formats: WorkbookFormats) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something, with their numbers in the sheet, cells as text (`cell_text`).

    A formula counts as the value that the spreadsheet program last stored for it; without one it comes as its
    own text, `=1+1`. Merged cells have their value in the first. Raises xml.parsers.expat.ExpatError for
    broken XML.
    """
    sheet = _Sheet(formats)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = sheet.start
    parser.EndElementHandler = sheet.end
    parser.CharacterDataHandler = sheet.text
    while block := source.read(_BLOCK):
        parser.Parse(block)
        if sheet.done_rows:
            yield from sheet.done_rows
            sheet.done_rows.clear()
    parser.Parse(b"", True)


class _Sheet:
    """Collects rows from the parser's events."""

    __slots__ = (
        "_actions", "_attributes", "_cell", "_cells", "_columns", "_formats", "_formula", "_held",
        "_next_column", "_pieces", "_row", "_row_tag", "_value", "done_rows",
    )  # fmt: skip

    def __init__(self, formats: WorkbookFormats) -> None:
        self._formats = formats
        self._columns: dict[str, int] = {}
        self.done_rows: list[tuple[int, list[str]]] = []
        self._row = 0
        self._next_column = 0
        self._cells: list[str] = []
        self._attributes: dict[str, str] = {}
        self._pieces: list[str] | None = None
        self._value = self._formula = ""
        self._actions: dict[str, Callable[[], None]] = {}
        self._held: frozenset[str] = frozenset()
        self._cell = self._row_tag = ""

    def root(self, name: str) -> None:
        """Learn the prefix that the file's writer gave to its elements: none, or something like `x:`."""
        prefix = name.rpartition("worksheet")[0]
        self._cell, self._row_tag = f"{prefix}c", f"{prefix}row"
        self._held = frozenset(f"{prefix}{tag}" for tag in ("v", "t", "f"))
        self._actions = {
            f"{prefix}v": self._end_value,
            f"{prefix}t": self._end_value,
            f"{prefix}f": self._end_formula,
            f"{prefix}c": self._end_cell,
            f"{prefix}row": self._end_row,
        }

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._actions:
            self.root(name)
        elif name == self._cell:
            self._attributes = attributes
            self._value = self._formula = ""
        elif name in self._held:
            self._pieces = []
        elif name == self._row_tag:
            self._row = int(attributes.get("r", self._row + 1))
            self._next_column = 0
            self._cells = []

    def text(self, text: str) -> None:
        if self._pieces is not None:
            self._pieces.append(text)

    def end(self, name: str) -> None:
        action = self._actions.get(name)
        if action is not None:
            action()

    def _taken(self) -> str:
        pieces, self._pieces = self._pieces, None
        return "".join(pieces) if pieces else ""

    def _end_value(self) -> None:
        self._value += self._taken()

    def _end_formula(self) -> None:
        self._formula = "=" + self._taken()

    def _end_cell(self) -> None:
        column = self._column(self._attributes.get("r"))
        self._next_column = column + 1
        text = self._cell_text() if self._value else self._formula
        if text and column < _MOST_COLUMNS:
            cells = self._cells
            if column == len(cells):
                cells.append(text)
            else:
                cells.extend([""] * (column + 1 - len(cells)))
                cells[column] = text

    def _end_row(self) -> None:
        if self._cells:
            self.done_rows.append((self._row, self._cells))

    def _column(self, reference: str | None) -> int:
        if reference is None:
            return self._next_column
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = column_index_from_string(letters) - 1
        return column

    def _cell_text(self) -> str:
        value, kind = self._value, self._attributes.get("t", "n")
        if kind == "s":
            return self._formats.texts[int(value)]
        if kind == "n":
            return self._number(value)
        if kind == "b":
            return cell_text(value == "1")
        return "" if kind == "e" else value

    def _number(self, value: str) -> str:
        style = int(self._attributes.get("s", 0))
        if style in self._formats.date_styles:
            is_duration = style in self._formats.duration_styles
            try:
                return cell_text(from_excel(float(value), self._formats.epoch, timedelta=is_duration))
            except (OverflowError, ValueError):
                return value
        return value if value.isdecimal() else number_text(float(value))
