"""How well proposals and meetings go, over what a store keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.rates import Grouping, Key, Rates, rates_by
from disparo.ports.agenda import MeetingFilter, Meetings

PAGE = 500
_APART = timedelta(days=1)
"""How far the clocks of several processes are apart at most."""


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
    found = await proposed(meetings, wanted.meetings, wanted.from_at, wanted.to_at)
    return rates_by(found, wanted.groupings, wanted.zone, now)


async def proposed(
    meetings: Meetings, wanted: MeetingFilter, from_at: datetime | None, to_at: datetime | None
) -> Sequence[Meeting]:
    """The meetings that were proposed from `from_at` until before `to_at` (None: any), newest first."""
    return [
        meeting
        async for meeting in _since(meetings, wanted, from_at)
        if (from_at is None or meeting.proposed_at >= from_at) and (to_at is None or meeting.proposed_at < to_at)
    ]


async def _since(meetings: Meetings, wanted: MeetingFilter, from_at: datetime | None) -> AsyncIterator[Meeting]:
    after = None
    while page := await meetings.page(wanted, after, PAGE):
        for meeting in page:
            yield meeting
        # They come in the order in which they were added, which is when they were proposed but for a slow clock.
        if from_at is not None and page[-1].proposed_at < from_at - _APART:
            return
        after = page[-1].id
