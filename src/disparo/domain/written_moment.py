"""Dates and instants as people write them, on the clock of a zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from disparo.domain.errors import InputError
from disparo.domain.intervals import zone_named

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d\S*", re.ASCII)
"""Other forms that Python reads (`20261124`, `2026-W48-1`) would be the beginning of a day, where a day is meant."""

YEARS = range(1971, 2999)
"""Spans are counted around a moment, and zones before have no whole minutes: what lies beyond was mistyped."""

ADVICE = "escreva uma data, como 2026-12-21, ou data e hora, como 2026-12-21T08:00"


def parse_moment(value: object, zone: str, *, last: bool = False) -> datetime:
    """The instant of a date or of a date with its time, given as text or as TOML's own; in UTC.

    What names no offset is on the zone's clock: the first of two where the clock repeats a time, the end of the gap
    where it skips one. A date is its beginning, or with `last` its end, so that a span of dates has them all.
    InputError for anything else, for a year before 1971 or after 2998, and for a zone that does not exist.
    """
    clock, given = zone_named(zone), value
    try:
        if isinstance(value, str) and is_date(value):
            value = date.fromisoformat(value.strip())
        elif isinstance(value, str) and _INSTANT.fullmatch(value.strip()):
            value = datetime.fromisoformat(value.strip())
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day) + timedelta(days=last)  # noqa: DTZ001
        if isinstance(value, datetime):
            at = (value if value.tzinfo is not None else value.replace(tzinfo=clock)).astimezone(UTC)
            if at.year in YEARS:
                return at
    except (ValueError, OverflowError):
        pass
    raise InputError(f'"{given}": {ADVICE}')


def is_date(text: str) -> bool:
    """Whether a text has the form of a date without a time."""
    return _DATE.fullmatch(text.strip()) is not None
