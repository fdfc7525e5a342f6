"""The documents of `/api/v1/imports`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.contact_import import Import, ImportState
from disparo.domain.reason_words import reason_words
from disparo.ports.contact_files import UploadPlace
from disparo.usecases.import_previews import ImportPreview, PreviewRow

Title = Annotated[str, Field(max_length=1_000)]
Choice = Annotated[str, Field(max_length=20)]
MAPPING = (
    "What each column is, by its title: `name`, `contact`, `phone`, `email`, `document`, `zone`, `city`, `state`, "
    "`priority`, `variable` (it only fills a variable of texts) or `ignore` (nothing of it is kept). With it nothing "
    "is guessed: a column that it does not name is a `variable`."
)


class ImportIn(BaseModel):
    """A file that is to be imported."""

    model_config = ConfigDict(extra="forbid")

    file: str = Field(
        max_length=200, description="Its name, which the contacts' source will tell.", examples=["contatos.csv"]
    )
    list: str | None = Field(None, max_length=200, description="The list; without it that of `default_list`.")
    columns: dict[Choice, Title] = Field(
        default_factory=dict,
        description="Which column is which field, where it is not recognised.",
        examples=[{"phone": "Celular do responsável"}],
    )
    mapping: dict[Title, Choice] | None = Field(
        None, max_length=500, description=MAPPING, examples=[{"Nome": "name", "Celular": "phone", "Obs.": "ignore"}]
    )
    sheet: str | None = Field(None, max_length=100, description="Name or position of the sheet in a workbook.")


class Counts(BaseModel):
    """What became of the rows; each is counted once: rows = created + ... + rejected."""

    model_config = ConfigDict(from_attributes=True)

    rows: int
    created: int
    completed: int
    unchanged: int
    duplicates: int
    rejected: int
    warnings: int = Field(description="Problems that cost no contact.")
    by_reason: Mapping[str, int] = Field(description="All problems by their code.")


class Upload(BaseModel):
    """Where the file is to be sent: PUT its bytes as the body to `url`, with these headers."""

    method: str = "PUT"
    url: str
    headers: Mapping[str, str]
    expires_at: datetime | None


class ImportOut(BaseModel):
    """An import as it stands."""

    id: str
    file: str
    list: str
    columns: Mapping[str, str]
    mapping: Mapping[str, str] | None = Field(description="What each column is, where a person told so.")
    sheet: str | None
    state: ImportState
    progress: float = Field(description="How much of the file is read, from 0.0 to 1.0.")
    counts: Counts
    error: str | None = Field(description="Why it failed, in Portuguese.")
    rejected_report: str | None = Field(description="Address of the report of wrong rows, when there are any.")
    created_at: datetime
    changed_at: datetime


class AnnouncedOut(ImportOut):
    """An import whose file is awaited."""

    upload: Upload


class ColumnOut(BaseModel):
    """A column, and what it seems to be."""

    model_config = ConfigDict(from_attributes=True)

    title: str
    variable: str = Field(description="Its name in templates.")
    choice: str = Field(description="What it seems to be; see `mapping`.")
    confidence: float = Field(description="How surely, from 0.0 to 1.0.")
    by: str = Field(description="What told so: its `title`, its `content`, or `none`.")
    samples: Sequence[str]


class RowProblemOut(BaseModel):
    """Something wrong in a row."""

    line: int
    column: str
    reason: str
    words: str = Field(description="In Portuguese.")
    value: str
    rejects: bool


class PreviewRowOut(BaseModel):
    """One of the first rows, and who it would be."""

    line: int
    cells: Sequence[str]
    name: str | None
    phone: str | None
    email: str | None
    problems: Sequence[RowProblemOut]


class PreviewOut(BaseModel):
    """What a file is, what its columns seem to be, and what would become of its first rows."""

    file: str
    kind: str = Field(examples=["csv"])
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    sheets: Sequence[str]
    header_line: int
    columns: Sequence[ColumnOut]
    mapping: Mapping[str, str] = Field(description="What was used: the one that came, else what the columns seem.")
    fault: str | None = Field(description="Why the mapping is of no use, in Portuguese.")
    rows: Sequence[PreviewRowOut]
    judged: int = Field(description="Rows that were read and judged.")
    whole: bool = Field(description="Whether those are all.")
    good: int
    rejected: int
    warnings: int
    by_reason: Mapping[str, int]


def address(record: Import) -> str:
    """Where an import is."""
    return f"/api/v1/imports/{record.id}"


def upload_out(place: UploadPlace) -> Upload:
    """Where a file is to be sent."""
    return Upload(url=place.url, headers=place.headers, expires_at=place.expires_at)


def import_out(record: Import) -> ImportOut:
    """An import as it stands."""
    return ImportOut(
        id=record.id,
        file=record.file,
        list=record.list_name,
        columns=record.columns,
        mapping=record.mapping,
        sheet=record.sheet,
        state=record.state,
        progress=round(record.fraction, 4),
        counts=Counts.model_validate(record.counts),
        error=record.error or None,
        rejected_report=f"{address(record)}/rejected" if record.reports else None,
        created_at=record.created_at,
        changed_at=record.changed_at,
    )


def preview_out(seen: ImportPreview) -> PreviewOut:
    """What was seen in a file."""
    facts = seen.facts
    return PreviewOut(
        file=seen.file,
        kind=facts.kind,
        encoding=facts.encoding,
        delimiter=facts.delimiter,
        sheet=facts.sheet,
        sheets=facts.sheets,
        header_line=facts.header_line,
        columns=[ColumnOut.model_validate(one) for one in seen.columns],
        mapping=seen.mapping,
        fault=seen.fault or None,
        rows=[_row(one) for one in seen.rows],
        judged=seen.judged,
        whole=seen.whole,
        good=seen.good,
        rejected=seen.rejected,
        warnings=seen.warnings,
        by_reason=seen.by_reason,
    )


def _row(row: PreviewRow) -> PreviewRowOut:
    draft = row.reading.draft if row.reading else None
    told: dict[str, Any] = {"name": None, "phone": None, "email": None}
    if draft is not None:
        told = {"name": draft.name, "phone": draft.phone, "email": draft.email}
    problems = [
        RowProblemOut(
            line=one.line,
            column=one.column,
            reason=one.reason,
            words=reason_words(one.reason, one.rejects),
            value=one.value,
            rejects=one.rejects,
        )
        for one in (row.reading.problems if row.reading else ())
    ]
    return PreviewRowOut(line=row.line, cells=row.cells, problems=problems, **told)
