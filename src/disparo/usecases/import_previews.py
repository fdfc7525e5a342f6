"""Looking into a contact file before it is imported: what its columns seem to be, and what would become of its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from disparo.domain.contact_columns import ColumnMapping, recognise_columns
from disparo.domain.contact_mapping import IGNORED, VARIABLE, ColumnGuess, guess_columns, mapped_columns
from disparo.domain.contact_row import RowProblem, RowReading, read_row, unreadable_row
from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.errors import InputError
from disparo.domain.phone_number import PhoneError, parse_phone
from disparo.ports.row_source import DescribedSource, TableFacts, UnreadableRow

SHOWN = 20
"""Rows that are shown as they are."""
JUDGED = 50_000
"""Rows that are read and judged: half a second of work."""
_GUESSED_BY = 200
_LONGEST_CELL = 200


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row as the file has it, and what it would be: `reading.draft` is None where it would be rejected."""

    line: int
    cells: Sequence[str]
    reading: RowReading | None
    """None while no column is known to hold addresses."""


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What a file is, what its columns seem to be, its first rows, and what would become of the first `judged` rows.

    `mapping` is what was used, by variable. Where it is of no use (no column holds addresses) `fault` says why, and no
    row is judged. `whole` says that the file ends with the rows that were judged.
    """

    file: str
    facts: TableFacts
    columns: Sequence[ColumnGuess]
    mapping: Mapping[str, str]
    fault: str
    rows: Sequence[PreviewRow]
    judged: int = 0
    rejected: int = 0
    warnings: int = 0
    by_reason: Mapping[str, int] = field(default_factory=dict)
    rejections: Sequence[RowProblem] = ()
    """The first problems that would cost a contact."""
    whole: bool = False

    headless: bool = False
    """Whether a title is itself a number or an e-mail: then the first contact was taken for the titles."""

    @property
    def good(self) -> int:
        """Rows that would become contacts, or meet one."""
        return self.judged - self.rejected


@dataclass(slots=True)
class _Judged:
    judged: int = 0
    rejected: int = 0
    warnings: int = 0
    by_reason: Counter[str] = field(default_factory=Counter)
    rejections: list[RowProblem] = field(default_factory=list)
    whole: bool = False

    def take(self, reading: RowReading) -> None:
        self.judged += 1
        self.rejected += reading.draft is None
        for problem in reading.problems:
            self.by_reason[problem.reason] += 1
            self.warnings += not problem.rejects
            if problem.rejects and len(self.rejections) < SHOWN:
                self.rejections.append(problem)


def preview(
    open_rows: Callable[[Path, str | int | None], DescribedSource],
    path: Path,
    *,
    sheet: str | None = None,
    mapping: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    region: str = "BR",
    most: int = JUDGED,
) -> ImportPreview:
    """Look into a file; with `mapping` (see `mapped_columns`) or `columns` (see `recognise_columns`) as they would be.

    Blocks for as long as it reads: call it in a thread. InputError for what cannot be read as a table at all.
    """
    source = open_rows(path, int(sheet) if sheet and sheet.isdecimal() else sheet)
    first = [cells for _, cells in islice(source.rows(), _GUESSED_BY) if not isinstance(cells, UnreadableRow)]
    guesses = guess_columns(source.header, first, region)
    try:
        used: ColumnMapping | None = _mapping(source.header, guesses, mapping, columns)
        fault = ""
    except InputError as error:
        used, fault = None, str(error)
    rows: list[PreviewRow] = []
    judged = _Judged()
    for line, cells, reading in islice(_read(source, used, region), SHOWN if used is None else most):
        if len(rows) < SHOWN:
            rows.append(PreviewRow(line, [cell[:_LONGEST_CELL] for cell in cells], reading))
        if used is not None and reading is not None:
            judged.take(reading)
    judged.whole = used is not None and judged.judged < most
    return ImportPreview(
        source.name,
        source.facts,
        guesses,
        _told(used, guesses, mapping),
        fault,
        rows,
        judged.judged,
        judged.rejected,
        judged.warnings,
        dict(judged.by_reason.most_common()),
        judged.rejections,
        judged.whole,
        any(_is_address(title, region) for title in source.header),
    )


def _is_address(title: str, region: str) -> bool:
    try:
        if "@" in title:
            parse_email(title)
        else:
            parse_phone(title, region)
    except (EmailError, PhoneError):
        return False
    return True


def _mapping(
    header: Sequence[str],
    guesses: Sequence[ColumnGuess],
    mapping: Mapping[str, str] | None,
    columns: Mapping[str, str] | None,
) -> ColumnMapping:
    if mapping is not None:
        return mapped_columns(header, mapping)
    if columns:
        return recognise_columns(header, columns)
    return mapped_columns(header, {one.variable: one.choice for one in guesses})


def _told(
    used: ColumnMapping | None, guesses: Sequence[ColumnGuess], mapping: Mapping[str, str] | None
) -> dict[str, str]:
    """What each column is taken for, by variable."""
    if used is None:
        return {one.variable: (mapping or {}).get(one.variable, one.choice) for one in guesses}
    fields = {variable: str(name) for name, variables in used.fields.items() for variable in variables}
    return {one: fields.get(one, IGNORED if one in used.ignored else VARIABLE) for one in used.variables}


def _read(
    source: DescribedSource, mapping: ColumnMapping | None, region: str
) -> Iterator[tuple[int, Sequence[str], RowReading | None]]:
    for line, cells in source.rows():
        if isinstance(cells, UnreadableRow):
            yield line, (cells.text,), unreadable_row(line, cells.reason, cells.text)
        elif mapping is None:
            yield line, cells, None
        else:
            yield line, cells, read_row(cells, mapping, file=source.name, line=line, region=region)
