"""`/api/v1/campaigns/{name}`: how a campaign goes, hour by hour, step by step and live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from disparo.domain.contact import Channel
from disparo.entrypoints.http import sse
from disparo.entrypoints.http.campaigns import Name
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.instants import Instant
from disparo.usecases import campaign_hours, campaigns
from disparo.usecases.funnel import funnel as funnel_of

_HOUR: dict[str, Any] = {
    **{"begins_at": "2026-11-23T13:00:00Z", "open": 1.0, "sent": {"whatsapp": 90}, "total": 90},
    **{"events": {"delivered": 88, "replied": 7}},
}
_STEP: dict[str, Any] = {
    **{"step": 1, "channel": "whatsapp", "template": "boas-vindas-1", "due": 1200, "sent": 480, "delivered": 450},
    **{"read": 300, "replied": 41, "booked": 9},
}
FromAt = Annotated[Instant | None, Query(description="From this instant on.", examples=["2026-11-23T00:00:00Z"])]
ToAt = Annotated[Instant | None, Query(description="Until this instant.", examples=["2026-11-24T00:00:00Z"])]


class HourOut(BaseModel):
    """One hour of a campaign."""

    model_config = ConfigDict(json_schema_extra={"examples": [_HOUR]})

    begins_at: datetime
    open: float = Field(description="Share of it in which the campaign's own place was open, 0.0 to 1.0.")
    sent: Mapping[Channel, int]
    total: int
    events: Mapping[str, int] = Field(description="Besides what was sent: delivered, read, replied, failed, dead.")


class HoursOut(BaseModel):
    """Every hour from the start on, the last 35 days of them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"timezone": "America/Sao_Paulo", "items": [_HOUR]}]})

    timezone: str = Field(description="The campaign's own.")
    items: Sequence[HourOut]


class FunnelStepOut(BaseModel):
    """One step in cumulative numbers: what was read was also delivered, and what was delivered also sent."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STEP]})

    step: int
    channel: Channel
    template: str
    due: int
    sent: int
    delivered: int
    read: int
    replied: int
    booked: int = Field(description="Meetings that were agreed on.")


class FunnelOut(BaseModel):
    """How far the messages of each step got."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"steps": [_STEP]}]})

    steps: Sequence[FunnelStepOut]


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/campaigns/{name}", tags=["campaigns"])

    @routes.get("/hours", name="campaigns.hours")
    async def hours(name: Name, from_at: FromAt = None, to_at: ToAt = None) -> HoursOut:
        """What was sent and what came back in each hour, beside the hours that were open."""
        campaign = await house.store.campaigns.get(name)
        found = await campaign_hours.hours(house.store, campaign, house.clock.now(), from_at, to_at)
        items = [
            HourOut(begins_at=one.begins_at, open=round(one.open, 4), sent=one.sent, total=one.total, events=one.events)
            for one in found
        ]
        return HoursOut(timezone=campaign.place.zone, items=items)

    @routes.get("/funnel", name="campaigns.funnel")
    async def funnel(name: Name) -> FunnelOut:
        """Due, sent, delivered, read, replied and booked, step by step."""
        return await funnel_out(house, name)

    @routes.get("/events", name="campaigns.events", responses=sse.ANSWER, response_class=StreamingResponse)
    async def events(name: Name, request: Request) -> sse.EventStream:
        """The campaign's progress as server-sent events: at once, then each second in which it changed."""
        return await sse.EventStream.of(request, lambda: snapshot(house, name))

    return routes


async def funnel_out(house: Installation, name: str) -> FunnelOut:
    """The funnel of a campaign, by its name or id."""
    report = await campaigns.report(house.store, name, house.clock.now())
    found = await funnel_of(house.store, report.campaign, report.steps)
    plain = [{key: value for key, value in asdict(one).items() if key != "number"} for one in found]
    return FunnelOut(steps=[FunnelStepOut(step=one.number, **rest) for one, rest in zip(found, plain, strict=True)])


async def snapshot(house: Installation, name: str) -> sse.Snapshot:
    """How a campaign stands, in a few numbers; the last one when it has ended."""
    report = await campaigns.report(house.store, name, house.clock.now())
    totals = report.totals
    numbers = {
        **{"state": str(report.campaign.state), "done": round(report.done, 4), "contacts": report.contacts},
        **{key: getattr(totals, key) for key in totals.__slots__},
    }
    return sse.Snapshot(numbers, last=report.campaign.ended_at is not None)
