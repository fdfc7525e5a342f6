"""Contact tables in the older and rarer workbook formats: XLS, XLSB, ODS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from disparo.adapters.files.cell_text import cell_text
from disparo.adapters.files.sheet_choice import choose_sheet
from disparo.adapters.files.sheet_rows import rows_below, sheet_header
from disparo.adapters.files.workbook_archive import size_text
from disparo.domain.errors import InputError
from disparo.ports.row_source import TableFacts, UnreadableRow

LARGEST = 128 * 1024**2
"""Bytes, unpacked: these formats are held in memory whole (XLS itself ends at 65,536 rows)."""


class LegacyTable:
    """One sheet as a RowSource; see `open_table` for what is accepted."""

    def __init__(self, path: Path, sheet: str | int | None, size: int) -> None:
        self.name = path.name
        if size > LARGEST:
            raise InputError(f"{self.name}: grande demais neste formato ({size_text(size)}); salve como XLSX ou CSV")
        try:
            self._workbook = CalamineWorkbook.from_path(path)
            chosen = choose_sheet(self.name, self._sheets(), sheet, lambda name: self._sheet(name).height > 0)
            self._sheet_name = chosen
            self._rows = self._sheet(chosen)
        except PasswordError:
            raise InputError(f"{self.name}: protegido por senha; salve sem senha") from None
        except (CalamineError, OSError, ValueError) as error:
            raise InputError(f"{self.name}: não é uma planilha legível; salve como XLSX ou CSV") from error
        self._done = 0
        self._header_row, self.header = sheet_header(f"{self.name}: a aba {chosen!r}", self._all())

    @property
    def facts(self) -> TableFacts:
        """See `DescribedSource.facts`."""
        kind = Path(self.name).suffix.lstrip(".").lower() or "xls"
        return TableFacts(kind[:4], self._header_row, sheet=self._sheet_name, sheets=tuple(self._sheets()))

    def rows(self) -> Iterator[tuple[int, list[str] | UnreadableRow]]:
        """See `RowSource.rows`."""
        return rows_below(self._all(), self._header_row, len(self.header))

    def fraction_read(self) -> float:
        """See `RowSource.fraction_read`."""
        return min(1.0, self._done / self._rows.height) if self._rows.height else 1.0

    def _sheets(self) -> list[str]:
        return [meta.name for meta in self._workbook.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]

    def _sheet(self, name: str) -> CalamineSheet:
        return self._workbook.get_sheet_by_name(name)

    def _all(self) -> Iterator[tuple[int, list[str]]]:
        first = self._rows.start[0] + 1 if self._rows.start else 1
        for done, cells in enumerate(self._rows.iter_rows()):
            self._done = done + 1
            yield first + done, [cell_text(cell) for cell in cells]
