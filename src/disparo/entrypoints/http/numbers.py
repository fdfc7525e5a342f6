"""`/api/v1/numbers`: the metrics of the source document over the last minutes, hour or day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.campaign import CampaignState
from disparo.domain.contact import Channel
from disparo.domain.numbers import Numbers, Source, Window
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.reading_values import reading_values
from disparo.usecases.numbers import MOST_CAMPAIGNS, NumbersWanted
from disparo.usecases.numbers import numbers as usecase

_READING: dict[str, Any] = {
    "messages_sent": 118,
    "messages_failed": 2,
    "messages_failed_rate": 1.67,
    "errors": 3,
    "queue_depth": 4120,
    "rate_limit_hit": 57,
    "average_dispatch_time_ms": 212.4,
    "p95_dispatch_time_ms": 500,
    "slowest_dispatch_time_ms": 1000,
    "confirmation_rate": 41.7,
    "no_show_rate": None,
}

InWindow = Annotated[Window, Query(description="How much of the time before now.")]
OfCampaign = Annotated[
    str | None, Query(max_length=100, description="Only this campaign, by name or id.", examples=["boas-vindas"])
]
OfChannel = Annotated[Channel | None, Query(description="Only this channel.")]


class ReadingOut(BaseModel):
    """The numbers of a channel, a campaign, or everything. Rates are percentages; null where there is nothing."""

    model_config = ConfigDict(json_schema_extra={"examples": [_READING]})

    messages_sent: int = Field(description="MessagesSent: messages that their provider took.")
    messages_failed: int = Field(description="Messages that were refused or given up.")
    messages_failed_rate: float | None = Field(description="MessagesFailedRate, in percent.")
    errors: int = Field(description="Attempts that failed because of us or a provider.")
    queue_depth: int = Field(description="QueueDepth: messages that are due now, in open hours or not.")
    rate_limit_hit: int = Field(description="RateLimitHit: claims that a limit kept from taking more.")
    average_dispatch_time_ms: float | None = Field(
        description="AverageDispatchTime: from a message's moment to its provider's answer."
    )
    p95_dispatch_time_ms: int | None = Field(description="Under how long 95 % of them stayed, about.")
    slowest_dispatch_time_ms: int | None = Field(
        description="How long the slowest took, about; 30,000 is that or more."
    )
    confirmation_rate: float | None = Field(description="ConfirmationRate, in percent, of proposals that ended.")
    no_show_rate: float | None = Field(description="NoShowRate, in percent, of meetings with an outcome.")


class CampaignReadingOut(ReadingOut):
    """The numbers of one campaign."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"campaign_id": "3", "campaign": "boas-vindas", "state": "running", **_READING}]
        }
    )

    campaign_id: str
    campaign: str
    state: CampaignState


class NumbersOut(BaseModel):
    """The numbers over one window."""

    window: Window
    from_at: datetime
    to_at: datetime
    source: Source = Field(
        description="`minutes`: what workers counted. `hours`: what the ledger counted, by whole hours and without "
        "times and limits, where no worker counts by the minute (functions on AWS)."
    )
    all: ReadingOut
    by_channel: Mapping[Channel, ReadingOut]
    by_campaign: Sequence[CampaignReadingOut] = Field(
        description=f"The newest {MOST_CAMPAIGNS} that are live or had something counted."
    )


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/numbers", tags=["numbers"])

    @routes.get("", name="numbers.read")
    async def read(
        window: InWindow = Window.HOUR, campaign: OfCampaign = None, channel: OfChannel = None
    ) -> NumbersOut:
        """The numbers over the last five minutes, hour or day, together, by channel and by campaign."""
        campaign_id = None if campaign is None else (await house.store.campaigns.get(campaign)).id
        return numbers_out(await usecase(house.store, NumbersWanted(window, campaign_id, channel), house.clock.now()))

    return routes


def numbers_out(found: Numbers) -> NumbersOut:
    """The numbers as the API tells them."""
    return NumbersOut(
        window=found.window,
        from_at=found.from_at,
        to_at=found.to_at,
        source=found.source,
        all=ReadingOut(**reading_values(found.all)),
        by_channel={channel: ReadingOut(**reading_values(one)) for channel, one in found.by_channel.items()},
        by_campaign=[
            CampaignReadingOut(
                campaign_id=one.campaign_id, campaign=one.campaign, state=one.state, **reading_values(one.reading)
            )
            for one in found.by_campaign
        ],
    )
