"""Which collection is a host's calendar: found from whatever address of the account we were given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from disparo.adapters.calendars.caldav.faults import CaldavFaultError
from disparo.adapters.calendars.caldav.session import Session
from disparo.adapters.calendars.caldav.text import UnreadableError, parts_of
from disparo.adapters.calendars.caldav.xml import Response, cal, dav, path_of, propfind
from disparo.adapters.calendars.caldav.zones import zone_name

_RESOURCE_TYPE, _NAME, _PRINCIPAL = dav("resourcetype"), dav("displayname"), dav("current-user-principal")
_HOME, _COMPONENTS = cal("calendar-home-set"), cal("supported-calendar-component-set")
_TIMEZONE, _TIMEZONE_ID = cal("calendar-timezone"), cal("calendar-timezone-id")
_ASKED = propfind(_RESOURCE_TYPE, _NAME, _PRINCIPAL, _HOME, _COMPONENTS, _TIMEZONE, _TIMEZONE_ID)
_WELL_KNOWN = "/.well-known/caldav"
_NOTHING_HERE = frozenset((404, 405))


@dataclass(frozen=True, slots=True)
class Place:
    """A calendar's collection; `zone` is its own, None when it says none that we know."""

    url: str
    zone: str | None = None


async def find(session: Session, wanted: str) -> Place:
    """The calendar `wanted`: the last part of its address, its whole path, or the name that people see.

    "" is the calendar of the secret's address, else the account's only one. CaldavFaultError (`calendar_not_found`,
    `calendar_ambiguous`) when there is not exactly one.
    """
    here = await _look(session)
    if _is_calendar(here) and (not wanted or _called(here, wanted)):
        return _place(here)
    homes = here.hrefs(_HOME)
    for principal in here.hrefs(_PRINCIPAL)[:1] if not homes else ():
        homes = (await _one(session, principal)).hrefs(_HOME)
    found = [one for home in homes or [here.url] for one in await _calendars(session, home)]
    return _place(_chosen(found, wanted))


async def _look(session: Session) -> Response:
    url = session.account.url
    try:
        return await _one(session, url)
    except CaldavFaultError as fault:
        if path_of(url) or fault.status not in _NOTHING_HERE:
            raise
    return await _one(session, urljoin(url, _WELL_KNOWN))  # RFC 6764, section 5


async def _one(session: Session, url: str) -> Response:
    responses = (await session.told("PROPFIND", url, _ASKED, depth=0)).responses
    if len(responses) != 1 or responses[0].status != 200:
        raise CaldavFaultError("answer_unknown", f"{len(responses)} responses about one resource")
    return responses[0]


async def _calendars(session: Session, home: str) -> list[Response]:
    home = home.rstrip("/") + "/"
    responses = (await session.told("PROPFIND", home, _ASKED, depth=1)).responses
    return [one for one in responses if one.status == 200 and _is_calendar(one)]


def _chosen(found: Sequence[Response], wanted: str) -> Response:
    exact = [one for one in found if wanted and wanted.rstrip("/") in (one.segment, one.path)]
    fitting = exact or [one for one in found if not wanted or _called(one, wanted)]
    if len(fitting) == 1:
        return fitting[0]
    code = "calendar_ambiguous" if fitting else "calendar_not_found"
    raise CaldavFaultError(code, f"{len(fitting)} of {len(found)} calendars", auth=True)


def _called(one: Response, wanted: str) -> bool:
    return wanted.rstrip("/") in (one.segment, one.path) or one.text(_NAME).strip() == wanted.strip()


def _is_calendar(one: Response) -> bool:
    kind, components = one.found.get(_RESOURCE_TYPE), one.found.get(_COMPONENTS)
    if kind is None or kind.find(cal("calendar")) is None:
        return False
    names = [comp.get("name", "").upper() for comp in components or ()]
    return not names or "VEVENT" in names


def _place(one: Response) -> Place:
    return Place(one.url.rstrip("/") + "/", _zone(one))


def _zone(one: Response) -> str | None:
    named = zone_name(one.text(_TIMEZONE_ID).strip())
    if named is not None:
        return named
    try:
        [tzid] = parts_of(one.text(_TIMEZONE)).zones
    except (UnreadableError, ValueError):
        return None
    return zone_name(tzid)
