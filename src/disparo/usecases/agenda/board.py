"""What hosts' time looks like between two instants: meetings, what is held, blocked, taken elsewhere, and closed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disparo.domain.agenda.calendar_event import BusyTimes, key_of_uid
from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import KEEPS_TIME, Meeting
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.slot import Occupation, Slot
from disparo.domain.contact import Contact
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.intervals import Interval, intersect, subtract
from disparo.domain.policies.business_hours import open_intervals
from disparo.ports.calendars import Calendars
from disparo.ports.contacts import known_contact
from disparo.ports.store import Store
from disparo.usecases.agenda.times import calendars_read


@dataclass(frozen=True, slots=True)
class Kept:
    """A time of a host that a meeting keeps: agreed, or (`held`) only offered until somebody answers."""

    meeting: Meeting
    slot: Slot
    held: bool


@dataclass(frozen=True, slots=True)
class HostBoard:
    """One host's time: `taken` is what the host's own calendar has besides our meetings, all of it where `busy` has a
    fault; `free` is open and in nobody's way, buffers kept.
    """

    host: Host
    kept: Sequence[Kept]
    busy: BusyTimes
    taken: Sequence[Interval]
    blocked: Sequence[tuple[Interval, str]]
    closed: Sequence[Interval]
    free: Sequence[Interval]


@dataclass(frozen=True, slots=True)
class Board:
    """Several hosts' time between two instants; contacts by their ids, those who are not kept any more left out."""

    start_at: datetime
    end_at: datetime
    hosts: Sequence[HostBoard]
    contacts: Mapping[str, Contact]
    types: Mapping[str, MeetingType]


async def board(
    store: Store,
    calendars: Calendars,
    hosts: Sequence[Host],
    start_at: datetime,
    end_at: datetime,
    now: datetime,
    within: timedelta,
) -> Board:
    """The time of these hosts; each calendar has `within` to answer, all asked side by side."""
    occupations = await store.meetings.occupations([host.id for host in hosts], start_at, end_at, now)
    meetings = {one.id: one for one in await store.meetings.several([one.meeting_id for one in occupations])}
    ours = frozenset(key_of_uid(one.uid) for one in meetings.values())
    people = dict.fromkeys(one.contact_id for one in meetings.values())
    contacts = await asyncio.gather(*(known_contact(store.contacts, person) for person in people))
    types = await store.hosts.types()
    busy = await calendars_read(calendars, hosts, start_at, end_at, within, ours)
    window = Interval(to_ms(start_at), to_ms(end_at))
    boards = [
        _host_board(host, taken, [one for one in occupations if one.host_id == host.id], meetings, window)
        for host, taken in zip(hosts, busy, strict=True)
    ]
    known = {one.id: one for one in contacts if one is not None}
    return Board(start_at, end_at, boards, known, {one.id: one for one in types})


def _host_board(
    host: Host,
    busy: BusyTimes,
    occupations: Sequence[Occupation],
    meetings: Mapping[str, Meeting],
    window: Interval,
) -> HostBoard:
    opened = open_intervals(host.hours, host.place, *_instants(window)) if host.active else ()
    blocked = [(Interval(to_ms(one.start_at), to_ms(one.end_at)), one.label) for one in host.blocks]
    blocked = [(part, label) for span, label in blocked for part in intersect([span], [window])]
    taken = intersect(busy.busy if busy.readable else [window], [window])
    in_the_way = [*taken, *(span for span, _ in blocked), *(one.span for one in occupations)]
    return HostBoard(
        host,
        _kept(host.id, occupations, meetings),
        busy,
        taken,
        blocked,
        subtract([window], opened),
        subtract(opened, in_the_way),
    )


def _instants(window: Interval) -> tuple[datetime, datetime]:
    return from_ms(window.start_ms), from_ms(window.end_ms)


def _kept(host_id: str, occupations: Sequence[Occupation], meetings: Mapping[str, Meeting]) -> Sequence[Kept]:
    found: dict[tuple[str, int], Kept] = {}
    for one in occupations:
        meeting = meetings.get(one.meeting_id)
        if meeting is None:
            continue
        slots = [(meeting.slot, False)] if meeting.slot is not None and meeting.state in KEEPS_TIME else []
        for slot, held in [*slots, *((offer, True) for offer in meeting.offers)]:
            if host_id in slot.hosts and to_ms(slot.start_at) == one.starts_ms:
                found.setdefault((meeting.id, one.starts_ms), Kept(meeting, slot, held))
    return sorted(found.values(), key=lambda kept: (kept.slot.start_at, int(kept.meeting.id)))
