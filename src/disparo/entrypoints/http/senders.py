"""`/api/v1/senders`: who sends, by which provider, how they share a channel, and how they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.contact import Channel
from disparo.entrypoints.http.installation import Installation
from disparo.usecases.sender_look import SenderState, look_at

_EXAMPLE: dict[str, Any] = {
    "name": "whatsapp",
    "channel": "whatsapp",
    "provider": "whatsapp_cloud",
    "weight": 1,
    "secret_fault": None,
    "breaker": "closed",
    "breaker_until": None,
    "windows": [
        {"window": "burst", "seconds": 60, "used": 12, "limit": 50},
        {"window": "hourly", "seconds": 3600, "used": 640, "limit": 1000},
    ],
    "next_permit_at": None,
    "limited_by": None,
}
SECONDS = {"burst": 60, "hourly": 3_600, "daily": 86_400}


class WindowOut(BaseModel):
    """A rolling window of a limit, and how much of it is used at this moment."""

    window: str = Field(description="`burst`, `hourly` or `daily`.")
    seconds: int
    used: int = Field(description="Permits given in it; above the limit just after that was lowered.")
    limit: int


class SenderOut(BaseModel):
    """One sender."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    name: str
    channel: Channel
    provider: str = Field(description="`sandbox` takes everything and sends nothing.")
    weight: int = Field(description="Its share of the channel's traffic, next to the weights of the others.")
    secret_fault: str | None = Field(description="What is wrong with its secret; null when it can be used.")
    breaker: str = Field(description="`closed` is well; `breaker_open`, `breaker_probing` and `breaker_half_open` not.")
    breaker_until: datetime | None = Field(description="When the breaker changes by itself.")
    windows: Sequence[WindowOut] = Field(description="Those that are limited.")
    next_permit_at: datetime | None = Field(description="When its limits let the next message go; null: at once.")
    limited_by: str | None = Field(description="The window that this waits for.")


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/senders", tags=["settings"])

    @routes.get("", name="senders.list")
    async def list_() -> Sequence[SenderOut]:
        """Every sender; they are few, so all come at once."""
        return await senders_out(house)

    return routes


async def senders_out(house: Installation) -> Sequence[SenderOut]:
    """Every sender as it is now."""
    now = house.clock.now()
    faults = await house.sender_faults()
    seen = [(one, await look_at(house.store.ledger, one.sender, now)) for one in house.senders]
    return [
        SenderOut(
            name=one.sender.name,
            channel=one.sender.channel,
            provider=one.provider,
            weight=one.sender.weight,
            secret_fault=fault,
            breaker=state.breaker.reason,
            breaker_until=state.breaker.changes_at,
            windows=_windows(state),
            next_permit_at=state.next_at,
            limited_by=state.limited_by or None,
        )
        for (one, state), fault in zip(seen, faults, strict=True)
    ]


def _windows(state: SenderState) -> Sequence[WindowOut]:
    return [WindowOut(window=name, seconds=SECONDS[name], used=used, limit=limit) for name, used, limit in state.used]
