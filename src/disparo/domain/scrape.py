"""What a monitoring system reads of an installation in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from disparo.domain.alarm import AlarmStanding
from disparo.domain.contact import Channel
from disparo.domain.figure import Counts

OTHERS = "others"
"""How the campaigns are called together that are too many to be told apart."""


@dataclass(frozen=True, slots=True)
class CampaignScrape:
    """One campaign, or the others together.

    `happened` counts what happened to messages since they are counted, `standing` those that are in a state now,
    `lanes` lanes by whether they are open now; each by channel.
    """

    label: str
    happened: Mapping[tuple[Channel, str], int]
    standing: Mapping[tuple[Channel, str], int]
    lanes: Mapping[tuple[Channel, bool], int]


@dataclass(frozen=True, slots=True)
class Scrape:
    """Everything; `ever` and `recent` (the last five minutes) carry labels in the place of campaigns' ids."""

    campaigns: Sequence[CampaignScrape]
    ever: Counts
    recent: Counts
    breakers: Mapping[tuple[str, Channel], bool]
    """Of each sender and channel, whether its provider is being left alone."""
    alarms: Sequence[AlarmStanding]
    last_beat: datetime | None
