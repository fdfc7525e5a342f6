"""The zones that a resource names, by the tz database where it knows them, else by the resource's own definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from functools import lru_cache
from hashlib import blake2b
from zoneinfo import ZoneInfo

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from disparo.adapters.calendars.caldav.text import UnreadableError

_MOST_RULES = 200
"""Observances of one zone; a definition that lists each year one by one has about a hundred and fifty."""


class Zones:
    """The zones of one resource; `floating` is that of times that name none."""

    def __init__(self, definitions: Mapping[str, list[str]], floating: tzinfo) -> None:
        self._definitions, self._floating = definitions, floating

    def of(self, tzid: str | None) -> tzinfo:
        """The zone of a TZID; UnreadableError (`zone_unknown`, `zone_malformed`) when there is none.

        What the tz database knows is taken from there: calendars carry definitions of years ago.
        """
        if not tzid:
            return self._floating
        known = zone_name(tzid)
        if known is not None:
            return ZoneInfo(known)
        if tzid not in self._definitions:
            raise UnreadableError("zone_unknown")
        return _defined(tuple(self._definitions[tzid]))


@lru_cache(maxsize=1024)
def zone_name(tzid: str) -> str | None:
    """The name by which the tz database knows the zone that a TZID means, None when it knows none.

    It may be such a name already, one of Windows, or one of these behind a vendor's prefix (`/freeassociation.
    sourceforge.net/America/Sao_Paulo`).
    """
    for given in _names(tzid.strip().strip("/")):
        name = WINDOWS_TO_OLSON.get(given, given)
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # none, one that leads out of the database, or a folder of it
            continue
        return name
    return None


def _names(tzid: str) -> Iterator[str]:
    yield tzid
    parts = tzid.split("/")
    for start in range(1, len(parts) - 1):
        yield "/".join(parts[start:])


@lru_cache(maxsize=256)
def _defined(lines: tuple[str, ...]) -> tzinfo:
    rules = [line.upper() for line in lines if line.upper().startswith(("RRULE", "EXRULE"))]
    if len(rules) > _MOST_RULES or not all("FREQ=YEARLY" in rule for rule in rules):
        raise UnreadableError("zone_malformed")
    # The library remembers zones by name, and another calendar may call another zone so.
    name = blake2b("\n".join(lines).encode(), digest_size=12).hexdigest()
    named = [f"TZID:{name}" if line.upper().startswith("TZID") else line for line in lines]
    try:
        zone = Timezone.from_ical("\r\n".join(named) + "\r\n")
        if not isinstance(zone, Timezone):
            raise UnreadableError("zone_malformed")
        made: tzinfo = zone.to_tz(lookup_tzid=False)
        return made
    except UnreadableError:
        raise
    except Exception as error:  # a library's, for whatever a calendar may hold
        raise UnreadableError("zone_malformed", type(error).__name__) from None
