"""Asking a collection what other hands did to our events (RFC 6578)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from disparo.adapters.calendars.caldav.faults import CaldavFaultError
from disparo.adapters.calendars.caldav.ours import read
from disparo.adapters.calendars.caldav.places import Place
from disparo.adapters.calendars.caldav.session import Session
from disparo.adapters.calendars.caldav.text import UnreadableError
from disparo.adapters.calendars.caldav.xml import Response, cal, calendar_multiget, dav, propfind, sync_collection
from disparo.domain.agenda.calendar_event import CalendarChange, ChangeKind, Changes
from disparo.domain.agenda.host import Host
from disparo.domain.intervals import zone_named

_TOKEN, _DATA = dav("sync-token"), cal("calendar-data")
_OURS = re.compile(r"([0-9a-f]{64})\.ics")
_BEGIN_ANEW = frozenset((400, 403, 409, 410, 412, 507))
"""By which servers say that a token is none any more: 403 by RFC 6578 (section 3.2), others by what they think."""

_GONE = frozenset((404, 410))
_AT_ONCE = 100


async def changes_since(session: Session, place: Place, host: Host, token: str | None) -> Changes:
    """What changed since a token; CaldavFaultError."""
    if token is None:
        return await _anew(session, place)
    try:
        found = await session.told("REPORT", place.url, sync_collection(token), depth=0)
    except CaldavFaultError as fault:
        if fault.status in _BEGIN_ANEW:
            return await _anew(session, place)
        raise
    if not found.sync_token:
        raise CaldavFaultError("answer_incomplete", "no sync-token")
    ours = {match[1]: one for one in found.responses if (match := _OURS.fullmatch(one.segment))}
    gone = [CalendarChange(key, ChangeKind.REMOVED) for key, one in ours.items() if one.status in _GONE]
    kept = [one for one in ours.values() if one.status not in _GONE]
    changed: list[CalendarChange] = []
    for first in range(0, len(kept), _AT_ONCE):
        hrefs = [one.href for one in kept[first : first + _AT_ONCE]]
        answers = await session.told("REPORT", place.url, calendar_multiget(hrefs), depth=0)
        changed += _seen(answers.responses, place.zone or host.place.zone)
    return Changes((*gone, *changed), found.sync_token)


async def _anew(session: Session, place: Place) -> Changes:
    """The token of now; none where the server has no such thing."""
    found = await session.told("PROPFIND", place.url, propfind(_TOKEN), depth=0)
    tokens = [one.text(_TOKEN).strip() for one in found.responses]
    return Changes(token=next((token for token in tokens if token), None))


def _seen(responses: Iterable[Response], zone: str) -> Iterator[CalendarChange]:
    for one in responses:
        match = _OURS.fullmatch(one.segment)
        if match is None:
            continue
        if one.status in _GONE:
            yield CalendarChange(match[1], ChangeKind.REMOVED)
            continue
        try:
            yield from read(one.text(_DATA), zone_named(zone)).changes(match[1])
        except UnreadableError:
            # What became of it cannot be told; the next write over it will be CHANGED.
            continue
