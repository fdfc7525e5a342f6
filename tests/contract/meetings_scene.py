"""Meetings for tests of stores: how they are made and changed, without a desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from disparo.domain.agenda.host import DayLimits
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.slot import HostBounds, Refusal, Slot
from disparo.domain.contact import Channel
from disparo.domain.place import Place
from disparo.ports.agenda import Meetings, SlotTakenError

ZONE = "America/Sao_Paulo"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""A Monday, nine in the morning in São Paulo."""

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HELD_FOR = HOUR
FREE = {host: HostBounds(DayLimits(), ZONE) for host in ("ana", "bia", "caio")}
"""Bounds of hosts who take any number."""


def limited(per_day: int | None = None, per_week: int | None = None, zone: str = ZONE) -> dict[str, HostBounds]:
    return dict.fromkeys(FREE, HostBounds(DayLimits(per_day, per_week), zone))


def slot(hours: float, *hosts: str, minutes: int = 60) -> Slot:
    """A time that begins so many hours from NOW."""
    start_at = NOW + hours * HOUR
    return Slot(hosts or ("ana",), start_at, start_at + minutes * MINUTE)


def meeting(uid: str, **values: object) -> Meeting:
    made = Meeting("", "demo", "7", Channel.WHATSAPP, Place(ZONE, "BR-SP"), "pt", uid, NOW)
    return replace(made, **values)  # type: ignore[arg-type]


def offered(uid: str, *offers: Slot, until: datetime = NOW + HELD_FOR, **values: object) -> Meeting:
    return meeting(uid, offers=offers, offers_until=until, **values)


def agreed(uid: str, at: Slot, **values: object) -> Meeting:
    return meeting(uid, state=MeetingState.CONFIRMED, slot=at, **values)


def taken(one: Meeting, at: Slot) -> Meeting:
    """As it is once this time is agreed."""
    return replace(one, state=MeetingState.CONFIRMED, slot=at, offers=(), offers_until=None)


def ended(one: Meeting, state: MeetingState = MeetingState.CANCELLED) -> Meeting:
    return replace(one, state=state, offers=(), offers_until=None)


async def refused(
    meetings: Meetings, one: Meeting, bounds: Mapping[str, HostBounds] = FREE, now: datetime = NOW
) -> Refusal | None:
    """Why a meeting cannot be kept; None when it is kept now."""
    try:
        await (meetings.replace if one.id else meetings.add)(one, bounds, now)
    except SlotTakenError as error:
        return error.refusal
    return None


async def reason(
    meetings: Meetings, one: Meeting, bounds: Mapping[str, HostBounds] = FREE, now: datetime = NOW
) -> str | None:
    """The code of the refusal."""
    why = await refused(meetings, one, bounds, now)
    return None if why is None else why.reason
