"""`/api/v1/campaigns`: making campaigns, letting them run, and seeing where they stand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.campaign import Campaign
from disparo.entrypoints.http import compiling
from disparo.entrypoints.http.campaign_models import (
    CampaignDetail,
    CampaignListed,
    CampaignOut,
    campaign_out,
    detail,
    listed,
)
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.pages import After, Limit, Page, cut
from disparo.ports.store import Store
from disparo.usecases import campaign_edits
from disparo.usecases import campaigns as usecase

Name = Annotated[str, Path(max_length=100, description="The campaign's name or id.", examples=["boas-vindas"])]
DOCUMENT: dict[str, Any] = {
    "name": "boas-vindas",
    "list": "contatos",
    "steps": [{"channel": "whatsapp", "text": "Olá, {{ nome }}!"}],
}
Document = Annotated[
    dict[str, Any],
    Body(
        description="The campaign as a document: the keys of the campaign file, instants as ISO 8601 text, the texts "
        "of templates in `text` and `html`. Hours that it does not tell are those of the settings.",
        examples=[DOCUMENT],
    ),
]
Part = Annotated[
    dict[str, Any],
    Body(
        description="The keys of its document that are to change, each whole; null goes back to what holds without it.",
        examples=[{"limits": {"whatsapp": {"hourly": 90}}}, {"deadline": "20d"}],
    ),
]


class CopyIn(BaseModel):
    """How a copy is to be called."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "boas-vindas-dezembro"}]}, extra="forbid")

    name: str = Field(max_length=100)


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/campaigns", tags=["campaigns"])

    @routes.post("", status_code=201, name="campaigns.create")
    async def create(document: Document, response: Response) -> CampaignOut:
        """Keep a campaign as a draft, for a list that has contacts already."""
        from disparo.bootstrap import renderer

        return _made(response, await usecase.create(house.store, whole(house, document), renderer(), house.clock.now()))

    @routes.get("", name="campaigns.list")
    async def list_(limit: Limit = 50, after: After = None) -> Page[CampaignListed]:
        """Campaigns, newest first, with their numbers."""
        # Ids rise with each campaign; a cursor that is no id stands behind all of them.
        behind = after if after is None or (after.isascii() and after.isdecimal()) else "0"
        campaigns, more = cut(await house.store.campaigns.page(behind, limit + 1), limit)
        now = house.clock.now()
        items = [listed(await usecase.report(house.store, one.id, now)) for one in campaigns]
        return Page(items=items, next=campaigns[-1].id if more else None)

    @routes.get("/{name}", name="campaigns.show")
    async def show(name: Name) -> CampaignDetail:
        """Where a campaign stands, step by step, and what its lanes and senders are doing now."""
        from disparo.bootstrap import senders_of

        senders = senders_of(house.settings)
        return detail(await usecase.report(house.store, name, house.clock.now(), senders))

    @routes.put("/{name}", name="campaigns.replace")
    async def replace(name: Name, document: Document) -> CampaignOut:
        """Change texts, hours, limits and waits; of a running campaign from the next claim on."""
        wanted = whole(house, document)
        compiled, now = await compiling.ready(house, wanted), house.clock.now()
        return campaign_out(await usecase.update(house.store, name, wanted, compiled, now, house.carriers))

    @routes.patch("/{name}", name="campaigns.change")
    async def change(name: Name, part: Part) -> CampaignOut:
        """Change a part of a campaign, as its limits or its hours; of a running one from the next claim on."""
        document = await campaign_edits.changed(house.store, name, part)
        compiled, now = await compiling.ready(house, document), house.clock.now()
        return campaign_out(await usecase.update(house.store, name, document, compiled, now, house.carriers))

    @routes.post("/{name}/duplicate", status_code=201, name="campaigns.duplicate")
    async def duplicate(name: Name, copy: CopyIn, response: Response) -> CampaignOut:
        """Make a draft that is like a campaign but for its name."""
        from disparo.bootstrap import renderer

        now = house.clock.now()
        return _made(response, await campaign_edits.duplicate(house.store, name, copy.name, renderer(), now))

    @routes.post("/{name}/start", name="campaigns.start")
    async def start(name: Name) -> CampaignOut:
        """Let a draft begin, for the contacts that its list has now; 422 when a provider would refuse its messages."""
        return campaign_out(await usecase.start(house.store, name, house.clock.now(), house.carriers))

    for event in (usecase.pause, usecase.resume, usecase.cancel):
        routes.post(f"/{{name}}/{event.__name__}", name=f"campaigns.{event.__name__}")(_mover(house, event))
    return routes


def _mover(
    house: Installation, event: Callable[[Store, str, datetime], Awaitable[Campaign]]
) -> Callable[[str], Awaitable[CampaignOut]]:
    async def move(name: Name) -> CampaignOut:
        return campaign_out(await event(house.store, name, house.clock.now()))

    move.__name__ = event.__name__
    move.__doc__ = event.__doc__
    return move


def _made(response: Response, campaign: Campaign) -> CampaignOut:
    response.headers["Location"] = f"/api/v1/campaigns/{campaign.id}"
    return campaign_out(campaign)


def whole(house: Installation, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A campaign's document with the hours of the settings where it tells none."""
    return document if "hours" in document else {**document, "hours": house.settings.hours_document()}
