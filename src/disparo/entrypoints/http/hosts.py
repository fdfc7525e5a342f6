"""`/api/v1/hosts`: who gives meetings, when they cannot, and whether their calendars can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.agenda.calendar_event import BusyTimes
from disparo.domain.agenda.host import Block, CalendarKind, Host
from disparo.domain.agenda.host_document import host_document
from disparo.domain.errors import InputError
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.instants import Instant
from disparo.entrypoints.http.pages import After, Limit, Page, cut
from disparo.entrypoints.http.revisions import IfMatch, asked_revision, etag
from disparo.ports.links import feed_url
from disparo.usecases.agenda import hosting
from disparo.usecases.agenda.times import busy_of

_EXAMPLE = {
    "id": "ana",
    "name": "Ana Souza",
    "email": "ana@example.com",
    "region": "BR-PR",
    "calendar": {"kind": "local"},
    "limits": {"per_day": 6},
    "blocks": [{"start_at": "2026-12-21", "end_at": "2027-01-03", "label": "férias"}],
}

HostId = Annotated[str, Path(max_length=40, description="The host's short name.", examples=["ana"])]
HostDocument = Annotated[
    dict[str, Any],
    Body(
        description="The host as in `[[hosts]]` of the agenda file. What it does not say has its usual value, but for "
        "`blocks` and `feed_link`, which stay as they are; hours that it does not tell are those of the settings.",
        examples=[_EXAMPLE],
    ),
]


class CalendarOut(BaseModel):
    """Where a host's calendar is kept."""

    kind: CalendarKind
    secret: str | None = Field(None, description="The name of the secret with its credentials.")
    name: str = Field("", description="The calendar there, if it is not the secret's own.")


class LimitsOut(BaseModel):
    """How many meetings a host takes at most."""

    per_day: int | None = None
    per_week: int | None = None


class BlockOut(BaseModel):
    """A time without meetings."""

    start_at: datetime
    end_at: datetime
    label: str = ""


class HostOut(BaseModel):
    """A host."""

    id: str = Field(examples=["ana"])
    name: str = Field(examples=["Ana Souza"])
    timezone: str = Field(examples=["America/Sao_Paulo"])
    region: str | None
    email: str | None
    phone: str | None
    hours: Mapping[str, Any] = Field(description="Business hours, as in campaigns.")
    calendar: CalendarOut
    limits: LimitsOut
    blocks: Sequence[BlockOut]
    language: Literal["pt", "en"]
    active: bool
    revision: int = Field(description="For `If-Match`.", examples=[3])


class HostDetail(HostOut):
    """A host, and the types of meetings that they give."""

    types: Sequence[str]


_HOLIDAYS: dict[str, Any] = {"start_at": "2026-12-21", "end_at": "2027-01-03", "label": "férias"}


class BlockIn(BaseModel):
    """A time to block: dates, both of them included, or instants; without an offset of the host's zone."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_HOLIDAYS]})

    start_at: str = Field(max_length=40, examples=["2026-12-21"])
    end_at: str = Field(max_length=40, examples=["2027-01-03"])
    label: str = Field("", max_length=100, examples=["férias"])


class BlockedOut(BaseModel):
    """What was blocked."""

    block: BlockOut
    changed: bool = Field(description="False when it was blocked before.")
    meetings: Sequence[str] = Field(description="Meetings that stay agreed inside of it, 20 at most, by their ids.")


class HealthOut(BaseModel):
    """Whether a host's calendar can be read now; one that cannot counts as busy throughout."""

    host: str
    kind: CalendarKind
    readable: bool
    busy: int = Field(description="Spans of the next seven days in which the host is taken there.")
    fault: str = Field(description="A short code, empty when it can be read.", examples=["credentials_refused"])
    detail: str
    needs_access: bool = Field(description="Whether a person must mend the access.")
    checked_at: datetime


class FeedOut(BaseModel):
    """The secret link of a host's meetings, for calendar programs to subscribe to."""

    host: str
    url: str


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/hosts", tags=["hosts"])
    hosts = house.store.hosts

    @routes.get("", name="hosts.list")
    async def list_(limit: Limit = 50, after: After = None) -> Page[HostOut]:
        """Every host, in the order of their ids."""
        found, more = cut([one for one in await hosts.hosts() if after is None or one.id > after], limit)
        return Page(items=[_out(one) for one in found], next=found[-1].id if more else None)

    @routes.get("/{host_id}", name="hosts.show")
    async def show(host_id: HostId, response: Response) -> HostDetail:
        """One host, and the types of meetings that they give."""
        return await _detail(house, await hosts.host(host_id), response)

    @routes.put("/{host_id}", name="hosts.put", responses={201: {"model": HostDetail, "description": "A new host."}})
    async def put(host_id: HostId, document: HostDocument, response: Response, if_match: IfMatch = None) -> HostDetail:
        """Keep a host as told, new or changed; meetings that are agreed stand."""
        whole = named(document, host_id)
        usual = house.settings.hours_document()
        host, new = await hosting.keep_host(hosts, whole, usual, asked_revision(if_match))
        response.status_code = 201 if new else 200
        return await _detail(house, host, response)

    @routes.post("/{host_id}/blocks", name="hosts.block", status_code=201)
    async def block(host_id: HostId, wanted: BlockIn) -> BlockedOut:
        """Take a time (a vacation, an afternoon) out of a host's agenda; what is agreed in it stands."""
        done = await hosting.block(hosts, house.store.meetings, host_id, wanted.start_at, wanted.end_at, wanted.label)
        return BlockedOut(block=_block(done.block), changed=not done.known, meetings=[one.id for one in done.meetings])

    @routes.delete("/{host_id}/blocks/{start_at}", name="hosts.unblock")
    async def unblock(
        host_id: HostId,
        start_at: Annotated[Instant, Path(description="When it begins.", examples=["2026-12-21T03:00:00Z"])],
    ) -> HostOut:
        """Give back a time that was blocked."""
        return _out((await hosting.unblock(hosts, host_id, start_at))[0])

    @routes.get("/{host_id}/calendar", name="hosts.calendar")
    async def calendar(host_id: HostId) -> HealthOut:
        """Ask a host's calendar for the next seven days, now."""
        host, now = await hosts.host(host_id), house.clock.now()
        found = await busy_of(house.calendars, host, now, now + hosting.LOOKED_AHEAD)
        return _health(host, found, now)

    @routes.get("/{host_id}/feed", name="hosts.feed")
    async def feed(host_id: HostId) -> FeedOut:
        """The link; who has it reads the host's meetings."""
        return _feed(house, await hosts.host(host_id))

    @routes.post("/{host_id}/feed/renew", name="hosts.renew_feed")
    async def renew_feed(host_id: HostId) -> FeedOut:
        """Another link, for when the present one went to somebody who should not have it; that one ends."""
        _feed(house, await hosts.host(host_id))
        return _feed(house, await hosting.renew_feed(hosts, host_id))

    return routes


def named(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A document with the id of its address; InputError for one that has another."""
    if document.get("id", name) != name:
        raise InputError(f"id: o endereço diz {name}; escreva o mesmo, ou deixe sem id")
    return {**document, "id": name}


async def _detail(house: Installation, host: Host, response: Response) -> HostDetail:
    response.headers["ETag"] = etag(host.revision)
    types = [one.id for one in await house.store.hosts.types() if host.id in one.hosts]
    return HostDetail(**_out(host).model_dump(), types=types)


def _out(host: Host) -> HostOut:
    plain = {key: value for key, value in host_document(host).items() if key not in ("blocks", "feed_link")}
    optional = {"region": host.place.region, "email": host.email, "phone": host.phone}
    blocks = [_block(one) for one in host.blocks]
    return HostOut(**{**optional, **plain}, blocks=blocks, revision=host.revision)


def _block(block: Block) -> BlockOut:
    return BlockOut(start_at=block.start_at, end_at=block.end_at, label=block.label)


def _health(host: Host, found: BusyTimes, now: datetime) -> HealthOut:
    return HealthOut(
        host=host.id,
        kind=host.calendar.kind,
        readable=found.readable,
        busy=len(found.busy),
        fault=found.fault,
        detail=found.detail,
        needs_access=found.auth,
        checked_at=now,
    )


def _feed(house: Installation, host: Host) -> FeedOut:
    url = feed_url(house.links, host.id, host.feed_link)
    if url is None:
        raise InputError("public_url: falta o endereço público, sem o qual não há links (veja docs/settings.md)")
    return FeedOut(host=host.id, url=url)
