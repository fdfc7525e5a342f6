"""Attending to meetings: each one whose time to be looked at has come is taken a step further."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from datetime import datetime, timedelta

from disparo.domain.agenda import meeting_changes as change
from disparo.domain.agenda.keeping import no_bounds
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.notice import NoticeKind
from disparo.domain.errors import NotFoundError, StoreError
from disparo.domain.message import MessageEvent, MessageState
from disparo.domain.receipt import Notice
from disparo.domain.settlement import Settlement
from disparo.domain.webhook_events import meeting_event
from disparo.engine.agenda.calendar_outbox import CalendarOutbox, alarming
from disparo.engine.agenda.figures import Figures
from disparo.engine.agenda.notices import Notices
from disparo.ports.agenda import MeetingChangedError
from disparo.ports.contacts import known_contact
from disparo.ports.desk import Desk, Said
from disparo.ports.events import Events, NoEvents
from disparo.ports.store import Store

BATCH = 50
LONGEST = timedelta(seconds=20)
"""A batch ends after this time, however much of it is left: calendars may be slow, and other steps want their turn."""

AFTER_A_FAULT = timedelta(seconds=30)
LOOK_AGAIN = timedelta(minutes=15)
"""When times are looked for again that could not be offered, as a calendar could not be read."""

GIVE_UP = timedelta(hours=48)
"""How long a calendar that cannot be read is waited for, and for times where none were offered yet."""


class Attend:
    """Tells people what changed, writes calendars, lets go of offers that ran out, asks for outcomes.

    Safe in several workers at once and to be killed anywhere: each thing is done before the meeting says that it is
    done, and doing it again changes nothing (I11).
    """

    def __init__(
        self,
        store: Store,
        notices: Notices,
        outbox: CalendarOutbox,
        desk: Desk,
        figures: Figures,
        events: Events | None = None,
    ) -> None:
        self._store, self._notices, self._outbox, self._desk, self._figures = store, notices, outbox, desk, figures
        self._events = events or NoEvents()

    async def run(self, now: datetime) -> datetime | None:
        """Take a batch of meetings a step further; `now` when there were any, else when the next one is due.

        One that breaks does not keep the others waiting and is tried again. StoreError.
        """
        due = await self._store.meetings.due(now, BATCH)
        broken = False
        until_s = _elapsed_s() + LONGEST / timedelta(seconds=1)
        for meeting in due:
            if _elapsed_s() >= until_s:
                break
            try:
                await self._attend(meeting, now)
            except MeetingChangedError:
                continue  # whoever was faster is attending to it, or it is due again
            except StoreError:
                raise
            except Exception:  # a calendar's surprise must not stop the agenda
                logging.getLogger(__name__).exception("meeting_failed", extra={"meeting": meeting.id})
                broken = True
        if broken:
            return now + AFTER_A_FAULT
        return now if due else await self._store.meetings.next_due()

    async def _attend(self, meeting: Meeting, now: datetime) -> None:
        await self._announce(meeting, now)
        try:
            meeting_type = await self._store.hosts.type(meeting.type_id)
        except NotFoundError:
            await self._keep(replace(_settled(meeting), told=meeting.sequence, unannounced=()), now)
            return
        if meeting.live and meeting.offers_until is not None and now >= meeting.offers_until:
            await self._run_out(meeting, now)
            return
        meeting = await self._tell(meeting, meeting_type, now)
        meeting = await self._write(meeting, meeting_type, now)
        await self._ask(meeting, now)

    async def _announce(self, meeting: Meeting, now: datetime) -> None:
        """Keep its changes for other programs; they are struck off once people have been told of them, too."""
        if meeting.unannounced:
            await self._events.publish([meeting_event(meeting, news) for news in meeting.unannounced], now)

    async def _tell(self, meeting: Meeting, meeting_type: MeetingType, now: datetime) -> Meeting:
        if meeting.told >= meeting.sequence:
            return meeting
        # The calendar first, so that the invitation knows whether the host's calendar has sent one.
        contact = await known_contact(self._store.contacts, meeting.contact_id)
        written = await self._outbox.write(meeting, meeting_type, contact, now)
        if written != meeting:
            meeting = await self._keep(written, now)
        await self._notices.tell(meeting, meeting_type, now)
        if meeting.state is MeetingState.CONFIRMED and meeting.campaign_id is not None:
            await self._stop_campaign(meeting, now)
        kept = await self._keep(replace(meeting, told=meeting.sequence, unannounced=()), now)
        self._figures.told(kept, meeting.told)
        return kept

    async def _stop_campaign(self, meeting: Meeting, now: datetime) -> None:
        """What the campaign would still have sent is not needed once a meeting is agreed."""
        assert meeting.campaign_id is not None
        rows = await self._store.ledger.rows_of(meeting.campaign_id, meeting.contact_id)
        unsent = [row for row in rows if row.state in (MessageState.WAITING, MessageState.DUE)]
        cancels = [Settlement(row.id, MessageEvent.CANCEL, row.attempts, "meeting_booked") for row in unsent]
        if cancels:
            await self._store.ledger.settle(cancels, now)

    async def _write(self, meeting: Meeting, meeting_type: MeetingType, now: datetime) -> Meeting:
        contact = await known_contact(self._store.contacts, meeting.contact_id)
        written = await self._outbox.write(meeting, meeting_type, contact, now)
        if written != meeting:
            meeting = await self._keep(written, now)
        if faulty := {note.host_id for note in meeting.calendar if alarming(note, now)}:
            await self._notices.ask_hosts(meeting, NoticeKind.CALENDAR_FAULT, now, only=faulty)
            await self._alarm(meeting, now)
        return meeting

    async def _alarm(self, meeting: Meeting, now: datetime) -> None:
        faults = "; ".join(f"{note.host_id}: {note.fault}" for note in meeting.calendar if note.fault)
        event = f"calendar:{meeting.id}:{meeting.agreed}"
        detail = json.dumps({"meeting": meeting.id, "why": faults})
        notice = Notice("agenda", event, "calendar_not_written", now, detail)
        await self._store.inbox.keep_notice(notice, now)

    async def _ask(self, meeting: Meeting, now: datetime) -> None:
        over = meeting.slot is not None and now >= meeting.slot.end_at
        if meeting.state is MeetingState.CONFIRMED and over and meeting.asked_at is None:
            await self._notices.ask_hosts(meeting, NoticeKind.OUTCOME, now)
            await self._keep(replace(meeting, asked_at=now), now)

    async def _run_out(self, meeting: Meeting, now: datetime) -> None:
        """Offers that nobody took: others are offered, or what there is is given up."""
        if meeting.state is MeetingState.CONFIRMED:
            await self._keep(change.withdraw(meeting), now)
            return
        answer = await self._desk.offer_again(meeting.id, now, "system")
        if answer.said in (Said.OFFERED, Said.ALREADY, Said.NOT_OPEN):
            return
        waited = now - (meeting.changed_at or meeting.proposed_at)
        may_come = answer.said is Said.UNREADABLE or meeting.offered is None
        if may_come and waited < GIVE_UP:
            await self._keep(change.postpone(meeting, now + LOOK_AGAIN), now)
            return
        await self._desk.expire(meeting.id, now)

    async def _keep(self, meeting: Meeting, now: datetime) -> Meeting:
        return await self._store.meetings.replace(meeting, no_bounds(meeting), now)


def _elapsed_s() -> float:
    return asyncio.get_running_loop().time()


def _settled(meeting: Meeting) -> Meeting:
    """A meeting whose type is gone: nothing is left to be done outside."""
    calendar = tuple(replace(note, due_at=None) for note in meeting.calendar)
    return replace(
        meeting, calendar=calendar, offers=(), offers_until=None, asked_at=meeting.asked_at or meeting.changed_at
    )
