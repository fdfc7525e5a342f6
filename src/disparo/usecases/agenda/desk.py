"""The desk: every change of a meeting, each one compare-and-set that is safe to repeat and to race."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

from disparo.domain.agenda import meeting_changes as change
from disparo.domain.agenda.availability import SlotDecision, decide_slot, free_slots
from disparo.domain.agenda.meeting import Meeting, MeetingEvent, MeetingState
from disparo.domain.agenda.meeting_type import Assignment, MeetingType
from disparo.domain.agenda.slot import Slot
from disparo.domain.errors import InputError, TransitionError
from disparo.domain.place import Place
from disparo.ports.agenda import MeetingChangedError, Meetings, SlotTakenError
from disparo.ports.calendars import Calendars
from disparo.ports.desk import Answer, FreeTimes, Said, Wish
from disparo.ports.store import Store
from disparo.usecases.agenda.judging import A_MOMENT, free_at, only_unreadable, refused_change
from disparo.usecases.agenda.judging import agreed_at as _agreed_at
from disparo.usecases.agenda.judging import look as _look
from disparo.usecases.agenda.offering import Offering
from disparo.usecases.agenda.times import Times, TimesBook

TRIES = 6
"""How often a change is tried again that met another one."""


class AgendaDesk:
    """`Desk` over a store and the hosts' calendars; `site` tells installations apart in the uids of their meetings."""

    def __init__(self, store: Store, calendars: Calendars, site: Callable[[], str]) -> None:
        self._meetings: Meetings = store.meetings
        self._hosts, self._site = store.hosts, site
        self._book = TimesBook(store.hosts, store.meetings, calendars)
        self._offering = Offering(self._book, store.meetings)

    async def slots(
        self,
        type_id: str,
        place: Place | None,
        start_at: datetime,
        end_at: datetime,
        now: datetime,
        *,
        moving: str | None = None,
    ) -> list[Slot]:
        """See `Desk.slots`."""
        return list((await self.free_times(type_id, place, start_at, end_at, now, moving=moving)).slots)

    async def free_times(
        self,
        type_id: str,
        place: Place | None,
        start_at: datetime,
        end_at: datetime,
        now: datetime,
        *,
        moving: str | None = None,
        host_id: str | None = None,
        within: timedelta | None = None,
    ) -> FreeTimes:
        """See `Desk.free_times`."""
        meeting = None if moving is None else await self._meetings.get(moving)
        # Beyond its horizon nothing is free, and nobody's calendar is to be read for a thousand years.
        meeting_type = await self._hosts.type(type_id)
        latest = now + meeting_type.horizon + timedelta(days=1)
        start_at, end_at = max(start_at, now), min(end_at, latest)
        if end_at <= start_at:
            return FreeTimes((), {})
        only = _only(meeting_type, host_id)
        times = await self._book.read(type_id, start_at, end_at, now, moving=meeting, only=only, within=within)
        slots = free_slots(times.type, times.hosts, place, now, start_at, end_at)
        return FreeTimes(slots, {one.host.id: one.busy for one in times.unreadable})

    async def explain(self, type_id: str, place: Place | None, start_at: datetime, now: datetime) -> list[SlotDecision]:
        """See `Desk.explain`."""
        times = await self._book.read(type_id, start_at, start_at + A_MOMENT, now)
        return decide_slot(times.type, times.hosts, place, now, start_at)

    async def preview(self, wish: Wish, now: datetime, within: timedelta | None = None) -> FreeTimes:
        """See `Desk.preview`."""
        draft = self._draft(wish, await self._hosts.type(wish.type_id), now)
        times, slots = await self._offering.chosen(draft, now, within)
        return FreeTimes(slots, {one.host.id: one.busy for one in times.unreadable})

    async def propose(self, wish: Wish, now: datetime) -> Answer:
        """See `Desk.propose`."""
        if (known := await self._meetings.by_uid(self._uid(wish))) is not None:
            return Answer(Said.ALREADY, known)
        draft = self._draft(wish, await self._hosts.type(wish.type_id), now)
        return await self._offering.first(draft, now, insist=wish.insist)

    async def book(
        self, wish: Wish, start_at: datetime, now: datetime, by: str, *, host_id: str | None = None
    ) -> Answer:
        """See `Desk.book`."""
        if (known := await self._meetings.by_uid(self._uid(wish))) is not None:
            return Answer(Said.ALREADY, known)
        only = _only(await self._hosts.type(wish.type_id), host_id)
        times = await self._book.read(wish.type_id, start_at, start_at + A_MOMENT, now, only=only)
        slots = free_slots(times.type, times.hosts, wish.place, now, start_at, start_at + A_MOMENT)
        if not slots:
            return Answer(Said.UNREADABLE if only_unreadable(times) else Said.NOT_OFFERED, None)
        draft = self._draft(wish, times.type, now)
        try:
            agreed = change.agree(draft, slots[0], now, by)
            return Answer(Said.CONFIRMED, await self._meetings.add(agreed, times.bounds, now))
        except SlotTakenError:
            return Answer(Said.TAKEN_MEANWHILE, None)

    def _draft(self, wish: Wish, meeting_type: MeetingType, now: datetime) -> Meeting:
        return Meeting(
            id="",
            type_id=wish.type_id,
            contact_id=wish.contact_id,
            channel=wish.channel,
            place=wish.place,
            language=wish.language,
            uid=self._uid(wish),
            proposed_at=now,
            buffer_before=meeting_type.buffer_before,
            buffer_after=meeting_type.buffer_after,
            urgent=wish.urgent,
            campaign_id=wish.campaign_id,
            message_id=wish.message_id,
            notes=wish.notes,
            heard=wish.event,
        )

    def _uid(self, wish: Wish) -> str:
        name = blake2b(f"{self._site()}\n{wish.key}".encode(), digest_size=16).hexdigest()
        return f"{name}@disparo"

    async def offer_again(self, meeting_id: str, now: datetime, by: str, *, event: str = "") -> Answer:
        """See `Desk.offer_again`."""
        meeting = await self._meetings.get(meeting_id)
        if not meeting.live:
            return Answer(Said.NOT_OPEN, meeting)
        if meeting.has_heard(event):
            return Answer(Said.ALREADY, meeting)
        meeting_type = await self._hosts.type(meeting.type_id)
        if (refused := refused_change(meeting, meeting_type, now, by)) is not None:
            return Answer(refused, meeting)
        if meeting.slot is None and meeting.proposals >= meeting_type.max_proposals:
            return Answer(Said.TOO_MANY, meeting)
        return await self._offering.again(meeting.having_heard(event), now, by)

    async def take(self, meeting_id: str, start_at: datetime, now: datetime, by: str, *, event: str = "") -> Answer:
        """See `Desk.take`."""

        async def attempt() -> Answer | None:
            meeting = await self._meetings.get(meeting_id)
            if _agreed_at(meeting, start_at) or meeting.has_heard(event):
                return Answer(Said.ALREADY, meeting)
            if not meeting.live:
                return Answer(Said.NOT_OPEN, meeting)
            offers = [offer for offer in meeting.offers if offer.start_at == start_at]
            if not offers or start_at <= now:
                return Answer(Said.NOT_OFFERED, meeting)
            meeting_type = await self._hosts.type(meeting.type_id)
            if (refused := refused_change(meeting, meeting_type, now, by)) is not None:
                return Answer(refused, meeting)
            times = await self._book.read(
                meeting.type_id, start_at, start_at + A_MOMENT, now, moving=meeting, only=offers[0].hosts
            )
            found = _look(times, meeting, offers[0], now)
            if found is Said.UNREADABLE:
                return Answer(found, meeting)
            meeting = meeting.having_heard(event)
            if found is Said.TAKEN_MEANWHILE:
                return await self._lost(meeting, now, by)
            return await self._agree(meeting, offers[0], times, now, by)

        return await _until_decided(attempt)

    async def _agree(self, meeting: Meeting, slot: Slot, times: Times, now: datetime, by: str) -> Answer | None:
        """Agree a time; None when somebody changed the meeting meanwhile."""
        moving = meeting.state is MeetingState.CONFIRMED
        agreed = change.agree(meeting, slot, now, by, counts=by == "contact")
        try:
            kept = await self._meetings.replace(agreed, await self._book.bounds(agreed, times), now)
        except MeetingChangedError:
            return None
        except SlotTakenError:
            return await self._lost(meeting, now, by)
        return Answer(Said.MOVED if moving else Said.CONFIRMED, kept)

    async def _lost(self, meeting: Meeting, now: datetime, by: str) -> Answer:
        """Somebody else has that time: the meeting gets other offers, whatever was offered before."""
        answer = await self._offering.again(meeting, now, by, replacing=True)
        return Answer(Said.TAKEN_MEANWHILE, answer.meeting, str(answer.said))

    async def move(self, meeting_id: str, start_at: datetime, now: datetime, by: str) -> Answer:
        """See `Desk.move`."""

        async def attempt() -> Answer | None:
            meeting = await self._meetings.get(meeting_id)
            if _agreed_at(meeting, start_at):
                return Answer(Said.ALREADY, meeting)
            if not meeting.live:
                return Answer(Said.NOT_OPEN, meeting)
            meeting_type = await self._hosts.type(meeting.type_id)
            if (refused := refused_change(meeting, meeting_type, now, by)) is not None:
                return Answer(refused, meeting)
            times = await self._book.read(meeting.type_id, start_at, start_at + A_MOMENT, now, moving=meeting)
            slot = free_at(times, meeting, start_at, now, by)
            if slot is None:
                return Answer(Said.UNREADABLE if only_unreadable(times) else Said.NOT_OFFERED, meeting)
            return await self._agree(meeting, slot, times, now, by)

        return await _until_decided(attempt)

    async def yes(self, meeting_id: str, now: datetime, *, agreed_only: bool = False, event: str = "") -> Answer:
        """See `Desk.yes`."""
        meeting = await self._meetings.get(meeting_id)
        if meeting.has_heard(event):
            return Answer(Said.ALREADY, meeting)
        if not meeting.live or (meeting.slot is None and agreed_only):
            return Answer(Said.NOT_OPEN, meeting)
        offers = () if agreed_only else meeting.offers
        if len(offers) == 1:
            return await self.take(meeting_id, offers[0].start_at, now, "contact", event=event)
        if offers:
            return Answer(Said.WHICH, meeting)
        if meeting.slot is None:  # times are still being looked for
            return Answer(Said.NO_TIMES, meeting)
        if meeting.attendance_at is not None:
            return Answer(Said.ALREADY, meeting)

        def attends(one: Meeting) -> Meeting:
            return replace(one, attendance_at=now) if one.slot == meeting.slot else one

        return await self._change(meeting_id, attends, Said.ATTENDING, now, event)

    async def no(self, meeting_id: str, now: datetime, *, offers_only: bool = False, event: str = "") -> Answer:
        """See `Desk.no`."""
        meeting = await self._meetings.get(meeting_id)
        if meeting.has_heard(event):
            return Answer(Said.ALREADY, meeting)
        if meeting.slot is not None and meeting.offers and meeting.live:
            return await self._change(meeting_id, change.withdraw, Said.DECLINED, now, event)
        if meeting.slot is not None and offers_only:
            return Answer(Said.ALREADY, meeting)
        if meeting.slot is not None:
            return await self.cancel(meeting_id, "declined", now, "contact", event=event)
        return await self._end(meeting_id, MeetingEvent.DECLINE, "", now, "contact", Said.DECLINED, event)

    async def cancel(self, meeting_id: str, reason: str, now: datetime, by: str, *, event: str = "") -> Answer:
        """See `Desk.cancel`."""
        return await self._end(meeting_id, MeetingEvent.CANCEL, reason, now, by, Said.CANCELLED, event)

    async def expire(self, meeting_id: str, now: datetime) -> Answer:
        """Give up a proposal that nobody answered."""
        return await self._end(meeting_id, MeetingEvent.EXPIRE, "", now, "system", Said.DECLINED)

    async def _end(
        self, meeting_id: str, event: MeetingEvent, reason: str, now: datetime, by: str, said: Said, heard: str = ""
    ) -> Answer:
        ended = {MeetingEvent.CANCEL: MeetingState.CANCELLED, MeetingEvent.DECLINE: MeetingState.DECLINED}.get(event)
        meeting = await self._meetings.get(meeting_id)
        if meeting.state is ended or meeting.has_heard(heard):
            return Answer(Said.ALREADY, meeting)
        if meeting.slot is not None and by == "contact" and now >= meeting.slot.start_at:
            return Answer(Said.TOO_LATE, meeting)
        return await self._change(meeting_id, lambda one: change.end(one, event, now, by, reason), said, now, heard)

    async def hand_to(self, meeting_id: str, host_id: str, now: datetime) -> Answer:
        """See `Desk.hand_to`."""
        meeting = await self._meetings.get(meeting_id)
        host = await self._hosts.host(host_id)
        if meeting.state is not MeetingState.CONFIRMED or meeting.slot is None:
            return Answer(Said.NOT_OPEN, meeting)
        if meeting.slot.hosts == (host_id,):
            return Answer(Said.ALREADY, meeting)
        if not host.active:
            return Answer(Said.NOT_OFFERED, meeting)
        slot = replace(meeting.slot, hosts=(host_id,))
        times = await self._book.read(
            meeting.type_id, slot.start_at, slot.start_at + A_MOMENT, now, moving=meeting, only=[host_id]
        )
        found = _look(times, meeting, slot, now)
        if found is not None:
            return Answer(found if found is Said.UNREADABLE else Said.NOT_OFFERED, meeting)
        try:
            agreed = change.agree(meeting, slot, now, "operator", counts=False)
            return Answer(Said.MOVED, await self._meetings.replace(agreed, await self._book.bounds(agreed, times), now))
        except SlotTakenError:
            return Answer(Said.NOT_OFFERED, meeting)

    async def outcome(self, meeting_id: str, held: bool, now: datetime, by: str) -> Answer:
        """See `Desk.outcome`."""
        meeting = await self._meetings.get(meeting_id)
        if meeting.state is (MeetingState.HELD if held else MeetingState.NO_SHOW):
            return Answer(Said.ALREADY, meeting)
        if meeting.slot is not None and now < meeting.slot.start_at:
            return Answer(Said.TOO_EARLY, meeting)
        return await self._change(meeting_id, lambda one: change.note_outcome(one, held, now, by), Said.OUTCOME, now)

    async def _change(
        self, meeting_id: str, make: Callable[[Meeting], Meeting], said: Said, now: datetime, heard: str = ""
    ) -> Answer:
        """Apply a change that keeps no new time; NOT_OPEN when it is none from the meeting's state."""

        async def attempt() -> Answer | None:
            meeting = await self._meetings.get(meeting_id)
            if meeting.has_heard(heard):
                return Answer(Said.ALREADY, meeting)
            try:
                changed = make(meeting).having_heard(heard)
            except TransitionError as error:
                return Answer(Said.NOT_OPEN, meeting, str(error))
            try:
                bounds = await self._book.bounds(changed)
                return Answer(said, await self._meetings.replace(changed, bounds, now))
            except MeetingChangedError:
                return None

        return await _until_decided(attempt)


def _only(meeting_type: MeetingType, host_id: str | None) -> Sequence[str] | None:
    """The host who alone is asked; None for all, as where they meet together. InputError for who is none of them."""
    if host_id is None or meeting_type.assignment is Assignment.TOGETHER:
        return None
    if host_id not in meeting_type.hosts:
        raise InputError(f"{host_id} não é anfitrião de {meeting_type.id}")
    return [host_id]


async def _until_decided(attempt: Callable[[], Awaitable[Answer | None]]) -> Answer:
    """What an attempt answers that nobody else's change came between; MeetingChangedError after several."""
    for _ in range(TRIES):
        if (answer := await attempt()) is not None:
            return answer
    raise MeetingChangedError("a reunião está sendo mudada por outros; tente de novo")
