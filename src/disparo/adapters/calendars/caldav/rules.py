"""Recurrence rules made fit to be followed: in the form that the library reads right, and with an end to the work."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from icalendar import Event, vRecur

from disparo.adapters.calendars.caldav.events import value_of
from disparo.adapters.calendars.caldav.text import UnreadableError

MOST_STEPS = 200_000
"""Steps that the rules of one calendar may take together: some seconds of work."""

_PERIODS_S = {"HOURLY": 3_600, "DAILY": 86_400, "WEEKLY": 604_800, "MONTHLY": 2_419_200, "YEARLY": 31_536_000}
_DAY = timedelta(days=1)


class Effort:
    """How many steps of rules may still be taken."""

    def __init__(self, steps: int = MOST_STEPS) -> None:
        self._left = steps

    def spend(self, steps: int) -> None:
        """Take these steps; UnreadableError (`recurrence_too_long`) when there are not so many left."""
        self._left -= steps
        if self._left < 0:
            raise UnreadableError("recurrence_too_long")


def rules_of(event: Event) -> list[vRecur]:
    """Its rules."""
    found = event.get("RRULE")
    given: list[Any] = [] if found is None else found if isinstance(found, list) else [found]
    rules = [rule for rule in given if isinstance(rule, vRecur)]
    if len(rules) < len(given):
        raise UnreadableError("recurrence_malformed")
    return rules


def make_fit(event: Event, until_at: datetime, effort: Effort) -> None:
    """Rewrite an event's rules so that following them until an instant ends, and pay for it.

    UnreadableError (`recurrence_too_fine`, `recurrence_too_long`, `recurrence_malformed`) for what has no end, or whose
    meaning is not sure.
    """
    rules = rules_of(event)
    for rule in rules:
        _check(rule)
        _mend_until(rule, value_of(event, "DTSTART"))
        effort.spend(_steps(rule, value_of(event, "DTSTART"), until_at))


def many_a_day(event: Event) -> bool:
    """Whether it may happen more than once within a day.

    The library then mistakes one occurrence for another whose UTC time shows what the first one's clock shows, and
    leaves both out when one is.
    """
    rules = rules_of(event)
    finer = any(_values(rule, "FREQ") == ["HOURLY"] or _times_a_day(rule) > 1 for rule in rules)
    return finer or len(rules) > 1 or "RDATE" in event


def _check(rule: vRecur) -> None:
    frequency = _values(rule, "FREQ")
    if frequency in (["SECONDLY"], ["MINUTELY"]):
        raise UnreadableError("recurrence_too_fine")
    if len(frequency) != 1 or frequency[0] not in _PERIODS_S:
        raise UnreadableError("recurrence_malformed", "FREQ")
    for name in ("INTERVAL", "COUNT"):
        if any(not isinstance(value, int) or value < 1 for value in _values(rule, name)):
            raise UnreadableError("recurrence_malformed", name)
    if any(len(_values(rule, name)) > 1 for name in ("INTERVAL", "COUNT", "UNTIL")):
        raise UnreadableError("recurrence_malformed", "twice")
    by_day = any(_values(rule, name) for name in ("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYDAY"))
    if (frequency == ["HOURLY"] and by_day) or (frequency[0] in ("HOURLY", "DAILY") and _values(rule, "BYSETPOS")):
        # It may never come true, and the library would look for it until the year 9999.
        raise UnreadableError("recurrence_too_fine", "BY")
    if not _can_be(rule):
        raise UnreadableError("recurrence_malformed", "BYMONTHDAY")


def _can_be(rule: vRecur) -> bool:
    """Whether any of its months has any of its days."""
    days = _values(rule, "BYMONTHDAY")
    months = [int(month) for month in _values(rule, "BYMONTH")] or [1]
    if not all(1 <= month <= 12 for month in months):
        return False
    return not days or any(0 < abs(int(day)) <= monthrange(2024, month)[1] for day in days for month in months)


def _mend_until(rule: vRecur, start: date) -> None:
    """UNTIL in UTC for events with a time, a day for those of whole days (RFC 5545, section 3.3.10).

    Many programs write a day, or the time of a clock, where UTC is wanted: read as UTC that would end a rule some hours
    too soon.
    """
    for until in _values(rule, "UNTIL"):
        if not isinstance(until, date):
            raise UnreadableError("recurrence_malformed", "UNTIL")
        if not isinstance(start, datetime):
            rule["UNTIL"] = [until.date() if isinstance(until, datetime) else until]
        elif not isinstance(until, datetime):
            end = datetime(until.year, until.month, until.day, tzinfo=start.tzinfo) + _DAY - timedelta(seconds=1)
            rule["UNTIL"] = [end.astimezone(UTC)]
        elif until.tzinfo is None:
            rule["UNTIL"] = [until.replace(tzinfo=start.tzinfo).astimezone(UTC)]


def _steps(rule: vRecur, start: date, until_at: datetime) -> int:
    """About how many steps it takes to follow a rule from its start to an instant."""
    first = start if isinstance(start, datetime) else datetime(start.year, start.month, start.day, tzinfo=UTC)
    interval = next(iter(_values(rule, "INTERVAL")), 1)
    frequency = _values(rule, "FREQ")[0]
    periods = max(0, int((until_at - first).total_seconds())) // (_PERIODS_S[frequency] * interval) + 1
    days = {"WEEKLY": 2, "MONTHLY": 4, "YEARLY": 40}.get(frequency, 1)
    return int(periods) * (days + _times_a_day(rule) - 1)


def _times_a_day(rule: vRecur) -> int:
    times = 1
    for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        times *= max(1, len(_values(rule, name)))
    return times


def _values(rule: vRecur, name: str) -> list[Any]:
    return list(_each(rule.get(name)))


def _each(value: object) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        yield from value
    elif value is not None:
        yield value
