"""`/api/v1/meeting-types`: how meetings of one kind are offered, kept and followed up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Response
from pydantic import BaseModel, Field

from disparo.domain.agenda.meeting_type import Assignment, MeetingType, OutsideHours
from disparo.domain.agenda.type_document import type_document
from disparo.entrypoints.http.hosts import named
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.pages import After, Limit, Page, cut
from disparo.entrypoints.http.revisions import IfMatch, asked_revision, etag
from disparo.usecases.agenda.hosting import keep_type

TypeId = Annotated[str, Path(max_length=40, description="The type's short name.", examples=["demonstracao"])]
TypeDocument = Annotated[
    dict[str, Any],
    Body(
        description="The type as in `[[types]]` of the agenda file; what it does not say has its usual value.",
        examples=[{"title": "Demonstração", "hosts": ["ana"], "duration": "30m", "reminders": ["24h", "1h"]}],
    ),
]


class MeetingTypeOut(BaseModel):
    """A type of meeting with all its rules. Durations are written `30m`, `24h`, `2d`."""

    id: str = Field(examples=["demonstracao"])
    title: str = Field(examples=["Demonstração de 30 minutos"])
    hosts: Sequence[str] = Field(examples=[["ana"]])
    assignment: Assignment
    duration: str = Field(examples=["30m"])
    buffer_before: str
    buffer_after: str
    grid: str
    min_notice: str
    horizon: str
    contact_hours: Mapping[str, Any]
    contact_holidays: bool
    offers: int
    answer_within: str
    max_proposals: int
    max_reschedules: int
    latest_change: str
    reminders: Sequence[str]
    reminder_outside: OutsideHours
    no_show_after: Sequence[str]
    briefing_before: str
    location: str = ""
    description: str = ""
    online: bool
    public: bool
    active: bool
    messages: Mapping[str, Any] = Field(description="Own texts, by notice.")
    url: str | None = Field(description="The public page, of a public type where we have a public address.")
    revision: int = Field(description="For `If-Match`.", examples=[3])


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/meeting-types", tags=["meeting types"])
    hosts = house.store.hosts

    @routes.get("", name="meeting_types.list")
    async def list_(limit: Limit = 50, after: After = None) -> Page[MeetingTypeOut]:
        """Every type, in the order of their ids."""
        found, more = cut([one for one in await hosts.types() if after is None or one.id > after], limit)
        return Page(items=[_out(house, one) for one in found], next=found[-1].id if more else None)

    @routes.get("/{type_id}", name="meeting_types.show")
    async def show(type_id: TypeId, response: Response) -> MeetingTypeOut:
        """One type with all its rules."""
        found = await hosts.type(type_id)
        response.headers["ETag"] = etag(found.revision)
        return _out(house, found)

    @routes.put(
        "/{type_id}", name="meeting_types.put", responses={201: {"model": MeetingTypeOut, "description": "A new type."}}
    )
    async def put(
        type_id: TypeId, document: TypeDocument, response: Response, if_match: IfMatch = None
    ) -> MeetingTypeOut:
        """Keep a type as told, new or changed; meetings that are agreed stand as they are."""
        from disparo.bootstrap import renderer

        kept, new = await keep_type(hosts, named(document, type_id), renderer(), asked_revision(if_match))
        response.status_code = 201 if new else 200
        response.headers["ETag"] = etag(kept.revision)
        return _out(house, kept)

    return routes


def _out(house: Installation, one: MeetingType) -> MeetingTypeOut:
    url = house.links.type_url(one.id) if one.public else None
    return MeetingTypeOut(**type_document(one), url=url, revision=one.revision)
