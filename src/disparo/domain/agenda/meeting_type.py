"""A type of meeting: how long, with whom, by which rules, and what is said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from disparo.domain.agenda.notice import NoticeKind
from disparo.domain.policies.business_hours import BusinessHours, DailyHours
from disparo.domain.template import Template

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=12)
"""A meeting lasts at least and at most."""

LONGEST_BUFFER = timedelta(hours=4)
FARTHEST = timedelta(days=366)
"""How far ahead times may be offered."""

MOST_HOSTS_TOGETHER = 8
"""In one meeting; each offer holds the time of all of them at once."""

MOST_OFFERS = 10

WAKING_HOURS = BusinessHours(
    default=DailyHours(frozenset(range(1, 8)), start_min=8 * 60, end_min=20 * 60, lunch=None),
    public_holidays=False,
    regional_holidays=False,
    optional_holidays=False,
)
"""When a contact may be asked to meet, whatever the host's hours: 08:00 to 20:00 of the contact's own clock."""


class Assignment(StrEnum):
    """Which of a type's hosts get a meeting."""

    ROUND_ROBIN = "round_robin"
    """One of those that are free: whoever has the fewest meetings around then, in the order of the list."""
    ANY = "any"
    """The first of the list that is free."""
    TOGETHER = "together"
    """All of them."""


class OutsideHours(StrEnum):
    """What becomes of a reminder whose moment lies outside of the contact's hours."""

    ALLOW = "allow"
    EARLIER = "earlier"
    """It goes at the last moment before in which hours were open; dropped when there is none since the booking."""
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class MeetingType:
    """How meetings of one kind are offered, kept and followed up; `id` is a short name (`demonstracao`).

    `grid` is how far apart beginnings are, counted from the host's midnight; `min_notice` how far ahead of now a
    meeting must lie at least, `horizon` at most. Buffers are kept free before and after a meeting, also between two of
    ours. `answer_within` is how long times stay held for an answer (the confirmation's timeout). `latest_change` before
    the beginning a contact can still reschedule. `contact_holidays` leaves out public holidays of the contact's place.
    """

    id: str
    title: str
    hosts: tuple[str, ...]
    assignment: Assignment = Assignment.ROUND_ROBIN
    duration: timedelta = timedelta(minutes=30)
    buffer_before: timedelta = timedelta(0)
    buffer_after: timedelta = timedelta(0)
    grid: timedelta = timedelta(minutes=30)
    min_notice: timedelta = timedelta(hours=4)
    horizon: timedelta = timedelta(days=30)
    contact_hours: BusinessHours = WAKING_HOURS
    contact_holidays: bool = True
    offers: int = 3
    answer_within: timedelta = timedelta(hours=24)
    max_proposals: int = 3
    max_reschedules: int = 2
    latest_change: timedelta = timedelta(hours=2)
    reminders: tuple[timedelta, ...] = (timedelta(hours=24), timedelta(hours=1))
    reminder_outside: OutsideHours = OutsideHours.ALLOW
    no_show_after: tuple[timedelta, ...] = (timedelta(minutes=30), timedelta(days=2))
    """How long after it was noted that a contact missed a meeting new times are suggested, each in hours only."""
    briefing_before: timedelta = timedelta(minutes=30)
    location: str = ""
    description: str = ""
    online: bool = False
    """Whether the host's calendar is to make a conference link."""
    public: bool = False
    """Whether anybody may book it on its public page."""
    active: bool = True
    messages: Mapping[NoticeKind, Template] = field(default_factory=dict)
    """Own texts in place of ours, in any channel's shape: `approved` and `choices` hold on WhatsApp."""
    revision: int = 0
