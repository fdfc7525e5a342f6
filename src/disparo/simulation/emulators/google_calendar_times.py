"""When the emulated calendar's events are: all-day ones, daily ones, and what of them is busy.

Written on its own, by `zoneinfo` alone: what our adapter makes of the same answers is measured by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

Span: TypeAlias = tuple[datetime, datetime]
_DAILY = re.compile(r"RRULE:FREQ=DAILY;COUNT=(\d{1,4})")


def moment(told: Mapping[str, Any], zone: str) -> datetime:
    """An `EventDateTime` in UTC; ValueError for what is none."""
    if "date" in told:
        return datetime.combine(date.fromisoformat(told["date"]), time(), ZoneInfo(zone)).astimezone(UTC)
    at = datetime.fromisoformat(told["dateTime"])
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(told["timeZone"]))
    return at.astimezone(UTC)


def span_of(event: Mapping[str, Any], zone: str) -> Span:
    """From when until when a single event is."""
    return moment(event["start"], zone), moment(event["end"], zone)


def instances(event: Mapping[str, Any], zone: str) -> Iterator[dict[str, Any]]:
    """The event itself, or each one of those that it repeats."""
    count = _times(event)
    if count is None:
        yield dict(event)
        return
    for number in range(count):
        start, end = (_later(event[edge], number, zone) for edge in ("start", "end"))
        at = moment(start, zone)
        instance = {key: value for key, value in event.items() if key != "recurrence"}
        instance |= {"id": f"{event['id']}_{at:%Y%m%dT%H%M%SZ}", "recurringEventId": event["id"]}
        yield instance | {"start": start, "end": end, "originalStartTime": start}


def is_busy(event: Mapping[str, Any]) -> bool:
    """Whether an event takes time of its calendar."""
    own = [one for one in event.get("attendees", ()) if one.get("self")]
    declined = any(one.get("responseStatus") == "declined" for one in own)
    return event["status"] != "cancelled" and event.get("transparency") != "transparent" and not declined


def busy_spans(events: Iterable[Mapping[str, Any]], zone: str, window: Span) -> list[Span]:
    """What free/busy tells: spans that do not touch, within a window."""
    taken: list[Span] = []
    spans = sorted(span_of(one, zone) for event in events if is_busy(event) for one in instances(event, zone))
    for start, end in ((max(one[0], window[0]), min(one[1], window[1])) for one in spans):
        if start >= end:
            continue
        if taken and start <= taken[-1][1]:
            taken[-1] = taken[-1][0], max(taken[-1][1], end)
        else:
            taken.append((start, end))
    return taken


def check_recurrence(event: Mapping[str, Any]) -> None:
    """ValueError for a rule that this does not know: only `RRULE:FREQ=DAILY;COUNT=n`."""
    rules = event.get("recurrence", [])
    if rules and (len(rules) != 1 or _DAILY.fullmatch(rules[0]) is None):
        raise ValueError("recurrence")


def _times(event: Mapping[str, Any]) -> int | None:
    rules = event.get("recurrence")
    found = _DAILY.fullmatch(rules[0]) if rules else None
    return int(found[1]) if found else None


def _later(told: Mapping[str, Any], days: int, zone: str) -> dict[str, Any]:
    """The same time of the event's own zone, days later."""
    if "date" in told:
        return {"date": (date.fromisoformat(told["date"]) + timedelta(days=days)).isoformat()}
    own = ZoneInfo(told.get("timeZone", zone))
    wall = datetime.fromisoformat(told["dateTime"])
    wall = (wall if wall.tzinfo is None else wall.astimezone(own)).replace(tzinfo=None) + timedelta(days=days)
    return {"dateTime": wall.replace(tzinfo=own).isoformat(), "timeZone": own.key}
