"""How well proposals and meetings go, over what a store keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.rates import Grouping, Key, Rates, rates_by
from disparo.ports.agenda import MeetingFilter, Meetings

PAGE = 500


@dataclass(frozen=True, slots=True)
class RatesWanted:
    """Which meetings to count, and how apart; those proposed from `from_at` until before `to_at` (None: any)."""

    meetings: MeetingFilter
    groupings: Sequence[Grouping] = ()
    zone: str = "UTC"
    from_at: datetime | None = None
    to_at: datetime | None = None


async def rates(meetings: Meetings, wanted: RatesWanted, now: datetime) -> dict[Key, Rates]:
    """The rates of each group, in the order of their keys (see `rates_by`); reads every meeting that fits."""
    found = [
        meeting
        async for meeting in _all(meetings, wanted.meetings)
        if (wanted.from_at is None or meeting.proposed_at >= wanted.from_at)
        and (wanted.to_at is None or meeting.proposed_at < wanted.to_at)
    ]
    return rates_by(found, wanted.groupings, wanted.zone, now)


async def _all(meetings: Meetings, wanted: MeetingFilter) -> AsyncIterator[Meeting]:
    after = None
    while page := await meetings.page(wanted, after, PAGE):
        for meeting in page:
            yield meeting
        after = page[-1].id
