"""When a contact may be messaged: working days, hours, lunch and holidays of the place where the contact is.

The document is the source document's ("Horários Comerciais", both examples load as they stand), with keys of
ours for public holidays:

- `timezone`: zone of contacts whose own is unknown. `workingDays`: 1 = Monday to 7 = Sunday. `startTime`,
  `endTime`: wall-clock time of the contact. `lunchBreak`: `{"start", "end"}`, or null (in TOML: false) for
  none. `holidays`: dates that hold for everybody.
- `timezones`: zone -> its own `workingDays`, `startTime`, `endTime`, `lunchBreak`; what is not said there is
  taken from the top. A zone that is not listed has the hours of the top.
- `country` ("BR"), `state`, `city`: whose public holidays hold for every contact in that country.
  `publicHolidays` (true), `regionalHolidays` (true: also those of the contact's own state),
  `optionalHolidays` (true: also Carnaval, Corpus Christi and the rest of the package's category `optional`).
  A contact in another country has that country's holidays instead.

Without a word on hours at the top they are 08:00 to 18:00, Monday to Friday, lunch 12:00 to 13:00, in Sao
Paulo's zone. Lunch is never assumed beside hours that were written: a top with `startTime` or `endTime` and
no `lunchBreak` has none, and a zone takes over a lunch only when the top says `lunchBreak` (so the source's
international example has none).

An `endTime` up to the `startTime` is on the next day, and that shift belongs to the day on which it begins:
its working day and holiday decide. Hours are open exactly at the instants at which the contact's clock shows
a time inside them. So a start that a DST gap skips is the end of the gap, and of an hour that a fold repeats
both passes are judged by the clock.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

from disparo.domain import holiday_calendar
from disparo.domain.errors import InputError
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.intervals import (
    DAY_MS,
    MINUTE_MS,
    Interval,
    instants_of,
    intersect,
    merge,
    wall_ms,
    zone_named,
)
from disparo.domain.place import Place

HORIZON_DAYS = 400
_DAY_MIN = 1_440
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DAY_KEYS = ("workingDays", "startTime", "endTime", "lunchBreak")
_HOLIDAY_FLAGS = ("publicHolidays", "regionalHolidays", "optionalHolidays")
_KEYS = ("timezone", *_DAY_KEYS, "holidays", "timezones", "country", "state", "city", *_HOLIDAY_FLAGS)


class HoursError(InputError):
    """Opening hours that cannot be meant; the message names the key, its value and what to write instead."""


class HoursReason(StrEnum):
    """Why hours are open or closed at an instant."""

    OPEN = "open"
    BEFORE_HOURS = "before_hours"
    AFTER_HOURS = "after_hours"
    LUNCH_BREAK = "lunch_break"
    DAY_OFF = "day_off"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class HoursDecision:
    """Open or closed, until when, and why.

    `changes_at` is the instant at which `open` becomes the other one: the closing edge (touching shifts are
    one) or the next opening; None when that is not within 400 days. `detail`, by reason: the holiday's name,
    or its date when only the document lists it; the date of the day off; the start, the end, or `start-end`
    of the lunch, as `HH:MM`; "" when open.
    """

    open: bool
    changes_at: datetime | None
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class DailyHours:
    """The shift of a working day; minutes count from its midnight, above 1,440 on the next day."""

    working_days: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    start_min: int = 8 * 60
    end_min: int = 18 * 60
    lunch: tuple[int, int] | None = (12 * 60, 13 * 60)

    def open_minutes(self) -> tuple[tuple[int, int], ...]:
        """The parts of the shift: one, or the two around lunch (either may be empty)."""
        if self.lunch is None:
            return ((self.start_min, self.end_min),)
        return (self.start_min, self.lunch[0]), (self.lunch[1], self.end_min)

    def to_document(self) -> dict[str, object]:
        """The four keys of a day, all written out."""
        lunch = self.lunch and {"start": _clock(self.lunch[0] % _DAY_MIN), "end": _clock(self.lunch[1])}
        return {
            "workingDays": sorted(self.working_days),
            "startTime": _clock(self.start_min),
            "endTime": _clock(self.end_min),
            "lunchBreak": lunch,
        }


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """The hours of a campaign, for contacts anywhere; `BusinessHours()` is what an empty document means.

    Equal hours are equal values. Build them with `parse_business_hours`, which checks them.
    """

    zone: str = "America/Sao_Paulo"
    default: DailyHours = DailyHours()
    zones: tuple[tuple[str, DailyHours], ...] = ()
    holidays: frozenset[date] = frozenset()
    country: str = "BR"
    state: str | None = None
    city: str | None = None
    public_holidays: bool = True
    regional_holidays: bool = True
    optional_holidays: bool = True

    def daily_in(self, zone: str) -> DailyHours:
        """The shift that holds in this zone."""
        return dict(self.zones).get(zone, self.default)

    def to_document(self) -> dict[str, object]:
        """The JSON document, every default written out; `parse_business_hours` reads back an equal value."""
        document: dict[str, object] = {"timezone": self.zone, **self.default.to_document()}
        document["holidays"] = [day.isoformat() for day in sorted(self.holidays)]
        document["timezones"] = {zone: daily.to_document() for zone, daily in self.zones}
        document["country"] = self.country
        document.update({key: name for key, name in (("state", self.state), ("city", self.city)) if name})
        flags = (self.public_holidays, self.regional_holidays, self.optional_holidays)
        return document | dict(zip(_HOLIDAY_FLAGS, flags, strict=True))


def decide(hours: BusinessHours, place: Place, at: datetime) -> HoursDecision:
    """Whether hours are open at this instant for a contact at this place, why, and until when.

    The decision of every stretch of a day is kept, so that asking again about the same day is a look-up.
    Raises InputError for a zone that does not exist, TypeError for a naive datetime.
    """
    return _calendar(hours, place).decision(to_ms(at))


def next_open(hours: BusinessHours, place: Place, at: datetime) -> datetime | None:
    """The first open instant from `at` on: `at` itself when open, None when nothing opens within 400 days."""
    decision = decide(hours, place, at)
    return at if decision.open else decision.changes_at


def open_intervals(
    hours: BusinessHours, place: Place, start_at: datetime, end_at: datetime
) -> tuple[Interval, ...]:
    """The open parts of `[start_at, end_at)` in UTC milliseconds, ordered, touching ones joined."""
    calendar, whole = _calendar(hours, place), Interval(to_ms(start_at), to_ms(end_at))
    days = range(whole.start_ms // DAY_MS, -(-whole.end_ms // DAY_MS))
    return intersect((whole,), (part for day in days for part in calendar.open_on(day)))


def is_working_day(hours: BusinessHours, place: Place, day: date) -> bool:
    """Whether a shift begins on this date of the place's calendar: a working day that is no holiday."""
    return _calendar(hours, place).closure(day.toordinal() - _EPOCH_ORDINAL) is None


class _PlaceCalendar:
    """Open intervals and decisions of one place, worked out per day and kept; days count from 1970-01-01."""

    __slots__ = ("_country", "_daily", "_decisions", "_hours", "_open", "_regions", "_wall_days", "_zone")

    def __init__(self, hours: BusinessHours, place: Place) -> None:
        zone_named(place.zone)
        self._hours = hours
        self._zone = place.zone
        self._daily = hours.daily_in(place.zone)
        self._country, self._regions = _holiday_regions(hours, place)
        self._wall_days: dict[int, tuple[tuple[Interval, ...], frozenset[int]]] = {}
        self._open: dict[int, tuple[Interval, ...]] = {}
        self._decisions: dict[int, tuple[list[int], list[HoursDecision]]] = {}

    def decision(self, at_ms: int) -> HoursDecision:
        utc_day = at_ms // DAY_MS
        known = self._decisions.get(utc_day)
        if known is None:
            known = self._decisions[utc_day] = self._decisions_on(utc_day)
        starts, decisions = known
        return decisions[bisect_right(starts, at_ms) - 1]

    def open_on(self, utc_day: int) -> tuple[Interval, ...]:
        """The open parts of one UTC day, in normal form."""
        known = self._open.get(utc_day)
        if known is None:
            whole = Interval(utc_day * DAY_MS, (utc_day + 1) * DAY_MS)
            parts = (part for day in _wall_days_near(utc_day) for part in self._wall_day(day)[0])
            known = self._open[utc_day] = intersect((whole,), parts)
        return known

    def closure(self, day: int) -> tuple[HoursReason, str] | None:
        """Why no shift begins on this day, or None when one does."""
        on = date.fromordinal(day + _EPOCH_ORDINAL)
        if on.isoweekday() not in self._daily.working_days:
            return HoursReason.DAY_OFF, on.isoformat()
        name = self._holiday(on)
        return None if name is None else (HoursReason.HOLIDAY, name)

    def _holiday(self, on: date) -> str | None:
        for region in self._regions:
            optional = self._hours.optional_holidays
            name = holiday_calendar.public_holidays(self._country, region, on.year, optional).get(on)
            if name is not None:
                return name
        return on.isoformat() if on in self._hours.holidays else None

    def _wall_day(self, day: int) -> tuple[tuple[Interval, ...], frozenset[int]]:
        """The open instants of the shift that begins on this day, and all instants where reasons change."""
        known = self._wall_days.get(day)
        if known is None:
            parts = [part for minutes in self._daily.open_minutes() for part in self._instants(day, *minutes)]
            whole_day = self._instants(day, 0, _DAY_MIN)
            shift = self._instants(day, self._daily.start_min, self._daily.end_min)
            edges = frozenset(edge for interval in (*parts, *whole_day, *shift) for edge in interval)
            known = self._wall_days[day] = (merge(parts) if self.closure(day) is None else (), edges)
        return known

    def _instants(self, day: int, start_min: int, end_min: int) -> tuple[Interval, ...]:
        midnight = day * DAY_MS
        return instants_of(self._zone, midnight + start_min * MINUTE_MS, midnight + end_min * MINUTE_MS)

    def _decisions_on(self, utc_day: int) -> tuple[list[int], list[HoursDecision]]:
        first, last = utc_day * DAY_MS, (utc_day + 1) * DAY_MS
        edges = {edge for day in _wall_days_near(utc_day) for edge in self._wall_day(day)[1]}
        starts = sorted({first} | {edge for edge in edges if first < edge < last})
        return starts, [self._judge(start) for start in starts]

    def _judge(self, at_ms: int) -> HoursDecision:
        if any(start <= at_ms < end for start, end in self.open_on(at_ms // DAY_MS)):
            return HoursDecision(True, self._closing(at_ms), HoursReason.OPEN, "")
        reason, detail = self._why_closed(at_ms)
        return HoursDecision(False, self._opening(at_ms), reason, detail)

    def _closing(self, at_ms: int) -> datetime | None:
        first = at_ms // DAY_MS
        for day in range(first, first + HORIZON_DAYS + 1):
            edge = max(at_ms, day * DAY_MS)
            end_ms = next((end for start, end in self.open_on(day) if start <= edge < end), edge)
            if end_ms < (day + 1) * DAY_MS:
                return _within_horizon(at_ms, end_ms)
        return None

    def _opening(self, at_ms: int) -> datetime | None:
        first = at_ms // DAY_MS
        for day in range(first, first + HORIZON_DAYS + 1):
            for start_ms, _ in self.open_on(day):
                if start_ms > at_ms:
                    return _within_horizon(at_ms, start_ms)
        return None

    def _why_closed(self, at_ms: int) -> tuple[HoursReason, str]:
        wall, daily = wall_ms(self._zone, at_ms), self._daily
        today = wall // DAY_MS
        for day in (today - 1, today):
            if daily.start_min <= (wall - day * DAY_MS) // MINUTE_MS < daily.end_min:
                start, end = daily.lunch or (daily.start_min, daily.end_min)
                return self.closure(day) or (HoursReason.LUNCH_BREAK, f"{_clock(start % _DAY_MIN)}-{_clock(end)}")
        if closure := self.closure(today):
            return closure
        if wall % DAY_MS < daily.start_min * MINUTE_MS:
            return HoursReason.BEFORE_HOURS, _clock(daily.start_min)
        return HoursReason.AFTER_HOURS, _clock(daily.end_min)


@lru_cache(maxsize=1_024)
def _calendar(hours: BusinessHours, place: Place) -> _PlaceCalendar:
    return _PlaceCalendar(hours, place)


def _wall_days_near(utc_day: int) -> range:
    """The days whose shift can touch a UTC day in any zone: its neighbours, and one before for the nights."""
    return range(utc_day - 2, utc_day + 2)


def _within_horizon(at_ms: int, change_ms: int) -> datetime | None:
    return from_ms(change_ms) if change_ms - at_ms <= HORIZON_DAYS * DAY_MS else None


def _holiday_regions(hours: BusinessHours, place: Place) -> tuple[str, tuple[str | None, ...]]:
    """The country and subdivisions whose holidays hold; the document's country for a zone of none."""
    if not hours.public_holidays:
        return hours.country, ()
    of_region, _, state = (place.region or "").partition("-")
    country = of_region or holiday_calendar.country_of_zone(place.zone) or hours.country
    regions: list[str | None] = [None]
    if country == hours.country:
        city = hours.city and holiday_calendar.city_subdivision(country, hours.city)
        regions += [region for region in (hours.state, city) if region]
    if hours.regional_holidays and state and state not in regions:
        regions.append(state)
    return country, tuple(regions)


def _clock(minute: int) -> str:
    hour, rest = divmod(minute if minute == _DAY_MIN else minute % _DAY_MIN, 60)
    return f"{hour:02}:{rest:02}"


def parse_business_hours(document: Mapping[str, object]) -> BusinessHours:
    """Read hours from the source document's JSON (or the same as TOML), as the module says.

    Raises HoursError for the first thing that is wrong: an unknown key, zone, country, state or city, a
    malformed time or date, a wrong type, hours that never open, a lunch outside of its hours. The same date
    twice counts once.
    """
    _refuse_unknown_keys(document, _KEYS, "")
    zone = _text(document, "timezone")
    if zone is not None:
        _check_zone("timezone", zone)
    times_written = "startTime" in document or "endTime" in document
    default = _daily(document, "", DailyHours(), DailyHours().lunch if not times_written else None)
    inherited_lunch = default.lunch if "lunchBreak" in document else None
    country = _country(document)
    flags = [_flag(document, key) for key in _HOLIDAY_FLAGS]
    return BusinessHours(
        zone=zone or BusinessHours().zone,
        default=default,
        zones=_zones(document.get("timezones", {}), default, inherited_lunch),
        holidays=_dates(document.get("holidays", [])),
        country=country,
        state=_state(document, country),
        city=_city(document, country),
        public_holidays=flags[0],
        regional_holidays=flags[1],
        optional_holidays=flags[2],
    )


def _wrong(key: str, value: object, advice: str) -> HoursError:
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return HoursError(f"{_one_line(key)} = {_one_line(shown)}: {advice}")


def _one_line(text: str) -> str:
    cut = text if len(text) <= 80 else text[:77] + "..."
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in cut)


def _refuse_unknown_keys(document: Mapping[str, object], known: tuple[str, ...], path: str) -> None:
    for key, value in document.items():
        if key not in known:
            raise _wrong(f"{path}{key}", value, f"chave desconhecida; escreva uma destas: {', '.join(known)}")


def _table(value: object, key: str, advice: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise _wrong(key, value, advice)
    return value


def _text(document: Mapping[str, object], key: str) -> str | None:
    value = document.get(key)
    if key in document and (not isinstance(value, str) or not value):
        raise _wrong(key, value, "escreva um texto entre aspas, ou retire a chave")
    return value if isinstance(value, str) else None


def _flag(document: Mapping[str, object], key: str) -> bool:
    value = document.get(key, True)
    if not isinstance(value, bool):
        raise _wrong(key, value, "escreva true ou false")
    return value


def _check_zone(key: str, name: str) -> None:
    try:
        zone_named(name)
    except InputError:
        advice = 'fuso desconhecido; escreva um nome da base IANA, como "America/Sao_Paulo"'
        raise _wrong(key, name, advice) from None


def _zones(
    value: object, default: DailyHours, inherited_lunch: tuple[int, int] | None
) -> tuple[tuple[str, DailyHours], ...]:
    zones: list[tuple[str, DailyHours]] = []
    advice = 'escreva uma tabela de fusos, como {"America/New_York": {"startTime": "09:00"}}'
    for name, override in _table(value, "timezones", advice).items():
        _check_zone("timezones", name)
        path = f"timezones.{name}"
        table = _table(override, path, 'escreva uma tabela, como {"startTime": "09:00", "endTime": "17:00"}')
        _refuse_unknown_keys(table, _DAY_KEYS, f"{path}.")
        zones.append((name, _daily(table, f"{path}.", default, inherited_lunch)))
    return tuple(sorted(zones, key=lambda zone: zone[0]))


def _daily(
    table: Mapping[str, object], path: str, fallback: DailyHours, fallback_lunch: tuple[int, int] | None
) -> DailyHours:
    days = _working_days(table["workingDays"], path) if "workingDays" in table else fallback.working_days
    start, end = fallback.start_min, fallback.end_min % _DAY_MIN or _DAY_MIN
    if "startTime" in table:
        start = _minute(table["startTime"], f"{path}startTime", latest="23:59")
    if "endTime" in table:
        end = _minute(table["endTime"], f"{path}endTime", latest="24:00")
    if start == end % _DAY_MIN and (start, end) != (0, _DAY_MIN):
        advice = 'é igual ao início, então nunca abre; para o dia inteiro escreva "00:00" e "24:00"'
        raise _wrong(f"{path}endTime", _clock(end), advice)
    end_min = end if end > start else end + _DAY_MIN
    lunch = _lunch(table["lunchBreak"], path) if "lunchBreak" in table else fallback_lunch
    return DailyHours(days, start, end_min, lunch and _lunch_within(start, end_min, lunch, path))


def _working_days(value: object, path: str) -> frozenset[int]:
    ok = isinstance(value, list | tuple) and all(type(day) is int and 1 <= day <= 7 for day in value)
    if not isinstance(value, list | tuple) or not value or not ok:
        advice = "escreva ao menos um dia, de 1 (segunda) a 7 (domingo), como [1, 2, 3, 4, 5]"
        raise _wrong(f"{path}workingDays", value, advice)
    return frozenset(value)


def _minute(value: object, key: str, latest: str) -> int:
    if not isinstance(value, str) or not _TIME.fullmatch(value) or value > latest:
        raise _wrong(key, value, f'escreva um horário de "00:00" a "{latest}", como "08:00"')
    return int(value[:2]) * 60 + int(value[3:])


def _lunch(value: object, path: str) -> tuple[int, int] | None:
    if value is None or value is False:  # TOML has no null
        return None
    key = f"{path}lunchBreak"
    advice = 'escreva {"start": "12:00", "end": "13:00"}, ou null para não ter almoço'
    table = _table(value, key, advice)
    _refuse_unknown_keys(table, ("start", "end"), f"{key}.")
    if len(table) < 2:
        raise _wrong(key, value, advice)
    start = _minute(table["start"], f"{key}.start", latest="23:59")
    end = _minute(table["end"], f"{key}.end", latest="24:00")
    if start == end:
        raise _wrong(key, value, f"começa e termina na mesma hora; {advice}")
    return start, end


def _lunch_within(start: int, end: int, lunch: tuple[int, int], path: str) -> tuple[int, int]:
    """The lunch counted from the same midnight as the shift, which it must lie in and not fill."""
    first = lunch[0] % _DAY_MIN + (_DAY_MIN if lunch[0] % _DAY_MIN < start else 0)
    last = first + ((lunch[1] - lunch[0]) % _DAY_MIN or _DAY_MIN)
    shown = {"start": _clock(lunch[0]), "end": _clock(lunch[1])}
    hours = f"{_clock(start)} a {_clock(end)}"
    if last > end:
        advice = f"fica fora do horário de {hours}; escreva um almoço dentro dele, ou null"
        raise _wrong(f"{path}lunchBreak", shown, advice)
    if (first, last) == (start, end):
        advice = f"ocupa todo o horário de {hours}, que então nunca abre; escreva um almoço menor, ou null"
        raise _wrong(f"{path}lunchBreak", shown, advice)
    return first, last


def _dates(value: object) -> frozenset[date]:
    if not isinstance(value, list | tuple):
        raise _wrong("holidays", value, 'escreva uma lista de datas, como ["2026-12-24"]')
    return frozenset(_date(day) for day in value)


def _date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):  # TOML has dates
        return value
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _wrong("holidays", value, 'escreva uma data que existe, no formato ano-mês-dia, como "2026-12-24"')


def _country(document: Mapping[str, object]) -> str:
    country = _text(document, "country")
    if country is None:
        return BusinessHours().country
    if not holiday_calendar.is_known_country(country):
        raise _wrong("country", country, 'país desconhecido; escreva o código ISO de duas letras, como "BR"')
    return country


def _state(document: Mapping[str, object], country: str) -> str | None:
    state = _text(document, "state")
    if state is None:
        return None
    known = holiday_calendar.subdivisions(country)
    if state not in known:
        choice = f"escreva um destes: {', '.join(known)}" if known else "retire a chave"
        raise _wrong("state", state, f"estado desconhecido em {country}; {choice}")
    return state


def _city(document: Mapping[str, object], country: str) -> str | None:
    city = _text(document, "city")
    if city is not None and holiday_calendar.city_subdivision(country, city) is None:
        advice = "cidade sem feriados conhecidos; escreva as datas em holidays e retire a chave"
        raise _wrong("city", city, advice)
    return city
