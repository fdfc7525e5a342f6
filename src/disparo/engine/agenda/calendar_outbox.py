"""The outbox to hosts' calendars: what a meeting means for them, written until it is done.

What is left to do is part of the meeting itself (`Meeting.calendar`), so that nothing agreed can be forgotten by a kill
between the agreement and its writing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from disparo.domain.agenda.calendar_event import CalendarEvent, WriteResult, Written
from disparo.domain.agenda.event import event_of
from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import CalendarNote, Meeting
from disparo.domain.agenda.meeting_changes import wants_event
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.contact import Contact
from disparo.domain.errors import InputError
from disparo.engine.agenda.briefings import Briefings
from disparo.engine.agenda.parts import AgendaParts
from disparo.ports.agenda import hosts_by_id
from disparo.ports.store import Store

FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=5), timedelta(minutes=30)
ALARM_AFTER = timedelta(minutes=20)
"""How long a calendar may refuse to be written before its host is told."""

PENDING_DELAY = timedelta(seconds=20)
"""When to ask again for a conference that the provider is still making."""

MOST_PENDING = 10
REMOVED_THERE = "removed_there"
MOST_OVERWRITES = 3


class CalendarOutbox:
    """Writes one meeting into its hosts' calendars. Safe to repeat, and in several processes at once."""

    def __init__(self, store: Store, parts: AgendaParts, briefings: Briefings) -> None:
        self._store, self._parts, self._briefings = store, parts, briefings

    async def write(
        self, meeting: Meeting, meeting_type: MeetingType, contact: Contact | None, now: datetime
    ) -> Meeting:
        """Do what is due; the meeting with what is known of its calendars then. Nothing is kept here."""
        if all(note.due_at is None or note.due_at > now for note in meeting.calendar):
            return meeting
        hosts = await hosts_by_id(self._store.hosts)

        async def written(note: CalendarNote) -> Written | None:
            if note.due_at is None or note.due_at > now:
                return None
            return await self._write_one(note, meeting, meeting_type, hosts, contact)

        # Side by side: several slow calendars take no longer than one.
        each = await asyncio.gather(*map(written, meeting.calendar))
        after = [
            note if one is None else _after(note, meeting, one, now)
            for note, one in zip(meeting.calendar, each, strict=True)
        ]
        urls = [meeting.join_url, *(one.join_url for one in each if one is not None)]
        return replace(
            meeting,
            calendar=tuple(note for note in after if note is not None),
            join_url=next((url for url in urls if url), ""),
        )

    async def _write_one(
        self,
        note: CalendarNote,
        meeting: Meeting,
        meeting_type: MeetingType,
        hosts: Mapping[str, Host],
        contact: Contact | None,
    ) -> Written:
        host = hosts.get(note.host_id)
        if host is None:
            return Written(WriteResult.DONE)
        try:
            calendar = self._parts.calendars.of(host)
        except InputError as error:
            return Written(WriteResult.RETRY, fault="not_configured", detail=str(error))
        event = await self._event(meeting, meeting_type, hosts, host, contact)
        if wants_event(meeting, host.id):
            return await calendar.put(host, event, note.etag)
        return await calendar.remove(host, event, note.etag)

    async def _event(
        self,
        meeting: Meeting,
        meeting_type: MeetingType,
        hosts: Mapping[str, Host],
        host: Host,
        contact: Contact | None,
    ) -> CalendarEvent:
        text, _ = await self._briefings.written(meeting, meeting_type, hosts, contact, host.language, reader=host)
        event = event_of(meeting, meeting_type, hosts, contact, for_host=True, host_notes=text)
        first = meeting.hosts[:1] == (host.id,)
        # One calendar invites; the others would invite the same people once more.
        return event if first else replace(event, attendees=())


def _after(note: CalendarNote, meeting: Meeting, written: Written, now: datetime) -> CalendarNote | None:
    """What is known of a calendar after a write; None when nothing of the meeting is there nor to be there."""
    wanted = wants_event(meeting, note.host_id)
    tried = replace(note, attempts=note.attempts + 1, etag=written.etag or note.etag)
    if written.result is WriteResult.DONE and not wanted:
        return None
    if written.result is WriteResult.DONE:
        again = now + PENDING_DELAY if written.pending and tried.attempts < MOST_PENDING else None
        return replace(
            tried, written=meeting.agreed, due_at=again, fault="", faulty_since=None, invited=written.invited
        )
    if written.result is WriteResult.RETRY:
        return replace(
            tried,
            due_at=now + _delay(tried.attempts, written.retry_after_s),
            fault=written.fault or "unreachable",
            faulty_since=note.faulty_since or now,
        )
    if written.result is WriteResult.CHANGED and written.fault != REMOVED_THERE and tried.attempts < MOST_OVERWRITES:
        # A newer version of ours goes over what others wrote there: what they wanted of the time was read by `watch`.
        return replace(tried, due_at=now + FIRST_DELAY)
    # Left to a person: it was taken away there, or is never taken. What is agreed stands.
    fault = written.fault or str(written.result)
    return replace(tried, due_at=None, fault=fault, faulty_since=note.faulty_since or now)


def _delay(attempts: int, retry_after_s: float | None) -> timedelta:
    grown: timedelta = min(FIRST_DELAY * (1 << min(attempts - 1, 12)), LONGEST_DELAY)
    asked = timedelta(seconds=max(0.0, min(retry_after_s or 0.0, 86_400.0)))
    return max(grown, asked)


def alarming(note: CalendarNote, now: datetime) -> bool:
    """Whether a host is to be told that their calendar cannot be written."""
    if not note.fault or note.faulty_since is None:
        return False
    return note.due_at is None or now - note.faulty_since >= ALARM_AFTER
