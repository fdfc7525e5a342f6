"""Asking a collection when its owner is busy."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from disparo.adapters.calendars.caldav.busy import AROUND, Reading, busy_of
from disparo.adapters.calendars.caldav.faults import CaldavFaultError
from disparo.adapters.calendars.caldav.places import Place
from disparo.adapters.calendars.caldav.session import Session
from disparo.adapters.calendars.caldav.xml import Multistatus, cal, calendar_query
from disparo.domain.agenda.calendar_event import BusyTimes
from disparo.domain.agenda.host import Host
from disparo.domain.instants import to_ms
from disparo.domain.intervals import Interval

_DATA = cal("calendar-data")


async def busy_times(
    session: Session,
    place: Place,
    host: Host,
    window: tuple[datetime, datetime],
    besides: frozenset[str],
    until_s: float,
) -> BusyTimes:
    """When a host is busy by the events of their collection; CaldavFaultError, UnreadableError for any part that cannot
    be had or understood.
    """
    start_at, end_at = window
    query = calendar_query(_utc(start_at - AROUND), _utc(end_at + AROUND))
    texts = _texts(await session.told("REPORT", place.url, query, depth=1))
    owner = {one.lower() for one in (host.email, session.account.username) if one and "@" in one}
    span = Interval(to_ms(start_at), to_ms(end_at))
    reading = Reading(span, place.zone or host.place.zone, besides, owner, until_s)
    # Some milliseconds for each event: in a thread, so that nothing else waits for it.
    return BusyTimes(await asyncio.to_thread(busy_of, texts, reading))


def _texts(found: Multistatus) -> list[str]:
    """Every resource's text; whatever has none is a part that we could not read (I9)."""
    for one in found.responses:
        if one.status != 200 or not one.text(_DATA).strip():
            raise CaldavFaultError("answer_incomplete", f"HTTP {one.status}")
    return [one.text(_DATA) for one in found.responses]


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
