"""`/api/v1/imports`: bringing contact files into lists."""

from __future__ import annotations

import asyncio
from secrets import token_hex
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, HTTPException, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from disparo.domain.contact_import import ENDED, Import, ImportState
from disparo.domain.contact_mapping import checked_mapping
from disparo.domain.errors import TransitionError
from disparo.entrypoints.http import sse
from disparo.entrypoints.http.import_shapes import (
    MAPPING,
    AnnouncedOut,
    ImportIn,
    ImportOut,
    PreviewOut,
    address,
    import_out,
    preview_out,
    upload_out,
)
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.pages import After, Limit, Page, cut
from disparo.entrypoints.http.uploads import Upload, form_body, is_form, received
from disparo.entrypoints.import_desk import set_going
from disparo.ports.contact_files import TakesUploads
from disparo.usecases import imports as usecase
from disparo.usecases.import_previews import preview

MOST_REPORT_BYTES = 4 * 1024 * 1024
"""Of one answer: a function's may have 6 MB (AWS Lambda quotas), and text grows in its envelope."""

ImportId = Annotated[str, Path(max_length=100, description="The import's id.")]
_FIELDS = {
    "list": {"type": "string", "maxLength": 200, "description": "The list; without it that of `default_list`."},
    "mapping": {"type": "string", "description": f"JSON: {MAPPING}", "examples": ['{"Celular": "phone"}']},
    "columns": {"type": "string", "description": "JSON: which column is which field, where it is not recognised."},
    "sheet": {"type": "string", "maxLength": 100, "description": "Name or position of the sheet in a workbook."},
}
_ANNOUNCEMENT = {"application/json": {"schema": ImportIn.model_json_schema()}}


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/imports", tags=["imports"])
    _bringing(routes, house)
    _looking(routes, house)
    return routes


def _bringing(routes: APIRouter, house: Installation) -> None:
    @routes.post(
        "",
        name="imports.create",
        status_code=201,
        response_model=AnnouncedOut,
        responses={202: {"model": ImportOut, "description": "The file came with the request and is being imported."}},
        openapi_extra=form_body(_FIELDS, also=_ANNOUNCEMENT),
    )
    async def create(request: Request, later: BackgroundTasks) -> Response:
        """Import a file: send it in a form (202), or announce it as JSON (201) and then send it where that says."""
        if is_form(request):
            record = await _take(house, request, later)
            told: ImportOut = import_out(record)
        else:
            record, told = await _announce(house, await _announcement(request))
        request.state.audit = {"import": record.id, "list": record.list_name}
        status = 202 if is_form(request) else 201
        body = told.model_dump_json()
        headers = {"Location": address(record)}
        return Response(body, status, headers, media_type="application/json", background=later)

    @routes.post("/preview", name="imports.preview", openapi_extra=form_body(_FIELDS))
    async def look(request: Request) -> PreviewOut:
        """Look into a file without importing it: encoding, columns, first rows, and what is wrong in them."""
        from disparo.adapters.files.open_table import open_table

        async with received(request) as upload, upload.on_disk() as path:
            order = _order(house, upload)
            mapping = None if order.mapping is None else checked_mapping(order.mapping)
            seen = await asyncio.to_thread(
                lambda: preview(
                    open_table,
                    path,
                    sheet=order.sheet,
                    mapping=mapping,
                    columns=order.columns,
                    region=house.settings.default_region,
                )
            )
        return preview_out(seen)

    @routes.put("/{import_id}/file", name="imports.upload", status_code=202)
    async def upload(import_id: ImportId, request: Request, later: BackgroundTasks) -> ImportOut:
        """Send an announced file, its bytes as the body. Only where the announcement names this address."""
        files = house.contact_files
        if not isinstance(files, TakesUploads) or house.arrivals is not None:
            raise HTTPException(404)
        record = await house.imports.get(import_id)
        if record.state is not ImportState.ANNOUNCED:
            raise TransitionError(f"o arquivo da importação {import_id} já foi enviado; anuncie outra")
        await files.take(record.key, request.stream())
        await set_going(house, import_id, later.add_task, _stopping(request))
        return import_out(record)


def _looking(routes: APIRouter, house: Installation) -> None:
    @routes.get("", name="imports.list")
    async def list_(limit: Limit = 50, after: After = None) -> Page[ImportOut]:
        """Imports, newest first."""
        records, more = cut(await house.imports.page(after, limit + 1), limit)
        return Page(items=[import_out(one) for one in records], next=records[-1].id if more else None)

    @routes.get("/{import_id}", name="imports.show")
    async def show(import_id: ImportId) -> ImportOut:
        """How far an import got, and what came of it."""
        return import_out(await house.imports.get(import_id))

    @routes.get("/{import_id}/events", name="imports.events", response_class=sse.EventStream, responses=sse.ANSWER)
    async def events(import_id: ImportId, request: Request) -> sse.EventStream:
        """How far an import got, each second that it moves; the last event comes when it has ended."""
        return await import_events(house, import_id, request)

    @routes.get(
        "/{import_id}/rejected",
        name="imports.rejected",
        response_class=Response,
        responses={200: {"content": {"text/csv": {}}}},
    )
    async def rejected(import_id: ImportId, after: Annotated[int, Query(ge=-1, le=10**12)] = -1) -> Response:
        """The wrong rows as CSV. A long report comes in pieces: `Link` with `rel="next"` tells of the next one."""
        record = await house.imports.get(import_id)
        return await rejected_report(house, record, after, f"{address(record)}/rejected")


async def _announcement(request: Request) -> ImportIn:
    try:
        return ImportIn.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from None


async def _announce(house: Installation, wanted: ImportIn) -> tuple[Import, AnnouncedOut]:
    list_name = house.settings.default_list if wanted.list is None else wanted.list
    order = usecase.ImportOrder(wanted.file, list_name, wanted.columns, wanted.sheet, wanted.mapping)
    now = house.clock.now()
    record = await usecase.announce(house.imports, order, now, token_hex(4))
    place = await house.contact_files.upload_place(record.id, record.key, now)
    return record, AnnouncedOut(**import_out(record).model_dump(), upload=upload_out(place))


async def _take(house: Installation, request: Request, later: BackgroundTasks) -> Import:
    async with received(request) as upload:
        record = await take_upload(house, upload, _order(house, upload))
    if house.arrivals is None:  # elsewhere the file's arrival itself sets its import going
        await set_going(house, record.id, later.add_task, _stopping(request))
    return record


async def take_upload(house: Installation, upload: Upload, order: usecase.ImportOrder) -> Import:
    """Keep an import together with its file; what the file is, is found out by working on it."""
    files = house.contact_files
    if not isinstance(files, TakesUploads):
        raise HTTPException(404)
    record = await usecase.announce(house.imports, order, house.clock.now(), token_hex(4))
    await files.take(record.key, upload.chunks())
    return record


def _order(house: Installation, upload: Upload) -> usecase.ImportOrder:
    return usecase.ImportOrder(
        upload.name,
        upload.text("list") or house.settings.default_list,
        upload.texts("columns") or {},
        upload.text("sheet", longest=100),
        upload.texts("mapping"),
    )


def _stopping(request: Request) -> usecase.Stop:
    stopping: usecase.Stop = getattr(request.app.state, "stopping", lambda: False)
    return stopping


async def import_events(house: Installation, import_id: str, request: Request) -> sse.EventStream:
    """The stream of an import's standing."""

    async def look() -> sse.Snapshot:
        record = await house.imports.get(import_id)
        return sse.Snapshot(import_out(record).model_dump(mode="json"), last=record.state in ENDED)

    return await sse.EventStream.of(request, look)


async def rejected_report(house: Installation, record: Import, after: int, here: str) -> Response:
    """Whole parts, as many as fit, from behind the part `after`; only the very first line of all is a header."""
    waiting = [part for part in record.reports if part > after]
    body = b""
    while waiting and len(body) < MOST_REPORT_BYTES:
        after = waiting.pop(0)
        text = await house.contact_files.report(record.id, after)
        body += text if after == record.reports[0] else text.partition(b"\n")[2]
    headers = {"Content-Disposition": 'attachment; filename="rejeitados.csv"'}
    if waiting:
        headers["Link"] = f'<{here}?after={after}>; rel="next"'
    return Response(body, headers=headers, media_type="text/csv; charset=utf-8")
