"""Bookable times, and why others are none, against an oracle that looks at every minute."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from disparo.domain.agenda.availability import SlotReason, decide_slot, free_slots
from disparo.domain.agenda.meeting_type import Assignment
from disparo.domain.agenda.slot import Slot
from tests.property.availability_oracle import MINUTE, Oracle
from tests.property.availability_worlds import World, worlds

INSTANTS = st.integers(-8, 120).map(lambda quarter: quarter * 15) | st.integers(-100, 1800)
"""Minutes from a window's beginning, mostly where a grid's lines may be."""

unhurried = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
thorough = settings(unhurried, max_examples=max(120, settings().max_examples))


def slots_of(world: World) -> list[Slot]:
    return free_slots(world.meeting_type, world.hosts, world.contact, world.now, world.start_at, world.end_at)


def oracle_of(world: World) -> Oracle:
    return Oracle(world.meeting_type, world.hosts, world.contact, world.now)


@thorough
@given(worlds())
def test_what_can_be_booked_is_what_every_minute_allows(world: World) -> None:
    found = [(slot.start_at, slot.hosts) for slot in slots_of(world)]
    assert found == oracle_of(world).slots(world.start_at, world.end_at)
    assert all(slot.end_at - slot.start_at == world.meeting_type.duration for slot in slots_of(world))


@thorough
@given(worlds(), st.lists(INSTANTS, min_size=10, max_size=25), st.sampled_from((0, 0, 30, 0.001)))
def test_the_first_rule_that_refuses_is_told(world: World, minutes: list[int], seconds: float) -> None:
    oracle = oracle_of(world)
    for minute in minutes:
        at = world.start_at.replace(second=0) + minute * MINUTE + timedelta(seconds=seconds)
        decisions = decide_slot(world.meeting_type, world.hosts, world.contact, world.now, at)
        assert [decision.host_id for decision in decisions] == list(world.meeting_type.hosts)
        refused = [oracle.refusals(times, at) for times in oracle.hosts]
        assert [decision.reason for decision in decisions] == [(*reasons, "free")[0] for reasons in refused], at


@unhurried
@given(worlds())
def test_what_is_listed_is_free_and_what_is_free_is_listed(world: World) -> None:
    listed = {slot.start_at: slot.hosts for slot in slots_of(world)}
    quantifier = all if world.meeting_type.assignment is Assignment.TOGETHER else any
    at = world.start_at.replace(second=0)
    while at < world.end_at:
        if at >= world.start_at:
            decisions = decide_slot(world.meeting_type, world.hosts, world.contact, world.now, at)
            free = [decision.host_id for decision in decisions if decision.reason is SlotReason.FREE]
            assert (at in listed) == quantifier(one.reason is SlotReason.FREE for one in decisions), at
            assert set(listed.get(at, ())) <= set(free)
        at += 5 * MINUTE


@unhurried
@given(worlds(most_hosts=1), INSTANTS)
def test_until_then_the_same_rule_refuses_and_from_then_on_not(world: World, minutes: int) -> None:
    oracle, at = oracle_of(world), world.start_at + minutes * MINUTE
    (decision,) = decide_slot(world.meeting_type, world.hosts, world.contact, world.now, at)
    if decision.until is None:
        return
    times = oracle.hosts[0]
    assert decision.until > at
    if decision.until.second == 0 and decision.until.microsecond == 0:
        assert decision.reason not in oracle.refusals(times, decision.until)
        assert decision.reason in oracle.refusals(times, decision.until - MINUTE) or decision.until - MINUTE < at


@unhurried
@given(worlds(), st.integers(1, 1700))
def test_a_window_in_two_parts_lists_the_same(world: World, minutes: int) -> None:
    middle = min(world.start_at + minutes * MINUTE, world.end_at)
    kind, hosts, contact, now = world.meeting_type, world.hosts, world.contact, world.now
    parts = free_slots(kind, hosts, contact, now, world.start_at, middle)
    assert parts + free_slots(kind, hosts, contact, now, middle, world.end_at) == slots_of(world)
