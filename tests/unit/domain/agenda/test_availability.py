from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.agenda.availability import HostTimes, SlotReason, decide_slot, free_slots
from disparo.domain.agenda.meeting_type import Assignment
from disparo.domain.errors import InputError
from disparo.domain.place import Place
from tests.unit.domain.agenda.availability_cases import (
    ALWAYS,
    ANA,
    MONDAY,
    SAO_PAULO,
    TYPE,
    kept,
    listed,
    minutes,
    on_the_clock,
    shown,
    span,
    times,
)

BIA = replace(ANA, id="bia")
MORNING = ["08:00", "08:30", "09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]
AFTERNOON = ["13:00", "13:30", "14:00", "14:30", "15:00", "15:30", "16:00", "16:30", "17:00", "17:30"]


def test_a_usual_day_has_a_time_every_half_hour_but_over_lunch() -> None:
    slots = listed("2026-11-23")
    assert shown(slots) == MORNING + AFTERNOON
    assert slots[0].hosts == ("ana",)
    assert slots[0].end_at - slots[0].start_at == minutes(30)


def test_a_longer_meeting_ends_before_lunch_and_before_the_evening() -> None:
    found = shown(listed("2026-11-23", kind=replace(TYPE, duration=minutes(90))))
    assert found == MORNING[:-2] + AFTERNOON[:-2]


def test_buffers_may_lie_outside_of_hours() -> None:
    assert shown(listed("2026-11-23", kind=replace(TYPE, buffer_before=minutes(60), buffer_after=minutes(60)))) == (
        MORNING + AFTERNOON
    )


def test_what_is_busy_is_left_out_with_its_buffers_and_what_touches_is_not() -> None:
    busy = [span("2026-11-23 14:00", "2026-11-23 14:30")]
    assert set(AFTERNOON) - set(shown(listed("2026-11-23", times(busy=busy)))) == {"14:00"}
    padded = replace(TYPE, buffer_before=minutes(10), buffer_after=minutes(5))
    left_out = set(AFTERNOON) - set(shown(listed("2026-11-23", times(busy=busy), kind=padded)))
    assert left_out == {"13:30", "14:00", "14:30"}


def test_another_meeting_of_ours_is_padded_already() -> None:
    taken = [kept("2026-11-23 13:50", "2026-11-23 14:40", before=10)]
    assert set(AFTERNOON) - set(shown(listed("2026-11-23", times(taken=taken)))) == {"13:30", "14:00", "14:30"}


def test_what_is_busy_for_no_time_is_in_nobodys_way() -> None:
    busy = [span("2026-11-23 14:10", "2026-11-23 14:10"), span("2026-11-23 16:00", "2026-11-23 15:00")]
    assert shown(listed("2026-11-23", times(busy=busy))) == MORNING + AFTERNOON


def test_busy_times_come_in_any_order_and_one_inside_another() -> None:
    whole = span("2026-11-23 13:00", "2026-11-23 17:00")
    busy = [span("2026-11-23 17:30", "2026-11-23 18:00"), span("2026-11-23 14:00", "2026-11-23 14:30"), whole]
    assert shown(listed("2026-11-23", times(busy=busy))) == [*MORNING, "17:00"]


def test_an_unreadable_calendar_offers_nothing() -> None:
    assert listed("2026-11-23", times(fault="forbidden")) == []


def test_a_time_that_was_missed_by_a_moment_is_past() -> None:
    at_nine = on_the_clock("2026-11-23 09:00")
    assert shown(listed("2026-11-23", now=at_nine))[0] == "09:00"
    assert shown(listed("2026-11-23", now=at_nine + timedelta(microseconds=1)))[0] == "09:30"


def test_notice_and_horizon_are_counted_from_now_and_inclusive() -> None:
    kind = replace(TYPE, min_notice=timedelta(hours=4), horizon=timedelta(hours=8))
    assert shown(listed("2026-11-23", kind=kind, now=on_the_clock("2026-11-23 06:00"))) == [
        *MORNING[4:],
        *AFTERNOON[:3],
    ]


def test_the_window_takes_its_first_instant_and_not_its_last() -> None:
    first, last = on_the_clock("2026-11-23 09:00"), on_the_clock("2026-11-23 10:00")
    assert shown(free_slots(TYPE, [times()], None, MONDAY, first, last)) == ["09:00", "09:30"]
    assert free_slots(TYPE, [times()], None, MONDAY, last, first) == []


def test_the_grid_is_counted_from_midnight_of_each_day() -> None:
    host = replace(ANA, hours=ALWAYS)
    found = shown(listed("2026-11-24", times(host), kind=replace(TYPE, grid=minutes(100))))
    assert found[:3] == ["00:00", "01:40", "03:20"]
    assert found[-1] == "23:20"


def test_where_midnight_is_skipped_the_grid_stays_on_the_clock() -> None:
    host, before = replace(ANA, hours=ALWAYS), datetime(2018, 11, 1, tzinfo=UTC)
    found = listed("2018-11-04", times(host), kind=replace(TYPE, grid=minutes(45)), now=before)
    assert shown(found)[:3] == ["01:30", "02:15", "03:00"]
    assert len(found) == len(range(90, 1440, 45))


def test_an_hour_that_is_repeated_has_its_times_twice() -> None:
    host, before = replace(ANA, hours=ALWAYS, place=Place("Europe/Lisbon")), datetime(2026, 10, 24, tzinfo=UTC)
    found = listed("2026-10-25", times(host), now=before, zone="Europe/Lisbon")
    assert shown(found, "Europe/Lisbon")[:7] == ["00:00", "00:30", "01:00", "01:30", "01:00", "01:30", "02:00"]


def test_a_meeting_through_a_skipped_hour_lasts_as_long_as_any() -> None:
    host = replace(
        ANA, place=Place("Europe/Lisbon"), hours=replace(ALWAYS, default=replace(ALWAYS.default, end_min=180))
    )
    found = listed("2026-03-29", times(host), now=datetime(2026, 3, 28, tzinfo=UTC), zone="Europe/Lisbon")
    assert shown(found, "Europe/Lisbon") == ["00:00", "00:30", "02:00", "02:30"]


def test_a_meeting_may_go_over_midnight_where_hours_do() -> None:
    found = listed("2026-11-24", times(replace(ANA, hours=ALWAYS)), kind=replace(TYPE, duration=timedelta(hours=3)))
    assert shown(found)[-1] == "23:30"


def test_limits_count_meetings_not_what_they_hold() -> None:
    offers = [kept("2026-11-24 09:00", "2026-11-24 09:30", "5"), kept("2026-11-24 15:00", "2026-11-24 15:30", "5")]
    two, one = (replace(ANA, limits=replace(ANA.limits, per_day=count)) for count in (2, 1))
    assert len(listed("2026-11-24", times(two, taken=offers))) == len(MORNING + AFTERNOON) - 2
    assert listed("2026-11-24", times(one, taken=offers)) == []
    assert shown(listed("2026-11-25", times(one, taken=offers))) == MORNING + AFTERNOON


def test_a_full_week_ends_with_its_sunday() -> None:
    host = replace(ANA, hours=ALWAYS, limits=replace(ANA.limits, per_week=1))
    full = times(host, taken=[kept("2026-11-25 09:00", "2026-11-25 09:30")])
    assert [len(listed(day, full)) for day in ("2026-11-23", "2026-11-29", "2026-11-30")] == [0, 0, 48]


def test_the_contact_is_not_asked_for_a_time_of_their_night() -> None:
    host = replace(ANA, hours=ALWAYS)
    found = shown(listed("2026-11-24", times(host), contact=Place("Europe/Lisbon")), "Europe/Lisbon")
    assert (found[0], found[-1], len(found)) == ("08:00", "19:30", 24)


def test_public_holidays_of_the_contact_are_left_out_if_asked() -> None:
    independence = "2026-12-01"  # Restauração da Independência
    assert listed(independence, contact=Place("Europe/Lisbon")) == []
    assert listed(independence, contact=SAO_PAULO) != []
    assert listed(independence, contact=Place("Europe/Lisbon"), kind=replace(TYPE, contact_holidays=False)) != []


def test_a_round_robin_gives_to_whoever_has_fewest_meetings_that_week() -> None:
    ana = times(taken=[kept("2026-11-26 09:00", "2026-11-26 09:30")])
    bia = times(BIA, busy=[span("2026-11-24 08:00", "2026-11-24 08:30")])
    found = listed("2026-11-24", ana, bia)
    assert [slot.hosts for slot in found[:2]] == [("ana",), ("bia",)]
    assert {slot.hosts for slot in listed("2026-12-01", ana, bia)} == {("ana",)}


def test_any_host_is_the_first_who_is_free() -> None:
    ana = times(taken=[kept("2026-11-24 08:00", "2026-11-24 08:30")])
    found = listed("2026-11-24", ana, times(BIA), kind=replace(TYPE, assignment=Assignment.ANY))
    assert [slot.hosts for slot in found[:2]] == [("bia",), ("ana",)]


def test_together_is_when_all_can() -> None:
    kind = replace(TYPE, assignment=Assignment.TOGETHER)
    ana = times(busy=[span("2026-11-24 08:00", "2026-11-24 12:00")])
    bia = times(BIA, busy=[span("2026-11-24 13:30", "2026-11-24 18:00")])
    found = listed("2026-11-24", ana, bia, kind=kind)
    assert [(*shown([slot]), *slot.hosts) for slot in found] == [("13:00", "ana", "bia")]


def test_together_nothing_is_free_while_one_is_unknown() -> None:
    kind = replace(TYPE, assignment=Assignment.TOGETHER, hosts=("ana", "bia"))
    window = (MONDAY, MONDAY + timedelta(days=1))
    assert free_slots(kind, [times()], None, MONDAY, *window) == []
    decisions = decide_slot(kind, [times()], None, MONDAY, on_the_clock("2026-11-23 09:00"))
    assert [(one.host_id, one.reason, one.detail) for one in decisions] == [
        ("ana", SlotReason.FREE, ""),
        ("bia", SlotReason.HOST_INACTIVE, "unknown"),
    ]


def test_together_a_time_is_on_the_grid_of_every_clock() -> None:
    kind = replace(TYPE, assignment=Assignment.TOGETHER, grid=minutes(60))
    nepal = times(replace(BIA, hours=ALWAYS, place=Place("Asia/Kathmandu")))
    ana = times(replace(ANA, hours=ALWAYS))
    assert listed("2026-11-24", ana, nepal, kind=kind) == []
    assert len(listed("2026-11-24", ana, nepal, kind=replace(kind, grid=minutes(15)))) == 96


def test_a_host_whom_the_type_does_not_list_comes_last() -> None:
    kind = replace(TYPE, assignment=Assignment.ANY, hosts=("bia",))
    window = (MONDAY, MONDAY + timedelta(days=1))
    assert {slot.hosts for slot in free_slots(kind, [times(), times(BIA)], None, MONDAY, *window)} == {("bia",)}


@pytest.mark.parametrize("hosts", [[], [times(replace(ANA, active=False))]])
def test_without_anybody_there_is_nothing(hosts: list[HostTimes]) -> None:
    assert free_slots(TYPE, hosts, None, MONDAY, MONDAY, MONDAY + timedelta(days=7)) == []


def test_a_type_that_is_switched_off_is_not_offered() -> None:
    assert listed("2026-11-23", kind=replace(TYPE, active=False)) == []


def test_an_unknown_zone_and_a_time_without_zone_are_errors() -> None:
    with pytest.raises(InputError, match="desconhecido"):
        listed("2026-11-23", contact=Place("Marte/Olympus"))
    with pytest.raises(TypeError):
        free_slots(TYPE, [times()], None, MONDAY, MONDAY.replace(tzinfo=None), MONDAY)
