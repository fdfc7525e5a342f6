"""Contact tables in CSV files."""

from __future__ import annotations

import csv
import io
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from disparo.adapters.files.csv_text import LONGEST_LINE, bounded_lines, detect_encoding
from disparo.adapters.files.table_header import (
    ROWS_SEARCHED,
    find_header,
    header_score,
    is_blank,
    titles,
)
from disparo.domain.errors import InputError
from disparo.ports.row_source import TableFacts, UnreadableRow

Cells = list[str] | UnreadableRow

_DELIMITERS = (",", ";", "\t")
_MOST_LINES_OF_ROW = 1_000
_MOST_CHARACTERS_OF_ROW = 2 * LONGEST_LINE
_MOST_CHARACTERS_OF_HEAD = 1 << 20
_SHOWN = 200


class _UnclosedQuoteError(Exception):
    """A quoted cell went on to the end of the file, or for longer than any cell does."""


class _Feed:
    """Hands lines to the CSV parser one by one and remembers those of the row under way, to go back to the
    second.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self.row_lines: list[str] = []
        self._row_characters = 0
        self.gave_back = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.row_lines:
            self._row_characters += len(self.row_lines[-1])
            if len(self.row_lines) > _MOST_LINES_OF_ROW or self._row_characters > _MOST_CHARACTERS_OF_ROW:
                raise _UnclosedQuoteError
        line = self._again.popleft() if self._again else next(self._lines, None)
        if line is None:
            if self.row_lines:
                raise _UnclosedQuoteError
            raise StopIteration
        self.row_lines.append(line)
        return line

    def row_done(self) -> int:
        """Forget the row's lines; how many they were."""
        count = len(self.row_lines)
        self.row_lines = []
        self._row_characters = 0
        return count

    def keep_only_first(self) -> str:
        """Take all lines of the row but the first to be read again; the first is returned."""
        self._again.extendleft(reversed(self.row_lines[1:]))
        self.gave_back = len(self.row_lines) > 1
        self.row_lines = self.row_lines[:1]
        return self.row_lines[0]


def split_rows(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, Cells]]:
    """All rows, blank ones too, each with the line on which it begins.

    A quote that is never closed, or closed by a quote that opens a later cell, costs its own line only:
    reading goes on with the line below.
    """
    csv.field_size_limit(2 * _MOST_CHARACTERS_OF_ROW)
    feed = _Feed(lines)
    parser = csv.reader(feed, delimiter=delimiter, strict=True, skipinitialspace=True)
    line = 1
    while True:
        try:
            cells: Cells = next(parser)
        except StopIteration:
            return
        except (_UnclosedQuoteError, csv.Error) as error:
            first = feed.keep_only_first()
            unclosed = isinstance(error, _UnclosedQuoteError) or feed.gave_back
            if unclosed:
                cells = UnreadableRow("unclosed_quote", first[:_SHOWN].rstrip())
            else:
                cells = _split_loosely(first, delimiter)
            parser = csv.reader(feed, delimiter=delimiter, strict=True, skipinitialspace=True)
        yield line, cells
        line += feed.row_done()


def _split_loosely(line: str, delimiter: str) -> Cells:
    """A row such as `"ACME" Ltda,41...`: the quotes are part of the words."""
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return UnreadableRow("unreadable_row", line[:_SHOWN].rstrip())


class CsvTable:
    """A CSV file as a RowSource; see `open_table` for what is accepted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = path.stat().st_size
        self._encoding = detect_encoding(path)
        self._raw: BinaryIO | None = None
        head = self._head()
        self._delimiter = detect_delimiter(head)
        self._header_line, self.header = self._find_header(head)

    @property
    def name(self) -> str:
        """The file's name, without its folder."""
        return self._path.name

    @property
    def facts(self) -> TableFacts:
        """See `DescribedSource.facts`."""
        encoding = "utf-8" if self._encoding == "utf-8-sig" else self._encoding
        return TableFacts("csv", self._header_line, encoding, self._delimiter)

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """See `RowSource.rows`."""
        with self._open() as file:
            for line, cells in split_rows(bounded_lines(file), self._delimiter):
                if line <= self._header_line:
                    continue
                if isinstance(cells, UnreadableRow) or not is_blank(cells):
                    yield line, cells

    def fraction_read(self) -> float:
        """See `RowSource.fraction_read`."""
        if self._raw is None or not self._size:
            return 0.0
        return 1.0 if self._raw.closed else min(1.0, self._raw.tell() / self._size)

    def _open(self) -> io.TextIOWrapper:
        self._raw = self._path.open("rb", 1 << 18)
        return io.TextIOWrapper(self._raw, self._encoding, errors="replace", newline="")

    def _head(self) -> list[str]:
        """The first lines, enough to find the header in, or fewer where they are huge."""
        head: list[str] = []
        characters = 0
        with self._open() as file:
            for line in bounded_lines(file):
                head.append(line)
                characters += len(line)
                if len(head) == ROWS_SEARCHED * 2 or characters > _MOST_CHARACTERS_OF_HEAD:
                    break
        return head

    def _find_header(self, head: list[str]) -> tuple[int, tuple[str, ...]]:
        rows = [
            (line, cells)
            for line, cells in islice(split_rows(head, self._delimiter), ROWS_SEARCHED)
            if isinstance(cells, list) and not _is_separator_hint(cells, line)
        ]
        position = find_header([cells for _, cells in rows])
        if position is None:
            raise InputError(f"{self.name}: o arquivo está vazio; precisa de um cabeçalho e de contatos abaixo dele")
        line, cells = rows[position]
        if not any(True for _ in islice(self._below(line), 1)):
            raise InputError(f"{self.name}: há um cabeçalho (linha {line}), mas nenhum contato abaixo dele")
        return line, titles(cells)

    def _below(self, header_line: int) -> Iterator[Cells]:
        with self._open() as file:
            for line, cells in split_rows(bounded_lines(file), self._delimiter):
                if line > header_line and (isinstance(cells, UnreadableRow) or not is_blank(cells)):
                    yield cells


def _is_separator_hint(cells: list[str], line: int) -> bool:
    """Excel's own first line `sep=;`, split by the separator that it names."""
    return line == 1 and cells[:1] in (["sep="], ["sep=,"], ["sep=;"], ["sep=\t"]) and not any(cells[1:])


def detect_delimiter(head: list[str]) -> str:
    """The delimiter by which a header is recognised best, else the one by which most rows have the same
    width.
    """
    if head and head[0].lower().startswith("sep=") and head[0][4:5] in _DELIMITERS:
        return head[0][4]
    return max(_DELIMITERS, key=lambda delimiter: _delimiter_score(head, delimiter))


def _delimiter_score(head: list[str], delimiter: str) -> tuple[int, int, int]:
    rows = [cells for _, cells in split_rows(head, delimiter) if isinstance(cells, list) and cells]
    widths = Counter(len(cells) for cells in rows if len(cells) > 1)
    width, count = widths.most_common(1)[0] if widths else (1, 0)
    return max(map(header_score, rows[:ROWS_SEARCHED]), default=0), count, width
