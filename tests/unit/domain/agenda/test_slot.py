from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from disparo.domain.agenda.host import DayLimits
from disparo.domain.agenda.slot import HostBounds, Occupation, Refusal, day_of, looked_at, refusal, week_of
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.intervals import Interval
from tests.unit.domain.agenda.availability_cases import kept, on_the_clock, span

ZONE = "America/Sao_Paulo"
FREELY = {"ana": HostBounds(DayLimits(), ZONE)}
NOW = to_ms(on_the_clock("2026-11-20 09:00"))
WANTED = kept("2026-11-23 09:00", "2026-11-23 09:30", "1")


def limited(per_day: int | None = None, per_week: int | None = None) -> dict[str, HostBounds]:
    return {"ana": HostBounds(DayLimits(per_day, per_week), ZONE)}


def refused(*others: Occupation, bounds: dict[str, HostBounds] = FREELY, now_ms: int = NOW) -> Refusal | None:
    return refusal([WANTED], others, bounds, now_ms)


def test_time_that_overlaps_is_taken_and_time_that_touches_is_not() -> None:
    assert refused(kept("2026-11-23 08:30", "2026-11-23 09:01")) == Refusal("ana", "taken", WANTED.span)
    assert refused(kept("2026-11-23 09:10", "2026-11-23 09:20")) == Refusal("ana", "taken", WANTED.span)
    touching = kept("2026-11-23 08:30", "2026-11-23 09:00"), kept("2026-11-23 09:30", "2026-11-23 10:00")
    assert refused(*touching) is None


def test_time_of_another_host_and_of_the_same_meeting_is_in_nobodys_way() -> None:
    assert refused(kept("2026-11-23 09:00", "2026-11-23 09:30", host_id="bia")) is None
    assert refused(kept("2026-11-23 09:00", "2026-11-23 09:30", "1")) is None


def test_a_hold_keeps_its_time_until_it_runs_out() -> None:
    hold = Occupation("ana", WANTED.span, "7", WANTED.starts_ms, until_ms=NOW + 1)
    assert refused(hold) is not None
    assert refused(hold, now_ms=NOW + 1) is None


def test_limits_count_other_meetings_once_each() -> None:
    offers = [kept("2026-11-23 14:00", "2026-11-23 14:30", "7"), kept("2026-11-23 16:00", "2026-11-23 16:30", "7")]
    assert refused(*offers, bounds=limited(per_day=2)) is None
    full = refused(*offers, bounds=limited(per_day=1, per_week=1))
    assert full is not None
    assert full.reason == "day_full"
    full = refused(*offers, bounds=limited(per_day=2, per_week=1))
    assert full is not None
    assert full.reason == "week_full"


def test_a_day_that_is_not_to_have_any_meeting_has_none() -> None:
    full = refused(bounds=limited(per_day=0))
    assert full is not None
    assert full.reason == "day_full"


def test_a_meeting_counts_on_the_day_on_which_it_begins_whatever_its_buffer() -> None:
    early = kept("2026-11-22 23:50", "2026-11-23 00:40", "7", before=10)
    late = kept("2026-11-22 23:00", "2026-11-23 00:10", "8", before=30)
    assert refused(late, bounds=limited(per_day=1)) is None
    assert refused(early, bounds=limited(per_day=1)) is not None


def test_a_week_is_from_monday_to_sunday_of_the_hosts_clock() -> None:
    week = week_of(ZONE, to_ms(on_the_clock("2026-11-29 23:59")))
    assert week == span("2026-11-23 00:00", "2026-11-30 00:00")
    assert week_of(ZONE, week.end_ms).start_ms == week.end_ms


def test_a_day_whose_midnight_is_skipped_begins_when_the_gap_ends() -> None:
    day = day_of(ZONE, to_ms(datetime(2018, 11, 4, 12, tzinfo=UTC)))
    assert [from_ms(edge) for edge in day] == [
        datetime(2018, 11, 4, 3, tzinfo=UTC),
        datetime(2018, 11, 5, 2, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("America/St_Johns", "2006-10-29T02:31"),
        ("America/Sao_Paulo", "2018-02-18T02:00"),
        ("America/Sao_Paulo", "2018-11-04T03:00"),
        ("America/Havana", "2026-11-01T05:00"),
        ("Africa/Cairo", "2026-10-29T21:00"),
        ("Pacific/Apia", "2011-12-30T10:00"),
    ],
)
def test_every_instant_is_in_its_own_day_and_days_follow_one_another(zone: str, change: str) -> None:
    near = to_ms(datetime.fromisoformat(change).replace(tzinfo=UTC))
    days = [day_of(zone, near + minute * 60_000) for minute in range(-3_000, 3_000)]
    assert all(day.start_ms <= near + (number - 3_000) * 60_000 < day.end_ms for number, day in enumerate(days))
    assert all(one == other or one.end_ms == other.start_ms for one, other in pairwise(days))


def test_two_meetings_of_an_evening_that_is_repeated_past_midnight_count_together() -> None:
    second_pass = to_ms(datetime(2006, 10, 29, 2, 40, tzinfo=UTC))  # 23:10 in St John's, for the second time
    bounds = {"ana": HostBounds(DayLimits(per_day=1), "America/St_Johns")}
    one, other = (
        Occupation("ana", Interval(start, start + 60_000), name, start)
        for name, start in (("1", second_pass), ("2", second_pass + 600_000))
    )
    assert refusal([one], [other], bounds, NOW) == Refusal("ana", "day_full", one.span)


def test_whoever_has_no_limits_is_looked_at_where_time_is_wanted() -> None:
    later = kept("2026-11-26 09:00", "2026-11-26 09:30", "1")
    assert looked_at([later, WANTED], FREELY) == {"ana": span("2026-11-23 09:00", "2026-11-26 09:30")}


def test_whoever_has_limits_is_looked_at_for_the_whole_weeks() -> None:
    early = kept("2026-11-22 23:50", "2026-11-23 00:40", "1", before=10)
    later = kept("2026-12-02 09:00", "2026-12-02 09:30", "1")
    assert looked_at([early, later], limited(per_day=3)) == {"ana": span("2026-11-22 23:50", "2026-12-07 00:00")}
