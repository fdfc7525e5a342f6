"""The numbers of an installation at one moment, as people and programs read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from disparo.domain.campaign import CampaignState
from disparo.domain.contact import Channel
from disparo.domain.figure import Figure


class Window(StrEnum):
    """How much of the time before now is looked at."""

    FIVE_MINUTES = "5m"
    HOUR = "1h"
    DAY = "24h"

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return _LENGTHS[self]


_LENGTHS: Mapping[Window, timedelta] = {
    Window.FIVE_MINUTES: timedelta(minutes=5),
    Window.HOUR: timedelta(hours=1),
    Window.DAY: timedelta(days=1),
}


class Source(StrEnum):
    """What the numbers of a window were made of."""

    MINUTES = "minutes"
    """What workers counted, minute by minute."""
    HOURS = "hours"
    """What the ledger counted, hour by hour: times and limits are not known, and hours are counted whole."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure over a window, and how many messages are due at its end."""

    figure: Figure
    queue_depth: int
    """QueueDepth: messages that are due in running campaigns, those whose hours are closed included."""


@dataclass(frozen=True, slots=True)
class CampaignReading:
    """The reading of one campaign."""

    campaign_id: str
    campaign: str
    state: CampaignState
    reading: Reading


@dataclass(frozen=True, slots=True)
class Numbers:
    """Everything over one window, from `from_at` until before `to_at`."""

    window: Window
    from_at: datetime
    to_at: datetime
    source: Source
    all: Reading
    by_channel: Mapping[Channel, Reading]
    by_campaign: Sequence[CampaignReading]
    """Those that are live or had something counted, newest first."""
