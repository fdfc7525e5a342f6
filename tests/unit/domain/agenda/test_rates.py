"""Rates over meetings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.agenda import meeting_changes as change
from disparo.domain.agenda.meeting import Meeting, MeetingEvent
from disparo.domain.agenda.rates import Grouping, Rates, rates_by
from disparo.domain.agenda.slot import Slot
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.place import Place

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def slot(start_at: datetime = NOW + 24 * HOUR, *hosts: str) -> Slot:
    return Slot(hosts or ("ana",), start_at, start_at + HOUR)


def draft(**changes: object) -> Meeting:
    meeting = Meeting("1", "visita", "7", Channel.EMAIL, Place("America/Sao_Paulo"), "pt", "u", NOW - 48 * HOUR)
    return replace(meeting, **changes)


def offered(meeting: Meeting | None = None, *hosts: str) -> Meeting:
    meeting = meeting or draft()
    at = meeting.proposed_at
    return change.offer(meeting, (slot(at + 24 * HOUR, *hosts),), at + HOUR, at, "system")


def agreed(meeting: Meeting, after: timedelta = HOUR, *, start_at: datetime = NOW + 24 * HOUR) -> Meeting:
    hosts = meeting.offers[0].hosts if meeting.offers else ("ana",)
    return change.agree(meeting, slot(start_at, *hosts), meeting.proposed_at + after, "contact")


def over(meeting: Meeting, held: bool) -> Meeting:
    return change.note_outcome(agreed(meeting, start_at=NOW - 4 * HOUR), held, NOW - HOUR, "host")


def rates(*meetings: Meeting) -> Rates:
    return rates_by(meetings, (), "UTC", NOW)[()]


def test_the_confirmation_rate_is_of_meetings_that_were_offered() -> None:
    found = rates(
        agreed(offered()),
        offered(),
        change.end(offered(), MeetingEvent.DECLINE, NOW, "contact"),
        change.end(offered(), MeetingEvent.EXPIRE, NOW, "system"),
    )
    assert (found.offered, found.agreed, found.open, found.declined, found.expired) == (4, 1, 1, 1, 1)
    assert found.confirmation_rate == 0.25


def test_one_that_was_cancelled_later_was_confirmed_all_the_same() -> None:
    found = rates(change.end(agreed(offered()), MeetingEvent.CANCEL, NOW, "host"))
    assert (found.agreed, found.confirmation_rate, found.upcoming) == (1, 1.0, 0)
    assert found.cancelled == {"host": 1}


def test_what_is_booked_without_an_offer_is_counted_apart() -> None:
    direct = agreed(draft(), timedelta(0))
    moved = agreed(change.offer(direct, (slot(),), NOW, NOW, "contact"))
    found = rates(direct, moved, offered())
    assert (found.booked, found.offered, found.agreed, found.meetings) == (2, 1, 0, 3)
    assert found.confirmation_rate == 0.0
    assert found.mean_to_confirm is None


def test_the_no_show_rate_is_of_meetings_of_which_somebody_said_how_they_went() -> None:
    unknown = agreed(offered(), start_at=NOW - 2 * HOUR)
    found = rates(over(offered(), True), over(draft(), False), over(offered(), True), unknown, agreed(offered()))
    assert (found.held, found.no_show, found.unknown, found.upcoming) == (2, 1, 1, 1)
    assert found.no_show_rate == pytest.approx(1 / 3)


def test_a_meeting_is_unknown_from_its_end_on() -> None:
    assert rates(agreed(offered(), start_at=NOW - HOUR)).unknown == 1
    assert rates(agreed(offered(), start_at=NOW - HOUR / 2)).upcoming == 1


def test_moves_are_counted_and_so_are_the_meetings_that_were_moved() -> None:
    twice = agreed(agreed(agreed(offered())))
    found = rates(twice, agreed(offered()), offered())
    assert (found.rescheduled, found.moves) == (1, 2)
    assert found.reschedule_rate == 0.5


def test_median_and_mean_of_the_time_to_confirm() -> None:
    found = rates(*(agreed(offered(), hours * HOUR) for hours in (1, 2, 9)))
    assert (found.median_to_confirm, found.mean_to_confirm) == (2 * HOUR, 4 * HOUR)


def test_rates_of_nothing_are_none() -> None:
    found = rates()
    assert (found.confirmation_rate, found.no_show_rate, found.reschedule_rate) == (None, None, None)
    assert found == Rates()
    assert rates_by([], [Grouping.HOST], "UTC", NOW) == {}


def test_groups_are_of_campaign_and_type() -> None:
    meetings = [offered(draft(campaign_id="3")), offered(draft(campaign_id="3", type_id="demo")), agreed(draft())]
    found = rates_by(meetings, [Grouping.CAMPAIGN, Grouping.TYPE], "UTC", NOW)
    assert list(found) == [("", "visita"), ("3", "demo"), ("3", "visita")]
    assert found[("", "visita")].booked == 1


def test_each_host_counts_a_meeting_and_one_that_was_never_agreed_counts_for_who_was_offered() -> None:
    ended = change.end(offered(None, "bruno", "ana"), MeetingEvent.EXPIRE, NOW, "system")
    found = rates_by([ended, agreed(offered(None, "ana"))], [Grouping.HOST], "UTC", NOW)
    assert {key: one.confirmation_rate for key, one in found.items()} == {("ana",): 0.5, ("bruno",): 0.0}


@pytest.mark.parametrize(
    ("grouping", "key"), [(Grouping.DAY, "2026-12-31"), (Grouping.WEEK, "2026-W53"), (Grouping.MONTH, "2026-12")]
)
def test_periods_are_of_the_zones_calendar_and_the_day_of_the_proposal(grouping, key) -> None:
    late = offered(draft(proposed_at=datetime(2027, 1, 1, 2, tzinfo=UTC)))
    assert list(rates_by([late], [grouping], "America/Sao_Paulo", NOW)) == [(key,)]


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError):
        rates_by([], [], "Marte", NOW)
