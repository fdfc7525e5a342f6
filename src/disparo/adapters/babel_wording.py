"""Instants in people's words, by the Unicode locale data (CLDR) that the package babel carries."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from disparo.domain.intervals import zone_named

if TYPE_CHECKING:
    from babel.core import Locale

_PORTUGUESE: Final = "pt"
_DAY: Final = {"pt": "EEEE, d 'de' MMMM", "en": "EEEE, MMMM d"}
_CLOCK: Final = {"pt": "HH:mm", "en": "h:mm a"}
_SHORT_DAY: Final = {"pt": "EEE dd/MM", "en": "EEE MM/dd"}
_MINUTE: Final = timedelta(minutes=1)


class BabelWording:
    """`Wording` in Portuguese and English; any other language is Portuguese. InputError for a zone that is none.

    `short` has at most 18 characters and no dot; two instants of one year have the same only in the hour that a clock
    set back shows twice.
    """

    def day(self, at: datetime, zone: str, language: str) -> str:
        """See `Wording.day`."""
        return _written(at, zone, language, _DAY)

    def clock(self, at: datetime, zone: str, language: str) -> str:
        """See `Wording.clock`."""
        return _written(at, zone, language, _CLOCK)

    def zone(self, at: datetime, zone: str, language: str) -> str:
        """See `Wording.zone`; the name is that of all the year, so that only the distance tells of daylight saving."""
        offset = at.astimezone(zone_named(zone)).utcoffset() or timedelta(0)
        name, distance = _zone_name(zone, _known(language)), _distance(offset)
        return f"{name} ({distance})" if name else distance

    def short(self, at: datetime, zone: str, language: str) -> str:
        """See `Wording.short`."""
        return f"{_written(at, zone, language, _SHORT_DAY).replace('.', '')} {self.clock(at, zone, language)}"


def _written(at: datetime, zone: str, language: str, patterns: dict[str, str]) -> str:
    from babel.dates import format_datetime

    language = _known(language)
    local = at.astimezone(zone_named(zone))
    return str(format_datetime(local, patterns[language], locale=_locale(language)))


def _known(language: str) -> str:
    return language if language in _DAY else _PORTUGUESE


@lru_cache(maxsize=2)
def _locale(language: str) -> Locale:
    from babel.core import Locale

    return Locale.parse(language)


@lru_cache(maxsize=1024)
def _zone_name(zone: str, language: str) -> str:
    """`horário de Brasília`; where people have no name for it, its city's; "" for a zone that is only a distance."""
    from babel.core import get_global

    locale = _locale(language)
    canonical = get_global("zone_aliases").get(zone, zone)
    shared = locale.meta_zones.get(get_global("meta_zones").get(canonical, ""), {})
    if generic := shared.get("long", {}).get("generic"):
        return str(generic).replace("Horário", "horário", 1)
    if "/" not in canonical or canonical.startswith("Etc/"):
        return ""
    city = locale.time_zones.get(canonical, {}).get("city") or canonical.rpartition("/")[2].replace("_", " ")
    return f"{city} time" if language == "en" else f"horário de {city}"


def _distance(offset: timedelta) -> str:
    sign, minutes = ("-" if offset < timedelta(0) else "+"), abs(offset) // _MINUTE
    hours, minutes = divmod(minutes, 60)
    return f"GMT{sign}{hours}" + (f":{minutes:02}" if minutes else "")
