"""Tools that look at campaigns, at how sending goes, and at what it goes by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field, model_validator

from disparo.domain.campaign import CampaignState
from disparo.domain.contact import Channel
from disparo.domain.numbers import Window
from disparo.entrypoints.forecast_jobs import ForecastJob, JobState
from disparo.entrypoints.forecast_orders import Order
from disparo.entrypoints.http.alarms import AlarmsOut, alarms_out
from disparo.entrypoints.http.campaign_models import (
    CampaignListed,
    LaneOut,
    SenderOut,
    StepOut,
    detail,
    listed,
)
from disparo.entrypoints.http.campaign_progress import FunnelOut, funnel_out
from disparo.entrypoints.http.forecast_models import ForecastIn, ForecastOut, forecast_out
from disparo.entrypoints.http.forecasts import foreseen_campaign
from disparo.entrypoints.http.numbers import NumbersOut, numbers_out
from disparo.entrypoints.http.pages import Page, cut
from disparo.entrypoints.http.senders import SenderOut as SenderStanding
from disparo.entrypoints.http.senders import senders_out
from disparo.entrypoints.mcp.tool import After, Asked, Id, Limit, Nothing, Wanted, looks
from disparo.usecases import alarms as alarm_usecase
from disparo.usecases import campaigns
from disparo.usecases.numbers import NumbersWanted
from disparo.usecases.numbers import numbers as numbers_usecase

MOST_DAYS = 62
MOST_LANES = 60
FORECAST_WAIT_S = 20.0
"""How long an assistant is kept waiting: programs that call tools often give up after half a minute."""

Document = Annotated[
    dict[str, Any],
    Field(
        max_length=20,
        description="The campaign as a document; its JSON Schema is the resource disparo://campaign-schema. At least "
        '{"name": "boas-vindas", "list": "contatos", "steps": [{"channel": "sms", "text": "Olá, {{ nome }}!"}]}.',
    ),
]


class CampaignsIn(Wanted):
    """Which campaigns."""

    states: list[CampaignState] | None = Field(None, max_length=10, description="Only those in these states.")
    limit: Limit = 20
    after: After = None


class CampaignIn(Wanted):
    """Which campaign."""

    campaign: Id = Field(description="Its name or id.")


class CampaignShown(CampaignListed):
    """A campaign and where it stands."""

    steps: Sequence[StepOut]
    lanes: Sequence[LaneOut] = Field(description=f"Where it is open now and where not; {MOST_LANES} at most.")
    senders: Sequence[SenderOut]


class ForecastWanted(Wanted):
    """Which campaign to play."""

    campaign: str | None = Field(None, max_length=100, description="The name or id of one that is kept; or `document`.")
    document: Document | None = None
    failures: bool = Field(False, description="With the failures and answers that the settings give to the sandbox.")

    @model_validator(mode="after")
    def _one_of_them(self) -> ForecastWanted:
        if (self.campaign is None) is (self.document is None):
            raise ValueError("escreva campaign ou document, e não os dois")
        return self


class ForecastTold(BaseModel):
    """A forecast, or how far it is."""

    ready: bool
    state: JobState
    progress: float = Field(description="From 0.0 to 1.0.")
    left_s: int | None = Field(description="How many seconds it may still take; null as long as that is not known.")
    again: str | None = Field(description="What to do when it is not ready.")
    forecast: ForecastOut | None


class NumbersIn(Wanted):
    """Which numbers."""

    window: Window = Field(Window.HOUR, description="How much of the time before now.")
    campaign: str | None = Field(None, max_length=100, description="Only this campaign, by name or id.")
    channel: Channel | None = None


class HoursNow(BaseModel):
    """The usual hours."""

    document: Mapping[str, Any]
    open: bool = Field(description="Whether they are open now, for a contact of whom nothing is known.")


class LimitsOut(BaseModel):
    """What sending goes by."""

    live: bool = Field(description="False: nothing leaves; a sandbox takes every message.")
    hours: HoursNow
    senders: Sequence[SenderStanding]
    values: Mapping[str, Any] = Field(description="Settings of limits, retries and breakers by name.")


@looks("campaigns", "List campaigns")
async def list_campaigns(asked: Asked, wanted: CampaignsIn) -> Page[CampaignListed]:
    """Campaigns, newest first, with how many messages are open, sent, read, failed."""
    behind = wanted.after if wanted.after is None or wanted.after.isdecimal() else "0"
    states = frozenset(wanted.states) if wanted.states else None
    found = await asked.house.store.campaigns.page(behind, wanted.limit + 1, states=states)
    some, more = cut(found, wanted.limit)
    items = [listed(await campaigns.report(asked.house.store, one.id, asked.now)) for one in some]
    return Page[CampaignListed](items=items, next=some[-1].id if more else None)


@looks("campaigns", "Show a campaign")
async def show_campaign(asked: Asked, wanted: CampaignIn) -> CampaignShown:
    """Where a campaign stands, step by step, which places are open now, what its senders wait for.

    Its document with all texts is the resource disparo://campaigns/{name}.
    """
    from disparo.bootstrap import senders_of

    senders = senders_of(asked.house.settings)
    found = detail(await campaigns.report(asked.house.store, wanted.campaign, asked.now, senders))
    plain = found.model_dump(exclude={"document"})
    return CampaignShown.model_validate({**plain, "lanes": plain["lanes"][:MOST_LANES]})


@looks("campaigns", "Show a campaign's funnel")
async def show_funnel(asked: Asked, wanted: CampaignIn) -> FunnelOut:
    """How far the messages of each step got: due, sent, delivered, read, replied, booked."""
    return await funnel_out(asked.house, wanted.campaign)


@looks("forecasts", "Forecast a campaign")
async def forecast_campaign(asked: Asked, wanted: ForecastWanted) -> ForecastTold:
    """Play a campaign to its end on a virtual clock: when it begins and ends, and what holds it back. Nothing is sent.

    It takes seconds; for a large campaign it goes on meanwhile: `ready` is false, and `again` says when to call again
    with the same arguments, which begins nothing new. Hours are told by day.
    """
    given = ForecastIn(
        at=None, campaign=wanted.campaign, document=wanted.document, failures=wanted.failures, anew=False
    )
    campaign = await foreseen_campaign(asked.house, given)
    order = Order(campaign, asked.now, wanted.failures)
    return _forecast_told(await asked.foreseeing.answer(order, wait_s=FORECAST_WAIT_S))


def _forecast_told(job: ForecastJob) -> ForecastTold:
    left_s = None if job.standing.left is None else round(job.standing.left.total_seconds())
    found = None if job.forecast is None else forecast_out(job.forecast)
    again = None
    if found is None:
        again = f"Call forecast_campaign again with the same arguments in {min(max(left_s or 30, 10), 300)} s."
    else:
        found = found.model_copy(update={"hours": [], "days": list(found.days)[:MOST_DAYS]})
    return ForecastTold(
        ready=found is not None,
        state=job.state,
        progress=1.0 if found else round(job.standing.share, 4),
        left_s=None if found else left_s,
        again=again,
        forecast=found,
    )


@looks("numbers", "Read the numbers")
async def read_numbers(asked: Asked, wanted: NumbersIn) -> NumbersOut:
    """What was sent, failed and waits over the last minutes, hour or day, by channel and campaign; rates in percent."""
    store = asked.house.store
    campaign_id = None if wanted.campaign is None else (await store.campaigns.get(wanted.campaign)).id
    by = NumbersWanted(wanted.window, campaign_id, wanted.channel)
    return numbers_out(await numbers_usecase(store, by, asked.now))


@looks("alarms", "List alarms")
async def list_alarms(asked: Asked, _: Nothing) -> AlarmsOut:
    """Where each alarm stands, as it was found last, and what to do about it."""
    return alarms_out(await alarm_usecase.alarms(asked.house.store, asked.now))


@looks("settings", "Show limits and hours")
async def show_limits(asked: Asked, _: Nothing) -> LimitsOut:
    """The hours in which contacts are messaged, and each sender's limits with how much of them is used now."""
    return await limits_out(asked)


async def limits_out(asked: Asked) -> LimitsOut:
    """What sending goes by, as it is now."""
    from disparo.domain.place import Place
    from disparo.domain.policies.business_hours import decide

    settings = asked.house.settings
    usual = settings.hours()
    shown = {
        one.name: one.value
        for one in asked.house.configuration.views()
        if one.name.startswith(("rate_limit_", "circuit_breaker_", "max_retries", "initial_backoff", "backoff_"))
    }
    now_open = decide(usual, Place(usual.zone), asked.now).open
    return LimitsOut(
        live=settings.live,
        hours=HoursNow(document=usual.to_document(), open=now_open),
        senders=await senders_out(asked.house),
        values=shown,
    )


CAMPAIGN_LOOKS = (
    *(list_campaigns, show_campaign, show_funnel, forecast_campaign, read_numbers, list_alarms, show_limits),
)
