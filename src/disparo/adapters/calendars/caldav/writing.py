"""Writing our events into a collection, each as a resource that its key names, and over nobody else's changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from disparo.adapters.calendars.caldav.faults import CaldavFaultError, of_answer, precondition
from disparo.adapters.calendars.caldav.ours import There, read, written
from disparo.adapters.calendars.caldav.places import Place
from disparo.adapters.calendars.caldav.session import Session
from disparo.adapters.calendars.caldav.text import UnreadableError
from disparo.adapters.calendars.caldav.xml import dav, propfind
from disparo.adapters.http_exchange import Answer
from disparo.domain.agenda.calendar_event import CalendarEvent, WriteResult, Written
from disparo.domain.intervals import zone_named

_ETAG = dav("getetag")
_SCHEDULING = re.compile(r"organizer|attendee|scheduling")
_GONE = frozenset((404, 410))
_REMOVED = "removed_there"


@dataclass(frozen=True, slots=True)
class _Found:
    """A resource: its `etag`, and our event in it when it is one that can be read."""

    etag: str
    there: There | None


async def put(session: Session, place: Place, event: CalendarEvent, etag: str, now: datetime) -> Written:
    """See `Calendar.put`."""
    url = _url(place, event)
    answer = await _write(session, url, event, etag, now)
    if answer.status != 412:
        return await _done(session, place, url, answer)
    found = await _get(session, place, url)
    if found is None:
        # With an etag it was there, and other hands removed it; else it was removed just now.
        return Written(WriteResult.CHANGED, fault=_REMOVED) if etag else _again("not_found")
    if fault := _left(found.there, event):
        return Written(WriteResult.CHANGED, found.etag, fault=fault)
    if found.there is not None and found.there.version == event.sequence:
        return Written(WriteResult.DONE, found.etag)
    answer = await _write(session, url, event, found.etag, now)
    if answer.status == 412:
        return _again("changed_meanwhile")
    return await _done(session, place, url, answer)


async def remove(session: Session, place: Place, event: CalendarEvent, etag: str) -> Written:
    """See `Calendar.remove`."""
    url = _url(place, event)
    for known in (etag, "") if etag else ("",):
        if not known:
            found = await _get(session, place, url)
            if found is None:
                break
            fault = _left(found.there, event)
            if fault and fault != _REMOVED:
                return Written(WriteResult.CHANGED, found.etag, fault=fault)
            known = found.etag
        answer = await session.request("DELETE", url, {"If-Match": known})
        if answer.status in _GONE:
            await _see(session, place)
            break
        if 200 <= answer.status < 300:
            break
        if answer.status != 412:
            raise of_answer(answer)
    else:
        return _again("changed_meanwhile")
    return Written(WriteResult.DONE)


def _url(place: Place, event: CalendarEvent) -> str:
    return urljoin(place.url, f"{event.key}.ics")


def _left(there: There | None, event: CalendarEvent) -> str:
    """Why what is there is left as it is, "" when we may write over it: nothing of it was changed by other hands."""
    if there is None or there.version is None or there.uid != event.uid:
        return "not_ours"
    if there.version > event.sequence:
        return "newer_there"
    if there.intact:
        return ""
    if there.cancelled:
        return _REMOVED
    return "moved_there" if there.moved else "changed_there"


def _again(code: str) -> Written:
    return Written(WriteResult.RETRY, fault=code)


async def _write(session: Session, url: str, event: CalendarEvent, etag: str, now: datetime) -> Answer:
    headers = {"Content-Type": "text/calendar; charset=utf-8", "If-Match": etag}
    if not etag:
        headers = {"Content-Type": "text/calendar; charset=utf-8", "If-None-Match": "*"}
    answer = await session.request("PUT", url, headers, written(event, now))
    if answer.status in (403, 409) and _SCHEDULING.search(precondition(answer)):
        # The server wants to invite by itself, or knows another organizer: without people it is the owner's own event.
        answer = await session.request("PUT", url, headers, written(event, now, alone=True))
    return answer


async def _done(session: Session, place: Place, url: str, answer: Answer) -> Written:
    if not 200 <= answer.status < 300:
        raise of_answer(answer)
    etag = _strong(answer.headers.get("ETag", ""))
    if not etag:  # the server may have written it in its own way (RFC 4791, section 5.3.4)
        found = await _get(session, place, url)
        etag = "" if found is None else found.etag
    return Written(WriteResult.DONE, etag)


async def _get(session: Session, place: Place, url: str) -> _Found | None:
    answer = await session.request("GET", url, {"Accept": "text/calendar"})
    if answer.status in _GONE:
        await _see(session, place)
        return None
    if answer.status != 200:
        raise of_answer(answer)
    etag = _strong(answer.headers.get("ETag", "")) or await _etag(session, url)
    try:
        there = read(answer.body.decode(), zone_named(place.zone or "UTC"))
    except (UnreadableError, UnicodeDecodeError):
        there = None
    return _Found(etag, there)


async def _see(session: Session, place: Place) -> None:
    """CaldavFaultError unless the calendar itself is there: only then is an event gone that is not."""
    await session.told("PROPFIND", place.url, propfind(_ETAG), depth=0)


async def _etag(session: Session, url: str) -> str:
    found = await session.told("PROPFIND", url, propfind(_ETAG), depth=0)
    etags = [one.text(_ETAG).strip() for one in found.responses if one.status == 200]
    if len(etags) != 1 or not etags[0]:
        raise CaldavFaultError("answer_incomplete", "no ETag")
    return _strong(etags[0])


def _strong(etag: str) -> str:
    """An etag with which If-Match can be asked: what lies between often makes a weak one of the server's own."""
    return etag.strip().removeprefix("W/")
