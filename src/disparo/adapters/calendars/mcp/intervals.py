"""Busy times in a tool's answer, wherever the secret says that they are."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from disparo.adapters.mcp.answers import ABSENT, same, value_at, within
from disparo.adapters.mcp.connection import ToolAnswer
from disparo.domain.errors import InputError
from disparo.domain.instants import EPOCH, MILLISECOND, to_ms
from disparo.domain.intervals import Interval, first_instant, intersect, zone_named

MOST_INTERVALS = 20_000
"""Of one answer; more is no calendar that we ask for some weeks of."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LATEST_S = 253_402_300_800  # the year 10000


class ShapeError(ValueError):
    """An answer whose shape is not the one that the secret describes; the message says where, never what."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A value that is equal to another as JSON."""

    pointer: str
    equals: Any

    def holds(self, item: object) -> bool:
        """Whether an entry fulfils it."""
        return same(within(item, self.pointer), self.equals)


@dataclass(frozen=True, slots=True)
class Intervals:
    """Where an answer has its list, and where an entry has its start, end and key.

    `list_at` is "" when the whole answer is the list; a part `{calendar}` of it is the host's calendar. Entries for
    which any of `free` holds keep nobody busy.
    """

    list_at: str = ""
    start: str = "/start"
    end: str = "/end"
    key: str | None = None
    free: tuple[Condition, ...] = ()

    def read(
        self, answer: ToolAnswer, zone: str, window: Interval, calendar: str, besides: Collection[str]
    ) -> tuple[Interval, ...]:
        """When somebody is busy; ShapeError for anything that is not as described (I9).

        Days, and times that name no offset, are those of `zone`.
        """
        entries = self._entries(answer, calendar)
        found = (self._one(entry, zone) for entry in entries if not self._is_ours(entry, besides))
        return intersect((one for one in found if one is not None), [window])

    def _entries(self, answer: ToolAnswer, calendar: str) -> list[Any]:
        named = calendar.replace("~", "~0").replace("/", "~1")
        entries = _whole(answer) if not self.list_at else value_at(answer, self.list_at.replace("{calendar}", named))
        if not isinstance(entries, list):
            raise ShapeError("no list")
        if len(entries) > MOST_INTERVALS:
            raise ShapeError("too many entries")
        return entries

    def _is_ours(self, entry: object, besides: Collection[str]) -> bool:
        return self.key is not None and within(entry, self.key) in besides if besides else False

    def _one(self, entry: object, zone: str) -> Interval | None:
        if not isinstance(entry, Mapping | list):
            raise ShapeError("an entry that is none")
        if any(condition.holds(entry) for condition in self.free):
            return None
        start, end = within(entry, self.start), within(entry, self.end)
        first, last = _ms(start, zone), _ms(end, zone)
        if last < first:
            raise ShapeError("an end before its start")
        if last == first and _is_day(start):
            return Interval(first, _ms(_next_day(start), zone))
        return Interval(first, last)


def _whole(answer: ToolAnswer) -> object:
    if isinstance(answer.structured, list):
        return answer.structured
    try:
        return json.loads(answer.text)
    except (ValueError, RecursionError):
        return ABSENT


def _ms(value: object, zone: str) -> int:
    """An instant: RFC 3339, a day, a time of the zone's clock, seconds since 1970, or an object as Google writes it."""
    if isinstance(value, Mapping):
        inner = value.get("dateTime", value.get("date"))
        own = value.get("timeZone")
        return _ms(None if isinstance(inner, Mapping) else inner, own if isinstance(own, str) and own else zone)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ShapeError("a time that is none")
    try:
        if isinstance(value, int):
            return _of_seconds(value)
        if _is_day(value):
            midnight = datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
            return first_instant(zone, (midnight - EPOCH) // MILLISECOND)
        at = datetime.fromisoformat(value.strip())
        return to_ms(at if at.tzinfo is not None else at.replace(tzinfo=zone_named(zone)))
    except (InputError, ValueError, OverflowError):
        raise ShapeError("a time that is none") from None


def _of_seconds(value: int) -> int:
    if not 0 <= value < _LATEST_S:
        raise ShapeError("a time that is none")
    return value * 1000


def _is_day(value: object) -> bool:
    return isinstance(value, str) and _DAY.fullmatch(value) is not None


def _next_day(value: object) -> str:
    return f"{date.fromisoformat(str(value)) + timedelta(days=1):%Y-%m-%d}"
