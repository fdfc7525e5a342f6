"""Zones and regions as a person writes them in a document."""

from __future__ import annotations

from disparo.domain import holiday_calendar
from disparo.domain.area_codes import STATE_NAMES
from disparo.domain.errors import InputError
from disparo.domain.intervals import zone_named


def parse_zone_name(text: str) -> str:
    """An IANA name as it stands; InputError for one that is none."""
    zone_named(text)
    return text


def parse_region(text: str) -> str:
    """A country, or country and state (`BR-PR`), whose public holidays are known; InputError for any other."""
    country, dash, state = text.partition("-")
    if text in STATE_NAMES:  # PR is Puerto Rico and PA Panama, but nobody here means that
        raise InputError(f'"{text}": escreva o país também, "BR-{text}"')
    if not holiday_calendar.is_known_country(country):
        raise InputError(f'"{text}" não é uma região; escreva o país e o estado, como "BR-PR"')
    if dash and (len(state) > 3 or state not in holiday_calendar.subdivisions(country)):
        raise InputError(f'"{text}": estado desconhecido; escreva um, como "BR-PR", ou só o país, como "BR"')
    return text
