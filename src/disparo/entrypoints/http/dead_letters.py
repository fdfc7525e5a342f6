"""`/api/v1/dead-letters`: messages that were given up, and sending them again."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.message import MessageState
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.messages import (
    MessageDetail,
    MessageIdIn,
    MessageOut,
    OfCampaign,
    OfReason,
    detail_of,
    filter_of,
    page_of,
)
from disparo.entrypoints.http.pages import After, Limit, Page
from disparo.usecases import dead_letters as usecase
from disparo.usecases.dead_letters import Refusal

MOST_IDS = 1_000
MOST_REFUSED = 1_000


class DeadLetterCountOut(BaseModel):
    """How many dead letters a step of a campaign has."""

    model_config = ConfigDict(from_attributes=True)

    campaign_id: str
    campaign: str
    step: int
    channel: Channel
    state: MessageState
    reason: str
    count: int


class RedriveIn(BaseModel):
    """Which dead letters go again: these ids, or all of a campaign, a reason, or both."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] | None = Field(None, min_length=1, max_length=MOST_IDS, examples=[["3.1.57"]])
    campaign: str | None = Field(None, max_length=100)
    reason: str | None = Field(None, max_length=200)
    force: bool = Field(False, description="Also those that may have arrived, and those of who has replied.")


class RefusedOut(BaseModel):
    """A message that does not go again."""

    id: str
    reason: Refusal


class RedriveOut(BaseModel):
    """What a redrive did."""

    redriven: int
    refused: int
    refusals: Sequence[RefusedOut] = Field(description=f"The first {MOST_REFUSED} of those refused, with the reason.")


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/dead-letters", tags=["dead letters"])

    @routes.get("")
    async def list_(
        campaign: OfCampaign = None, reason: OfReason = None, limit: Limit = 50, after: After = None
    ) -> Page[MessageOut]:
        """Dead letters, one by one."""
        wanted = await filter_of(house.store, campaign, reason=reason)
        return await page_of(house.store, await usecase.page(house.store, wanted, after, limit + 1), limit)

    @routes.get("/summary")
    async def summary(campaign: OfCampaign = None) -> Sequence[DeadLetterCountOut]:
        """How many there are, by campaign, step and reason."""
        return [DeadLetterCountOut.model_validate(one) for one in await usecase.summary(house.store, campaign)]

    @routes.get("/{message_id}")
    async def show(message_id: MessageIdIn) -> MessageDetail:
        """One dead letter with its history."""
        return detail_of(await usecase.show(house.store, message_id))

    @routes.post("/redrive")
    async def redrive(wanted: RedriveIn) -> RedriveOut:
        """Make dead letters due again, under hours and limits as ever."""
        if (wanted.ids is None) == (wanted.campaign is None and wanted.reason is None):
            raise InputError("diga quais: ids, ou então campaign e reason")
        chosen = wanted.ids or await filter_of(house.store, wanted.campaign, reason=wanted.reason)
        report = await usecase.redrive(house.store, chosen, house.clock.now(), force=wanted.force)
        refusals = [RefusedOut(id=one, reason=why) for one, why in report.refused[:MOST_REFUSED]]
        return RedriveOut(redriven=report.redriven, refused=len(report.refused), refusals=refusals)

    return routes
