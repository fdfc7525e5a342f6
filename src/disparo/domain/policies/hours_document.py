"""Business hours as people write them, read and checked.

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
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime

from disparo.domain import holiday_calendar
from disparo.domain.errors import InputError
from disparo.domain.intervals import zone_named
from disparo.domain.policies.business_hours import DAY_MIN, HOLIDAY_FLAGS, BusinessHours, DailyHours, clock_text

_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DAY_KEYS = ("workingDays", "startTime", "endTime", "lunchBreak")
_KEYS = ("timezone", *_DAY_KEYS, "holidays", "timezones", "country", "state", "city", *HOLIDAY_FLAGS)


class HoursError(InputError):
    """Opening hours that cannot be meant; the message names the key, its value and what to write instead."""


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
    flags = [_flag(document, key) for key in HOLIDAY_FLAGS]
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
    start, end = fallback.start_min, fallback.end_min % DAY_MIN or DAY_MIN
    if "startTime" in table:
        start = _minute(table["startTime"], f"{path}startTime", latest="23:59")
    if "endTime" in table:
        end = _minute(table["endTime"], f"{path}endTime", latest="24:00")
    if start == end % DAY_MIN and (start, end) != (0, DAY_MIN):
        advice = 'é igual ao início, então nunca abre; para o dia inteiro escreva "00:00" e "24:00"'
        raise _wrong(f"{path}endTime", clock_text(end), advice)
    end_min = end if end > start else end + DAY_MIN
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
    first = lunch[0] % DAY_MIN + (DAY_MIN if lunch[0] % DAY_MIN < start else 0)
    last = first + ((lunch[1] - lunch[0]) % DAY_MIN or DAY_MIN)
    shown = {"start": clock_text(lunch[0]), "end": clock_text(lunch[1])}
    hours = f"{clock_text(start)} a {clock_text(end)}"
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
