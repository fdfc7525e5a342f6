"""Public holidays of a country, a state or a city, and the country that a time zone lies in.

The rules come from the `holidays` package, the zones from the tz database's own tables (`zone.tab` and the
links of `tzdata.zi`, shipped by the `tzdata` package). `holidays` is imported at the first question, and of
its 250 countries only those asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase

_CATEGORIES = ("public", "optional")
_LANGUAGES = ("pt_BR", "pt_PT", "en_US")  # the reader is Brazilian


@lru_cache(maxsize=4_096)
def public_holidays(country: str, subdivision: str | None, year: int, optional: bool) -> Mapping[date, str]:
    """Date -> name of the holidays of one year; with a subdivision, the country's and its own.

    `country` is ISO 3166-1 alpha-2, `subdivision` an entry of `subdivisions(country)`. `optional` adds the
    package's category of that name (in Brazil: Carnaval and Ash Wednesday, Corpus Christi, the public
    servants' day, both eves). Names are in Portuguese where the package has them, else in English. A holiday
    that is observed on another day is there on both, as the package gives it; two on one day are joined by ";
    ". Empty where the package knows nothing: a country without rules, a year outside its range (for Brazil
    1890 to 2100).
    """
    entity = _entity(country)
    if entity is None or (subdivision is not None and subdivision not in entity.subdivisions):
        return MappingProxyType({})
    wanted = _CATEGORIES if optional else _CATEGORIES[:1]
    calendar = entity(
        years=year,
        subdiv=subdivision,
        expand=False,
        language=_language(entity),
        categories=[category for category in wanted if category in entity.supported_categories],
    )
    return MappingProxyType({day: calendar[day] for day in sorted(calendar)})


def is_known_country(country: str) -> bool:
    """Whether there are rules for this ISO 3166-1 alpha-2 code."""
    return _entity(country) is not None


def subdivisions(country: str) -> tuple[str, ...]:
    """The states (ISO 3166-2 without the country, `SP`) and cities with rules of their own; () if unknown."""
    entity = _entity(country)
    return () if entity is None else entity.subdivisions


def city_subdivision(country: str, city: str) -> str | None:
    """The subdivision of a city ("São Paulo" is "São Paulo Capital"), or None when it has no rules."""
    known = subdivisions(country)
    return next((name for name in (city, f"{city} Capital") if len(name) > 3 and name in known), None)


def country_of_zone(zone: str) -> str | None:
    """ISO 3166-1 alpha-2 code of the country that a zone lies in; None for zones of no country (`UTC`).

    Old names count as the zone that they are a link to (`US/Eastern` as `America/New_York`).
    """
    countries = _zone_countries()
    return countries.get(zone) or countries.get(_zone_links().get(zone, ""))


@cache
def _entity(country: str) -> type[HolidayBase] | None:
    import holidays
    from holidays.registry import COUNTRIES

    known = any(country == codes[1] for codes in COUNTRIES.values())
    return type(holidays.country_holidays(country, language="en_US")) if known else None


def _language(entity: type[HolidayBase]) -> str:
    """Never None: the package would then take the language of the machine."""
    preferred = (language for language in _LANGUAGES if language in entity.supported_languages)
    return next(preferred, entity.default_language or "en_US")


@cache
def _zone_countries() -> Mapping[str, str]:
    rows = (line.split("\t") for line in _tz_table("zone.tab") if not line.startswith("#"))
    return {row[2]: row[0] for row in rows}


@cache
def _zone_links() -> Mapping[str, str]:
    rows = (line.split(" ") for line in _tz_table("tzdata.zi") if line.startswith("L "))
    return {alias: target for _, target, alias in rows}


def _tz_table(name: str) -> list[str]:
    return files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8").splitlines()
