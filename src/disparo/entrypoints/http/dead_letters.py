"""`/api/v1/dead-letters`: messages that were given up, and sending them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool

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
    OfState,
    detail_of,
    filter_of,
    page_of,
)
from disparo.entrypoints.http.pages import LONGEST_CURSOR, After, Limit, Page
from disparo.ports.ledger import MessageFilter
from disparo.usecases import dead_letters as usecase
from disparo.usecases.dead_letters import Refusal

MOST_IDS = 1_000
MOST_AT_ONCE = 5_000
"""Messages that one redrive looks at: some seconds, in which others are answered."""
USUAL_AT_ONCE = 1_000

OfChannel = Annotated[Channel | None, Query(description="Only of this channel.")]


class DeadLetterCountOut(BaseModel):
    """How many dead letters a step of a campaign has."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "campaign_id": "3",
                    "campaign": "boas-vindas",
                    "step": 1,
                    "channel": "whatsapp",
                    "state": "dead",
                    "reason": "retries_used_up",
                    "count": 128,
                }
            ]
        },
    )

    campaign_id: str
    campaign: str
    step: int
    channel: Channel
    state: MessageState = Field(description="`dead` was given up; `failed` was refused for what a person can mend.")
    reason: str
    count: int


_WANTED: list[Any] = [
    {"ids": ["3.1.57"]},
    {"campaign": "boas-vindas", "reason": "provider_failed", "limit": 1000},
]


class RedriveIn(BaseModel):
    """Which dead letters go again: these ids, or all of a campaign, channel, state, reason, or several of them."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": _WANTED})

    ids: list[Annotated[str, Field(max_length=256)]] | None = Field(
        None, min_length=1, max_length=MOST_IDS, examples=[["3.1.57"]]
    )
    campaign: str | None = Field(None, max_length=100, description="By name or id.")
    channel: Channel | None = None
    state: MessageState | None = Field(None, description="`dead` or `failed`.")
    reason: str | None = Field(None, max_length=200)
    all: StrictBool = Field(False, description="All that there are: instead of ids and filters.")
    force: StrictBool = Field(
        False,
        description="Also those that may have arrived, those of who has replied, and those in whose place another went:"
        " somebody may get a second message.",
    )
    limit: int = Field(
        USUAL_AT_ONCE, ge=1, le=MOST_AT_ONCE, description="Of a filter: how many are looked at by this request."
    )
    after: str | None = Field(
        None, max_length=LONGEST_CURSOR, description="Of a filter: `next` of the answer before, to go on."
    )

    @property
    def filtered(self) -> bool:
        """Whether it says which by anything but ids."""
        return self.all or any((self.campaign, self.channel, self.state, self.reason))


class RefusedOut(BaseModel):
    """A message that does not go again."""

    id: str = Field(examples=["3.1.58"])
    reason: Refusal


class RedriveOut(BaseModel):
    """What a redrive did."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "redriven": 999,
                    "refused": 1,
                    "refusals": [{"id": "3.1.58", "reason": "held_in_doubt"}],
                    "next": "3.1.1404",
                }
            ]
        }
    )

    redriven: int
    refused: int
    refusals: Sequence[RefusedOut] = Field(description="Those refused, with the reason.")
    next: str | None = Field(
        None, description="Of a filter: where `after` goes on; null when all that it finds were looked at."
    )


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/dead-letters", tags=["dead letters"])

    async def chosen(
        campaign: str | None, channel: Channel | None, states: Sequence[MessageState] | None, reason: str | None
    ) -> MessageFilter:
        found = await filter_of(house.store, campaign, states, reason=reason)
        return MessageFilter(found.campaign_id, found.states, reason=found.reason, channel=channel)

    @routes.get("", name="dead_letters.list")
    async def list_(
        campaign: OfCampaign = None,
        channel: OfChannel = None,
        state: OfState = None,
        reason: OfReason = None,
        limit: Limit = 50,
        after: After = None,
    ) -> Page[MessageOut]:
        """Dead letters, one by one, the latest first. A page may be short and have a `next` all the same."""
        found = await usecase.latest(house.store, await chosen(campaign, channel, state, reason), after, limit)
        shown = await page_of(house.store, found.records, limit)
        return Page(items=shown.items, next=found.after)

    @routes.get("/summary", name="dead_letters.summary")
    async def summary(campaign: OfCampaign = None) -> Sequence[DeadLetterCountOut]:
        """How many there are, by campaign, step and reason."""
        return [DeadLetterCountOut.model_validate(one) for one in await usecase.summary(house.store, campaign)]

    @routes.get("/{message_id}", name="dead_letters.show")
    async def show(message_id: MessageIdIn) -> MessageDetail:
        """One dead letter with its history."""
        return detail_of(await usecase.show(house.store, message_id))

    @routes.post("/redrive", name="dead_letters.redrive")
    async def redrive(request: Request, wanted: RedriveIn) -> RedriveOut:
        """Make dead letters due again, under hours and limits as ever; of a filter so many at a time."""
        if (wanted.ids is None) != wanted.filtered or (wanted.ids is not None and wanted.after is not None):
            raise InputError("diga quais: ids, ou então campaign, channel, state e reason, ou all")
        now = house.clock.now()
        if wanted.ids is not None:
            report = await usecase.redrive(house.store, wanted.ids, now, force=wanted.force)
        else:
            states = [wanted.state] if wanted.state else None
            by = await chosen(wanted.campaign, wanted.channel, states, wanted.reason)
            report = await usecase.redrive_some(
                house.store, by, now, wanted.limit, after=wanted.after, force=wanted.force
            )
        told = wanted.model_dump(mode="json", exclude_defaults=True, exclude={"ids", "after", "limit"})
        request.state.audit = {**told, "redriven": report.redriven, "refused": len(report.refused)}
        refusals = [RefusedOut(id=one, reason=why) for one, why in report.refused]
        return RedriveOut(redriven=report.redriven, refused=len(report.refused), refusals=refusals, next=report.after)

    return routes
