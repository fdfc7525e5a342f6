"""Endpoints and deliveries as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from disparo.domain.webhook import Endpoint, EndpointState, EventType
from disparo.domain.webhook_delivery import Delivery, DeliveryState
from disparo.usecases.webhooks import LONGEST_DESCRIPTION

LONGEST_URL = 2_048

EndpointId = Annotated[str, Path(max_length=40, description="The endpoint's id.", examples=["wh_4f1c0a9b2d7e"])]
EventId = Annotated[
    str,
    Path(
        max_length=60, description="The event's id, as `webhook-id` has it.", examples=["evt_9b2f0e6c1d8a4b7e95f3c2a1"]
    ),
]
_Url = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_URL,
        description="Where events are sent by POST; `https://`, no user name, not of a private network.",
        examples=["https://exemplo.com.br/ganchos/disparo"],
    ),
]
_Type = Annotated[str, Field(min_length=1, max_length=40, examples=["reply.received"])]
_Types = Annotated[
    Sequence[_Type],
    Field(
        max_length=40,
        description="The types of events that are sent, `meeting.*` for all of a kind; empty: every type.",
        examples=[["reply.received", "meeting.*"]],
    ),
]
_Personal = Annotated[
    StrictBool,
    Field(description="Whether names, addresses and texts of people are sent, too; otherwise ids and codes only."),
]
_Description = Annotated[str, Field(max_length=LONGEST_DESCRIPTION, examples=["CRM"])]


class EndpointOut(BaseModel):
    """An endpoint, without its secret."""

    id: str = Field(examples=["wh_4f1c0a9b2d7e"])
    url: str = Field(examples=["https://exemplo.com.br/ganchos/disparo"])
    types: Sequence[EventType] = Field(description="What it is told; empty: everything.", examples=[["reply.received"]])
    include_personal: bool
    description: str = Field(examples=["CRM"])
    state: EndpointState
    disabled_reason: str = Field(
        description="`gone` (it answered 410), `failing` (for five days), `by_hand`, or empty."
    )
    disabled_at: datetime | None
    failing_since: datetime | None = Field(description="Since when nothing has arrived; null when it works.")
    previous_secret_until: datetime | None = Field(description="Until when the secret before still signs, too.")
    created_at: datetime
    revision: int

    @classmethod
    def of(cls, one: Endpoint) -> Self:
        """An endpoint without its secret."""
        return cls(
            id=one.id,
            url=one.url,
            types=sorted(one.types),
            include_personal=one.include_personal,
            description=one.description,
            state=one.state,
            disabled_reason=one.disabled_reason,
            disabled_at=one.disabled_at,
            failing_since=one.failing_since,
            previous_secret_until=one.previous_until,
            created_at=one.created_at,
            revision=one.revision,
        )


class EndpointWithSecretOut(BaseModel):
    """An endpoint that has a new secret."""

    endpoint: EndpointOut
    secret: str = Field(
        description="With this deliveries are signed; it is not shown again.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )


_WANTED: dict[str, Any] = {
    "url": "https://exemplo.com.br/ganchos/disparo",
    "types": ["reply.received", "meeting.*"],
    "description": "CRM",
}


class EndpointIn(BaseModel):
    """An endpoint to be made."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_WANTED]})

    url: _Url
    types: _Types = ()
    include_personal: _Personal = False
    description: _Description = ""


class EndpointChangeIn(BaseModel):
    """What is to be changed of an endpoint; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"enabled": False}, {"types": ["meeting.*"]}]}
    )

    url: _Url | None = None
    types: _Types | None = None
    include_personal: _Personal | None = None
    description: _Description | None = None
    enabled: StrictBool | None = Field(None, description="Whether it is told anything.")


class AttemptOut(BaseModel):
    """One request to an endpoint."""

    at: datetime
    took_ms: int
    status: int | None = Field(description="What was answered; null when nothing was.")
    fault: str = Field(
        description="Why nothing was: `not_connected`, `timed_out`, `no_answer`, `endpoint_refused` (private network), "
        "`endpoint_unusable`, `secret_unreadable`; else empty."
    )
    excerpt: str = Field(description="The beginning of the answer, what looks personal or secret masked.")


class DeliveryOut(BaseModel):
    """An event on its way to an endpoint."""

    event_id: str = Field(examples=["evt_9b2f0e6c1d8a4b7e95f3c2a1"])
    type: EventType
    at: datetime = Field(description="When it happened.")
    created_at: datetime
    state: DeliveryState
    next_attempt_at: datetime | None
    tries: int = Field(description="Attempts since it was first sent, or sent again by hand.")
    attempts: Sequence[AttemptOut] = Field(description="The last ones, oldest first.")
    data: Mapping[str, Any] = Field(description="What is told, without what is personal.")

    @classmethod
    def of(cls, one: Delivery) -> Self:
        """A delivery without what is personal."""
        return cls(
            event_id=one.event_id,
            type=one.type,
            at=one.at,
            created_at=one.created_at,
            state=one.state,
            next_attempt_at=one.due_at,
            tries=one.tries,
            attempts=[
                AttemptOut(
                    at=each.at,
                    took_ms=round(each.took.total_seconds() * 1_000),
                    status=each.status,
                    fault=each.fault,
                    excerpt=each.excerpt,
                )
                for each in one.attempts
            ],
            data=one.data,
        )


class SentAgainOut(BaseModel):
    """How many deliveries go again."""

    deliveries: int


class EventTypeOut(BaseModel):
    """A type of event."""

    type: EventType
    example: Mapping[str, Any] = Field(
        description="The `data` of one; `text` and `contact` only with include_personal."
    )
