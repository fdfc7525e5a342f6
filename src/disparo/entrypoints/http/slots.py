"""`/api/v1/slots`: when a meeting may begin, and why not at another time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from disparo.domain.agenda.availability import SlotDecision, SlotReason
from disparo.domain.agenda.slot import Slot
from disparo.domain.errors import InputError
from disparo.domain.intervals import zone_named
from disparo.domain.place import Place
from disparo.domain.written_moment import parse_moment
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.instants import Instant
from disparo.entrypoints.http.pages import After, Page, cut
from disparo.entrypoints.words.agenda_sentences import slot_words
from disparo.usecases.agenda.why import why_slot

USUAL_SPAN = timedelta(days=7)
LONGEST_SPAN = timedelta(days=93)

OfType = Annotated[
    str, Query(alias="type", max_length=40, description="The type of meeting.", examples=["demonstracao"])
]
ForContact = Annotated[
    str | None,
    Query(max_length=40, description="For this contact (id): their zone, hours, holidays. Not with `zone`."),
]
InZone = Annotated[str | None, Query(max_length=60, description="For somebody in this zone, as `America/Manaus`.")]


class SlotOut(BaseModel):
    """A time of a meeting, with the hosts who give it."""

    start_at: datetime
    end_at: datetime
    hosts: Sequence[str] = Field(examples=[["ana"]])


class UnreadableOut(BaseModel):
    """A host who has no times, because the calendar cannot be read now."""

    host: str
    fault: str = Field(examples=["no_answer"])
    needs_access: bool


class SlotPage(Page[SlotOut]):
    """Free times, in order."""

    unreadable: Sequence[UnreadableOut]


class DecisionOut(BaseModel):
    """Whether a meeting may begin then with one host, and which rule refuses it."""

    host: str
    reason: SlotReason = Field(description="`free`, or the first rule that refuses (docs: availability).")
    detail: str
    until: datetime | None = Field(description="From when on this rule refuses no longer; others may.")
    text: str = Field(description="The same for a person, in Portuguese.")


class WhyOut(BaseModel):
    """Why a meeting may, or may not, begin at an instant."""

    type: str
    start_at: datetime
    bookable: bool
    hosts: Sequence[DecisionOut]


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/slots", tags=["slots"])

    @routes.get("", name="slots.list")
    async def list_(
        type_: OfType,
        from_: Annotated[Instant | None, Query(alias="from", description="From here on; now when not given.")] = None,
        to: Annotated[Instant | None, Query(description="Before here; a week when not given, 93 days at most.")] = None,
        contact: ForContact = None,
        zone: InZone = None,
        host: Annotated[str | None, Query(max_length=40, description="Only of this host of the type.")] = None,
        moving: Annotated[str | None, Query(max_length=20, description="A meeting that is to be moved.")] = None,
        limit: Annotated[int, Query(ge=1, le=2000, description="How many at most.")] = 500,
        after: After = None,
    ) -> SlotPage:
        """The times of a type that could be booked now."""
        now = house.clock.now()
        place = await place_of(house, contact, zone)
        start_at, end_at = span_of(from_, to, now)
        start_at = max(start_at, _behind(after, start_at))
        found = await house.desk.free_times(type_, place, start_at, end_at, now, moving=moving, host_id=host)
        slots, more = cut(found.slots, limit)
        unreadable = [
            UnreadableOut(host=host, fault=one.fault, needs_access=one.auth) for host, one in found.unreadable.items()
        ]
        onward = slots[-1].start_at.isoformat() if more else None
        return SlotPage(items=[slot_out(one) for one in slots], next=onward, unreadable=unreadable)

    @routes.get("/why", name="slots.why")
    async def why(
        type_: OfType,
        start_at: Annotated[Instant, Query(description="The time asked about.", examples=["2026-11-24T14:00:00Z"])],
        host: Annotated[str | None, Query(max_length=40, description="Only this host of the type.")] = None,
        contact: ForContact = None,
        zone: InZone = None,
    ) -> WhyOut:
        """Which rule refuses a meeting at a time, host by host; every time has an answer."""
        place = await place_of(house, contact, zone)
        return await slots_why_out(house, type_, place, start_at, host)

    return routes


async def slots_why_out(
    house: Installation, type_id: str, place: Place | None, start_at: datetime, host_id: str | None
) -> WhyOut:
    """Which rule refuses a meeting at a time, host by host."""
    now = house.clock.now()
    found = await why_slot(house.store.hosts, house.desk, type_id, place, start_at, now, host_id=host_id)
    decisions = [_decision(one) for one in found.decisions]
    return WhyOut(type=type_id, start_at=start_at, bookable=found.bookable, hosts=decisions)


async def place_of(house: Installation, contact_id: str | None, zone: str | None) -> Place | None:
    """Where the contact is whose rules hold; None for nobody's. InputError, NotFoundError."""
    if contact_id is not None and zone is not None:
        raise InputError("escreva contact ou zone, não os dois")
    if zone is not None:
        zone_named(zone)
        return Place(zone)
    if contact_id is None:
        return None
    return (await house.store.contacts.get(contact_id)).place or Place(house.settings.business_hours_timezone)


def span_of(from_: datetime | None, to: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """The span that is asked about; InputError for one that is too long or ends before it begins."""
    start_at = max(from_ or now, now)
    end_at = to or start_at + USUAL_SPAN
    if end_at - start_at > LONGEST_SPAN:
        raise InputError(f"to: peça no máximo {LONGEST_SPAN.days} dias de cada vez")
    return start_at, end_at


def _behind(after: str | None, start_at: datetime) -> datetime:
    try:
        return start_at if after is None else parse_moment(after, "UTC") + timedelta(milliseconds=1)
    except InputError:
        raise InputError("after: devolva o next da página anterior, como veio") from None


def slot_out(slot: Slot) -> SlotOut:
    """A time as an answer tells it."""
    return SlotOut(start_at=slot.start_at, end_at=slot.end_at, hosts=slot.hosts)


def _decision(one: SlotDecision) -> DecisionOut:
    return DecisionOut(host=one.host_id, reason=one.reason, detail=one.detail, until=one.until, text=slot_words(one))
