"""Bringing a contact file into a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from disparo.domain.contact import ContactDraft
from disparo.domain.contact_columns import ColumnMapping, recognise_columns
from disparo.domain.contact_import import ImportCounts
from disparo.domain.contact_mapping import mapped_columns
from disparo.domain.contact_row import RowProblem, RowReading, read_row, unreadable_row
from disparo.domain.errors import InputError
from disparo.domain.forgotten import is_forgotten
from disparo.ports.contacts import Contacts, FoldOutcome, FoldResult
from disparo.ports.row_source import RejectedSink, RowSource, UnreadableRow

OnProgress = Callable[[int, float], None]
"""Called after every batch with the rows read so far and the fraction of the source (0.0 to 1.0)."""

BATCH = 20_000
"""Rows of one transaction. Addresses come in no order, so that in a large list each row touches pages of the indexes of
its own: the more rows share a commit, the fewer pages are written twice."""

_MOST_CHARACTERS = 16_000_000
"""A batch of rows with huge cells ends sooner: memory stays bounded."""

_SAMPLE = 5


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with `dry_run` what it would read; each row is counted once among the outcomes.

    `rows` = created + completed + unchanged + duplicates + rejected (in a dry run only `rows` and `rejected`
    are known). `warnings` counts problems that cost no contact, `by_reason` all problems by their code,
    `sample` holds the first drafts.
    """

    rows: int
    created: int
    completed: int
    unchanged: int
    duplicates: int
    rejected: int
    warnings: int
    by_reason: Mapping[str, int]
    sample: tuple[ContactDraft, ...]
    mapping: ColumnMapping
    dry_run: bool


Rejection = tuple[RowProblem, Sequence[str]]
"""A problem with the cells of its row."""


@dataclass(frozen=True, slots=True)
class FoldedBatch:
    """Rows that were folded together: those behind line `after` down to `line`, and what was wrong in them."""

    after: int
    line: int
    counts: ImportCounts
    fraction: float
    problems: Sequence[Rejection]


@dataclass(slots=True)
class _Tally:
    rows: int = 0
    rejected: int = 0
    warnings: int = 0
    outcomes: Counter[FoldOutcome] = field(default_factory=Counter)
    by_reason: Counter[str] = field(default_factory=Counter)
    sample: list[ContactDraft] = field(default_factory=list)

    def report(self, mapping: ColumnMapping, dry_run: bool) -> ImportReport:
        return ImportReport(
            rows=self.rows,
            created=self.outcomes[FoldOutcome.CREATED],
            completed=self.outcomes[FoldOutcome.COMPLETED],
            unchanged=self.outcomes[FoldOutcome.UNCHANGED],
            duplicates=self.outcomes[FoldOutcome.DUPLICATE],
            rejected=self.rejected,
            warnings=self.warnings,
            by_reason=dict(self.by_reason.most_common()),
            sample=tuple(self.sample),
            mapping=mapping,
            dry_run=dry_run,
        )

    def counts(self) -> ImportCounts:
        return ImportCounts(
            rows=self.rows,
            created=self.outcomes[FoldOutcome.CREATED],
            completed=self.outcomes[FoldOutcome.COMPLETED],
            unchanged=self.outcomes[FoldOutcome.UNCHANGED],
            duplicates=self.outcomes[FoldOutcome.DUPLICATE],
            rejected=self.rejected,
            warnings=self.warnings,
            by_reason=dict(self.by_reason.most_common()),
        )


@dataclass(slots=True)
class _Problems:
    found: list[Rejection] = field(default_factory=list)

    def add(self, problem: RowProblem, cells: Sequence[str]) -> None:
        self.found.append((problem, cells))


@dataclass(frozen=True, slots=True)
class _ReadRow:
    line: int
    cells: Sequence[str]
    reading: RowReading


async def import_contacts(
    rows: RowSource,
    contacts: Contacts,
    *,
    list_name: str,
    overrides: Mapping[str, str] | None = None,
    region: str = "BR",
    dry_run: bool = False,
    row_limit: int | None = None,
    on_progress: OnProgress | None = None,
    rejected: RejectedSink | None = None,
    batch_size: int = BATCH,
) -> ImportReport:
    """Fold every usable row of a table into a list, up to `batch_size` rows per call of the store.

    A wrong row is counted, told to `rejected` and left out; the next ones follow. Numbers without a country are of
    `region`. The same file again changes nothing, also after an import that was cut off: what was folded stays, in
    whole batches, the rest is added. `dry_run` reads and judges the rows (the first `row_limit`, or all) and touches
    no list. Raises InputError, before anything is stored, for a blank list name, an unknown override or a header
    without an address column.
    """
    mapping = _mapping(rows, list_name, overrides)
    tally = _Tally()
    readings = islice(_read(rows, mapping, region), row_limit)
    for batch in _batches(readings, batch_size):
        await _take(None if dry_run else contacts, list_name, batch, tally, rejected)
        if on_progress:
            on_progress(tally.rows, rows.fraction_read())
    return tally.report(mapping, dry_run)


async def fold_batches(
    rows: RowSource,
    contacts: Contacts,
    *,
    list_name: str,
    overrides: Mapping[str, str] | None = None,
    told: Mapping[str, str] | None = None,
    region: str = "BR",
    after: int = 0,
    newest_before: int | None = None,
    arrived_at: datetime | None = None,
    batch_size: int = BATCH,
) -> AsyncGenerator[FoldedBatch, None]:
    """The same as `import_contacts`, batch by batch from behind line `after`; whoever stops may go on there later.

    Where a person `told` what each column is (see `mapped_columns`), that holds and nothing is recognised.

    Each batch comes once it is folded. A batch that was folded before, by somebody who could not say so any more,
    changes nothing, and its new contacts are still counted as created: those above the id `newest_before`, the newest
    there was when the import began. (Contacts that it completed then count as unchanged or duplicates.)

    Who was erased after the file `arrived_at` is not brought back by it: their rows are rejected, and nothing of them
    is told.
    """
    mapping = _mapping(rows, list_name, overrides) if told is None else mapped_columns(rows.header, told)
    for batch in _batches(_read(rows, mapping, region, after), batch_size):
        if arrived_at is not None:
            batch = _without_erased(batch, await contacts.forgotten(arrived_at))
        tally, problems = _Tally(), _Problems()
        await _take(contacts, list_name, batch, tally, problems, newest_before)
        yield FoldedBatch(after, batch[-1].line, tally.counts(), rows.fraction_read(), problems.found)
        after = batch[-1].line


def _mapping(rows: RowSource, list_name: str, overrides: Mapping[str, str] | None) -> ColumnMapping:
    if not list_name.strip():
        raise InputError("a lista de contatos precisa de um nome, que não seja vazio; escreva um, como contatos")
    return recognise_columns(rows.header, overrides)


def _read(rows: RowSource, mapping: ColumnMapping, region: str, after: int = 0) -> Iterator[_ReadRow]:
    name = rows.name
    for line, cells in rows.rows():
        if line <= after:
            continue
        if isinstance(cells, UnreadableRow):
            yield _ReadRow(line, (cells.text,), unreadable_row(line, cells.reason, cells.text))
        else:
            yield _ReadRow(line, cells, read_row(cells, mapping, file=name, line=line, region=region))


def _without_erased(batch: list[_ReadRow], forgotten: Collection[str]) -> list[_ReadRow]:
    """The rows, those of people who were erased without anything in them."""
    return [_blank(row) if is_forgotten(_keys(row), forgotten) else row for row in batch] if forgotten else batch


def _keys(row: _ReadRow) -> tuple[str, ...]:
    draft = row.reading.draft
    return () if draft is None else tuple(key for key in (draft.phone_key, draft.email_key) if key)


def _blank(row: _ReadRow) -> _ReadRow:
    return _ReadRow(row.line, (), RowReading(None, (RowProblem(row.line, "", "erased", "", rejects=True),)))


def _batches(readings: Iterator[_ReadRow], batch_size: int) -> Iterator[list[_ReadRow]]:
    batch: list[_ReadRow] = []
    characters = 0
    for row in readings:
        batch.append(row)
        characters += sum(map(len, row.cells))
        if len(batch) == batch_size or characters > _MOST_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


async def _take(
    contacts: Contacts | None,
    list_name: str,
    batch: Sequence[_ReadRow],
    tally: _Tally,
    rejected: RejectedSink | None,
    newest_before: int | None = None,
) -> None:
    """Fold a batch (without `contacts` only judge it) and count what became of its rows, in their order."""
    drafts = [row.reading.draft for row in batch if row.reading.draft is not None]
    results = iter(await contacts.fold(list_name, drafts) if contacts and drafts else ())
    for row in batch:
        tally.rows += 1
        _note_problems(tally, row, row.reading.problems, rejected)
        if row.reading.draft is None:
            tally.rejected += 1
            continue
        if len(tally.sample) < _SAMPLE:
            tally.sample.append(row.reading.draft)
        if result := next(results, None):
            tally.outcomes[_outcome(result, row.reading.draft, newest_before)] += 1
            if result.lost_addresses or result.outcome is FoldOutcome.DUPLICATE:
                _note_problems(tally, row, _folding_problems(row.line, result), rejected)


def _outcome(result: FoldResult, draft: ContactDraft, newest_before: int | None) -> FoldOutcome:
    """What became of a draft, seen from the beginning of an import whose part may be folded for the second time."""
    met_itself = result.outcome is FoldOutcome.UNCHANGED and result.kept_source == draft.source
    if met_itself and newest_before is not None and int(result.contact_id) > newest_before:
        return FoldOutcome.CREATED
    return result.outcome


def _note_problems(tally: _Tally, row: _ReadRow, problems: Sequence[RowProblem], rejected: RejectedSink | None) -> None:
    for problem in problems:
        tally.by_reason[problem.reason] += 1
        tally.warnings += not problem.rejects
        if rejected:
            rejected.add(problem, row.cells)


def _folding_problems(line: int, result: FoldResult) -> list[RowProblem]:
    problems = [
        RowProblem(line, "", "address_of_other_contact", address, rejects=False) for address in result.lost_addresses
    ]
    if result.outcome is FoldOutcome.DUPLICATE:
        problems.append(RowProblem(line, "", "duplicate", result.kept_source or "", rejects=False))
    return problems
