"""What every calendar does; each check gets a stage whose calendar has no event yet.

`SUITE` is all of it; a calendar into which nobody else can write runs the parts that it can (`READING`, `WRITING`,
`OTHER_HANDS`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from disparo.domain.agenda.calendar_event import Attendee, CalendarEvent, WriteResult, Written
from disparo.domain.agenda.host import Host
from disparo.domain.instants import EPOCH, MILLISECOND, to_ms
from disparo.domain.intervals import DAY_MS, Interval, first_instant, intersect, merge
from disparo.ports.calendars import Calendar

NINE = datetime(2027, 4, 5, 12, 0, tzinfo=UTC)
"""A Monday; Santiago left summer time at the midnight before the Sunday."""
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SANTIAGO = "America/Santiago"


@dataclass(frozen=True)
class Timed:
    """Somebody else's event; a `free` one takes no time (transparent)."""

    start_at: datetime
    end_at: datetime
    free: bool = False


@dataclass(frozen=True)
class AllDay:
    """Somebody else's event of whole days, `first` being the first of them."""

    first: date
    days: int = 1
    free: bool = False


@dataclass(frozen=True)
class Daily:
    """Somebody else's event, each day at the same time of a zone; `first` is what the clock there shows (naive)."""

    first: datetime
    zone: str
    length: timedelta
    times: int


@dataclass(frozen=True)
class Kept:
    """An event as the calendar has it."""

    start_at: datetime
    end_at: datetime
    title: str


class CalendarStage(Protocol):
    """A calendar and, behind its back, the hands of others in it."""

    calendar: Calendar
    host: Host
    zone: str
    """The calendar's own zone, whose days all-day events are (else the host's)."""

    async def add(self, foreign: Timed | AllDay | Daily) -> None:
        """Put somebody else's event there."""

    async def move(self, key: str, start_at: datetime, end_at: datetime) -> None:
        """Other hands move an event of ours."""

    async def take_away(self, key: str) -> None:
        """Other hands delete an event of ours."""

    async def kept(self, key: str) -> Kept | None:
        """Our event as it is there; None when it is not, or deleted."""
        ...

    async def break_off(self) -> None:
        """From now on the provider fails every request."""

    async def repair(self) -> None:
        """And now it works again, with all that it had."""


Check = Callable[[CalendarStage], Awaitable[None]]


def event(number: int = 1, start_at: datetime = NINE, sequence: int = 1, length: timedelta = HOUR) -> CalendarEvent:
    return CalendarEvent(
        uid=f"reuniao-{number}@disparo.example",
        sequence=sequence,
        title=f"Reunião {number}: Ana & Léo",
        start_at=start_at,
        end_at=start_at + length,
        zone="America/Sao_Paulo",
        organizer=Attendee("Ana", "ana@example.com"),
        attendees=(Attendee("Léo", "leo@example.org"),),
        description="Primeira conversa; preço: R$ 10\nsegunda linha",
        location="Rua A, 1; sala 2",
    )


def span(start_at: datetime, end_at: datetime) -> Interval:
    return Interval(to_ms(start_at), to_ms(end_at))


def days_of(zone: str, first: date, days: int) -> Interval:
    """What an all-day event keeps: from the first instant of its first day to that of the day behind its last."""
    day = (datetime(first.year, first.month, first.day, tzinfo=UTC) - EPOCH) // MILLISECOND
    return Interval(first_instant(zone, day), first_instant(zone, day + days * DAY_MS))


def at_wall(shown: datetime) -> datetime:
    """When the clock of Santiago shows this (naive) time."""
    return shown.replace(tzinfo=ZoneInfo(SANTIAGO)).astimezone(UTC)


async def busy(
    stage: CalendarStage,
    start_at: datetime = NINE - 3 * DAY,
    end_at: datetime = NINE + 7 * DAY,
    besides: frozenset[str] = frozenset(),
) -> tuple[Interval, ...]:
    """The calendar's word in normal form, cut to what was asked."""
    told = await stage.calendar.busy(stage.host, start_at, end_at, besides)
    assert told.readable, (told.fault, told.detail)
    return intersect(told.busy, [span(start_at, end_at)])


async def put(stage: CalendarStage, wanted: CalendarEvent, etag: str = "") -> Written:
    written = await stage.calendar.put(stage.host, wanted, etag)
    assert written.result is WriteResult.DONE, written
    return written


async def times(stage: CalendarStage, wanted: CalendarEvent) -> tuple[datetime, datetime] | None:
    kept = await stage.kept(wanted.key)
    return None if kept is None else (kept.start_at, kept.end_at)


# --- reading


async def check_an_empty_calendar_is_free(stage: CalendarStage) -> None:
    assert await busy(stage) == ()


async def check_events_of_others_are_busy_and_free_ones_are_not(stage: CalendarStage) -> None:
    await stage.add(Timed(NINE, NINE + HOUR))
    await stage.add(Timed(NINE + HOUR / 2, NINE + 2 * HOUR))
    await stage.add(Timed(NINE + 4 * HOUR, NINE + 5 * HOUR, free=True))
    assert await busy(stage) == (span(NINE, NINE + 2 * HOUR),)


async def check_an_event_that_reaches_into_the_window_counts(stage: CalendarStage) -> None:
    await stage.add(Timed(NINE - HOUR, NINE + HOUR))
    await stage.add(Timed(NINE + 3 * HOUR, NINE + 5 * HOUR))
    inside = span(NINE, NINE + HOUR), span(NINE + 3 * HOUR, NINE + 4 * HOUR)
    assert await busy(stage, NINE, NINE + 4 * HOUR) == inside
    assert await busy(stage, NINE + HOUR, NINE + 3 * HOUR) == ()
    assert await busy(stage, NINE - DAY, NINE - HOUR) == ()


async def check_an_event_around_the_whole_window_fills_it(stage: CalendarStage) -> None:
    await stage.add(Timed(NINE - 2 * DAY, NINE + 2 * DAY))
    assert await busy(stage, NINE, NINE + HOUR) == (span(NINE, NINE + HOUR),)


async def check_all_day_events_are_days_of_the_calendars_zone(stage: CalendarStage) -> None:
    await stage.add(AllDay(date(2027, 4, 6)))
    await stage.add(AllDay(date(2027, 4, 9), days=2))
    await stage.add(AllDay(date(2027, 4, 8), free=True))
    assert await busy(stage) == (days_of(stage.zone, date(2027, 4, 6), 1), days_of(stage.zone, date(2027, 4, 9), 2))


async def check_an_all_day_event_on_the_day_of_a_clock_change_is_as_long_as_that_day(stage: CalendarStage) -> None:
    for first in (date(2027, 4, 3), date(2027, 9, 5)):
        await stage.add(AllDay(first))
    found = await busy(stage, datetime(2027, 4, 1, tzinfo=UTC), datetime(2027, 9, 20, tzinfo=UTC))
    assert found == tuple(days_of(stage.zone, first, 1) for first in (date(2027, 4, 3), date(2027, 9, 5)))


async def check_a_daily_event_is_busy_each_day_at_its_own_wall_time(stage: CalendarStage) -> None:
    first = datetime(2027, 4, 2, 9, 0)  # noqa: DTZ001 - what a clock on the wall shows
    await stage.add(Daily(first, SANTIAGO, HOUR, 4))
    starts = [at_wall(first + number * DAY) for number in range(4)]
    found = await busy(stage, datetime(2027, 4, 1, tzinfo=UTC), datetime(2027, 4, 20, tzinfo=UTC))
    assert found == merge(span(start, start + HOUR) for start in starts)
    assert await busy(stage, starts[2], starts[2] + HOUR) == (span(starts[2], starts[2] + HOUR),)


async def check_a_long_window_is_read_whole(stage: CalendarStage) -> None:
    starts = [NINE + number * 29 * DAY for number in range(13)]
    for start in starts:
        await stage.add(Timed(start, start + HOUR))
    assert await busy(stage, NINE - DAY, NINE + 400 * DAY) == tuple(span(one, one + HOUR) for one in starts)


async def check_a_calendar_that_cannot_be_read_says_so_until_it_can(stage: CalendarStage) -> None:
    await stage.break_off()
    for besides in (frozenset[str](), frozenset({event().key})):
        told = await stage.calendar.busy(stage.host, NINE, NINE + DAY, besides)
        assert not told.readable
        assert told.fault.isascii()
        assert " " not in told.fault
        assert len(told.detail) <= 300
    await stage.repair()
    assert await busy(stage) == ()


# --- writing


async def check_what_is_put_is_there_and_busy(stage: CalendarStage) -> None:
    await put(stage, event())
    assert await stage.kept(event().key) == Kept(NINE, NINE + HOUR, event().title)
    assert await busy(stage) == (span(NINE, NINE + HOUR),)


async def check_the_same_put_again_is_done_and_changes_nothing(stage: CalendarStage) -> None:
    first = await put(stage, event())
    for etag in ("", first.etag, ""):
        await put(stage, event(), etag)
    assert await times(stage, event()) == (NINE, NINE + HOUR)
    assert await busy(stage, besides=frozenset({event().key})) == ()


async def check_the_same_put_many_times_at_once_is_one_event(stage: CalendarStage) -> None:
    found = await asyncio.gather(*(stage.calendar.put(stage.host, event(), "") for _ in range(6)))
    assert {one.result for one in found} <= {WriteResult.DONE, WriteResult.RETRY}
    await put(stage, event())
    assert await times(stage, event()) == (NINE, NINE + HOUR)
    assert await busy(stage, besides=frozenset({event().key})) == ()


async def check_a_newer_version_replaces_an_older_one(stage: CalendarStage) -> None:
    first = await put(stage, event())
    second = event(start_at=NINE + 2 * HOUR, sequence=2)
    await put(stage, second, first.etag)
    assert await times(stage, second) == (second.start_at, second.end_at)
    third = event(start_at=NINE + 4 * HOUR, sequence=3)
    await put(stage, third)  # whoever wrote the second died before the etag was written down
    assert await times(stage, third) == (third.start_at, third.end_at)
    assert await busy(stage) == (span(third.start_at, third.end_at),)


async def check_an_older_version_never_replaces_a_newer_one(stage: CalendarStage) -> None:
    first = await put(stage, event())
    second = event(start_at=NINE + 2 * HOUR, sequence=2)
    await put(stage, second, first.etag)
    for etag in (first.etag, ""):
        late = await stage.calendar.put(stage.host, event(), etag)
        assert late.result in (WriteResult.DONE, WriteResult.CHANGED)
        assert await times(stage, second) == (second.start_at, second.end_at)


async def check_what_is_removed_is_gone_and_a_repeat_says_the_same(stage: CalendarStage) -> None:
    written = await put(stage, event())
    await put(stage, event(2, NINE + 3 * HOUR))
    for _ in range(2):
        gone = await stage.calendar.remove(stage.host, event(), written.etag)
        assert gone.result is WriteResult.DONE
        assert await stage.kept(event().key) is None
    assert await busy(stage) == (span(NINE + 3 * HOUR, NINE + 4 * HOUR),)


async def check_what_was_never_there_is_removed_already(stage: CalendarStage) -> None:
    for etag in ("", '"1"'):
        assert (await stage.calendar.remove(stage.host, event(), etag)).result is WriteResult.DONE


async def check_without_an_etag_it_is_removed_all_the_same(stage: CalendarStage) -> None:
    await put(stage, event())
    assert (await stage.calendar.remove(stage.host, event(), "")).result is WriteResult.DONE
    assert await stage.kept(event().key) is None


async def check_what_was_removed_can_be_put_again(stage: CalendarStage) -> None:
    written = await put(stage, event())
    await stage.calendar.remove(stage.host, event(), written.etag)
    again = event(start_at=NINE + DAY, sequence=3)
    await put(stage, again)
    assert await times(stage, again) == (again.start_at, again.end_at)
    assert await busy(stage) == (span(again.start_at, again.end_at),)


async def check_our_own_events_can_be_left_out_of_what_is_busy(stage: CalendarStage) -> None:
    await put(stage, event(1))
    await put(stage, event(2, NINE + 3 * HOUR))
    both = frozenset({event(1).key, event(2).key})
    assert await busy(stage, besides=both) == ()
    assert await busy(stage, besides=frozenset({event(1).key})) == (span(NINE + 3 * HOUR, NINE + 4 * HOUR),)


async def check_what_cannot_be_written_is_said_and_can_be_written_later(stage: CalendarStage) -> None:
    await stage.break_off()
    for attempt in (stage.calendar.put, stage.calendar.remove):
        written = await attempt(stage.host, event(), "")
        assert written.result in (WriteResult.RETRY, WriteResult.REFUSED)
        assert written.fault
        assert len(written.detail) <= 300
    await stage.repair()
    await put(stage, event())
    assert await times(stage, event()) == (NINE, NINE + HOUR)


# --- other hands


async def check_another_event_over_ours_stays_busy_without_ours(stage: CalendarStage) -> None:
    await put(stage, event(length=3 * HOUR))
    await stage.add(Timed(NINE + HOUR, NINE + 2 * HOUR))
    await stage.add(Timed(NINE + 2 * HOUR, NINE + 4 * HOUR, free=True))
    without = await busy(stage, besides=frozenset({event().key}))
    assert without == (span(NINE + HOUR, NINE + 2 * HOUR),)
    assert await busy(stage) == (span(NINE, NINE + 3 * HOUR),)


async def check_days_and_daily_events_stay_busy_without_ours(stage: CalendarStage) -> None:
    await put(stage, event())
    await stage.add(AllDay(date(2027, 4, 6)))
    first = datetime(2027, 4, 7, 9, 0)  # noqa: DTZ001 - what a clock on the wall shows
    await stage.add(Daily(first, SANTIAGO, HOUR, 2))
    starts = [at_wall(first + number * DAY) for number in range(2)]
    expected = merge([days_of(stage.zone, date(2027, 4, 6), 1), *(span(one, one + HOUR) for one in starts)])
    assert await busy(stage, besides=frozenset({event().key})) == expected


async def check_what_others_moved_is_left_as_they_moved_it(stage: CalendarStage) -> None:
    written = await put(stage, event())
    moved = NINE + 5 * HOUR, NINE + 6 * HOUR
    await stage.move(event().key, *moved)
    newer = event(start_at=NINE + HOUR, sequence=2)
    assert (await stage.calendar.put(stage.host, newer, written.etag)).result is WriteResult.CHANGED
    assert await times(stage, event()) == moved
    called_off = replace(newer, cancelled=True)
    assert (await stage.calendar.remove(stage.host, called_off, written.etag)).result is WriteResult.CHANGED
    assert await times(stage, event()) == moved


async def check_the_same_version_again_undoes_no_change_of_others(stage: CalendarStage) -> None:
    written = await put(stage, event())
    moved = NINE + 5 * HOUR, NINE + 6 * HOUR
    await stage.move(event().key, *moved)
    for etag in (written.etag, ""):
        again = await stage.calendar.put(stage.host, event(), etag)
        assert again.result in (WriteResult.DONE, WriteResult.CHANGED)
        assert await times(stage, event()) == moved


async def check_what_others_deleted_does_not_come_back_by_itself(stage: CalendarStage) -> None:
    written = await put(stage, event())
    await stage.take_away(event().key)
    newer = event(start_at=NINE + HOUR, sequence=2)
    assert (await stage.calendar.put(stage.host, newer, written.etag)).result is WriteResult.CHANGED
    assert await stage.kept(event().key) is None
    assert (await stage.calendar.remove(stage.host, newer, written.etag)).result is WriteResult.DONE


READING: tuple[Check, ...] = (
    check_an_empty_calendar_is_free,
    check_events_of_others_are_busy_and_free_ones_are_not,
    check_an_event_that_reaches_into_the_window_counts,
    check_an_event_around_the_whole_window_fills_it,
    check_all_day_events_are_days_of_the_calendars_zone,
    check_an_all_day_event_on_the_day_of_a_clock_change_is_as_long_as_that_day,
    check_a_daily_event_is_busy_each_day_at_its_own_wall_time,
    check_a_long_window_is_read_whole,
    check_a_calendar_that_cannot_be_read_says_so_until_it_can,
)
WRITING: tuple[Check, ...] = (
    check_what_is_put_is_there_and_busy,
    check_the_same_put_again_is_done_and_changes_nothing,
    check_the_same_put_many_times_at_once_is_one_event,
    check_a_newer_version_replaces_an_older_one,
    check_an_older_version_never_replaces_a_newer_one,
    check_what_is_removed_is_gone_and_a_repeat_says_the_same,
    check_what_was_never_there_is_removed_already,
    check_without_an_etag_it_is_removed_all_the_same,
    check_what_was_removed_can_be_put_again,
    check_our_own_events_can_be_left_out_of_what_is_busy,
    check_what_cannot_be_written_is_said_and_can_be_written_later,
)
OTHER_HANDS: tuple[Check, ...] = (
    check_another_event_over_ours_stays_busy_without_ours,
    check_days_and_daily_events_stay_busy_without_ours,
    check_what_others_moved_is_left_as_they_moved_it,
    check_the_same_version_again_undoes_no_change_of_others,
    check_what_others_deleted_does_not_come_back_by_itself,
)
SUITE = (*READING, *WRITING, *OTHER_HANDS)
