"""Watching hosts' calendars: whether they can be read, and what other hands changed in them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from disparo.domain.agenda.calendar_event import CalendarChange, ChangeKind, Changes, key_of_uid
from disparo.domain.agenda.host import CalendarKind, Host
from disparo.domain.agenda.keeping import no_bounds
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.notice import MOST_SEQUENCES, NoticeKind, NoticeStep
from disparo.domain.agenda.notice_plan import Planned
from disparo.domain.errors import InputError
from disparo.domain.instants import to_ms
from disparo.domain.intervals import DAY_MS
from disparo.domain.receipt import Notice
from disparo.engine.agenda.notices import Notices
from disparo.engine.agenda.parts import AgendaParts
from disparo.ports.agenda import MeetingChangedError, MeetingFilter
from disparo.ports.calendars import TellsChanges
from disparo.ports.desk import Said
from disparo.ports.store import Store

_FOLLOWED = frozenset({Said.MOVED, Said.ALREADY})

EVERY = timedelta(minutes=5)
ALARM_AFTER = 3
"""Looks in a row that found a calendar unreadable, before its host is told."""

_AHEAD = timedelta(days=1)
_PAGE = 200
_AT_ONCE = 10
"""Calendars that are asked side by side, so that several which do not answer take no longer than one."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a look at a host's calendar found; `changes` is None where nobody tells of any."""

    fault: str
    token: str | None = None
    changes: Changes | None = None


class CalendarWatch:
    """Looks at each host's calendar every few minutes, in one process at a time as far as possible.

    Two at once do no harm: what they find changed is changed once (compare and set), and an alarm is kept once a day.
    """

    def __init__(self, store: Store, parts: AgendaParts, notices: Notices) -> None:
        self._store, self._parts, self._notices = store, parts, notices
        self._next_at: datetime | None = None
        self._unread: dict[str, int] = {}
        self._watching = False

    async def run(self, now: datetime) -> datetime | None:
        """Look at every calendar that is not with us; when to look again, None while there is none."""
        # A clock that was set back is no reason to wait for hours.
        if self._next_at is None or not self._next_at - EVERY <= now < self._next_at:
            hosts = [host for host in await self._store.hosts.hosts() if host.active]
            watched = [host for host in hosts if host.calendar.kind is not CalendarKind.LOCAL]
            for first in range(0, len(watched), _AT_ONCE):
                await self._look(watched[first : first + _AT_ONCE], now)
            self._next_at, self._watching = now + EVERY, bool(watched)
        return self._next_at if self._watching else None

    async def _look(self, hosts: Sequence[Host], now: datetime) -> None:
        # Asked side by side, acted upon one by one: of one meeting two hosts' calendars may tell.
        for host, seen in zip(hosts, await asyncio.gather(*(self._seen(host, now) for host in hosts)), strict=True):
            if seen.fault:
                await self._unreadable(host, seen.fault, now)
                continue
            self._unread.pop(host.id, None)
            if seen.changes is not None and not seen.changes.fault:
                await self._take_changes(host, seen.token, seen.changes, now)

    async def _seen(self, host: Host, now: datetime) -> _Seen:
        try:
            calendar = self._parts.calendars.of(host)
        except InputError:
            return _Seen("not_configured")
        busy = await calendar.busy(host, now, now + _AHEAD)
        if not busy.readable or not isinstance(calendar, TellsChanges):
            return _Seen(busy.fault)
        token = await self._store.hosts.sync_token(host.id)
        return _Seen("", token, await calendar.changes(host, token))

    async def _unreadable(self, host: Host, fault: str, now: datetime) -> None:
        self._parts.figures.unreadable += 1
        self._unread[host.id] = self._unread.get(host.id, 0) + 1
        if self._unread[host.id] < ALARM_AFTER:
            return
        day = to_ms(now) // DAY_MS
        detail = json.dumps({"host": host.id, "why": fault})
        notice = Notice("agenda", f"unreadable:{host.id}:{day}", "calendar_unreadable", now, detail)
        await self._store.inbox.keep_notice(notice, now)
        # Of no meeting: the day stands in its place, so that the host is told once a day, also after a kill in between.
        step = NoticeStep(str(day), MOST_SEQUENCES - 1, NoticeKind.CALENDAR_FAULT)
        await self._notices.to_host(host, Planned(step, now, True), now)

    async def _take_changes(self, host: Host, token: str | None, found: Changes, now: datetime) -> None:
        if found.changes:
            ours = {key_of_uid(one.uid): one for one in await self._live(host)}
            for one in found.changes:
                if (meeting := ours.get(one.key)) is None:
                    continue
                try:
                    await self._take(host, meeting, one, now)
                except MeetingChangedError:  # others change it all the time: at the next look the same is told again
                    return
        # Kept last: after a kill the same changes come again, and find everything done.
        if found.token != token:
            await self._store.hosts.keep_sync_token(host.id, found.token)

    async def _live(self, host: Host) -> list[Meeting]:
        wanted = MeetingFilter(states=frozenset({MeetingState.CONFIRMED}), host_id=host.id)
        found: list[Meeting] = []
        after: str | None = None
        while page := await self._store.meetings.page(wanted, after, _PAGE):
            found += page
            after = page[-1].id
        return found

    async def _take(self, host: Host, meeting: Meeting, one: CalendarChange, now: datetime) -> None:
        """What a host or guest did in the calendar is as good as saying it here."""
        desk = self._parts.desk
        if meeting.slot is None or meeting.slot.start_at <= now:
            return
        # What was moved here and is not written there yet: they spoke of the time before. And what was never written
        # there was removed by ourselves, before its host got the meeting back.
        if not _has(meeting, host, any_version=one.kind is ChangeKind.REMOVED):
            return
        match one.kind:
            case ChangeKind.REMOVED:
                await desk.cancel(meeting.id, "", now, "calendar")
            case ChangeKind.DECLINED:
                await desk.cancel(meeting.id, "declined", now, "contact")
            case ChangeKind.ACCEPTED:
                await desk.yes(meeting.id, now, agreed_only=True)
            case ChangeKind.MOVED if one.start_at is not None and one.start_at != meeting.slot.start_at:
                answer = await desk.move(meeting.id, one.start_at, now, "calendar")
                if answer.said not in _FOLLOWED and answer.meeting is not None:
                    await self._put_back(host, answer.meeting, str(answer.said), now)
            case ChangeKind.MOVED:
                return

    async def _put_back(self, host: Host, meeting: Meeting, why: str, now: datetime) -> None:
        """What the host moved to a time that cannot be agreed is written over with what is; an operator is told."""
        if meeting.state is not MeetingState.CONFIRMED:
            return
        notes = [
            replace(note, due_at=now, attempts=0) if note.host_id == host.id else note for note in meeting.calendar
        ]
        changed = replace(meeting, calendar=tuple(notes))
        await self._store.meetings.replace(changed, no_bounds(changed), now)
        detail = json.dumps({"host": host.id, "meeting": meeting.id, "why": why})
        event = f"not_moved:{host.id}:{meeting.id}:{meeting.revision}"
        await self._store.inbox.keep_notice(Notice("agenda", event, "calendar_move_refused", now, detail), now)


def _has(meeting: Meeting, host: Host, *, any_version: bool) -> bool:
    """Whether a host's calendar has what is agreed, or (any version) ever had the meeting."""
    written = [note.written for note in meeting.calendar if note.host_id == host.id and note.written is not None]
    return bool(written) and (any_version or written == [meeting.agreed])
