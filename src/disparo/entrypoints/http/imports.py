"""`/api/v1/imports`: bringing contact files into lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.contact_import import Import, ImportState
from disparo.domain.errors import TransitionError
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.pages import After, Limit, Page, cut
from disparo.entrypoints.import_desk import desk_of
from disparo.ports.contact_files import TakesUploads, UploadPlace
from disparo.usecases import imports as usecase

MOST_REPORT_BYTES = 4 * 1024 * 1024
"""Of one answer: a function's may have 6 MB (AWS Lambda quotas), and text grows in its envelope."""

ImportId = Annotated[str, Path(max_length=100, description="The import's id.")]


class ImportIn(BaseModel):
    """A file that is to be imported."""

    model_config = ConfigDict(extra="forbid")

    file: str = Field(description="Its name, which the contacts' source will tell.", examples=["contatos.csv"])
    list: str | None = Field(None, description="The list; without it that of the setting `default_list`.")
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="Which column is which field, where it is not recognised.",
        examples=[{"phone": "Celular do responsável"}],
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


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/imports", tags=["imports"])

    @routes.post("", status_code=201)
    async def announce(wanted: ImportIn, response: Response) -> AnnouncedOut:
        """Announce a file; the answer says where to send it. The import begins when the file has come."""
        list_name = house.settings.default_list if wanted.list is None else wanted.list
        order = usecase.ImportOrder(wanted.file, list_name, wanted.columns, wanted.sheet)
        now = house.clock.now()
        record = await usecase.announce(house.imports, order, now, token_hex(4))
        place = await house.contact_files.upload_place(record.id, record.key, now)
        response.headers["Location"] = _address(record)
        return AnnouncedOut(**_out(record).model_dump(), upload=_upload(place))

    @routes.get("")
    async def list_(limit: Limit = 50, after: After = None) -> Page[ImportOut]:
        """Imports, newest first."""
        records, more = cut(await house.imports.page(after, limit + 1), limit)
        return Page(items=[_out(one) for one in records], next=records[-1].id if more else None)

    @routes.get("/{import_id}")
    async def show(import_id: ImportId) -> ImportOut:
        """How far an import got, and what came of it."""
        return _out(await house.imports.get(import_id))

    @routes.get("/{import_id}/rejected", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
    async def rejected(import_id: ImportId, after: Annotated[int, Query(ge=-1, le=10**12)] = -1) -> Response:
        """The wrong rows as CSV. A long report comes in pieces: `Link` with `rel="next"` tells of the next one."""
        return await _report(house, await house.imports.get(import_id), after)

    @routes.put("/{import_id}/file", status_code=202)
    async def upload(import_id: ImportId, request: Request, later: BackgroundTasks) -> ImportOut:
        """Send an announced file, its bytes as the body. Only where the announcement names this address."""
        files = house.contact_files
        if not isinstance(files, TakesUploads):
            raise HTTPException(404)
        record = await house.imports.get(import_id)
        if record.state is not ImportState.ANNOUNCED:
            raise TransitionError(f"o arquivo da importação {import_id} já foi enviado; anuncie outra")
        await files.take(record.key, request.stream())
        later.add_task(_work, house, import_id)
        return _out(record)

    return routes


async def _work(house: Installation, import_id: str) -> None:
    await usecase.work(desk_of(house), import_id, house.clock.now)


async def _report(house: Installation, record: Import, after: int) -> Response:
    """Whole parts, as many as fit, from behind the part `after`; only the very first line of all is a header."""
    waiting = [part for part in record.reports if part > after]
    body = b""
    while waiting and len(body) < MOST_REPORT_BYTES:
        after = waiting.pop(0)
        text = await house.contact_files.report(record.id, after)
        body += text if after == record.reports[0] else text.partition(b"\n")[2]
    headers = {"Content-Disposition": 'attachment; filename="rejeitados.csv"'}
    if waiting:
        headers["Link"] = f'<{_address(record)}/rejected?after={after}>; rel="next"'
    return Response(body, headers=headers, media_type="text/csv; charset=utf-8")


def _address(record: Import) -> str:
    return f"/api/v1/imports/{record.id}"


def _upload(place: UploadPlace) -> Upload:
    return Upload(url=place.url, headers=place.headers, expires_at=place.expires_at)


def _out(record: Import) -> ImportOut:
    return ImportOut(
        id=record.id,
        file=record.file,
        list=record.list_name,
        columns=record.columns,
        sheet=record.sheet,
        state=record.state,
        progress=round(record.fraction, 4),
        counts=Counts.model_validate(record.counts),
        error=record.error or None,
        rejected_report=f"{_address(record)}/rejected" if record.reports else None,
        created_at=record.created_at,
        changed_at=record.changed_at,
    )
