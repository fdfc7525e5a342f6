"""`/api/v1/campaigns`: what contacts would get, and one message to somebody who tries it."""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_hex
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.campaign import Campaign
from disparo.entrypoints.http import compiling
from disparo.entrypoints.http.campaigns import DOCUMENT, Name, whole
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.preview_models import PreviewsOut, Values, preview_out
from disparo.ports.renderer import Renderer
from disparo.usecases import campaign_edits, trials
from disparo.usecases.templates import variables_of

MOST = 20
"""Contacts of one preview."""

ContactIds = Annotated[Sequence[Annotated[str, Field(max_length=40)]] | None, Field(max_length=MOST)]


class Whom(BaseModel):
    """For whom: these contacts, else the first ones of the list."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"limit": 3}, {"contacts": ["57"]}]}, extra="forbid")

    contacts: ContactIds = Field(None, description="Ids of contacts.")
    limit: int = Field(1, ge=1, le=MOST, description="How many of the list, where no contacts are named.")


class DraftPreviewIn(Whom):
    """A campaign that is kept nowhere yet, and for whom."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"document": DOCUMENT, "limit": 3}]})

    document: dict[str, Any] = Field(description="As for making a campaign.")


class TrialIn(BaseModel):
    """One step of a campaign, sent to an address of ours at once."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"step": 1, "address": "+5541988887777", "contact": "57"}]}, extra="forbid"
    )

    step: int = Field(1, ge=1, le=99)
    address: str = Field(max_length=254, description="A number or an e-mail address of whoever tries it.")
    contact: str | None = Field(None, max_length=40, description="The contact whose variables fill it in.")
    variables: Values = Field(default_factory=dict)


class TrialOut(BaseModel):
    """Where the trial is in the ledger."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"message_id": "9.1.812", "contact_id": "812"}]})

    message_id: str
    contact_id: str = Field(description="The address as a contact of the list `testes`.")


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/campaigns", tags=["campaigns"])

    @routes.post("/preview", name="campaigns.preview_draft")
    async def preview_draft(wanted: DraftPreviewIn) -> PreviewsOut:
        """What contacts would get of a campaign that is not kept; nothing is kept now either."""
        document = whole(house, wanted.document)
        compiled = await compiling.ready(house, document)
        campaign = await campaign_edits.check(house.store, document, compiled, house.clock.now())
        return await _previews(house, campaign, wanted, compiled)

    @routes.post("/{name}/preview", name="campaigns.preview")
    async def preview_kept(name: Name, whom: Whom) -> PreviewsOut:
        """What contacts would get of a campaign, step by step."""
        return await _previews(house, await house.store.campaigns.get(name), whom, compiling.Compiled())

    @routes.post("/{name}/test", status_code=202, name="campaigns.test")
    async def trial(name: Name, wanted: TrialIn, request: Request) -> TrialOut:
        """Send one step to an address of ours, whatever the hours; 30 an hour at most go by one sender."""
        from disparo.bootstrap import renderer

        campaign = await house.store.campaigns.get(name)
        order = trials.TrialOrder(
            campaign,
            wanted.step,
            wanted.address,
            by=request.state.principal.actor,
            key=token_hex(8),
            contact_id=wanted.contact,
            values=wanted.variables,
            public_url=house.settings.public_url,
        )
        written = await trials.send(
            house.store, order, renderer(), house.carriers, house.settings.hours(), house.clock.now()
        )
        request.state.audit = {"step": wanted.step, "message": str(written.message_id)}
        request.state.about = written.message_id.contact_id
        return TrialOut(message_id=str(written.message_id), contact_id=written.message_id.contact_id)

    return routes


async def _previews(house: Installation, campaign: Campaign, whom: Whom, compiler: Renderer) -> PreviewsOut:
    contacts = (
        await house.store.contacts.page(campaign.list_name, None, whom.limit)
        if whom.contacts is None
        else [await house.store.contacts.get(one) for one in whom.contacts]
    )
    found = await compiling.previewed(house, campaign, contacts, compiler)
    asked = {str(number): variables_of(step.template, compiler) for number, step in enumerate(campaign.steps, start=1)}
    return PreviewsOut(items=[preview_out(one) for one in found], variables=asked)
