from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from disparo.domain.agenda.availability import SlotDecision, SlotReason, decide_slot
from disparo.domain.agenda.host import Block, DayLimits
from disparo.domain.place import Place
from tests.unit.domain.agenda.availability_cases import (
    ALWAYS,
    ANA,
    MONDAY,
    TYPE,
    decided,
    kept,
    minutes,
    on_the_clock,
    span,
    times,
)


def said(decision: SlotDecision) -> tuple[str, str, datetime | None]:
    assert decision.host_id == "ana"
    return decision.reason, decision.detail, decision.until


def until(clock: str) -> datetime:
    return on_the_clock(clock)


def test_a_time_that_can_be_booked_is_free() -> None:
    assert decided("2026-11-23 09:00") == SlotDecision(SlotReason.FREE, "", "ana", None)


def test_a_type_or_host_that_is_switched_off_comes_first() -> None:
    off = times(replace(ANA, active=False), fault="forbidden")
    assert said(decided("2026-11-22 09:00", off, kind=replace(TYPE, active=False))) == ("type_inactive", "", None)
    assert said(decided("2026-11-22 09:00", off)) == ("host_inactive", "", None)


def test_a_calendar_that_cannot_be_read_says_why() -> None:
    assert said(decided("2026-11-23 09:00", times(fault="forbidden"))) == ("calendar_unreadable", "forbidden 403", None)


def test_the_past_ends_now() -> None:
    now = on_the_clock("2026-11-23 10:10")
    assert said(decided("2026-11-23 09:00", now=now)) == ("past", "", now)


def test_too_soon_and_too_far_tell_the_limit() -> None:
    kind = replace(TYPE, min_notice=timedelta(hours=12), horizon=timedelta(days=2))
    assert said(decided("2026-11-23 09:00", kind=kind)) == ("min_notice", "12h", MONDAY + timedelta(hours=12))
    assert said(decided("2026-11-25 09:00", kind=kind)) == ("beyond_horizon", "2d", None)


@pytest.mark.parametrize("late", [timedelta(minutes=10), timedelta(seconds=1), timedelta(microseconds=1)])
def test_a_time_between_lines_is_off_the_grid(late: timedelta) -> None:
    at = on_the_clock("2026-11-23 09:00") + late
    (decision,) = decide_slot(TYPE, [times()], None, MONDAY, at)
    assert said(decision) == ("off_grid", "30m", until("2026-11-23 09:30"))


@pytest.mark.parametrize(
    ("clock", "detail", "ends"),
    [
        ("2026-11-23 07:30", "before_hours 08:00", "2026-11-23 08:00"),
        ("2026-11-23 12:30", "lunch_break 12:00-13:00", "2026-11-23 13:00"),
        ("2026-11-23 18:00", "after_hours 18:00", "2026-11-24 08:00"),
        ("2026-11-28 09:00", "day_off 2026-11-28", "2026-11-30 08:00"),
        ("2026-12-25 09:00", "holiday Natal", "2026-12-28 08:00"),
    ],
)
def test_outside_of_the_hosts_hours_their_own_reason_is_told(clock: str, detail: str, ends: str) -> None:
    kind = replace(TYPE, horizon=timedelta(days=60))
    assert said(decided(clock, kind=kind)) == ("host_hours", detail, until(ends))


def test_a_meeting_that_reaches_into_lunch_is_told_of_lunch() -> None:
    found = decided("2026-11-23 11:30", kind=replace(TYPE, duration=minutes(45)))
    assert said(found) == ("host_hours", "lunch_break 12:00-13:00", on_the_clock("2026-11-23 13:00"))


def test_a_block_is_told_by_its_label() -> None:
    first = Block(until("2026-11-23 09:00"), until("2026-11-23 10:00"), "dentista")
    host = replace(ANA, blocks=(first, Block(until("2026-11-24 00:00"), until("2026-12-01 00:00"), "férias")))
    assert said(decided("2026-11-23 09:30", times(host))) == ("blocked", "dentista", until("2026-11-23 10:00"))
    assert said(decided("2026-11-25 09:30", times(host))) == ("blocked", "férias", until("2026-12-01 00:00"))


def test_busy_until_the_buffer_after_it_ends() -> None:
    busy = [span("2026-11-23 09:00", "2026-11-23 09:30"), span("2026-11-23 09:30", "2026-11-23 10:00")]
    found = decided("2026-11-23 09:00", times(busy=busy), kind=replace(TYPE, buffer_before=minutes(10)))
    assert said(found) == ("busy", "", until("2026-11-23 10:10"))


def test_taken_names_the_other_meeting() -> None:
    taken = [
        kept("2026-11-23 09:00", "2026-11-23 09:30", "31", host_id="bia"),
        kept("2026-11-23 09:00", "2026-11-23 09:30", "32"),
    ]
    assert said(decided("2026-11-23 09:00", times(taken=taken))) == ("taken", "32", until("2026-11-23 09:30"))


def test_a_full_day_and_a_full_week_tell_the_limit() -> None:
    taken = [kept("2026-11-23 15:00", "2026-11-23 15:30")]
    by_day, by_week = (times(replace(ANA, limits=limits), taken=taken) for limits in (DayLimits(1), DayLimits(3, 1)))
    assert said(decided("2026-11-23 09:00", by_day)) == ("day_full", "1", until("2026-11-24 00:00"))
    assert said(decided("2026-11-24 09:00", by_week)) == ("week_full", "1", until("2026-11-30 00:00"))


def test_the_contacts_night_is_told_by_the_contacts_clock() -> None:
    host = times(replace(ANA, hours=ALWAYS))
    found = decided("2026-11-23 17:00", host, contact=Place("Europe/Lisbon"))
    assert said(found) == ("contact_hours", "after_hours 20:00", until("2026-11-24 05:00"))


def test_a_holiday_of_the_contact_is_told_by_name() -> None:
    found = decided("2026-12-01 09:00", contact=Place("Europe/Lisbon"))
    assert said(found)[:2] == ("contact_holiday", "Restauração da Independência")
    assert found.until == on_the_clock("2026-12-02 00:00", "Europe/Lisbon")


def test_a_meeting_that_reaches_into_a_holiday_is_on_one() -> None:
    late = replace(TYPE, contact_hours=ALWAYS, duration=timedelta(hours=2))
    host = times(replace(ANA, hours=ALWAYS))
    lisbon = Place("Europe/Lisbon")
    assert said(decided("2026-11-30 19:30", host, kind=late, contact=lisbon))[0] == "contact_holiday"
    assert said(decided("2026-11-30 19:00", host, kind=late, contact=lisbon))[0] == "free"


def test_hosts_answer_in_the_order_of_the_type() -> None:
    kind = replace(TYPE, hosts=("bia", "ana"))
    hosts = [times(), times(replace(ANA, id="bia"), fault="timeout")]
    found = decide_slot(kind, hosts, None, MONDAY, on_the_clock("2026-11-23 09:00"))
    assert [(one.host_id, one.reason) for one in found] == [("bia", "calendar_unreadable"), ("ana", "free")]
