from __future__ import annotations

from dataclasses import replace

import pytest

from disparo.domain.agenda.keeping import LONGEST_OCCUPATION_MS, hosts_of, meeting_number, time_change
from disparo.domain.agenda.meeting import MeetingState
from disparo.domain.agenda.slot import Slot
from disparo.domain.errors import InputError
from disparo.domain.instants import MILLISECOND, to_ms
from tests.contract.meetings_scene import HELD_FOR, HOUR, NOW, agreed, ended, meeting, offered, slot, taken

NOW_MS, LATER_MS = to_ms(NOW), to_ms(NOW + HELD_FOR)


def test_a_new_meeting_keeps_all_that_it_wants() -> None:
    one = offered("u1", slot(5, "ana", "bia"), slot(7))
    change = time_change(None, one, NOW_MS)
    assert (change.fresh, change.gone) == (one.occupations(), ())


def test_a_hold_that_ran_out_is_not_asked_for() -> None:
    assert time_change(None, offered("u1", slot(5)), LATER_MS).fresh == ()


def test_a_hold_that_is_taken_is_asked_for_anew() -> None:
    one = offered("u1", slot(5), slot(7))
    change = time_change(one, taken(one, slot(7)), NOW_MS)
    [fresh] = change.fresh
    assert (fresh.starts_ms, fresh.until_ms) == (to_ms(slot(7).start_at), None)
    assert change.gone == one.occupations()


def test_a_hold_that_is_prolonged_is_asked_for_anew() -> None:
    one = offered("u1", slot(5))
    assert len(time_change(one, replace(one, offers_until=NOW + 2 * HELD_FOR), NOW_MS).fresh) == 1


def test_what_stays_as_it_was_is_neither() -> None:
    one = replace(offered("u1", slot(7)), state=MeetingState.CONFIRMED, slot=slot(5))
    change = time_change(one, replace(one, told=3, notes="x"), NOW_MS)
    assert (change.fresh, change.gone) == ((), ())


def test_who_ends_lets_go_of_everything() -> None:
    one = agreed("u1", slot(5, "ana", "bia"))
    change = time_change(one, ended(one), NOW_MS)
    assert (change.fresh, change.gone) == ((), one.occupations())


def test_the_same_time_offered_twice_is_kept_once() -> None:
    assert len(time_change(None, offered("u1", slot(5), slot(5)), NOW_MS).fresh) == 1


def test_a_time_longer_than_any_meeting_is_refused() -> None:
    longest = Slot(("ana",), NOW, NOW + LONGEST_OCCUPATION_MS * MILLISECOND)
    assert len(time_change(None, agreed("u1", longest), NOW_MS).fresh) == 1
    with pytest.raises(InputError, match="20 horas"):
        time_change(None, agreed("u1", longest, buffer_before=MILLISECOND), NOW_MS)
    kept = agreed("u1", longest, buffer_before=HOUR)
    assert time_change(kept, replace(kept, told=1), NOW_MS).fresh == ()


def test_a_meeting_is_of_those_who_agreed_else_of_those_who_offer() -> None:
    offers = (slot(5, "ana", "bia"), slot(7, "bia", "caio"))
    assert hosts_of(offered("u1", *offers)) == ("ana", "bia", "caio")
    assert hosts_of(agreed("u1", slot(9, "zoe"), offers=offers)) == ("zoe",)
    assert hosts_of(meeting("u1")) == ()


@pytest.mark.parametrize("text", ["", "x", "01", "-1", "1.0", " 1", "١", "²", "1" * 16])
def test_what_is_no_number_of_a_meeting_is_none(text: str) -> None:
    assert meeting_number(text) is None


def test_an_id_is_a_number() -> None:
    assert [meeting_number(text) for text in ("1", "207", "9" * 15)] == [1, 207, 10**15 - 1]
