"""The report of wrong rows, written beside the contact file."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from disparo.domain.contact_row import RowProblem
from disparo.domain.errors import InputError
from disparo.domain.exported_cell import harmless
from disparo.domain.reason_words import reason_words

_COLUMNS = ("linha", "coluna", "motivo", "valor")


class RejectedRows:
    """Writes `<file>.rejeitados.csv` beside a contact file: what was wrong, in Portuguese, with the row's own
    cells.

    A context manager: the report appears, whole and in place of an older one, when the block ends without an
    error and something was added; otherwise nothing is left and an older report goes when the file is now
    clean. Semicolons and a UTF-8 mark, so that Excel in Brazil opens it; a cell that a spreadsheet would run
    is written with a `'` in front. Not for use outside its block.
    """

    def __init__(self, input_path: Path, header: Sequence[str]) -> None:
        self.path = input_path.with_name(f"{input_path.stem}.rejeitados.csv")
        self._header = header
        self._file: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        return self

    def add(self, problem: RowProblem, cells: Sequence[str]) -> None:
        """Write one problem; see RejectedSink."""
        if self._file is None:
            self._open()
        words = reason_words(problem.reason, problem.rejects)
        row = (str(problem.line), problem.column, words, problem.value, *cells)
        self._writer.writerow([harmless(cell) for cell in row])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None:
            if kind is None:
                self.path.unlink(missing_ok=True)
            return
        temporary = Path(self._file.name)
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            if kind is None:
                temporary.replace(self.path)
        finally:
            self._file.close()
            temporary.unlink(missing_ok=True)

    @property
    def written(self) -> bool:
        """Whether anything was added."""
        return self._file is not None

    def _open(self) -> None:
        try:
            self._file = self._temporary()
        except OSError as error:
            why = error.strerror
            raise InputError(f"{self.path}: não pôde ser gravado ({why}); ponha os contatos numa pasta sua") from None
        self._writer = csv.writer(self._file, delimiter=";")
        self._writer.writerow([*_COLUMNS, *map(harmless, self._header)])

    def _temporary(self) -> IO[str]:
        return tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8-sig",
            newline="",
            dir=self.path.parent,
            prefix=f".{self.path.name}.",
            delete=False,
        )
