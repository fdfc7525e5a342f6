"""Contact tables in Excel workbooks (XLSX), as a stream."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from xml.parsers.expat import ExpatError

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.xml.constants import SHARED_STRINGS

from disparo.adapters.files.shared_strings import SharedStrings
from disparo.adapters.files.sheet_choice import choose_sheet
from disparo.adapters.files.sheet_rows import rows_below, sheet_header
from disparo.adapters.files.sheet_stream import WorkbookFormats, stream_rows
from disparo.adapters.files.table_header import is_blank
from disparo.adapters.files.workbook_archive import open_archive, refuse_oversized_parts
from disparo.domain.errors import InputError
from disparo.ports.row_source import TableFacts, UnreadableRow

_DAMAGE = (ExpatError, zipfile.BadZipFile, zlib.error, EOFError, IndexError, ValueError, NotImplementedError)


class _Parts(ExcelReader):  # type: ignore[misc]
    """openpyxl's reader of a workbook's parts: only those that the cells need, the texts kept small, no
    sheet.
    """

    def read(self) -> None:
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)
        self.paths = {
            sheet.name: rel.target
            for sheet, rel in self.parser.find_sheets()
            if rel.target in self.valid_files and "chartsheet" not in rel.Type
        }

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is not None:
            with self.archive.open(part.PartName[1:]) as source:
                self.shared_strings = SharedStrings(source)


class XlsxTable:
    """One worksheet as a RowSource; see `open_table` for what is accepted."""

    def __init__(self, path: Path, sheet: str | int | None) -> None:
        self._path = path
        self._archive = open_archive(path)
        try:
            refuse_oversized_parts(self._archive, self.name)
            parts = self._read_parts()
            workbook: Any = parts.wb
            self._formats = WorkbookFormats(
                parts.shared_strings,
                frozenset(workbook._date_formats),
                frozenset(workbook._timedelta_formats),
                workbook.epoch,
            )
            self._paths: dict[str, str] = parts.paths
            self._sheet = chosen = choose_sheet(self.name, list(self._paths), sheet, self._has_rows)
            self._member = self._archive.getinfo(self._paths[chosen])
            self._source: IO[bytes] | None = None
            self._header_row, self.header = sheet_header(
                f"{self.name}: a aba {chosen!r}", self._stream(self._member.filename)
            )
        except BaseException:
            self._archive.close()
            raise

    @property
    def name(self) -> str:
        """The file's name, without its folder."""
        return self._path.name

    @property
    def facts(self) -> TableFacts:
        """See `DescribedSource.facts`."""
        return TableFacts("xlsx", self._header_row, sheet=self._sheet, sheets=tuple(self._paths))

    def rows(self) -> Iterator[tuple[int, list[str] | UnreadableRow]]:
        """See `RowSource.rows`."""
        return rows_below(self._stream(self._member.filename), self._header_row, len(self.header))

    def fraction_read(self) -> float:
        """See `RowSource.fraction_read`."""
        if self._source is None or not self._member.file_size:
            return 0.0
        return 1.0 if self._source.closed else min(1.0, self._source.tell() / self._member.file_size)

    def _read_parts(self) -> _Parts:
        try:
            with warnings.catch_warnings(), self._path.open("rb") as file:
                warnings.simplefilter("ignore")
                parts = _Parts(file, read_only=True, data_only=True, keep_links=False)
                parts.read()
        except MemoryError:
            raise
        except Exception:  # openpyxl raises whatever a wrong part leads it to: KeyError, TypeError, AttributeError
            raise InputError(f"{self.name}: não é uma planilha legível; abra no Excel e salve de novo") from None
        return parts

    def _stream(self, member: str) -> Iterator[tuple[int, list[str]]]:
        try:
            with self._archive.open(member) as source:
                self._source = source
                yield from stream_rows(source, self._formats)
        except _DAMAGE:
            raise InputError(f"{self.name}: a planilha está danificada; baixe ou salve de novo") from None

    def _has_rows(self, sheet: str) -> bool:
        return any(not is_blank(cells) for _, cells in self._stream(self._paths[sheet]))
