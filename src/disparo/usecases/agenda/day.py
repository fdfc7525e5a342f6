"""The meetings of one day, host by host, and those about which somebody has yet to say something."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.contact import Contact
from disparo.domain.folding import name_key
from disparo.ports.agenda import MeetingFilter
from disparo.ports.contacts import known_contact
from disparo.ports.store import Store

MOST = 60
"""Meetings of each kind that are read."""

FEW = 3
"""Of so many that nobody has said anything about the people are looked up."""

UNSAID_FOR = timedelta(days=7)
"""How far back meetings are looked for of which nobody has said how they went."""

_AGREED = frozenset({MeetingState.CONFIRMED, MeetingState.HELD, MeetingState.NO_SHOW})


@dataclass(frozen=True, slots=True)
class Met:
    """A meeting with a time; `contact` is None when it is gone."""

    meeting: Meeting
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class Day:
    """The meetings of a day, host by host, each host's by when they begin.

    `proposed` counts those, of whatever day, that wait for an answer; `unsaid` are those of the days before of which
    nobody said how they went: the first `FEW`, of `unsaid_in_all`. `faults` says of hosts why one of the day's could
    not be written into their calendar.
    """

    hosts: Sequence[tuple[Host | None, Sequence[Met]]]
    meetings: int
    proposed: int
    unsaid: Sequence[Met]
    unsaid_in_all: int
    faults: Mapping[str, str]


async def day_of(store: Store, hosts: Mapping[str, Host], now: datetime, day: tuple[datetime, datetime]) -> Day:
    """The meetings that begin between two instants; at most `MOST` of each kind are read."""
    of_day, proposed, before = await asyncio.gather(
        store.meetings.page(MeetingFilter(_AGREED, from_at=day[0], to_at=day[1]), None, MOST),
        store.meetings.page(MeetingFilter(frozenset({MeetingState.PROPOSED})), None, MOST),
        store.meetings.page(
            MeetingFilter(frozenset({MeetingState.CONFIRMED}), from_at=day[0] - UNSAID_FOR, to_at=day[0]), None, MOST
        ),
    )
    met = await _met(store, sorted(of_day, key=_begins))
    unsaid = sorted((one for one in before if one.slot is not None and one.slot.end_at <= now), key=_begins)
    by_host: dict[str, list[Met]] = {}
    for one in met:
        for host_id in one.meeting.hosts:
            by_host.setdefault(host_id, []).append(one)
    return Day(
        sorted(((hosts.get(host_id), found) for host_id, found in by_host.items()), key=_first_then_name),
        len(met),
        len(proposed),
        await _met(store, unsaid[:FEW]),
        len(unsaid),
        {note.host_id: note.fault for one in of_day for note in one.calendar if note.fault},
    )


async def _met(store: Store, meetings: Sequence[Meeting]) -> list[Met]:
    return [Met(one, await known_contact(store.contacts, one.contact_id)) for one in meetings]


def _first_then_name(of_host: tuple[Host | None, Sequence[Met]]) -> tuple[datetime, str]:
    host, found = of_host
    return _begins(found[0].meeting), "" if host is None else name_key(host.name)


def _begins(one: Meeting) -> datetime:
    assert one.slot is not None  # only what is agreed was asked for
    return one.slot.start_at
