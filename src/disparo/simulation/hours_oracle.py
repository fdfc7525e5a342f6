"""Opening hours told a second time, as plainly as possible: read the clock on the contact's wall, look at the rules.

It shares no code with `domain.policies.business_hours`, and is as slow as it looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from disparo.domain.place import Place

COUNTRIES: Mapping[str, str] = {
    "America/Sao_Paulo": "BR",
    "America/Manaus": "BR",
    "America/Recife": "BR",
    "America/New_York": "US",
    "Europe/London": "GB",
    "Europe/Lisbon": "PT",
    "Asia/Kathmandu": "NP",
}
"""The zones of simulated contacts, and the country that each lies in."""


@dataclass(frozen=True, slots=True)
class DaySpec:
    """One day's hours, as the document writes them."""

    days: tuple[int, ...]
    start: str
    end: str
    lunch: tuple[str, str] | None

    def document(self) -> dict[str, object]:
        """The four keys."""
        lunch = None if self.lunch is None else {"start": self.lunch[0], "end": self.lunch[1]}
        return {"workingDays": list(self.days), "startTime": self.start, "endTime": self.end, "lunchBreak": lunch}

    def holds(self, minute: int) -> bool:
        """Whether the shift is open at this minute, counted from the midnight of the day on which it begins."""
        start, end = _minute(self.start), _minute(self.end)
        end += 1440 if end <= start else 0
        if not start <= minute < end:
            return False
        if self.lunch is None:
            return True
        first, last = _minute(self.lunch[0]), _minute(self.lunch[1])
        first += 1440 if first < start else 0
        last += 1440 if last <= first else 0
        last += 1440 if last <= first else 0
        return not first <= minute < last


@dataclass(frozen=True, slots=True)
class HoursSpec:
    """A campaign's hours."""

    top: DaySpec
    zones: Mapping[str, DaySpec] = field(default_factory=dict)
    holidays: tuple[date, ...] = ()
    public: bool = True
    regional: bool = True

    def document(self) -> dict[str, object]:
        """The document that `parse_business_hours` reads."""
        return {
            **self.top.document(),
            "timezone": "America/Sao_Paulo",
            "timezones": {zone: spec.document() for zone, spec in self.zones.items()},
            "holidays": [day.isoformat() for day in self.holidays],
            "publicHolidays": self.public,
            "regionalHolidays": self.regional,
        }

    def open_at(self, place: Place, at: datetime) -> bool:
        """Whether a contact at this place may be messaged at this instant."""
        wall = at.astimezone(ZoneInfo(place.zone))
        spec = self.zones.get(place.zone, self.top)
        minute = wall.hour * 60 + wall.minute
        today = wall.date()
        shifts = ((today, minute), (today - timedelta(days=1), minute + 1440))
        return any(spec.holds(since) and self._works(spec, place, day) for day, since in shifts)

    def _works(self, spec: DaySpec, place: Place, day: date) -> bool:
        if day.isoweekday() not in spec.days or day in self.holidays:
            return False
        if not self.public:
            return True
        of_region, _, state = (place.region or "").partition("-")
        country = of_region or COUNTRIES[place.zone]
        if day in _public(country, None, day.year):
            return False
        return not (self.regional and state and day in _public(country, state, day.year))


ALWAYS = HoursSpec(DaySpec((1, 2, 3, 4, 5, 6, 7), "00:00", "24:00", None), public=False)


def _minute(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


@lru_cache(maxsize=512)
def _public(country: str, state: str | None, year: int) -> frozenset[date]:
    import holidays  # a tenth of a second, needed by few

    supported = holidays.country_holidays(country).supported_categories
    categories = tuple(name for name in ("public", "optional") if name in supported)
    return frozenset(holidays.country_holidays(country, subdiv=state, years=year, expand=False, categories=categories))
