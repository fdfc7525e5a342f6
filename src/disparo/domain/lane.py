"""A lane: all due messages that open and close together (same campaign, channel and place)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from disparo.domain.contact import Channel
from disparo.domain.place import Place
from disparo.domain.policies.rate_limit import Limits


@dataclass(frozen=True, slots=True)
class Lane:
    """The store's number for a campaign's messages of one channel in one place."""

    id: int
    campaign_id: str
    channel: Channel
    place: Place
    priorities: tuple[int, ...]
    """Those that its messages may have, most urgent first."""


@dataclass(frozen=True, slots=True)
class OpenLane:
    """A lane from which messages may be claimed now, until `closes_at`, under its campaign's own `limits`."""

    id: int
    campaign_id: str
    closes_at: datetime | None
    priorities: tuple[int, ...]
    limits: Limits
