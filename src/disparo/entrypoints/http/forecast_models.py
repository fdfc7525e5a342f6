"""The documents of `/api/v1/forecasts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

from disparo.domain.contact import Channel
from disparo.entrypoints.forecast_jobs import ENDED, ForecastJob, JobState
from disparo.entrypoints.http.campaigns import DOCUMENT
from disparo.entrypoints.http.instants import Instant

if TYPE_CHECKING:
    from disparo.simulation.forecast import Forecast

_HOUR: dict[str, Any] = {
    **{"begins_at": "2026-11-23T10:00:00-03:00", "messages": {"whatsapp": 90}, "total": 90, "open": True},
}
_OUT: dict[str, Any] = {
    **{"campaign": "boas-vindas", "timezone": "America/Sao_Paulo", "begins_at": "2026-11-23T13:00:00Z"},
    **{"ends_at": "2026-11-24T15:12:00Z", "messages": 1200, "expired": 0, "failures": False},
    "steps": [
        {
            **{"step": 1, "channel": "whatsapp", "messages": 1200, "first_at": "2026-11-23T13:00:00Z"},
            **{"last_at": "2026-11-24T15:12:00Z", "unsent": {"no_phone": 12}},
        }
    ],
    **{"hours": [_HOUR], "days": [{**_HOUR, "begins_at": "2026-11-23T00:00:00-03:00"}]},
    **{"open_s": 43200.0, "waiting_s": 0.0, "held_closed_s": 50400.0},
    "holdups": [
        {
            **{"channel": "whatsapp", "reason": "whatsapp:hourly", "limit": 90, "lasting_s": 40000.0},
            **{"share_of_open_time": 0.9259},
        }
    ],
    "other_campaigns": [],
}
_JOB: dict[str, Any] = {
    **{"id": "5b3c1f0a9d2e4c77", "campaign": "boas-vindas", "state": "running", "progress": 0.42, "contacts": 200000},
    **{"played": 168000, "messages": 400000, "left_s": 71.0, "ahead": 0, "stale": False, "error": None},
    **{"asked_at": "2026-11-23T12:40:00Z", "began_at": "2026-11-23T12:40:00Z", "ended_at": None, "forecast": None},
}


class ForecastIn(BaseModel):
    """A campaign that is kept, by its name or id, or one that is not, by its document."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"campaign": "boas-vindas"}, {"document": DOCUMENT, "failures": True}]},
        extra="forbid",
    )

    campaign: str | None = Field(None, max_length=100)
    document: dict[str, Any] | None = Field(None, description="As for making a campaign.")
    at: Instant | None = Field(None, description="From this instant on instead of now.")
    failures: StrictBool = Field(
        False, description="With the failures and answers that the settings give to the sandbox."
    )
    anew: StrictBool = Field(
        False, description="Play it anew although the result of a long one is kept that answers the same."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> ForecastIn:
        if (self.campaign is None) is (self.document is None):
            raise ValueError("escreva campaign ou document, e não os dois")
        return self


class StepForecastOut(BaseModel):
    """One step: how many messages it sends, the first and the last of them, and why others are not sent."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": _OUT["steps"]})

    step: int = Field(validation_alias="number")
    channel: Channel
    messages: int
    first_at: datetime | None
    last_at: datetime | None
    unsent: Mapping[str, int]


class PeriodOut(BaseModel):
    """An hour or a day of the campaign's own clock."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_HOUR]})

    begins_at: datetime
    messages: Mapping[Channel, int]
    total: int
    open: bool = Field(description="Whether hours were open in it for anybody.")


class HoldupOut(BaseModel):
    """For how long due messages waited for one thing while hours were open."""

    model_config = ConfigDict(json_schema_extra={"examples": _OUT["holdups"]})

    channel: Channel
    reason: str = Field(description="`<sender>:<window>`, `campaign:<window>`, `breaker`, `closed`, `other_campaigns`.")
    limit: int | None
    lasting_s: float
    share_of_open_time: float


class ForecastOut(BaseModel):
    """What will happen from `begins_at` to `ends_at`, the last message, and what holds it back."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUT]})

    campaign: str
    timezone: str
    begins_at: datetime
    ends_at: datetime
    messages: int
    expired: int = Field(description="Messages for which the deadline comes too early.")
    failures: bool
    steps: Sequence[StepForecastOut]
    hours: Sequence[PeriodOut]
    days: Sequence[PeriodOut]
    open_s: float = Field(description="How much of the time hours are open for somebody.")
    waiting_s: float = Field(description="The part of that in which waits between steps run and nothing is due.")
    held_closed_s: float = Field(description="For how long due messages wait while everything is closed.")
    holdups: Annotated[Sequence[HoldupOut], Field(description="What holds it back most comes first.")]
    other_campaigns: Sequence[str] = Field(description="Campaigns that run beside it and were played, too.")


class ForecastJobOut(BaseModel):
    """A forecast as it stands: under way, or ended with its result."""

    model_config = ConfigDict(json_schema_extra={"examples": [_JOB]})

    id: str
    campaign: str
    state: JobState
    progress: float = Field(description="How much of the messages is played, from 0.0 to 1.0; it may jump to its end.")
    contacts: int = Field(description="How many are copied, which comes first.")
    played: int
    messages: int = Field(description="How many there are to play, at most, those of other campaigns too.")
    left_s: float | None = Field(description="How long it may still take; null as long as that is not known.")
    ahead: int = Field(description="How many come before it, while it is queued.")
    stale: bool = Field(description="Whether the campaign, its list, hours or limits have changed since it was asked.")
    error: str | None = Field(description="Why it failed, in Portuguese.")
    asked_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    forecast: ForecastOut | None = Field(description="The result, once it is done.")


def address(job: ForecastJob) -> str:
    """Where a forecast is."""
    return f"/api/v1/forecasts/{job.id}"


def job_out(job: ForecastJob, *, stale: bool) -> ForecastJobOut:
    """A forecast as it stands."""
    standing = job.standing
    return ForecastJobOut(
        id=job.id,
        campaign=job.order.campaign.name,
        state=job.state,
        progress=1.0 if job.state is JobState.DONE else round(standing.share, 4),
        contacts=standing.contacts,
        played=standing.played,
        messages=standing.messages,
        left_s=None if standing.left is None or job.state in ENDED else standing.left.total_seconds(),
        ahead=job.ahead,
        stale=stale,
        error=None if job.error is None else str(job.error),
        asked_at=job.asked_at,
        began_at=job.began_at,
        ended_at=job.ended_at,
        forecast=None if job.forecast is None else forecast_out(job.forecast),
    )


def forecast_out(found: Forecast) -> ForecastOut:
    """A forecast."""
    return ForecastOut(
        campaign=found.campaign,
        timezone=found.zone,
        begins_at=found.begins_at,
        ends_at=found.ends_at,
        messages=found.messages,
        expired=found.expired,
        failures=found.failures,
        steps=[StepForecastOut.model_validate(step) for step in found.steps],
        hours=[PeriodOut.model_validate(hour) for hour in found.hours],
        days=[PeriodOut.model_validate(day) for day in found.days],
        open_s=round(found.open_time.total_seconds(), 3),
        waiting_s=round(found.waiting.total_seconds(), 3),
        held_closed_s=round(found.held_closed.total_seconds(), 3),
        holdups=[
            HoldupOut(
                channel=one.channel,
                reason=one.reason,
                limit=one.limit,
                lasting_s=round(one.lasting.total_seconds(), 3),
                share_of_open_time=round(found.share(one.lasting), 4),
            )
            for one in found.holdups
        ],
        other_campaigns=list(found.other_campaigns),
    )
