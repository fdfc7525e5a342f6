"""Instants as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from disparo.domain.errors import InputError
from disparo.domain.written_moment import is_date, parse_moment

_WEEKDAYS = ("seg", "ter", "qua", "qui", "sex", "sáb", "dom")


def in_zone(at: datetime | None, zone: str) -> datetime | None:
    """The same instant on the clock of a zone; None stays None."""
    return None if at is None else at.astimezone(ZoneInfo(zone))


def shown(at: datetime) -> str:
    """`23/11/2026 08:00:00` on the clock that the instant carries."""
    return f"{at:%d/%m/%Y %H:%M:%S}"


def brief(at: datetime) -> str:
    """The same without the year when it is this one, for where there is little room."""
    this_year = at.year == datetime.now(at.tzinfo or UTC).year
    return f"{at:%d/%m %H:%M:%S}" if this_year else shown(at)


def soon(at: datetime, now: datetime) -> str:
    """`08:00` today, `seg 08:00` within a week, else with the date; on the clock that `at` carries."""
    today = now.astimezone(at.tzinfo or UTC).date()
    days = (at.date() - today).days
    if days == 0:
        return f"{at:%H:%M}"
    day = _WEEKDAYS[at.weekday()]
    return f"{day} {at:%H:%M}" if 0 < days < 7 else f"{day} {at:%d/%m/%Y %H:%M}"


def lasting(span: timedelta) -> str:
    """`2 d 03 h`, `1 h 05 min`, `3 min`, `12 s`: the two largest units, or the one."""
    seconds = int(span.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes:02} min"
    return f"{hours // 24} d {hours % 24:02} h"


def dated(at: datetime) -> str:
    """`ter 24/11/2026 14:00` on the clock that the instant carries."""
    return f"{_WEEKDAYS[at.weekday()]} {at:%d/%m/%Y %H:%M}"


def parse_instant(text: str, zone: str, option: str) -> datetime:
    """The instant that a person typed, in UTC; without an offset it is on the zone's clock.

    InputError, naming the option, for a date without a time and for a time that this clock skips.
    """
    try:
        at = parse_moment(text, zone)
        typed = datetime.fromisoformat(text.strip())
    except (InputError, ValueError):
        typed = None
    if typed is None or is_date(text):
        raise InputError(f"{option} {text}: escreva data e hora, como 2026-11-24T14:00, ou com fuso, ...T14:00-03:00")
    if typed.tzinfo is None and at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != typed:
        raise InputError(f"{option} {text}: esta hora não existe no relógio de {zone}, que a pula nesse dia")
    return at


def parse_edge(text: str | None, zone: str, option: str, *, last: bool = False) -> datetime | None:
    """Where a span begins or (`last`) ends, as a date or an instant; a last date is in it. None stays None."""
    try:
        return None if text is None else parse_moment(text, zone, last=last)
    except InputError as error:
        raise InputError(f"{option} {error}") from None
