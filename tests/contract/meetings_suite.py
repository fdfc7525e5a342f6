"""What every family does with meetings and the time that they keep; each check gets one empty store, twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from disparo.domain.agenda.keeping import LONGEST_OCCUPATION_MS
from disparo.domain.agenda.meeting import CalendarNote, MeetingState
from disparo.domain.agenda.slot import Slot
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError, NotFoundError
from disparo.domain.instants import MILLISECOND, to_ms
from disparo.ports.agenda import MeetingChangedError
from disparo.ports.store import Store
from tests.contract.meetings_scene import (
    DAY,
    FREE,
    HELD_FOR,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    agreed,
    ended,
    limited,
    meeting,
    offered,
    reason,
    refused,
    slot,
    taken,
)

Check = Callable[[Store, Store], Awaitable[None]]


async def check_a_meeting_is_kept_as_it_was(store: Store, other: Store) -> None:
    note = CalendarNote("ana", 2, '"é1"', 3, NOW + MINUTE, "calendar_unreachable", NOW - DAY)
    given = replace(
        offered("reunião-1@disparo", slot(5, "ana", "bia"), slot(6.5, minutes=25), until=NOW + 7 * MINUTE),
        state=MeetingState.CONFIRMED,
        slot=slot(30, "bia"),
        buffer_before=5 * MINUTE,
        buffer_after=15 * MINUTE,
        sequence=3,
        agreed=2,
        offered=3,
        told=2,
        proposals=2,
        reschedules=1,
        campaign_id="4",
        message_id="4.1.7",
        urgent=True,
        confirmed_at=NOW - HOUR,
        attendance_at=NOW - MINUTE,
        changed_at=NOW,
        asked_at=NOW + DAY,
        by="contact",
        reason="other_time",
        notes="Quer falar de preços; “urgente” 👩‍💼\n\x00fim",
        join_url="https://meet.example/abc",
        calendar=(note, CalendarNote("bia")),
    )
    kept = await store.meetings.add(given, FREE, NOW)
    assert kept == replace(given, id=kept.id, revision=1)
    assert int(kept.id) > 0
    assert await other.meetings.get(kept.id) == kept
    assert await other.meetings.by_uid(given.uid) == kept
    assert await other.meetings.by_uid("reunião-2@disparo") is None


async def check_what_comes_back_is_what_is_read_again(store: Store, other: Store) -> None:
    """Instants are kept in whole milliseconds."""
    finer = meeting("u1", proposed_at=NOW + MILLISECOND * 1.5, changed_at=NOW + MILLISECOND / 3, sequence=1)
    kept = await store.meetings.add(finer, FREE, NOW)
    assert await other.meetings.get(kept.id) == kept
    again = await other.meetings.replace(replace(kept, confirmed_at=NOW + MILLISECOND * 2.5), FREE, NOW)
    assert await store.meetings.get(kept.id) == again


async def check_ids_rise_and_revisions_count_changes(store: Store, other: Store) -> None:
    numbers = [
        int((await one.meetings.add(meeting(f"u{n}"), FREE, NOW)).id) for n, one in enumerate((store, other) * 3)
    ]
    assert numbers == sorted(set(numbers))
    one = await store.meetings.get(str(numbers[0]))
    for revision in (2, 3, 4):
        one = await other.meetings.replace(replace(one, sequence=one.sequence + 1), FREE, NOW)
        assert (one.revision, one.sequence) == (revision, revision - 1)
        assert await store.meetings.get(one.id) == one


async def check_the_same_uid_twice_adds_one(store: Store, other: Store) -> None:
    first = await store.meetings.add(offered("u1", slot(5)), FREE, NOW)
    again = await other.meetings.add(offered("u1", slot(9), contact_id="8"), FREE, NOW + MINUTE)
    assert again == first, "what is kept is left alone"
    assert [one.starts_ms for one in await store.meetings.occupations(["ana"], NOW, NOW + DAY, NOW)] == [
        to_ms(slot(5).start_at)
    ]
    assert await other.meetings.of_contacts(["8"]) == []
    changed = await store.meetings.replace(taken(first, slot(5)), FREE, NOW)
    assert await store.meetings.add(offered("u1", slot(5)), FREE, NOW) == changed


async def check_of_many_who_add_the_same_uid_all_get_the_one(store: Store, other: Store) -> None:
    many = [one.meetings.add(offered("u1", slot(5)), FREE, NOW) for one in (store, other) * 4]
    kept = await asyncio.gather(*many)
    assert {one.id for one in kept} == {kept[0].id}
    assert list(await store.meetings.of_contacts(["7"])) == kept[:1]


async def check_only_who_has_read_the_last_revision_changes_it(store: Store, other: Store) -> None:
    first = await store.meetings.add(offered("u1", slot(5), slot(7)), FREE, NOW)
    second = await other.meetings.replace(taken(first, slot(5)), FREE, NOW)
    for stale in (taken(first, slot(7)), ended(first), first, replace(second, revision=3), replace(second, revision=0)):
        with pytest.raises(MeetingChangedError):
            await store.meetings.replace(stale, FREE, NOW)
    assert await store.meetings.get(first.id) == second
    both = [one.meetings.replace(ended(second, state), FREE, NOW) for one, state in _two_endings(store, other)]
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(isinstance(one, MeetingChangedError) for one in outcomes) == [False, True]


def _two_endings(store: Store, other: Store) -> list[tuple[Store, MeetingState]]:
    return [(store, MeetingState.CANCELLED), (other, MeetingState.DECLINED)]


async def check_what_is_not_there_is_said_so(store: Store, _other: Store) -> None:
    kept = await store.meetings.add(meeting("u1"), FREE, NOW)
    for unknown in ("", "x", "0", f"0{kept.id}", "999", "9" * 30, "١"):
        with pytest.raises(NotFoundError):
            await store.meetings.get(unknown)
        with pytest.raises(NotFoundError):
            await store.meetings.replace(replace(kept, id=unknown), FREE, NOW)


async def check_time_that_is_kept_is_refused_to_others(store: Store, other: Store) -> None:
    held = await store.meetings.add(offered("u1", slot(5), slot(9)), FREE, NOW)
    await store.meetings.add(agreed("u2", slot(20)), FREE, NOW)
    for number, at in enumerate((slot(5), slot(4.5), slot(5.5), slot(4, minutes=180), slot(5.25, minutes=5), slot(20))):
        why = await refused(other.meetings, agreed(f"n{number}", at))
        assert why is not None
        assert (why.host_id, why.reason, why.span) == ("ana", "taken", at.span)
        assert (await refused(other.meetings, offered(f"o{number}", slot(2), at))) is not None
    for number, at in enumerate((slot(4), slot(6), slot(8), slot(5, "bia"), slot(19), slot(21))):
        assert await reason(other.meetings, agreed(f"y{number}", at)) is None, "what only touches is free"
    assert await store.meetings.get(held.id) == held


async def check_a_refusal_changes_nothing(store: Store, other: Store) -> None:
    await store.meetings.add(agreed("u1", slot(5)), FREE, NOW)
    one = await store.meetings.add(offered("u2", slot(7), slot(9)), FREE, NOW)
    before = await _kept(store)
    assert await reason(other.meetings, replace(one, offers=(slot(11), slot(5)))) == "taken"
    assert await reason(other.meetings, agreed("u3", slot(5, "bia", "ana"))) == "taken"
    assert await _kept(store) == before
    assert await store.meetings.get(one.id) == one
    assert await store.meetings.by_uid("u3") is None
    assert [found.id for found in await store.meetings.of_contacts(["7"])] == [one.id, str(int(one.id) - 1)]


async def _kept(store: Store) -> set[tuple[str, str, float, float]]:
    """Whose time is kept for whom, from and until how many hours from NOW."""
    found = await store.meetings.occupations(list(FREE), NOW - DAY, NOW + 60 * DAY, NOW)
    hour_ms, now_ms = HOUR // MILLISECOND, to_ms(NOW)
    return {
        (one.host_id, one.meeting_id, (one.span.start_ms - now_ms) / hour_ms, (one.span.end_ms - now_ms) / hour_ms)
        for one in found
    }


async def check_buffers_are_kept_free_on_both_sides(store: Store, other: Store) -> None:
    padded = agreed("u1", slot(5), buffer_before=15 * MINUTE, buffer_after=30 * MINUTE)
    kept = await store.meetings.add(padded, FREE, NOW)
    assert await _kept(other) == {("ana", kept.id, 4.75, 6.5)}
    assert await reason(other.meetings, agreed("n1", slot(4))) == "taken"
    assert await reason(other.meetings, agreed("n2", slot(6.25))) == "taken"
    assert await reason(other.meetings, agreed("n3", slot(6.5), buffer_before=MINUTE)) == "taken"
    assert await reason(other.meetings, agreed("y1", slot(3.75))) is None
    assert await reason(other.meetings, agreed("y2", slot(6.5, minutes=30))) is None
    assert await reason(other.meetings, agreed("y3", slot(7.5), buffer_before=30 * MINUTE)) is None


async def check_a_hold_keeps_its_time_until_it_runs_out(store: Store, other: Store) -> None:
    held = await store.meetings.add(offered("u1", slot(5), slot(6)), FREE, NOW)
    over = NOW + HELD_FOR
    assert len(await other.meetings.occupations(["ana"], NOW, NOW + DAY, over - MILLISECOND)) == 2
    assert list(await other.meetings.occupations(["ana"], NOW, NOW + DAY, over)) == []
    assert await reason(other.meetings, agreed("u2", slot(5)), now=over - MILLISECOND) == "taken"
    assert await reason(other.meetings, agreed("u2", slot(5)), now=over) is None
    assert await reason(store.meetings, taken(held, slot(5)), now=over) == "taken", "whoever came after the end lost it"
    assert await reason(store.meetings, taken(held, slot(6)), now=over) is None, "nobody wanted it"
    assert await reason(other.meetings, agreed("u3", slot(6)), now=over + DAY) == "taken", "agreed is for good"


async def check_what_ran_out_before_it_is_kept_keeps_nothing(store: Store, other: Store) -> None:
    late = await store.meetings.add(offered("u1", slot(5), until=NOW), FREE, NOW)
    assert await _kept(other) == set()
    assert await reason(other.meetings, agreed("u2", slot(5))) is None
    assert await reason(store.meetings, replace(late, told=0)) is None, "what it keeps no more stops no other change"


async def check_ones_own_time_is_not_in_the_way(store: Store, other: Store) -> None:
    one = await store.meetings.add(offered("u1", slot(5), slot(5.5), slot(8)), FREE, NOW)
    one = await other.meetings.replace(taken(one, slot(5.5)), FREE, NOW)
    assert await _kept(store) == {("ana", one.id, 5.5, 6.5)}
    one = await store.meetings.replace(taken(one, slot(6)), FREE, NOW)
    assert await _kept(other) == {("ana", one.id, 6, 7)}
    one = await store.meetings.replace(replace(one, offers=(slot(6.5), slot(6)), offers_until=NOW + HOUR), FREE, NOW)
    assert await _kept(other) == {("ana", one.id, 6, 7), ("ana", one.id, 6.5, 7.5)}
    assert await reason(other.meetings, agreed("u2", slot(7))) == "taken"
    await store.meetings.replace(replace(one, offers=(), offers_until=None), FREE, NOW)
    assert await reason(other.meetings, agreed("u2", slot(7))) is None


async def check_offers_that_are_replaced_are_free_at_once(store: Store, other: Store) -> None:
    one = await store.meetings.add(offered("u1", slot(5), slot(9), slot(200)), FREE, NOW)
    one = await store.meetings.replace(replace(one, offers=(slot(9), slot(400))), FREE, NOW)
    assert await _kept(other) == {("ana", one.id, 9, 10), ("ana", one.id, 400, 401)}
    assert await reason(other.meetings, agreed("u2", slot(5))) is None
    assert await reason(other.meetings, agreed("u3", slot(200))) is None
    assert await reason(other.meetings, agreed("u4", slot(9))) == "taken"


async def check_who_ends_lets_go_of_everything(store: Store, other: Store) -> None:
    endings = (state for state in MeetingState if state not in (MeetingState.PROPOSED, MeetingState.CONFIRMED))
    for number, state in enumerate(endings):
        one = offered(f"u{number}", slot(7, "ana", "bia"), state=MeetingState.CONFIRMED, slot=slot(5, "bia"))
        kept = await store.meetings.add(one, FREE, NOW)
        assert len(await _kept(other)) == 3
        ending = await store.meetings.replace(ended(kept, state), FREE, NOW)
        lasting = {(each.host_id, each.starts_ms) for each in ending.occupations()}
        found = await other.meetings.occupations(["ana", "bia"], NOW, NOW + DAY, NOW)
        assert {(each.host_id, each.starts_ms) for each in found} == lasting
        await store.meetings.replace(replace(ending, state=MeetingState.CANCELLED), FREE, NOW)


async def check_a_change_that_keeps_no_other_time_is_never_refused(store: Store, _other: Store) -> None:
    """Also when the host's limits were lowered since, or a hold ran out and another has its time."""
    one = await store.meetings.add(agreed("u1", slot(5)), FREE, NOW)
    two = await store.meetings.add(offered("u2", slot(7), campaign_id="3"), FREE, NOW)
    none_at_all = limited(per_day=0, per_week=0)
    one = await store.meetings.replace(replace(one, told=1, notes="x"), none_at_all, NOW)
    assert await store.meetings.get(one.id) == one
    two = await store.meetings.replace(replace(two, told=1), none_at_all, NOW)
    later = NOW + HELD_FOR
    assert await reason(store.meetings, agreed("u3", slot(7)), now=later) is None
    two = await store.meetings.replace(replace(two, told=2), FREE, later)
    assert (two.revision, two.told) == (3, 2)
    assert await reason(store.meetings, replace(two, offers_until=later + HOUR), now=later) == "taken"


async def check_a_host_takes_so_many_in_a_day_of_their_own_zone(store: Store, other: Store) -> None:
    two = limited(per_day=2)
    # NOW is 9 in the morning there; 14 hours on it is 23, 15 hours on the next day begins
    assert await reason(store.meetings, agreed("u1", slot(1)), two) is None
    assert await reason(other.meetings, offered("u2", slot(3), slot(5)), two) is None, "offers of one count as one"
    why = await refused(other.meetings, agreed("u3", slot(14)), two)
    assert why is not None
    assert (why.host_id, why.reason) == ("ana", "day_full")
    assert await reason(store.meetings, agreed("u4", slot(15)), two) is None
    assert await reason(store.meetings, agreed("u5", slot(14, "bia")), two) is None
    assert await reason(store.meetings, offered("u6", slot(16), slot(13)), two) == "day_full"
    assert await reason(store.meetings, agreed("u7", slot(13)), two, NOW + HELD_FOR) is None, "the hold ran out"
    assert await reason(store.meetings, agreed("u8", slot(14)), FREE) is None


async def check_of_many_who_want_one_time_one_gets_it(store: Store, other: Store) -> None:
    many = [agreed(f"u{n}", slot(5 + n / 10)) for n in range(8)]
    whys = await asyncio.gather(*(reason((store, other)[n % 2].meetings, one) for n, one in enumerate(many)))
    assert sorted(map(str, whys)) == ["None", *["taken"] * 7]
    assert len(await _kept(store)) == 1


async def check_of_many_who_want_the_last_place_of_a_day_one_gets_it(store: Store, other: Store) -> None:
    """Of a Sunday whose last three hours are of another week in UTC."""
    one = limited(per_day=1)
    many = [agreed(f"u{n}", slot(150 + n, minutes=30)) for n in range(8)]
    whys = await asyncio.gather(*(reason((store, other)[n % 2].meetings, each, one) for n, each in enumerate(many)))
    assert sorted(map(str, whys)) == ["None", *["day_full"] * 7]
    assert len(await _kept(store)) == 1


async def check_a_meeting_that_moves_within_a_full_day_has_its_place(store: Store, other: Store) -> None:
    one = limited(per_day=1)
    first = await store.meetings.add(agreed("u1", slot(1)), one, NOW)
    assert await reason(other.meetings, taken(first, slot(6)), one) is None
    assert await reason(other.meetings, agreed("u2", slot(1)), one) == "day_full"


async def check_a_host_takes_so_many_in_a_week_of_their_own_zone(store: Store, other: Store) -> None:
    """From Monday on: 135 hours from NOW is Sunday's midnight there, in UTC already Monday."""
    two = limited(per_week=2)
    assert await reason(store.meetings, agreed("u1", slot(1)), two) is None
    assert await reason(store.meetings, agreed("u2", slot(158)), two) is None, "Sunday at 23, in UTC Monday at 2"
    assert await reason(other.meetings, agreed("u3", slot(50)), two) == "week_full"
    assert await reason(other.meetings, agreed("u4", slot(157)), two) == "week_full"
    assert await reason(other.meetings, agreed("u5", slot(159)), two) is None, "Monday at 0"
    assert await reason(other.meetings, agreed("u6", slot(300)), two) is None
    assert await reason(other.meetings, agreed("u7", slot(310)), two) == "week_full"
    assert await reason(other.meetings, agreed("u8", slot(-20)), two) is None, "the week before"


async def check_several_hosts_give_their_time_together_or_not_at_all(store: Store, other: Store) -> None:
    await store.meetings.add(agreed("u1", slot(5, "bia")), FREE, NOW)
    why = await refused(other.meetings, agreed("u2", slot(5, "ana", "bia")))
    assert why is not None
    assert (why.host_id, why.reason) == ("bia", "taken")
    assert await reason(other.meetings, agreed("u3", slot(5, "ana", "caio"))) is None
    assert await reason(store.meetings, agreed("u4", slot(5.5, "caio"))) == "taken"


async def check_whole_weeks_and_long_meetings_keep_every_hour(store: Store, other: Store) -> None:
    """Over the end of a week, of hours and of UTC: a meeting of twelve hours with its longest buffers."""
    longest = agreed("u1", slot(152, minutes=720), buffer_before=4 * HOUR, buffer_after=4 * HOUR)
    kept = await store.meetings.add(longest, FREE, NOW)
    assert await _kept(other) == {("ana", kept.id, 148, 168)}
    for number, at in enumerate((slot(147.5), slot(155), slot(156), slot(158.75), slot(167.9))):
        assert await reason(other.meetings, agreed(f"n{number}", at)) == "taken"
    for at in (slot(148, minutes=1), slot(167, minutes=60)):
        span = at.start_at, at.end_at
        assert [one.meeting_id for one in await other.meetings.occupations(["ana"], *span, NOW)] == [kept.id]
    assert await reason(other.meetings, agreed("y1", slot(147))) is None
    assert await reason(other.meetings, agreed("y2", slot(168))) is None
    await store.meetings.replace(ended(kept), FREE, NOW)
    assert await reason(other.meetings, agreed("y3", slot(156))) is None


async def check_what_is_longer_than_any_meeting_is_refused(store: Store, _other: Store) -> None:
    longest = Slot(("ana",), NOW, NOW + LONGEST_OCCUPATION_MS * MILLISECOND)
    with pytest.raises(InputError):
        await store.meetings.add(agreed("u1", longest, buffer_after=SECOND), FREE, NOW)
    assert await store.meetings.by_uid("u1") is None
    assert (await store.meetings.add(agreed("u2", longest), FREE, NOW)).slot == longest


async def check_occupations_are_those_that_reach_into_a_span(store: Store, other: Store) -> None:
    numbers = [(await store.meetings.add(agreed(f"u{at}", slot(at)), FREE, NOW)).id for at in (5, 7, 200)]
    await store.meetings.add(agreed("b", slot(5, "bia")), FREE, NOW)

    async def found(start: float, end: float, *hosts: str) -> list[str]:
        span = NOW + start * HOUR, NOW + end * HOUR
        return sorted(one.meeting_id for one in await other.meetings.occupations(hosts or ["ana"], *span, NOW))

    assert await found(6, 7) == []
    assert await found(5.9, 7.1) == numbers[:2]
    assert await found(5.5, 5.6) == numbers[:1]
    assert await found(0, 300) == numbers
    assert len(await found(0, 300, "ana", "bia", "ana", "nobody")) == 4
    assert await found(5, 5) == []
    assert list(await other.meetings.occupations([], NOW, NOW + DAY, NOW)) == []


async def check_a_meeting_without_time_keeps_none(store: Store, _other: Store) -> None:
    one = await store.meetings.add(meeting("u1", channel=Channel.EMAIL), {}, NOW)
    assert (one.channel, await _kept(store)) == (Channel.EMAIL, set())


async def check_several_are_read_at_once_and_those_that_are_not_there_are_left_out(store: Store, other: Store) -> None:
    kept = [await store.meetings.add(agreed(f"u{at}", slot(at)), FREE, NOW) for at in (1, 3, 5)]
    wanted = [kept[2].id, kept[0].id, kept[2].id, "999999", "nada", ""]
    found = await other.meetings.several(wanted)
    assert sorted(found, key=lambda one: int(one.id)) == [kept[0], kept[2]]
    assert list(await other.meetings.several([])) == []


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
