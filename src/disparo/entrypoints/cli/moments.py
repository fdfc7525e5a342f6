"""Instants as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

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
