"""`/api/v1/campaigns`: making campaigns, letting them run, and seeing where they stand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.campaign_document import campaign_document
from disparo.domain.contact import Channel
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.pages import After, Limit, Page, cut
from disparo.ports.store import Store
from disparo.usecases import campaigns as usecase
from disparo.usecases.campaigns import CampaignReport, LaneReport, SenderReport, StepReport

Name = Annotated[str, Path(max_length=100, description="The campaign's name or id.")]
Document = Annotated[
    dict[str, Any],
    Body(
        description="The campaign as a document: the keys of the campaign file, instants as ISO 8601 text, the texts "
        "of templates in `text` and `html`. Hours that it does not tell are those of the settings.",
        examples=[
            {
                "name": "boas-vindas",
                "list": "contatos",
                "steps": [{"channel": "whatsapp", "text": "Olá, {{ nome }}!"}],
            }
        ],
    ),
]


class CampaignOut(BaseModel):
    """A campaign."""

    id: str
    name: str
    state: CampaignState
    list: str
    created_at: datetime
    start_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime | None


class TotalsOut(BaseModel):
    """Messages of all steps: messages = open + sent + failed + dead + cancelled + expired."""

    model_config = ConfigDict(from_attributes=True)

    messages: int
    open: int
    sent: int = Field(description="Taken by the provider; `delivered` and `read` are parts of it.")
    delivered: int
    read: int
    failed: int
    dead: int
    cancelled: int
    expired: int
    replied: int
    opted_out: int


class CampaignListed(CampaignOut):
    """A campaign in a listing."""

    contacts: int
    done: float = Field(description="Share of messages at their end, from 0.0 to 1.0.")
    totals: TotalsOut


class EndOut(BaseModel):
    """Messages that ended without being sent."""

    model_config = ConfigDict(from_attributes=True)

    state: str
    reason: str
    count: int


class StepOut(BaseModel):
    """One step: its messages by state, and of those that ended unsent by reason."""

    step: int
    channel: Channel
    template: str
    states: Mapping[str, int]
    ends: Sequence[EndOut]
    replied: int
    opted_out: int


class LaneOut(BaseModel):
    """Where a lane stands now."""

    channel: Channel
    place: str
    open: bool
    reason: str
    detail: str
    changes_at: datetime | None


class SenderOut(BaseModel):
    """Where a sender stands now."""

    channel: Channel
    name: str
    breaker: str
    breaker_changes_at: datetime | None
    next_permit_at: datetime
    limited_by: str = Field(description="The window that the next permit waits for, empty when it waits for none.")


class CampaignDetail(CampaignListed):
    """A campaign, where it stands, and its document."""

    steps: Sequence[StepOut]
    lanes: Sequence[LaneOut]
    senders: Sequence[SenderOut]
    document: Mapping[str, Any] = Field(description="The definition, every default written out.")


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/campaigns", tags=["campaigns"])

    @routes.post("", status_code=201)
    async def create(document: Document, response: Response) -> CampaignOut:
        """Keep a campaign as a draft, for a list that has contacts already."""
        from disparo.bootstrap import renderer

        campaign = await usecase.create(house.store, _whole(house, document), renderer(), house.clock.now())
        response.headers["Location"] = f"/api/v1/campaigns/{campaign.id}"
        return _out(campaign)

    @routes.get("")
    async def list_(limit: Limit = 50, after: After = None) -> Page[CampaignListed]:
        """Campaigns, newest first, with their numbers."""
        known = await house.store.campaigns.all()
        behind = [one for one in known if after is None or _newness(one.id) < _newness(after)]
        campaigns, more = cut(behind, limit)
        now = house.clock.now()
        items = [_listed(await usecase.report(house.store, one.id, now)) for one in campaigns]
        return Page(items=items, next=campaigns[-1].id if more else None)

    @routes.get("/{name}")
    async def show(name: Name) -> CampaignDetail:
        """Where a campaign stands, step by step, and what its lanes and senders are doing now."""
        from disparo.bootstrap import senders_of

        senders = senders_of(house.settings)
        return _detail(await usecase.report(house.store, name, house.clock.now(), senders))

    @routes.put("/{name}")
    async def replace(name: Name, document: Document) -> CampaignOut:
        """Change texts, hours, limits and waits; of a running campaign from the next claim on."""
        from disparo.bootstrap import renderer

        now = house.clock.now()
        return _out(await usecase.update(house.store, name, _whole(house, document), renderer(), now, house.carriers))

    @routes.post("/{name}/start")
    async def start(name: Name) -> CampaignOut:
        """Let a draft begin, for the contacts that its list has now; 422 when a provider would refuse its messages."""
        return _out(await usecase.start(house.store, name, house.clock.now(), house.carriers))

    for event in (usecase.pause, usecase.resume, usecase.cancel):
        routes.post(f"/{{name}}/{event.__name__}")(_mover(house, event))
    return routes


def _mover(
    house: Installation, event: Callable[[Store, str, datetime], Awaitable[Campaign]]
) -> Callable[[str], Awaitable[CampaignOut]]:
    async def move(name: Name) -> CampaignOut:
        return _out(await event(house.store, name, house.clock.now()))

    move.__name__ = event.__name__
    move.__doc__ = event.__doc__
    return move


def _whole(house: Installation, document: Mapping[str, Any]) -> Mapping[str, Any]:
    return document if "hours" in document else {**document, "hours": house.settings.hours_document()}


def _newness(campaign_id: str) -> int:
    """Ids rise with each campaign; a cursor that is no id stands before all of them."""
    return int(campaign_id) if campaign_id.isascii() and campaign_id.isdecimal() else 0


def _plain(campaign: Campaign) -> dict[str, Any]:
    return {
        "id": campaign.id,
        "name": campaign.name,
        "state": campaign.state,
        "list": campaign.list_name,
        "created_at": campaign.created_at,
        "start_at": campaign.start_at,
        "started_at": campaign.started_at,
        "ended_at": campaign.ended_at,
        "expires_at": campaign.expires_at,
    }


def _out(campaign: Campaign) -> CampaignOut:
    return CampaignOut(**_plain(campaign))


def _numbers(report: CampaignReport) -> dict[str, Any]:
    totals = TotalsOut.model_validate(report.totals)
    return {**_plain(report.campaign), "contacts": report.contacts, "done": round(report.done, 4), "totals": totals}


def _listed(report: CampaignReport) -> CampaignListed:
    return CampaignListed(**_numbers(report))


def _detail(report: CampaignReport) -> CampaignDetail:
    return CampaignDetail(
        **_numbers(report),
        steps=[_step(one) for one in report.steps],
        lanes=[_lane(one) for one in report.lanes],
        senders=[_sender(one) for one in report.senders],
        document=campaign_document(report.campaign),
    )


def _step(step: StepReport) -> StepOut:
    return StepOut(
        step=step.number,
        channel=step.channel,
        template=step.template,
        states=step.states,
        ends=[EndOut.model_validate(end) for end in step.ends],
        replied=step.replied,
        opted_out=step.opted_out,
    )


def _lane(lane: LaneReport) -> LaneOut:
    hours = lane.hours
    return LaneOut(
        channel=lane.channel,
        place=str(lane.place),
        open=hours.open,
        reason=hours.reason,
        detail=hours.detail,
        changes_at=hours.changes_at,
    )


def _sender(sender: SenderReport) -> SenderOut:
    return SenderOut(
        channel=sender.channel,
        name=sender.name,
        breaker=sender.breaker.reason,
        breaker_changes_at=sender.breaker.changes_at,
        next_permit_at=sender.next_permit_at,
        limited_by=sender.limited_by,
    )
