from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from disparo.domain.agenda.meeting_type import Assignment
from disparo.domain.agenda.proposal import choose, propose
from disparo.domain.agenda.slot import Slot
from disparo.domain.place import Place
from tests.unit.domain.agenda.availability_cases import ANA, MONDAY, SAO_PAULO, TYPE, kept, minutes, on_the_clock, times


def slots(*clocks: str, length: int = 30) -> list[Slot]:
    starts = [on_the_clock(clock) for clock in clocks]
    return [Slot(("ana",), start, start + minutes(length)) for start in starts]


def days_of(first: str, count: int, *clocks: str) -> list[Slot]:
    """The same times on some days that follow one another."""
    days = [datetime.fromisoformat(first) + timedelta(days=number) for number in range(count)]
    return slots(*(f"{day:%Y-%m-%d} {clock}" for day in days for clock in clocks))


def offered(found: Sequence[Slot], zone: str = "America/Sao_Paulo") -> list[str]:
    return [slot.start_at.astimezone(ZoneInfo(zone)).strftime("%d %H:%M") for slot in found]


WHOLE_DAY = tuple(f"{hour:02}:{minute}" for hour in (*range(8, 12), *range(13, 18)) for minute in ("00", "30"))


def test_three_offers_are_days_apart_in_turn_at_ordinary_times() -> None:
    found = choose(days_of("2026-11-23", 12, *WHOLE_DAY), 3, SAO_PAULO, urgent=False)
    assert offered(found) == ["23 10:00", "25 15:00", "27 10:00"]


def test_urgent_offers_are_the_earliest_and_the_next_parts_of_days() -> None:
    found = choose(days_of("2026-11-23", 12, *WHOLE_DAY), 3, SAO_PAULO, urgent=True)
    assert offered(found) == ["23 08:00", "23 15:00", "24 10:00"]


def test_days_and_noon_are_those_of_the_contact() -> None:
    tokyo = Place("Asia/Tokyo")
    found = choose(days_of("2026-11-23", 6, "19:00", "20:00", "21:00", "23:30"), 2, tokyo, urgent=False)
    assert offered(found, tokyo.zone) == ["24 09:00", "26 09:00"]
    assert offered(choose(slots("2026-11-23 23:30", "2026-11-24 01:00"), 2, tokyo, urgent=True), tokyo.zone) == [
        "24 11:30",
        "24 13:00",
    ]


def test_when_days_are_few_they_follow_one_another() -> None:
    found = choose(days_of("2026-11-23", 3, *WHOLE_DAY), 3, SAO_PAULO, urgent=False)
    assert offered(found) == ["23 10:00", "24 10:00", "25 15:00"]


def test_one_day_has_a_morning_an_afternoon_and_what_is_far_from_both() -> None:
    found = choose(days_of("2026-11-23", 1, *WHOLE_DAY), 3, SAO_PAULO, urgent=False)
    assert offered(found) == ["23 10:00", "23 15:00", "23 17:30"]


def test_an_afternoon_is_waited_for_but_not_for_long() -> None:
    mornings = days_of("2026-11-23", 20, "09:00", "10:00")
    soon, late = slots("2026-11-28 14:00"), slots("2026-12-08 14:00")
    assert offered(choose([*mornings, *soon], 2, SAO_PAULO, urgent=False)) == ["23 10:00", "28 14:00"]
    assert offered(choose([*mornings, *late], 2, SAO_PAULO, urgent=False)) == ["23 10:00", "25 10:00"]


def test_the_first_day_is_an_afternoon_when_only_it_has_one() -> None:
    found = choose([*days_of("2026-11-23", 9, "10:00"), *slots("2026-11-23 14:00")], 3, SAO_PAULO, urgent=False)
    assert offered(found) == ["23 14:00", "25 10:00", "27 10:00"]


def test_whole_hours_are_preferred_to_odd_minutes() -> None:
    assert offered(choose(slots("2026-11-23 09:45", "2026-11-23 10:30"), 1, SAO_PAULO, urgent=False)) == ["23 10:30"]
    assert offered(choose(slots("2026-11-23 09:30", "2026-11-23 11:00"), 1, SAO_PAULO, urgent=False)) == ["23 09:30"]


def test_offers_never_overlap_nor_touch_within_the_gap() -> None:
    found = choose(
        slots("2026-11-23 09:30", "2026-11-23 10:00", "2026-11-23 10:30", length=60), 3, SAO_PAULO, urgent=False
    )
    assert offered(found) == ["23 09:30", "23 10:30"]
    close = slots("2026-11-23 10:00", "2026-11-23 10:30", "2026-11-23 11:00")
    assert offered(choose(close, 3, SAO_PAULO, urgent=False, gap=minutes(10))) == ["23 10:00", "23 11:00"]


def test_after_a_refusal_other_days_are_offered() -> None:
    every = days_of("2026-11-23", 12, *WHOLE_DAY)
    first = [slot.start_at for slot in choose(every, 3, SAO_PAULO, urgent=False)]
    assert offered(choose(every, 3, SAO_PAULO, urgent=False, avoid=first)) == ["24 10:00", "26 15:00", "28 10:00"]


def test_after_a_refusal_urgent_offers_are_the_next_parts_of_days() -> None:
    every = days_of("2026-11-23", 12, *WHOLE_DAY)
    first = [slot.start_at for slot in choose(every, 3, SAO_PAULO, urgent=True)]
    assert offered(choose(every, 3, SAO_PAULO, urgent=True, avoid=first)) == ["24 13:00", "25 10:00", "25 15:00"]


def test_after_a_refusal_a_day_is_offered_again_when_there_is_no_other() -> None:
    only = days_of("2026-11-23", 1, *WHOLE_DAY)
    avoid = [slot.start_at for slot in choose(only, 2, SAO_PAULO, urgent=False)]
    assert offered(choose(only, 2, SAO_PAULO, urgent=False, avoid=avoid)) == ["23 09:30", "23 14:30"]


def test_of_nothing_nothing_is_offered() -> None:
    assert choose([], 3, SAO_PAULO, urgent=False) == ()
    assert choose(days_of("2026-11-23", 2, "09:00"), 0, SAO_PAULO, urgent=False) == ()


def test_a_proposal_is_made_of_what_is_free_with_hosts_by_the_rule() -> None:
    bia = replace(ANA, id="bia")
    kind = replace(TYPE, hosts=("ana", "bia"))
    hosts = [times(taken=[kept("2026-11-25 09:00", "2026-11-25 09:30")]), times(bia)]
    found = propose(kind, hosts, SAO_PAULO, MONDAY, 3, urgent=False)
    assert offered(found) == ["23 10:00", "25 15:00", "27 10:00"]
    assert {slot.hosts for slot in found} == {("bia",)}
    together = propose(replace(kind, assignment=Assignment.TOGETHER), hosts, SAO_PAULO, MONDAY, 1, urgent=True)
    assert [slot.hosts for slot in together] == [("ana", "bia")]


def test_a_proposal_keeps_to_its_window_and_leaves_out_what_was_refused() -> None:
    start_at, end_at = on_the_clock("2026-11-25 09:00"), on_the_clock("2026-11-25 10:30")
    assert offered(propose(TYPE, [times()], SAO_PAULO, MONDAY, 3, False, (), start_at, end_at)) == [
        "25 09:00",
        "25 09:30",
        "25 10:00",
    ]
    avoid = [on_the_clock("2026-11-25 09:30")]
    assert offered(propose(TYPE, [times()], SAO_PAULO, MONDAY, 3, False, avoid, start_at, end_at)) == [
        "25 09:00",
        "25 10:00",
    ]


def test_a_proposal_reaches_up_to_the_horizon_and_no_further() -> None:
    kind = replace(TYPE, horizon=timedelta(hours=8))
    assert offered(propose(kind, [times()], SAO_PAULO, MONDAY, 3, False)) == ["23 08:00"]
    assert propose(replace(kind, horizon=timedelta(hours=7)), [times()], SAO_PAULO, MONDAY, 3, False) == ()
