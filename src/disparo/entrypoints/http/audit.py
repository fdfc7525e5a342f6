"""`/api/v1/audit`: who did what when to which object. For admins."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from disparo.domain.audit import AuditEntry, AuditFilter
from disparo.domain.exported_cell import harmless
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.instants import Instant
from disparo.entrypoints.http.pages import After, Limit, Page, cut
from disparo.ports.audit import Audit

CSV_TYPE, LINES_TYPE = "text/csv; charset=utf-8", "application/jsonl"
COLUMNS = ("id", "at", "actor", "name", "action", "object", "outcome", "detail", "address")
_SLICE = 500
_PAUSE_S = 0.005
"""After each slice, so that an export takes a part of one core and not the whole."""

Actor = Annotated[
    str | None, Query(max_length=100, description="Only of this one: `user:4f1c`, `key:7`, `local:local`.")
]
Action = Annotated[
    str | None,
    Query(max_length=100, description="Only this, as `campaigns.start`; with a dot at its end all of a resource."),
]
Of = Annotated[str | None, Query(alias="object", max_length=300, description="Only what was done to this.")]
Since = Annotated[Instant | None, Query(description="From this instant on.")]
Until = Annotated[Instant | None, Query(description="Before this instant.")]


class AuditOut(BaseModel):
    """Something that somebody did, or was refused."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "001795784400123-9f86d081884c",
                    "at": "2026-11-23T13:00:00.123Z",
                    "actor": "user:4f1c0a9be2d7",
                    "name": "Ana Souza",
                    "action": "campaigns.start",
                    "object": "name=boas-vindas",
                    "outcome": "done",
                    "detail": {},
                    "address": "203.0.113.7",
                }
            ]
        },
    )

    id: str
    at: datetime
    actor: str = Field(description="A person (`user:…`), a key (`key:…`), a command (`local:local`), or the system.")
    name: str = Field(description="What they were called then.")
    action: str
    object: str = Field(description="What it was done to: ids and names of things, no addresses.")
    outcome: str = Field(description="`done` or `refused`.")
    detail: Mapping[str, str] = Field(description="Ids and codes that tell more.")
    address: str = Field(description="From where on the network it was asked.")


def _answers(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "The file.", "content": {media_type: {"schema": {"type": "string"}}}}}


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/audit", tags=["audit"])
    audit = house.store.audit

    @routes.get("", name="audit.list")
    async def list_(
        actor: Actor = None,
        action: Action = None,
        object_: Of = None,
        since: Since = None,
        until: Until = None,
        limit: Limit = 50,
        after: After = None,
    ) -> Page[AuditOut]:
        """What was done, the latest first."""
        wanted = AuditFilter(actor, action, object_, since, until)
        found, more = cut(await audit.page(wanted, after, limit + 1), limit)
        items = [AuditOut.model_validate(one) for one in found]
        return Page(items=items, next=found[-1].id if more else None)

    @routes.get("/export.csv", name="audit.export_csv", responses=_answers(CSV_TYPE), response_class=StreamingResponse)
    async def as_csv(
        request: Request,
        actor: Actor = None,
        action: Action = None,
        object_: Of = None,
        since: Since = None,
        until: Until = None,
    ) -> StreamingResponse:
        """The same whole, as CSV (UTF-8 with a mark, semicolons)."""
        return exported(request, audit, AuditFilter(actor, action, object_, since, until), "csv")

    @routes.get(
        "/export.jsonl", name="audit.export_jsonl", responses=_answers(LINES_TYPE), response_class=StreamingResponse
    )
    async def as_lines(
        request: Request,
        actor: Actor = None,
        action: Action = None,
        object_: Of = None,
        since: Since = None,
        until: Until = None,
    ) -> StreamingResponse:
        """The same whole, a JSON object on each line."""
        return exported(request, audit, AuditFilter(actor, action, object_, since, until), "jsonl")

    return routes


def exported(request: Request, audit: Audit, wanted: AuditFilter, kind: str) -> StreamingResponse:
    """The audit as a file, `csv` or `jsonl`; that somebody took it along is in it."""
    filters = {name: getattr(wanted, name) for name in AuditFilter.__dataclass_fields__}
    request.state.audit = {"kind": kind, **{name: value for name, value in filters.items() if value is not None}}
    pieces = _csv(audit, wanted) if kind == "csv" else _lines(audit, wanted)
    headers = {"Content-Disposition": f'attachment; filename="audit.{kind}"'}
    return StreamingResponse(pieces, media_type=CSV_TYPE if kind == "csv" else LINES_TYPE, headers=headers)


async def _slices(audit: Audit, wanted: AuditFilter) -> AsyncIterator[Sequence[AuditEntry]]:
    after: str | None = None
    while found := await audit.page(wanted, after, _SLICE):
        yield found
        after = found[-1].id
        await asyncio.sleep(_PAUSE_S)


async def _csv(audit: Audit, wanted: AuditFilter) -> AsyncIterator[bytes]:
    yield "\N{BYTE ORDER MARK}".encode() + _csv_lines([COLUMNS])
    async for found in _slices(audit, wanted):
        yield _csv_lines([[harmless(str(value)) for value in _values(one).values()] for one in found])


async def _lines(audit: Audit, wanted: AuditFilter) -> AsyncIterator[bytes]:
    async for found in _slices(audit, wanted):
        rows = ({**_values(one), "detail": dict(one.detail)} for one in found)
        yield "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode("utf-8", "replace")


def _values(one: AuditEntry) -> dict[str, object]:
    told = json.dumps(dict(one.detail), ensure_ascii=False) if one.detail else ""
    return {name: getattr(one, name) for name in COLUMNS} | {"at": one.at.isoformat(), "detail": told}


def _csv_lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8", "replace")
