"""A table of contacts, wherever it comes from, and where what was wrong in it is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from disparo.domain.contact_row import RowProblem


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row that could not be split into cells: the reason (stable code) and the beginning of its text."""

    reason: str
    text: str


class RowSource(Protocol):
    """A table whose header is known and whose rows are read one by one, in constant memory."""

    @property
    def name(self) -> str:
        """What a row's source is called by: the file's name without its folder."""
        ...

    @property
    def header(self) -> tuple[str, ...]:
        """The titles of the columns, as written."""
        ...

    def rows(self) -> Iterator[tuple[int, list[str] | UnreadableRow]]:
        """The rows below the header, in the file's order, each with its line as an editor or spreadsheet
        counts it.

        Blank rows are left out; a row may have fewer or more cells than the header. A row that cannot be
        split comes as UnreadableRow and the next ones follow. Every call starts again from the first row.
        Raises InputError where the rest of the file cannot be read at all (damaged archive).
        """
        ...

    def fraction_read(self) -> float:
        """How much of the source the present iteration has read, from 0.0 to 1.0; only good for a progress
        bar.
        """
        ...


@dataclass(frozen=True, slots=True)
class TableFacts:
    """How a table was read: its `kind` (`csv`, `xlsx`, `xls`...), of text its `encoding` and `delimiter`, of a workbook
    the `sheet` that was chosen among its `sheets`; `header_line` is the line of the titles."""

    kind: str
    header_line: int
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()


class DescribedSource(RowSource, Protocol):
    """A table that tells how it was read."""

    @property
    def facts(self) -> TableFacts:
        """How it was read."""
        ...


class AddressSource(Protocol):
    """A list of addresses whose rows are read one by one, in constant memory; it may have no header."""

    @property
    def name(self) -> str:
        """What a row's source is called by: the file's name without its folder."""
        ...

    def rows(self) -> Iterator[tuple[int, list[str] | UnreadableRow]]:
        """All rows but blank ones, a header too, as `RowSource.rows` gives them."""
        ...

    def fraction_read(self) -> float:
        """See `RowSource.fraction_read`."""
        ...


class RejectedSink(Protocol):
    """Takes what was wrong in a file, row by row."""

    def add(self, problem: RowProblem, cells: Sequence[str]) -> None:
        """Keep one problem with the row's cells as they were read; problems come in the file's order."""
        ...
