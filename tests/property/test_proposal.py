"""What is offered of what is free, whatever that is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from disparo.domain.agenda.availability import free_slots
from disparo.domain.agenda.proposal import choose, propose
from disparo.domain.agenda.slot import Slot
from disparo.domain.place import Place
from tests.property.availability_oracle import MINUTE
from tests.property.availability_worlds import World, worlds

ZONES = ("America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")
START = datetime(2026, 9, 30, tzinfo=UTC)
thorough = settings(max_examples=max(120, settings().max_examples))
COUNTS = st.integers(1, 5)
GAPS = st.sampled_from((0, 10, 45)).map(lambda minutes: minutes * MINUTE)


@st.composite
def slot_lists(draw: st.DrawFn) -> list[Slot]:
    duration = draw(st.sampled_from((15, 30, 60, 90))) * MINUTE
    grid = draw(st.sampled_from((15, 30, 60))) * MINUTE
    lines = draw(st.sets(st.integers(0, draw(st.sampled_from((20, 100, 700)))), max_size=60))
    return [Slot(("ana",), START + line * grid, START + line * grid + duration) for line in sorted(lines)]


def day_of(slot: Slot, zone: str) -> date:
    return slot.start_at.astimezone(ZoneInfo(zone)).date()


def is_morning(slot: Slot, zone: str) -> bool:
    return slot.start_at.astimezone(ZoneInfo(zone)).hour < 12


def are_apart(slots: tuple[Slot, ...], gap: timedelta) -> bool:
    return all(
        one.end_at + gap <= other.start_at or other.end_at + gap <= one.start_at
        for one, other in combinations(slots, 2)
    )


def most_apart(slots: list[Slot], gap: timedelta) -> int:
    """How many fit beside one another; slots of one length, so the earliest is never wrong."""
    count, free_at = 0, datetime.min.replace(tzinfo=UTC)
    for slot in slots:
        if slot.start_at >= free_at:
            count, free_at = count + 1, slot.end_at + gap
    return count


@thorough
@given(slot_lists(), COUNTS, st.sampled_from(ZONES), st.booleans(), GAPS)
def test_offers_are_some_of_the_slots_in_order_and_apart(
    slots: list[Slot], count: int, zone: str, urgent: bool, gap: timedelta
) -> None:
    found = choose(slots, count, Place(zone), urgent=urgent, gap=gap)
    assert set(found) <= set(slots)
    assert all(one.start_at < other.start_at for one, other in pairwise(found))
    assert are_apart(found, gap)


@thorough
@given(slot_lists(), COUNTS, st.sampled_from(ZONES), st.booleans(), GAPS)
def test_as_many_are_offered_as_fit(slots: list[Slot], count: int, zone: str, urgent: bool, gap: timedelta) -> None:
    assert len(choose(slots, count, Place(zone), urgent=urgent, gap=gap)) == min(count, most_apart(slots, gap))


@thorough
@given(slot_lists(), COUNTS, st.sampled_from(ZONES))
def test_each_is_on_a_day_of_its_own_as_long_as_there_are_days(slots: list[Slot], count: int, zone: str) -> None:
    by_day = [slot for slot in slots if 1 <= slot.start_at.astimezone(ZoneInfo(zone)).hour < 22]
    days = {day_of(slot, zone) for slot in by_day}
    found = choose(by_day, count, Place(zone), urgent=False)
    assert len({day_of(slot, zone) for slot in found}) == min(count, len(days))


@thorough
@given(slot_lists(), st.integers(2, 5), st.sampled_from(ZONES))
def test_mornings_and_afternoons_take_turns_where_every_day_has_both(slots: list[Slot], count: int, zone: str) -> None:
    both = {day for day in {day_of(s, zone) for s in slots} if _has_both(slots, day, zone)}
    found = choose([slot for slot in slots if day_of(slot, zone) in both], count, Place(zone), urgent=False)
    if len(found) > 1:
        assert {is_morning(slot, zone) for slot in found} == {True, False}


def _has_both(slots: list[Slot], day: date, zone: str) -> bool:
    return {is_morning(slot, zone) for slot in slots if day_of(slot, zone) == day} == {True, False}


@thorough
@given(slot_lists(), COUNTS, st.sampled_from(ZONES), st.booleans())
def test_the_first_is_on_the_first_day_and_the_earliest_when_urgent(
    slots: list[Slot], count: int, zone: str, urgent: bool
) -> None:
    found = choose(slots, count, Place(zone), urgent=urgent)
    if slots:
        assert day_of(found[0], zone) == day_of(slots[0], zone)
        assert not urgent or found[0] == slots[0] or len(found) == most_apart(slots, timedelta(0))


@thorough
@given(slot_lists(), COUNTS, st.sampled_from(ZONES), st.booleans(), st.data())
def test_what_was_offered_before_is_not_offered_again(
    slots: list[Slot], count: int, zone: str, urgent: bool, data: st.DataObject
) -> None:
    avoid = data.draw(st.sets(st.sampled_from([slot.start_at for slot in slots]))) if slots else set()
    found = choose(slots, count, Place(zone), urgent=urgent, avoid=avoid)
    assert not {slot.start_at for slot in found} & avoid
    others = [slot for slot in slots if slot.start_at not in avoid]
    assert len(found) == min(count, most_apart(others, timedelta(0)))


@thorough
@given(slot_lists(), COUNTS, st.sampled_from(ZONES), st.booleans(), st.randoms(use_true_random=False))
def test_the_order_in_which_slots_come_decides_nothing(
    slots: list[Slot],
    count: int,
    zone: str,
    urgent: bool,
    random: st.randoms,  # type: ignore[valid-type]
) -> None:
    shuffled = list(slots)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert choose(shuffled, count, Place(zone), urgent=urgent) == choose(slots, count, Place(zone), urgent=urgent)


@settings(thorough, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(worlds(), COUNTS, st.booleans(), st.integers(0, 6))
def test_looking_up_days_one_by_one_proposes_what_the_whole_list_would(
    world: World, count: int, urgent: bool, avoided: int
) -> None:
    contact = world.contact or Place("America/Manaus")
    kind, hosts, now = world.meeting_type, world.hosts, world.now
    for start_at, end_at in ((None, None), (world.start_at, world.end_at)):
        last_at = end_at or now + timedelta(days=31)
        listed = free_slots(kind, hosts, contact, now, start_at or now, last_at)
        avoid = {slot.start_at for slot in listed[:avoided]}
        gap = kind.buffer_before + kind.buffer_after
        assert propose(kind, hosts, contact, now, count, urgent, avoid, start_at, end_at) == choose(
            listed, count, contact, urgent=urgent, avoid=avoid, gap=gap
        )
