"""A contact file on its way into a list: how far it got, and what came of its rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from disparo.domain.instants import from_ms, to_ms


class ImportState(StrEnum):
    """Where an import stands; `COMPLETED` and `FAILED` are its ends."""

    DRAFT = "draft"
    """Its file is here or to come, and a person has yet to say what its columns are."""
    ANNOUNCED = "announced"
    """Its file has not come yet, or nobody has looked at it."""
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    """The file cannot be used, or not to its end: what was folded before stays."""


ENDED = frozenset({ImportState.COMPLETED, ImportState.FAILED})


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What became of rows, each counted once: `rows` = created + completed + unchanged + duplicates + rejected.

    `warnings` counts problems that cost no contact, `by_reason` all problems by their code.
    """

    rows: int = 0
    created: int = 0
    completed: int = 0
    unchanged: int = 0
    duplicates: int = 0
    rejected: int = 0
    warnings: int = 0
    by_reason: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Self) -> ImportCounts:
        """Both together."""
        return ImportCounts(
            self.rows + other.rows,
            self.created + other.created,
            self.completed + other.completed,
            self.unchanged + other.unchanged,
            self.duplicates + other.duplicates,
            self.rejected + other.rejected,
            self.warnings + other.warnings,
            dict((Counter(self.by_reason) + Counter(other.by_reason)).most_common()),
        )


@dataclass(frozen=True, slots=True)
class ImportPart:
    """A stretch of a file that was folded: the rows behind line `after` down to `line`."""

    after: int
    line: int
    counts: ImportCounts
    fraction: float
    """How much of the file is read, from 0.0 to 1.0."""
    has_report: bool = False
    """Whether a report of its wrong rows was kept, under the number `after`."""


@dataclass(frozen=True, slots=True)
class Import:
    """One file and its list.

    `columns` are fields with the titles of their columns (see `recognise_columns`), `mapping` is what each column is
    where a person told so (see `mapped_columns`) and then the only word, `key` is where the file lies. Every change is
    a change of `state`, `line` or `discarded`, so that they tell any standing of an import from any other.
    """

    id: str
    key: str
    file: str
    list_name: str
    created_at: datetime
    changed_at: datetime
    columns: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    state: ImportState = ImportState.ANNOUNCED
    fingerprint: str = ""
    """What told the file from another when it was begun."""
    newest_before: int = 0
    """The highest contact id when it was begun: contacts above it were made since."""
    line: int = 0
    """The last line that was folded; 0 at the beginning."""
    fraction: float = 0.0
    counts: ImportCounts = field(default_factory=ImportCounts)
    reports: tuple[int, ...] = ()
    """The parts that have a report of wrong rows, by their `after`, in order."""
    error: str = ""
    """Why it failed, for the person whose file it is."""
    mapping: Mapping[str, str] | None = None
    discarded: bool = False
    """Whether its file and its reports are gone."""

    def ordered(self, list_name: str, mapping: Mapping[str, str], sheet: str | None, now: datetime) -> Import | None:
        """Announced with what a person told of its columns; None when it is no draft."""
        if self.state is not ImportState.DRAFT:
            return None
        announced = replace(self, state=ImportState.ANNOUNCED, changed_at=now)
        return replace(announced, list_name=list_name, mapping=dict(mapping), sheet=sheet)

    def emptied(self) -> Import | None:
        """Without its file and reports; None when it has not ended, or that is so already."""
        return replace(self, discarded=True, reports=()) if self.state in ENDED and not self.discarded else None

    def begun(self, fingerprint: str, newest_contact: int, now: datetime) -> Import | None:
        """Running; None when it is no longer announced."""
        if self.state is not ImportState.ANNOUNCED:
            return None
        return replace(
            self, state=ImportState.RUNNING, fingerprint=fingerprint, newest_before=newest_contact, changed_at=now
        )

    def advanced(self, part: ImportPart, now: datetime) -> Import | None:
        """With this part; None when it does not run or does not stand at the part's beginning."""
        if self.state is not ImportState.RUNNING or self.line != part.after:
            return None
        return replace(
            self,
            line=part.line,
            fraction=part.fraction,
            counts=self.counts + part.counts,
            reports=(*self.reports, part.after) if part.has_report else self.reports,
            changed_at=now,
        )

    def finished(self, line: int, now: datetime) -> Import | None:
        """Completed; None when it does not run or does not stand at this line."""
        if self.state is not ImportState.RUNNING or self.line != line:
            return None
        return replace(self, state=ImportState.COMPLETED, fraction=1.0, changed_at=now)

    def failed(self, error: str, now: datetime) -> Import | None:
        """Failed for this reason; None when it has ended."""
        return None if self.state in ENDED else replace(self, state=ImportState.FAILED, error=error, changed_at=now)

    def to_json(self) -> str:
        """The import as stores keep it."""
        values = asdict(self) | {"created_at": to_ms(self.created_at), "changed_at": to_ms(self.changed_at)}
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The import that `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        values |= {
            "created_at": from_ms(values["created_at"]),
            "changed_at": from_ms(values["changed_at"]),
            "state": ImportState(values["state"]),
            "counts": ImportCounts(**values["counts"]),
            "reports": tuple(values["reports"]),
        }
        return cls(**values)
