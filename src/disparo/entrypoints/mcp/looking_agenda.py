"""Tools that look at the agenda: free times, why a time is not offered, meetings."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.contact import Contact
from disparo.entrypoints.http.instants import Instant
from disparo.entrypoints.http.meeting_answers import HappeningOut, MeetingOut, happening_out, meeting_fields
from disparo.entrypoints.http.pages import Page, cut
from disparo.entrypoints.http.slots import SlotOut, UnreadableOut, place_of, slot_out, slots_why_out, span_of
from disparo.entrypoints.http.slots import WhyOut as SlotWhyOut
from disparo.entrypoints.mcp.quotes import Quote, quoted_or_none
from disparo.entrypoints.mcp.tool import After, Asked, Id, Limit, Nothing, Wanted, looks
from disparo.ports.agenda import MeetingFilter
from disparo.ports.contacts import known_contact
from disparo.usecases.agenda.history import history
from disparo.usecases.agenda.story import story

MOST_SLOTS = 100
MOST_HAPPENINGS = 100

TypeId = Annotated[str, Field(min_length=1, max_length=40, description="The type of meeting, as listed.")]
ContactOfPlace = Annotated[
    str | None, Field(max_length=40, description="For this contact (id): their zone, hours, holidays. Not with `zone`.")
]
Zone = Annotated[str | None, Field(max_length=60, description="For somebody in this zone, as America/Manaus.")]
HostId = Annotated[str | None, Field(max_length=40, description="Only of this host.")]


class SlotsIn(Wanted):
    """Which times."""

    type: TypeId
    from_at: Instant | None = Field(None, description="From here on; now when not given.")
    to_at: Instant | None = Field(None, description="Before here; a week later when not given, 93 days at most.")
    contact_id: ContactOfPlace = None
    zone: Zone = None
    host: HostId = None
    limit: Annotated[int, Field(ge=1, le=MOST_SLOTS)] = 30


class SlotWhyIn(Wanted):
    """Which time."""

    type: TypeId
    start_at: Instant = Field(description="The time asked about, with its offset, as 2026-11-24T14:00:00-03:00.")
    contact_id: ContactOfPlace = None
    zone: Zone = None
    host: HostId = None


class MeetingsIn(Wanted):
    """Which meetings."""

    from_at: Instant | None = Field(None, description="Only those agreed to begin from here on.")
    to_at: Instant | None = Field(None, description="Only those agreed to begin before here.")
    states: list[MeetingState] | None = Field(None, max_length=12)
    host: HostId = None
    contact_id: str | None = Field(None, max_length=40, description="Only with this contact.")
    limit: Limit = 20
    after: After = None


class MeetingIn(Wanted):
    """Which meeting."""

    meeting_id: Id


class SlotsOut(BaseModel):
    """Free times, in order."""

    slots: Sequence[SlotOut]
    more: bool = Field(description="Whether there are others behind them.")
    unreadable: Sequence[UnreadableOut] = Field(description="Hosts whose calendar cannot be read now.")


class TypeOut(BaseModel):
    """A type of meeting."""

    id: str
    title: str
    minutes: int
    hosts: Sequence[str]
    active: bool


class TypesOut(BaseModel):
    """Every type of meeting."""

    types: Sequence[TypeOut]


class MeetingTold(MeetingOut):
    """A meeting; what people outside may have written is quoted."""

    notes: Quote | None  # type: ignore[assignment]
    reason: Quote | None  # type: ignore[assignment]


class HappeningTold(HappeningOut):
    """A line of its past; the reason may be somebody's own words."""

    detail: Quote | None  # type: ignore[assignment]


class MeetingShown(MeetingTold):
    """A meeting, and what happened with it."""

    history: Sequence[HappeningTold]


@looks("meeting-types", "List types of meetings")
async def list_meeting_types(asked: Asked, _: Nothing) -> TypesOut:
    """The types of meetings that can be proposed and booked, and their hosts."""
    found = await asked.house.store.hosts.types()
    types = [
        TypeOut(
            id=one.id,
            title=one.title,
            minutes=round(one.duration.total_seconds() / 60),
            hosts=one.hosts,
            active=one.active,
        )
        for one in found[:200]
    ]
    return TypesOut(types=types)


@looks("slots", "List free times", outside=True)
async def list_free_slots(asked: Asked, wanted: SlotsIn) -> SlotsOut:
    """The times of a type of meeting that could be booked now; hosts' calendars are asked."""
    house, now = asked.house, asked.now
    place = await place_of(house, wanted.contact_id, wanted.zone)
    start_at, end_at = span_of(wanted.from_at, wanted.to_at, now)
    found = await house.desk.free_times(wanted.type, place, start_at, end_at, now, host_id=wanted.host)
    some, more = cut(found.slots, wanted.limit)
    unreadable = [
        UnreadableOut(host=host, fault=one.fault, needs_access=one.auth) for host, one in found.unreadable.items()
    ]
    return SlotsOut(slots=[slot_out(one) for one in some], more=more, unreadable=unreadable)


@looks("slots", "Why is a time not offered", outside=True)
async def why_slot(asked: Asked, wanted: SlotWhyIn) -> SlotWhyOut:
    """Which rule refuses a meeting at a time, host by host; every time has an answer."""
    place = await place_of(asked.house, wanted.contact_id, wanted.zone)
    return await slots_why_out(asked.house, wanted.type, place, wanted.start_at, wanted.host)


@looks("meetings", "List meetings")
async def list_meetings(asked: Asked, wanted: MeetingsIn) -> Page[MeetingTold]:
    """Meetings, newest first; with `from_at` or `to_at` those that are agreed to begin in that span."""
    store = asked.house.store
    states = frozenset(wanted.states) if wanted.states else None
    by = MeetingFilter(states, wanted.host, None, wanted.contact_id, None, wanted.from_at, wanted.to_at)
    found, more = cut(await store.meetings.page(by, wanted.after, wanted.limit + 1), wanted.limit)
    contacts = await asyncio.gather(*(known_contact(store.contacts, one.contact_id) for one in found))
    items = [meeting_told(one, contact) for one, contact in zip(found, contacts, strict=True)]
    return Page[MeetingTold](items=items, next=found[-1].id if more else None)


@looks("meetings", "Show a meeting")
async def show_meeting(asked: Asked, wanted: MeetingIn) -> MeetingShown:
    """One meeting and what happened with it."""
    found = await history(asked.house.store, wanted.meeting_id)
    lines = [happening_out(one) for one in story(found)][-MOST_HAPPENINGS:]
    past = [HappeningTold(**{**one.model_dump(), "detail": quoted_or_none(one.detail)}) for one in lines]
    return MeetingShown(**meeting_told(found.meeting, found.contact).model_dump(), history=past)


def meeting_told(meeting: Meeting, contact: Contact | None) -> MeetingTold:
    """A meeting as assistants are told it."""
    fields = meeting_fields(meeting, contact)
    quotes = {name: quoted_or_none(str(fields[name])) for name in ("notes", "reason")}
    return MeetingTold.model_validate({**fields, **quotes})


AGENDA_LOOKS = (*(list_meeting_types, list_free_slots, why_slot, list_meetings, show_meeting),)
