"""One host in São Paulo with usual hours, a type of half an hour, and what is asked about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from disparo.domain.agenda.availability import HostTimes, SlotDecision, decide_slot, free_slots
from disparo.domain.agenda.calendar_event import BusyTimes
from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.slot import Occupation, Slot
from disparo.domain.instants import to_ms
from disparo.domain.intervals import Interval
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours, DailyHours

SAO_PAULO = Place("America/Sao_Paulo", "BR-SP")
ALWAYS = BusinessHours(default=DailyHours(frozenset(range(1, 8)), 0, 1440, None), public_holidays=False)
TYPE = MeetingType("demo", "Demonstração", ("ana",), min_notice=timedelta(0))
ANA = Host("ana", "Ana", SAO_PAULO, BusinessHours())
MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""Midnight in São Paulo."""


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def on_the_clock(text: str, zone: str = "America/Sao_Paulo", fold: int = 0) -> datetime:
    """An instant by what a zone's clock shows, `2026-11-23 09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def span(start: str, end: str, zone: str = "America/Sao_Paulo") -> Interval:
    return Interval(to_ms(on_the_clock(start, zone)), to_ms(on_the_clock(end, zone)))


def kept(start: str, end: str, meeting_id: str = "7", host_id: str = "ana", before: int = 0) -> Occupation:
    """What another meeting keeps; it begins `before` minutes into it."""
    interval = span(start, end)
    return Occupation(host_id, interval, meeting_id, interval.start_ms + before * 60_000)


def times(
    host: Host = ANA, busy: Sequence[Interval] = (), taken: Sequence[Occupation] = (), fault: str = ""
) -> HostTimes:
    return HostTimes(host, BusyTimes(busy, fault, "403" if fault else ""), taken)


def shown(slots: Sequence[Slot], zone: str = "America/Sao_Paulo") -> list[str]:
    """The beginnings on a zone's clock, with the offset where a clock shows them twice."""
    return [slot.start_at.astimezone(ZoneInfo(zone)).strftime("%H:%M") for slot in slots]


def listed(
    day: str,
    *hosts: HostTimes,
    kind: MeetingType = TYPE,
    contact: Place | None = None,
    now: datetime = MONDAY,
    zone: str = "America/Sao_Paulo",
) -> list[Slot]:
    """The slots of one day of a zone."""
    start_at = on_the_clock(f"{day} 00:00", zone)
    next_day = datetime.fromisoformat(day) + timedelta(days=1)
    everyone = replace(kind, hosts=tuple(one.host.id for one in hosts) or kind.hosts)
    end_at = next_day.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return free_slots(everyone, hosts or [times()], contact, now, start_at, end_at)


def decided(
    clock: str,
    one: HostTimes | None = None,
    *,
    kind: MeetingType = TYPE,
    contact: Place | None = None,
    now: datetime = MONDAY,
) -> SlotDecision:
    """What is said about one host at an instant of São Paulo's clock."""
    (decision,) = decide_slot(kind, [one or times()], contact, now, on_the_clock(clock))
    return decision
