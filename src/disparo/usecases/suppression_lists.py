"""Bringing in lists of addresses that must be left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from disparo.domain.address_list import FIRST_COLUMN, addresses, header_columns
from disparo.domain.contact import Channel
from disparo.domain.contact_row import RowProblem
from disparo.domain.suppression import HASHED, Suppression, hashed_key
from disparo.ports.row_source import AddressSource, RejectedSink, UnreadableRow
from disparo.ports.store import Store

OnProgress = Callable[[int, float], None]
"""Called after every batch with the rows read so far and the fraction of the source (0.0 to 1.0)."""

DO_NOT_CALL = "do_not_call"

BATCH = 2_000
"""Addresses of one write: in SQLite 20 ms, during which nothing else happens."""

_PAGE = 1_000
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class ListReport:
    """What came of a list: `rows` with content, `addresses` in them (repeats counted), `rejected` rows without any.

    `by_reason` counts the problems by their code, `cancelled` the messages that had not begun and now never will.
    """

    rows: int
    addresses: int
    rejected: int
    cancelled: int
    by_reason: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ListTerms:
    """How a list is taken: on one channel or (None) on any, and whether addresses are kept as hashes only."""

    channel: Channel | None = None
    hashed: bool = False
    region: str = "BR"


@dataclass(slots=True)
class _Reading:
    """A list while it is read."""

    source: AddressSource
    terms: ListTerms
    rejected_rows: RejectedSink | None
    rows: int = 0
    addresses: int = 0
    rejected: int = 0
    by_reason: Counter[str] = field(default_factory=Counter)
    has_hashes: bool = False

    def suppressions(self, now: datetime) -> Iterator[Suppression]:
        """Each address of the list."""
        columns: tuple[int, ...] | None = None
        for line, cells in self.source.rows():
            if columns is None:
                titles = None if isinstance(cells, UnreadableRow) else header_columns(cells)
                columns = titles or FIRST_COLUMN
                if titles is not None:
                    continue
            self.rows += 1
            for key in self._keys(line, cells, columns):
                self.addresses += 1
                self.has_hashes = self.has_hashes or key.startswith(HASHED)
                yield Suppression(key, self.terms.channel, DO_NOT_CALL, f"{self.source.name}:{line}", now)

    def _keys(self, line: int, cells: list[str] | UnreadableRow, columns: Sequence[int]) -> list[str]:
        if isinstance(cells, UnreadableRow):
            self._reject(RowProblem(line, "", cells.reason, cells.text[:_SHOWN], rejects=True), [cells.text])
            return []
        keys, wrong = addresses(cells, columns, self.terms.region)
        if not keys:
            reason, value = (wrong[0].reason, wrong[0].value) if wrong else ("no_address", "")
            self._reject(RowProblem(line, "", reason, value[:_SHOWN], rejects=True), cells)
        return [hashed_key(key) for key in keys] if self.terms.hashed else keys

    def _reject(self, problem: RowProblem, cells: Sequence[str]) -> None:
        self.rejected += 1
        self.by_reason[problem.reason] += 1
        if self.rejected_rows is not None:
            self.rejected_rows.add(problem, cells)


async def import_list(
    store: Store,
    source: AddressSource,
    terms: ListTerms,
    now: datetime,
    *,
    rejected: RejectedSink | None = None,
    on_progress: OnProgress | None = None,
) -> ListReport:
    """Suppress every address of a list, for the reason `do_not_call` and with its row as the source.

    From the return on no message to them begins (I5), nor to contacts that are imported later. Importing the same list
    again changes nothing. After a kill in its middle what was read so far holds; the same import again does the rest.
    InputError where the file cannot be read to its end.
    """
    reading = _Reading(source, terms, rejected)
    cancelled = 0
    batch: list[Suppression] = []
    for one in reading.suppressions(now):
        batch.append(one)
        if len(batch) == BATCH:
            cancelled += await store.suppressions.add(batch)
            batch = []
            if on_progress is not None:
                on_progress(reading.rows, source.fraction_read())
    if batch:
        cancelled += await store.suppressions.add(batch)
    if reading.has_hashes:
        cancelled += await _enforce(store, now)
    return ListReport(
        reading.rows, reading.addresses, reading.rejected, cancelled, dict(reading.by_reason.most_common())
    )


async def _enforce(store: Store, now: datetime) -> int:
    """Cancel what waits of every contact whose address is on a list as a hash: hashes cannot be looked up backwards."""
    cancelled = 0
    for one in await store.contacts.lists():
        after: str | None = None
        while page := await store.contacts.page(one.name, after, _PAGE):
            found = await store.suppressions.matching([key for contact in page for key in contact.keys])
            if found:
                cancelled += await store.suppressions.enforce([suppression.key for suppression in found], now)
            after = page[-1].id
    return cancelled
