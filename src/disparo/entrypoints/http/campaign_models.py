"""Campaigns as `/api/v1/campaigns` tells of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.campaign_document import campaign_document
from disparo.domain.contact import Channel
from disparo.usecases.campaigns import CampaignReport, LaneReport, SenderReport, StepReport

_CAMPAIGN: dict[str, Any] = {
    "id": "3",
    "name": "boas-vindas",
    "state": "running",
    "list": "clientes",
    "created_at": "2026-11-23T12:00:00Z",
    "start_at": None,
    "started_at": "2026-11-23T13:00:00Z",
    "ended_at": None,
    "expires_at": "2026-12-23T13:00:00Z",
}
_TOTALS: dict[str, Any] = {
    **{"messages": 1200, "open": 700, "sent": 480, "delivered": 450, "read": 300, "failed": 12, "dead": 3},
    **{"cancelled": 5, "expired": 0, "replied": 41, "opted_out": 2},
}
_END = {"state": "failed", "reason": "address_unknown", "count": 12}
_STEP: dict[str, Any] = {
    **{"step": 1, "channel": "whatsapp", "template": "boas-vindas-1", "states": {"due": 700, "read": 300}},
    **{"ends": [_END], "replied": 41, "opted_out": 2},
}
_LANE: dict[str, Any] = {
    **{"channel": "whatsapp", "place": "America/Sao_Paulo BR-SP", "open": False, "reason": "lunch_break"},
    **{"detail": "12:00-13:00", "changes_at": "2026-11-23T16:00:00Z"},
}
_SENDER: dict[str, Any] = {
    **{"channel": "whatsapp", "name": "whatsapp", "breaker": "closed", "breaker_changes_at": None},
    **{"next_permit_at": "2026-11-23T13:00:40Z", "limited_by": "whatsapp:burst"},
}


def _like(*examples: Mapping[str, Any]) -> ConfigDict:
    return ConfigDict(from_attributes=True, json_schema_extra={"examples": [dict(one) for one in examples]})


class CampaignOut(BaseModel):
    """A campaign."""

    model_config = _like(_CAMPAIGN)

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

    model_config = _like(_TOTALS)

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

    model_config = _like({**_CAMPAIGN, "contacts": 1200, "done": 0.4167, "totals": _TOTALS})

    contacts: int
    done: float = Field(description="Share of messages at their end, from 0.0 to 1.0.")
    totals: TotalsOut


class EndOut(BaseModel):
    """Messages that ended without being sent."""

    model_config = _like(_END)

    state: str
    reason: str
    count: int


class StepOut(BaseModel):
    """One step: its messages by state, and of those that ended unsent by reason."""

    model_config = _like(_STEP)

    step: int
    channel: Channel
    template: str
    states: Mapping[str, int]
    ends: Sequence[EndOut]
    replied: int
    opted_out: int


class LaneOut(BaseModel):
    """Where a lane stands now."""

    model_config = _like(_LANE)

    channel: Channel
    place: str
    open: bool
    reason: str
    detail: str
    changes_at: datetime | None


class SenderOut(BaseModel):
    """Where a sender stands now."""

    model_config = _like(_SENDER)

    channel: Channel
    name: str
    breaker: str
    breaker_changes_at: datetime | None
    next_permit_at: datetime
    limited_by: str = Field(description="The window that the next permit waits for, empty when it waits for none.")


class CampaignDetail(CampaignListed):
    """A campaign, where it stands, and its document."""

    model_config = _like(
        {
            **{**_CAMPAIGN, "contacts": 1200, "done": 0.4167, "totals": _TOTALS},
            **{"steps": [_STEP], "lanes": [_LANE], "senders": [_SENDER]},
            "document": {"name": "boas-vindas", "list": "clientes", "steps": [{"channel": "whatsapp", "text": "Oi"}]},
        }
    )

    steps: Sequence[StepOut]
    lanes: Sequence[LaneOut]
    senders: Sequence[SenderOut]
    document: Mapping[str, Any] = Field(description="The definition, every default written out.")


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


def campaign_out(campaign: Campaign) -> CampaignOut:
    """A campaign."""
    return CampaignOut(**_plain(campaign))


def _numbers(report: CampaignReport) -> dict[str, Any]:
    totals = TotalsOut.model_validate(report.totals)
    return {**_plain(report.campaign), "contacts": report.contacts, "done": round(report.done, 4), "totals": totals}


def listed(report: CampaignReport) -> CampaignListed:
    """A campaign in a listing."""
    return CampaignListed(**_numbers(report))


def detail(report: CampaignReport) -> CampaignDetail:
    """A campaign, where it stands, and its document."""
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
