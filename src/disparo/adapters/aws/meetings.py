"""Meetings in DynamoDB.

    agenda   meeting#<id / 100>, <id>       a meeting: JSON, with its revision
    agenda   uid#<uid>, -                   the id of the meeting of this name
    agenda   contact#<contact>, <id>        that a meeting is with this contact
    agenda   wake, <instant>#<id>           when a meeting is looked at next
    agenda   starts#<yyyy-mm>, ...          when it begins: `meeting_starts`
    agenda   week#<host>, <yyyy-mm-dd>      the time that is kept: `occupation_weeks`

A meeting, what leads to it and the time that it keeps are written in one transaction, so a kill leaves all or nothing;
of an adding that was killed at most a number that nobody has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from disparo.adapters.aws import counters, meeting_starts, occupation_weeks
from disparo.adapters.aws.attributes import as_json, number, text
from disparo.adapters.aws.list_ranges import ABOVE_ALL
from disparo.adapters.aws.tables import (
    ABSENT,
    AGENDA,
    MOST_IN_TRANSACTION,
    Change,
    Check,
    ConditionFailedError,
    Delete,
    Item,
    Key,
    Put,
    Tables,
)
from disparo.domain.agenda.keeping import DIGITS_OF_ID, forgotten, meeting_number, time_change
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.meeting_document import meeting_document, parse_meeting
from disparo.domain.agenda.slot import HostBounds, Occupation, refusal
from disparo.domain.errors import InputError, NotFoundError, StoreError
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.intervals import Interval
from disparo.ports.agenda import MeetingChangedError, MeetingFilter, SlotTakenError

MOST_TRIES = 100
"""A try fails when another change of the same host's week was done meanwhile."""

_IN_PARTITION = 100
_WAKE = "wake"


class DynamoMeetings:
    """`Meetings` in the table agenda."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, meeting: Meeting, bounds: Mapping[str, HostBounds], now: datetime) -> Meeting:
        """See `Meetings.add`."""
        if (kept := await self.by_uid(meeting.uid)) is not None:
            return kept
        number_ = await counters.take(self._tables, counters.MEETING)
        after = _as_kept(replace(meeting, id=str(number_)), 1)
        names: list[Change] = [
            Put(AGENDA, {**_uid_key(meeting.uid), "id": after.id}, {"pk": ABSENT}),
            Put(AGENDA, {"pk": _of_contact(meeting.contact_id), "sk": _padded(number_)}),
        ]
        for _ in range(MOST_TRIES):
            refused: SlotTakenError | None = None
            try:
                if await self._written(None, after, bounds, now, names):
                    return after
            except SlotTakenError as error:
                refused = error
            # The same call twice: whoever was first has the name, and the time that refused the other.
            if (kept := await self.by_uid(meeting.uid)) is not None:
                return kept
            if refused is not None:
                raise refused
        raise _crowded()

    async def replace(self, meeting: Meeting, bounds: Mapping[str, HostBounds], now: datetime) -> Meeting:
        """See `Meetings.replace`."""
        after = _as_kept(meeting, meeting.revision + 1)
        for _ in range(MOST_TRIES):
            before = await self.get(meeting.id)
            if before.revision != meeting.revision:
                raise MeetingChangedError(f"a reunião {meeting.id} mudou desde que foi lida; leia-a de novo")
            if await self._written(before, after, bounds, now):
                return after
        raise _crowded()

    async def _written(
        self,
        before: Meeting | None,
        after: Meeting,
        bounds: Mapping[str, HostBounds],
        now: datetime,
        names: Sequence[Change] = (),
    ) -> bool:
        """Write a meeting with all that goes with it; False when something had changed since it was read."""
        when = {"pk": ABSENT} if before is None else {"revision": before.revision}
        kept = await self._time_kept(before, after, bounds, to_ms(now))
        queues = [*_wake_changes(before, after), *meeting_starts.moved(before, after)]
        changes = [Put(AGENDA, _item(after), when), *names, *queues, *kept]
        if len(changes) > MOST_IN_TRANSACTION:
            raise InputError("são horários demais para uma reunião só: ofereça menos, ou com menos anfitriões")
        try:
            await self._tables.transact(changes)
        except ConditionFailedError:
            return False
        return True

    async def _time_kept(
        self, before: Meeting | None, after: Meeting, bounds: Mapping[str, HostBounds], now_ms: int
    ) -> list[Put | Check]:
        """The changes of the time that is kept; SlotTakenError."""
        change = time_change(before, after, now_ms)
        wanted = occupation_weeks.decisive(change, bounds) | occupation_weeks.touched(change)
        weeks = await occupation_weeks.load(self._tables, wanted)
        kept = [one for week in weeks for one in week.kept]
        if (refused := refusal(change.fresh, kept, bounds, now_ms)) is not None:
            raise SlotTakenError(refused)
        return occupation_weeks.changes(weeks, change, now_ms)

    async def get(self, meeting_id: str) -> Meeting:
        """See `Meetings.get`."""
        known = meeting_number(meeting_id)
        item = None if known is None else await self._tables.get(AGENDA, _key(known))
        if item is None:
            raise NotFoundError(f"a reunião {meeting_id!r} não existe (veja: disparo meetings list)")
        return meeting_of(item)

    async def several(self, meeting_ids: Sequence[str]) -> Sequence[Meeting]:
        """See `Meetings.several`."""
        known = (meeting_number(one) for one in dict.fromkeys(meeting_ids))
        return await self._many([one for one in known if one is not None])

    async def by_uid(self, uid: str) -> Meeting | None:
        """See `Meetings.by_uid`."""
        pointer = await self._tables.get(AGENDA, _uid_key(uid))
        return None if pointer is None else await self.get(text(pointer, "id"))

    async def occupations(
        self, host_ids: Sequence[str], start_at: datetime, end_at: datetime, now: datetime
    ) -> Sequence[Occupation]:
        """See `Meetings.occupations`."""
        span = Interval(to_ms(start_at), to_ms(end_at))
        return [one for one in await occupation_weeks.between(self._tables, host_ids, span) if one.lives(to_ms(now))]

    async def page(self, wanted: MeetingFilter, after: str | None, limit: int) -> Sequence[Meeting]:
        """See `Meetings.page`: of a contact, or of a span of days, only those are read; else all, newest first."""
        behind = meeting_number(after or "") or ABOVE_ALL
        if wanted.contact_id is not None:
            found = [one for one in await self.of_contacts([wanted.contact_id]) if int(one.id) < behind]
            return [one for one in found if wanted.fits(one)][:limit]
        page: list[Meeting] = []
        if (span := meeting_starts.short_span(wanted)) is not None:
            numbers = [one for one in await meeting_starts.between(self._tables, *span) if one < behind]
            for first in range(0, len(numbers), _IN_PARTITION):
                page += [one for one in await self._many(numbers[first : first + _IN_PARTITION]) if wanted.fits(one)]
                if len(page) >= limit:
                    break
            return page[:limit]
        # A cursor that was made up would be walked down from for ever.
        behind = min(behind, await counters.newest(self._tables, counters.MEETING) + 1)
        while behind > 1 and len(page) < limit:
            highest = _key(behind - 1)
            items = await self._tables.query(AGENDA, highest["pk"], highest=highest["sk"], descending=True)
            page += [one for one in map(meeting_of, items) if wanted.fits(one)]
            behind = (behind - 1) // _IN_PARTITION * _IN_PARTITION
        return page[:limit]

    async def of_contacts(self, contact_ids: Sequence[str]) -> Sequence[Meeting]:
        """See `Meetings.of_contacts`."""
        numbers = [
            int(text(pointer, "sk"))
            for contact in dict.fromkeys(contact_ids)
            for pointer in await self._tables.query(AGENDA, _of_contact(contact))
        ]
        return await self._many(sorted(numbers, reverse=True))

    async def due(self, now: datetime, limit: int) -> Sequence[Meeting]:
        """See `Meetings.due`."""
        pointers = await self._tables.query(AGENDA, _WAKE, highest=f"{_instant(now)}#~", limit=limit)
        found = await self._many([int(text(pointer, "sk").partition("#")[2]) for pointer in pointers])
        return [one for one in found if one.wake_at is not None and one.wake_at <= now]

    async def next_due(self) -> datetime | None:
        """See `Meetings.next_due`."""
        pointers = await self._tables.query(AGENDA, _WAKE, limit=1)
        return from_ms(int(text(pointers[0], "sk").partition("#")[0])) if pointers else None

    async def forget(self, contact_id: str) -> None:
        """See `Meetings.forget`."""
        for found in await self.of_contacts([contact_id]):
            meeting = found
            while forgotten(meeting) != meeting:
                blank = _as_kept(forgotten(meeting), meeting.revision + 1)
                written = Put(AGENDA, _item(blank), {"revision": meeting.revision})
                try:
                    await self._tables.transact([written, *_wake_changes(meeting, blank)])
                except ConditionFailedError:
                    meeting = await self.get(meeting.id)
                else:
                    meeting = blank

    async def _many(self, numbers: Sequence[int]) -> list[Meeting]:
        items = await self._tables.get_many([(AGENDA, _key(one)) for one in numbers]) if numbers else []
        return [meeting_of(item) for item in items if item is not None]


def _wake_changes(before: Meeting | None, after: Meeting) -> list[Put | Delete]:
    old, new = None if before is None else _wake_key(before), _wake_key(after)
    if old == new:
        return []
    removed = [] if old is None else [Delete(AGENDA, old)]
    return [*removed, *([] if new is None else [Put(AGENDA, new)])]


def _wake_key(meeting: Meeting) -> Key | None:
    at = meeting.wake_at
    return None if at is None else {"pk": _WAKE, "sk": f"{_instant(at)}#{_padded(int(meeting.id))}"}


def _as_kept(meeting: Meeting, revision: int) -> Meeting:
    """A meeting as it will be read again."""
    return parse_meeting(meeting_document(replace(meeting, revision=revision)))


def _item(meeting: Meeting) -> Item:
    document = as_json(meeting_document(meeting))
    return {**_key(int(meeting.id)), "revision": meeting.revision, "document": document}


def is_meeting(item: Item) -> bool:
    """Whether an item of the table is a meeting, and not something that leads to one."""
    return text(item, "pk").startswith("meeting#")


def meeting_of(item: Item) -> Meeting:
    """The meeting that an item is."""
    return parse_meeting({**json.loads(text(item, "document")), "revision": number(item, "revision")})


def _key(number_: int) -> Key:
    return {"pk": f"meeting#{number_ // _IN_PARTITION}", "sk": _padded(number_)}


def _uid_key(uid: str) -> Key:
    return {"pk": f"uid#{uid}", "sk": "-"}


def _of_contact(contact_id: str) -> str:
    return f"contact#{contact_id}"


def _padded(number_: int) -> str:
    return f"{number_:0{DIGITS_OF_ID}}"


def _instant(at: datetime) -> str:
    return f"{to_ms(at):015d}"


def _crowded() -> StoreError:
    return StoreError("a agenda deste anfitrião está sendo mudada por muitos ao mesmo tempo: repita daqui a pouco")
