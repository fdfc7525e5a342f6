"""Availability by brute force: every minute of a meeting is looked at on the clocks of those who take part.

Written apart from the product: `datetime`, `zoneinfo` and the names of holidays; no intervals, none of its rules. Times
are whole minutes but for `now` and the instant that is asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from disparo.domain.agenda.meeting_type import Assignment, MeetingType
from disparo.domain.agenda.slot import Occupation
from disparo.domain.agenda.slot_rules import HostTimes
from disparo.domain.holiday_calendar import country_of_zone, public_holidays
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Span = tuple[datetime, datetime]


def local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))


def at_of(ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=ms)


@lru_cache(maxsize=200_000)
def is_open(hours: BusinessHours, place: Place, at: datetime) -> bool:
    shown = local(at, place.zone)
    minute, today = shown.hour * 60 + shown.minute, shown.date()
    return _in_shift(hours, place, today, minute) or _in_shift(hours, place, today - DAY, minute + 1440)


def _in_shift(hours: BusinessHours, place: Place, day: date, minute: int) -> bool:
    daily = dict(hours.zones).get(place.zone, hours.default)
    if day.isoweekday() not in daily.working_days or day in hours.holidays:
        return False
    if not daily.start_min <= minute < daily.end_min:
        return False
    if daily.lunch is not None and daily.lunch[0] <= minute < daily.lunch[1]:
        return False
    return not (hours.public_holidays and is_holiday(place, day, hours.country))


@lru_cache(maxsize=100_000)
def is_holiday(place: Place, day: date, country: str) -> bool:
    named, _, state = (place.region or "").partition("-")
    country = named or country_of_zone(place.zone) or country
    regions = [None, state] if state else [None]
    return any(day in public_holidays(country, region, day.year, True) for region in regions)


class Oracle:
    """What the rules say, of each host for each instant."""

    def __init__(
        self, meeting_type: MeetingType, hosts: Sequence[HostTimes], contact: Place | None, now: datetime
    ) -> None:
        self.type, self.contact, self.now = meeting_type, contact, now
        self.hosts = [times for name in meeting_type.hosts for times in hosts if times.host.id == name]

    def refusals(self, times: HostTimes, at: datetime) -> list[str]:
        """Every rule that refuses this instant, in the order in which they are told."""
        host, kind = times.host, self.type
        minutes = [at + MINUTE * number for number in range(kind.duration // MINUTE)]
        padded = (at - kind.buffer_before, at + kind.duration + kind.buffer_after)
        kept = [one for one in times.kept if one.host_id == host.id]
        broken = {
            "type_inactive": not kind.active,
            "host_inactive": not host.active,
            "calendar_unreadable": bool(times.busy.fault),
            "past": at < self.now,
            "min_notice": at < self.now + kind.min_notice,
            "beyond_horizon": at > self.now + kind.horizon,
            "off_grid": self._off_grid(host.place.zone, at),
            "host_hours": not all(is_open(host.hours, host.place, minute) for minute in minutes),
            "blocked": _touches(padded, ((block.start_at, block.end_at) for block in host.blocks)),
            "busy": _touches(padded, ((at_of(start), at_of(end)) for start, end in times.busy.busy)),
            "taken": _touches(padded, ((at_of(one.span.start_ms), at_of(one.span.end_ms)) for one in kept)),
            "day_full": _reached(host.limits.per_day, _counted(kept, host.place.zone, at, _day)),
            "week_full": _reached(host.limits.per_week, _counted(kept, host.place.zone, at, _week)),
        }
        if self.contact is not None:
            broken |= self._broken_to_contact(self.contact, minutes)
        return [name for name, is_broken in broken.items() if is_broken]

    def _off_grid(self, zone: str, at: datetime) -> bool:
        shown = local(at, zone)
        whole = shown.second == 0 and shown.microsecond == 0
        return not whole or (shown.hour * 60 + shown.minute) % (self.type.grid // MINUTE) != 0

    def _broken_to_contact(self, contact: Place, minutes: list[datetime]) -> dict[str, bool]:
        hours = self.type.contact_hours
        days = {local(minute, contact.zone).date() for minute in minutes}
        holiday = self.type.contact_holidays and any(is_holiday(contact, day, hours.country) for day in days)
        closed = not all(is_open(hours, contact, minute) for minute in minutes)
        return {"contact_hours": closed, "contact_holiday": holiday}

    def slots(self, start_at: datetime, end_at: datetime) -> list[tuple[datetime, tuple[str, ...]]]:
        """Every bookable minute from `start_at` on and before `end_at`, with its hosts."""
        at = start_at.replace(second=0, microsecond=0)
        found = []
        while at < end_at:
            if at >= start_at and (hosts := self._hosts_at(at)):
                found.append((at, hosts))
            at += MINUTE
        return found

    def _hosts_at(self, at: datetime) -> tuple[str, ...]:
        if not any(not self._off_grid(times.host.place.zone, at) for times in self.hosts):
            return ()
        free = [times for times in self.hosts if not self.refusals(times, at)]
        if self.type.assignment is Assignment.TOGETHER:
            return self.type.hosts if len(free) == len(self.type.hosts) else ()
        if self.type.assignment is Assignment.ROUND_ROBIN:
            free.sort(key=lambda times: _counted(times.kept, times.host.place.zone, at, _week))
        return (free[0].host.id,) if free else ()


def _touches(padded: Span, taken: Iterable[Span]) -> bool:
    """Whether any minute of a meeting with its buffers is taken."""
    spans = list(taken)
    return bool(spans) and any(
        any(start <= minute < end for start, end in spans)
        for minute in (padded[0] + MINUTE * number for number in range((padded[1] - padded[0]) // MINUTE))
    )


def _reached(limit: int | None, meetings: int) -> bool:
    return limit is not None and meetings >= limit


def _day(shown: datetime) -> object:
    return shown.date()


def _week(shown: datetime) -> object:
    return shown.isocalendar()[:2]


def _counted(kept: Sequence[Occupation], zone: str, at: datetime, part: object) -> int:
    assert callable(part)
    here = part(local(at, zone))
    return len({one.meeting_id for one in kept if part(local(at_of(one.starts_ms), zone)) == here})
