"""Offering times: chosen, held all together, and held again where somebody else was faster."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from zlib import crc32

from disparo.domain.agenda import meeting_changes as change
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.proposal import propose
from disparo.domain.agenda.slot import Slot
from disparo.domain.errors import TransitionError
from disparo.ports.agenda import MeetingChangedError, Meetings, SlotTakenError
from disparo.ports.desk import Answer, Said
from disparo.usecases.agenda.times import Times, TimesBook

LOOK_AGAIN = timedelta(minutes=15)
"""When times are looked for again after there were none."""

TRIES = 24
"""How often times are chosen anew that others took in the meantime."""


class Offering:
    """Chooses times and holds them in one act with the meeting."""

    def __init__(self, book: TimesBook, meetings: Meetings) -> None:
        self._book, self._meetings = book, meetings

    async def chosen(self, draft: Meeting, now: datetime, within: timedelta | None) -> tuple[Times, tuple[Slot, ...]]:
        """What would be offered now; nothing is held."""
        times = await self._times(draft, now, within)
        return times, _choose(times, draft, now, 0)

    async def first(self, draft: Meeting, now: datetime, *, insist: bool = False) -> Answer:
        """Make a meeting of a draft, its first times held; to `insist` keeps one without any, to look again later."""
        for attempt in range(TRIES):
            times = await self._times(draft, now)
            offers = _choose(times, draft, now, attempt)
            if not offers:
                return await self._nothing(times, draft, now, insist)
            # Who has just written is answered at once, whatever the hour.
            by = "contact" if draft.heard else "system"
            offered = change.offer(draft, offers, _until(times.type, offers, now), now, by)
            try:
                kept = await self._meetings.add(offered, times.bounds, now)
            except SlotTakenError:
                continue
            return Answer(Said.OFFERED, kept)
        return await self._nothing(await self._times(draft, now), draft, now, insist)

    async def _nothing(self, times: Times, draft: Meeting, now: datetime, insist: bool) -> Answer:
        kept = None
        if insist:
            kept = await self._meetings.add(change.postpone(draft, now + LOOK_AGAIN), times.bounds, now)
        return Answer(_nothing(times), kept)

    async def again(self, meeting: Meeting, now: datetime, by: str, *, replacing: bool = False) -> Answer:
        """Hold other times than those offered or agreed now; `replacing` ones do not count as one more proposal."""
        for attempt in range(TRIES):
            times = await self._times(meeting, now)
            offers = _choose(times, meeting, now, attempt)
            if not offers:
                return Answer(_nothing(times), meeting)
            try:
                offered = change.offer(meeting, offers, _until(times.type, offers, now), now, by)
            except TransitionError as error:
                return Answer(Said.TOO_MANY, meeting, str(error))
            if replacing:
                offered = replace(offered, proposals=meeting.proposals)
            try:
                return Answer(Said.OFFERED, await self._replace(offered, times, now))
            except SlotTakenError:
                continue
            except MeetingChangedError:
                # Whoever was faster has decided what comes next.
                return Answer(Said.ALREADY, await self._meetings.get(meeting.id))
        return Answer(Said.NO_TIMES, meeting)

    async def _replace(self, offered: Meeting, times: Times, now: datetime) -> Meeting:
        return await self._meetings.replace(offered, await self._book.bounds(offered, times), now)

    async def _times(self, meeting: Meeting, now: datetime, within: timedelta | None = None) -> Times:
        until = now + (await self._book.type(meeting.type_id)).horizon
        return await self._book.read(meeting.type_id, now, until, now, moving=meeting, within=within)


def _choose(times: Times, meeting: Meeting, now: datetime, attempt: int) -> tuple[Slot, ...]:
    """The best times at first; while others take the same ones, each looks in its own part of them, ever farther off.

    Many who choose at once would choose the same again and again, and one of them be served each time. The later
    tries ask for fewer times.
    """
    own = crc32(f"{meeting.uid} {attempt}".encode())
    start_at = now + min(timedelta(days=own % (3 * attempt + 1)), times.type.horizon / 2)
    count = max(1, times.type.offers - attempt // _FEWER_AFTER)

    present = [one.start_at for one in (*meeting.offers, *([meeting.slot] if meeting.slot else []))]

    def chosen(start_at: datetime, avoid: Collection[datetime], skip: Callable[[int], bool] | None) -> tuple[Slot, ...]:
        return propose(
            times.type,
            times.hosts,
            meeting.place,
            now,
            count=count,
            urgent=meeting.urgent,
            avoid=avoid,
            start_at=start_at,
            end_at=now + times.type.horizon,
            skip=skip,
        )

    every = [*present, *meeting.refused]
    if attempt:
        part = chosen(start_at, every, lambda at_ms: crc32(f"{own} {at_ms}".encode()) % _PARTS != 0)
        if part:
            return part
    # When everything was offered before, what was refused then may suit now.
    return chosen(now, every, None) or chosen(now, present, None)


_PARTS, _FEWER_AFTER = 4, 6


def _until(meeting_type: MeetingType, offers: tuple[Slot, ...], now: datetime) -> datetime:
    """Until when times are held: as long as there is for an answer, and never past the beginning of the last one."""
    return min(now + meeting_type.answer_within, max(one.start_at for one in offers))


def _nothing(times: Times) -> Said:
    return Said.UNREADABLE if times.unreadable else Said.NO_TIMES
