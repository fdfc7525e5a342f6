"""What is known of hosts' time right now: their calendars, asked live, and the time that meetings keep."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disparo.domain.agenda.availability import HostTimes
from disparo.domain.agenda.calendar_event import BusyTimes, key_of_uid
from disparo.domain.agenda.host import DayLimits, Host
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.meeting_type import LONGEST, LONGEST_BUFFER, MeetingType
from disparo.domain.agenda.slot import HostBounds, bounds_of
from disparo.domain.errors import InputError, NotFoundError
from disparo.ports.agenda import Hosts, Meetings
from disparo.ports.calendars import Calendars

_AROUND = LONGEST + 2 * LONGEST_BUFFER
_A_WEEK = timedelta(days=8)
"""Limits of a week are counted over the whole week of the host."""


@dataclass(frozen=True, slots=True)
class Times:
    """A type of meeting, its hosts, and what stands in their way."""

    type: MeetingType
    hosts: Sequence[HostTimes]

    @property
    def unreadable(self) -> Sequence[HostTimes]:
        """Those whose calendar could not be read."""
        return [one for one in self.hosts if not one.busy.readable]

    @property
    def bounds(self) -> Mapping[str, HostBounds]:
        """What a store must know of the hosts."""
        return {one.host.id: bounds_of(one.host.place, one.host.limits) for one in self.hosts}


class TimesBook:
    """Reads hosts, calendars and meetings together."""

    def __init__(self, hosts: Hosts, meetings: Meetings, calendars: Calendars) -> None:
        self._hosts, self._meetings, self._calendars = hosts, meetings, calendars

    async def read(
        self,
        type_id: str,
        start_at: datetime,
        end_at: datetime,
        now: datetime,
        *,
        moving: Meeting | None = None,
        only: Sequence[str] | None = None,
        within: timedelta | None = None,
    ) -> Times:
        """What is known of beginnings between two instants, of `only` these hosts, without the time `moving` keeps.

        Calendars that are not told `within` count as unreadable; without it each has its own timeout.
        NotFoundError for a type that does not exist. A host of the type that does not exist is left out.
        """
        meeting_type = await self._hosts.type(type_id)
        names = list(only) if only is not None else list(meeting_type.hosts)
        hosts = [host for host in await asyncio.gather(*map(self._host, names)) if host is not None]
        kept = await self._meetings.occupations(
            [host.id for host in hosts], start_at - _A_WEEK, end_at + _A_WEEK + _AROUND, now
        )
        own = frozenset() if moving is None else frozenset({key_of_uid(moving.uid)})
        busy = await calendars_read(self._calendars, hosts, start_at - LONGEST_BUFFER, end_at + _AROUND, within, own)
        others = [one for one in kept if moving is None or one.meeting_id != moving.id]
        return Times(
            meeting_type,
            [
                HostTimes(host, taken, [one for one in others if one.host_id == host.id])
                for host, taken in zip(hosts, busy, strict=True)
            ],
        )

    async def _host(self, host_id: str) -> Host | None:
        try:
            return await self._hosts.host(host_id)
        except NotFoundError:
            return None

    async def type(self, type_id: str) -> MeetingType:
        """A type of meeting; NotFoundError."""
        return await self._hosts.type(type_id)

    async def bounds(self, meeting: Meeting, times: Times | None = None) -> Mapping[str, HostBounds]:
        """What a store must know of the hosts whose time a meeting keeps; one that is gone has no limits."""
        found = {} if times is None else dict(times.bounds)
        for name in dict.fromkeys(one.host_id for one in meeting.occupations()):
            if name not in found:
                host = await self._host(name)
                found[name] = HostBounds(DayLimits(), "UTC") if host is None else bounds_of(host.place, host.limits)
        return found


async def calendars_read(
    calendars: Calendars,
    hosts: Sequence[Host],
    start_at: datetime,
    end_at: datetime,
    within: timedelta | None = None,
    besides: frozenset[str] = frozenset(),
) -> Sequence[BusyTimes]:
    """When each host's calendar is taken, asked side by side; one that is not told `within` is taken throughout."""

    async def asked(host: Host) -> BusyTimes:
        try:
            async with asyncio.timeout(None if within is None else within.total_seconds()):
                return await busy_of(calendars, host, start_at, end_at, besides)
        except TimeoutError:
            return BusyTimes(fault="no_answer")

    return await asyncio.gather(*map(asked, hosts))


async def busy_of(
    calendars: Calendars, host: Host, start_at: datetime, end_at: datetime, besides: frozenset[str] = frozenset()
) -> BusyTimes:
    """When a host's calendar is taken (see `Calendar.busy`); taken throughout where it cannot be reached at all."""
    try:
        calendar = calendars.of(host)
    except InputError as error:  # its secret is missing or wrong: nobody can read it (I9)
        return BusyTimes(fault="not_configured", detail=str(error), auth=True)
    return await calendar.busy(host, start_at, end_at, besides)
