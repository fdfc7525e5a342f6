"""What other hands changed in our events (guide "Synchronize resources efficiently" of the Calendar API)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from disparo.adapters.calendars.google.api import GoogleApi, Request
from disparo.adapters.calendars.google.busy import next_page
from disparo.adapters.calendars.google.credentials import GoogleCredentials
from disparo.adapters.calendars.google.errors import GoogleFaultError, not_understood
from disparo.adapters.calendars.google.payload import KEY, Standing, is_ours, read_standing
from disparo.domain.agenda.calendar_event import CalendarChange, ChangeKind, Changes

PAGE = 250
LONGEST_PAGE = 2500
MOST_PAGES = 40
_FIELDS = (
    "timeZone,nextPageToken,nextSyncToken,"
    "items(id,etag,status,start,end,extendedProperties/private,attendees(self,organizer,resource,responseStatus))"
)
_TOKENS = "nextPageToken,nextSyncToken"
_TOO_OLD = frozenset({400, 410})
"""410 is what Google says of a token that ran out; 400 of one that it never gave."""


async def begin(api: GoogleApi, secret: GoogleCredentials, calendar_id: str) -> Changes:
    """A token for what changes from now on; of the events themselves nothing is read."""
    page: str | None = None
    for _ in range(MOST_PAGES):
        query = {"maxResults": str(LONGEST_PAGE), "fields": _TOKENS}
        document = await _list(api, secret, calendar_id, query, page)
        page = next_page(document, "nextPageToken")
        if page is None:
            return Changes((), _sync_token(document))
    raise not_understood(f"more than {MOST_PAGES} pages")


async def since(api: GoogleApi, secret: GoogleCredentials, calendar_id: str, token: str, zone: str) -> Changes:
    """What changed in events of ours since a token, each as it is now; a token that is too old begins anew.

    A list by token takes no filter by our properties, so that everybody's events are read and ours picked out.
    """
    found: list[CalendarChange] = []
    page: str | None = None
    for _ in range(MOST_PAGES):
        query = {"maxResults": str(PAGE), "fields": _FIELDS, "syncToken": token}
        try:
            document = await _list(api, secret, calendar_id, query, page)
        except GoogleFaultError as error:
            if error.fault.status in _TOO_OLD:
                return await begin(api, secret, calendar_id)
            raise
        found += _changes(document, zone)
        page = next_page(document, "nextPageToken")
        if page is None:
            return Changes(found, _sync_token(document))
    return await begin(api, secret, calendar_id)


async def _list(
    api: GoogleApi, secret: GoogleCredentials, calendar_id: str, query: dict[str, str], page: str | None
) -> dict[str, Any]:
    told = query | ({"pageToken": page} if page else {})
    return await api.document(secret, Request("GET", ("calendars", calendar_id, "events"), told))


def _sync_token(document: dict[str, Any]) -> str:
    token = next_page(document, "nextSyncToken")
    if token is None:
        raise not_understood("no nextSyncToken on the last page")
    return token


def _changes(document: dict[str, Any], zone: str) -> Iterator[CalendarChange]:
    items, told = document.get("items", []), document.get("timeZone")
    if not isinstance(items, list):
        raise not_understood("items is no list")
    for item in items:
        standing = read_standing(item, told if isinstance(told, str) else zone) if isinstance(item, dict) else None
        if standing is not None:
            yield from _change(standing)


def _change(standing: Standing) -> Iterator[CalendarChange]:
    """Of a deleted event Google tells the id only, which is one of our keys or somebody else's."""
    if standing.cancelled:
        if KEY.fullmatch(standing.id):
            yield CalendarChange(standing.id, ChangeKind.REMOVED)
        return
    if not is_ours(standing):
        return
    if standing.moved and standing.start_at is not None:
        yield CalendarChange(standing.id, ChangeKind.MOVED, standing.start_at, standing.end_at)
    for answer, kind in (("declined", ChangeKind.DECLINED), ("accepted", ChangeKind.ACCEPTED)):
        if answer in standing.answers:
            yield CalendarChange(standing.id, kind)
            return
