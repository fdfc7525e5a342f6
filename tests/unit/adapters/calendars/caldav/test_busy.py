from __future__ import annotations

from datetime import UTC, datetime

import pytest

from disparo.adapters.calendars.caldav.busy import Reading, busy_of
from disparo.adapters.calendars.caldav.text import LONGEST, UnreadableError
from disparo.domain.agenda.calendar_event import key_of_uid
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.intervals import Interval

WINDOW = Interval(to_ms(datetime(2026, 11, 1, tzinfo=UTC)), to_ms(datetime(2026, 12, 31, tzinfo=UTC)))
READING = Reading(WINDOW, "America/Sao_Paulo", owner={"ana@example.com"})
NINE = "DTSTART;TZID=America/Sao_Paulo:20261123T090000"
HOUR = "DURATION:PT1H"
CUSTOM = (
    *("BEGIN:VTIMEZONE", "TZID:Custom", "BEGIN:STANDARD", "DTSTART:19700101T000000"),
    *("TZOFFSETFROM:-0330", "TZOFFSETTO:-0330", "TZNAME:X", "END:STANDARD", "END:VTIMEZONE"),
)


def resource(*events: tuple[str, ...], before: tuple[str, ...] = ()) -> str:
    whole = [line for event in events for line in ("BEGIN:VEVENT", "UID:a", *event, "END:VEVENT")]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *before, *whole, "END:VCALENDAR", ""])


def shown(text: str, reading: Reading = READING) -> list[str]:
    return [f"{from_ms(start):%d %H:%M}-{from_ms(end):%d %H:%M}" for start, end in busy_of([text], reading)]


def code(text: str) -> str:
    with pytest.raises(UnreadableError) as caught:
        busy_of([text], READING)
    return caught.value.code


def test_a_time_without_a_zone_and_a_whole_day_are_of_the_calendars_zone() -> None:
    assert shown(resource(("DTSTART:20261123T090000", HOUR))) == ["23 12:00-23 13:00"]
    assert shown(resource(("DTSTART;VALUE=DATE:20261123",))) == ["23 03:00-24 03:00"]
    assert shown(resource(("DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261123"))) == ["23 03:00-24 03:00"]


def test_a_whole_day_keeps_the_hours_in_which_it_is_another_day_in_utc() -> None:
    late = Interval(to_ms(datetime(2026, 11, 24, 1, tzinfo=UTC)), to_ms(datetime(2026, 11, 24, 2, tzinfo=UTC)))
    found = shown(resource(("DTSTART;VALUE=DATE:20261123",)), Reading(late, "America/Sao_Paulo"))
    assert found == ["24 01:00-24 02:00"]


@pytest.mark.parametrize(
    "line",
    [
        "TRANSP:TRANSPARENT",
        "STATUS:CANCELLED",
        "ATTENDEE;PARTSTAT=DECLINED:MAILTO:Ana@example.com",
    ],
)
def test_what_keeps_its_owner_free_does_not_count(line: str) -> None:
    assert shown(resource((NINE, HOUR, line))) == []


@pytest.mark.parametrize(
    "line",
    [
        "STATUS:TENTATIVE",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:leo@example.com",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ana@example.com",
        "SUMMARY:broken \\",
        "X-APPLE-TRAVEL:what,;is\\this",
    ],
)
def test_everything_else_counts(line: str) -> None:
    assert shown(resource((NINE, HOUR, line))) == ["23 12:00-23 13:00"]


def test_one_occurrence_may_be_moved_another_left_out_and_a_third_declined() -> None:
    series = (NINE, HOUR, "RRULE:FREQ=DAILY;COUNT=4", "EXDATE;TZID=America/Sao_Paulo:20261124T090000")
    moved = ("RECURRENCE-ID;TZID=America/Sao_Paulo:20261125T090000", "DTSTART:20261125T200000Z", HOUR)
    declined = (
        *("RECURRENCE-ID:20261126T120000Z", "DTSTART:20261126T120000Z", HOUR),
        "ATTENDEE;PARTSTAT=DECLINED:mailto:ana@example.com",
    )
    assert shown(resource(series, moved, declined)) == ["23 12:00-23 13:00", "25 20:00-25 21:00"]


def test_all_that_follow_may_be_moved() -> None:
    moved = ("RECURRENCE-ID;RANGE=THISANDFUTURE:20261124T120000Z", "DTSTART:20261124T140000Z", HOUR)
    found = shown(resource((NINE, HOUR, "RRULE:FREQ=DAILY;COUNT=3"), moved))
    assert found == ["23 12:00-23 13:00", "24 14:00-24 15:00", "25 14:00-25 15:00"]


def test_dates_and_periods_may_be_added() -> None:
    added = "RDATE;VALUE=PERIOD:20261201T100000Z/PT2H,20261202T100000Z/20261202T130000Z"
    assert shown(resource((NINE, HOUR, added))) == ["23 12:00-23 13:00", "01 10:00-01 12:00", "02 10:00-02 13:00"]


def test_of_several_times_a_day_none_is_left_out_for_another() -> None:
    # By UTC the first is at the time that the clock shows at the second.
    twice = ("DTSTART;TZID=America/Sao_Paulo:20261123T060000", HOUR, "RRULE:FREQ=DAILY;COUNT=2;BYHOUR=6,9")
    found = shown(resource((*twice, "EXDATE;TZID=America/Sao_Paulo:20261123T060000")))
    assert "23 12:00-23 13:00" in found


@pytest.mark.parametrize(
    ("start", "found"),
    [
        ("DTSTART;TZID=E. South America Standard Time:20261123T090000", "23 12:00-23 13:00"),
        ('DTSTART;TZID="/freeassociation.sourceforge.net/America/Manaus":20261123T090000', "23 13:00-23 14:00"),
        ("DTSTART;TZID=Custom:20261123T090000", "23 12:30-23 13:30"),
        ("DTSTART;TZID=UTC:20261123T090000", "23 09:00-23 10:00"),
    ],
)
def test_zones_are_known_by_many_names(start: str, found: str) -> None:
    assert shown(resource((start, HOUR), before=CUSTOM)) == [found]


def test_two_calendars_may_call_two_zones_by_one_name() -> None:
    other = tuple(line.replace("-0330", "+0430") for line in CUSTOM)
    event = ("DTSTART;TZID=Custom:20261123T090000", HOUR)
    assert shown(resource(event, before=CUSTOM)) == ["23 12:30-23 13:30"]
    assert shown(resource(event, before=other)) == ["23 04:30-23 05:30"]


@pytest.mark.parametrize("until", ["20261124", "20261124T090000", "20261124T120000Z"])
def test_the_last_one_is_busy_however_its_end_is_written(until: str) -> None:
    found = shown(resource((NINE, HOUR, f"RRULE:FREQ=DAILY;UNTIL={until}")))
    assert found == ["23 12:00-23 13:00", "24 12:00-24 13:00"]


def test_over_a_clock_change_the_longer_reading_counts() -> None:
    night = "DTSTART;TZID=America/New_York:20261031T230000"
    assert shown(resource((night, "DURATION:PT8H"))) == ["01 03:00-01 12:00"]
    assert shown(resource((night, "DTEND;TZID=America/New_York:20261101T070000"))) == ["01 03:00-01 12:00"]


def test_events_of_ours_can_be_left_out() -> None:
    besides = Reading(WINDOW, "America/Sao_Paulo", besides={key_of_uid("a")})
    assert shown(resource((NINE, HOUR)), besides) == []


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (("DTSTART:2026112T090000Z", HOUR), "event_malformed"),
        ((HOUR,), "event_malformed"),
        ((NINE, NINE, HOUR), "event_malformed"),
        ((NINE, "DTEND:soon"), "event_malformed"),
        ((NINE, "a line that is no property"), "event_malformed"),
        ((NINE, "EXDATE:yesterday"), "event_malformed"),
        (("DTSTART;TZID=Nowhere:20261123T090000", HOUR), "zone_unknown"),
        ((NINE, HOUR, "RRULE:FREQ=SECONDLY"), "recurrence_too_fine"),
        ((NINE, HOUR, "RRULE:FREQ=MINUTELY;COUNT=3"), "recurrence_too_fine"),
        ((NINE, HOUR, "RRULE:FREQ=DAILY;INTERVAL=0"), "recurrence_malformed"),
        ((NINE, HOUR, "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), "recurrence_malformed"),
        ((NINE, HOUR, "RRULE:FREQ=DAILY;BYSETPOS=2"), "recurrence_too_fine"),
        ((NINE, HOUR, "RRULE:FREQ=OFTEN"), "event_malformed"),
        (("DTSTART:17000101T000000Z", HOUR, "RRULE:FREQ=HOURLY"), "recurrence_too_long"),
    ],
)
def test_what_is_not_understood_is_no_free_time(event: tuple[str, ...], expected: str) -> None:
    assert code(resource(event)) == expected


@pytest.mark.parametrize("rule", ["RRULE:FREQ=SECONDLY", "RRULE:FREQ=DAILY"])
def test_a_zone_whose_rules_have_no_end_is_refused_before_it_is_followed(rule: str) -> None:
    endless = (*CUSTOM[:-2], rule, *CUSTOM[-2:])
    assert code(resource(("DTSTART;TZID=Custom:20261123T090000", HOUR), before=endless)) == "zone_malformed"
    assert shown(resource((NINE, HOUR), before=endless)) == ["23 12:00-23 13:00"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "free",
        "BEGIN:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n",
        "BEGIN:VEVENT\r\nDTSTART:20261123T090000Z\r\nEND:VEVENT\r\n",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    ],
)
def test_what_is_no_calendar_is_no_free_time(text: str) -> None:
    assert code(text) == "event_malformed"


def test_what_is_too_large_or_too_late_is_no_free_time() -> None:
    assert code("x" * (LONGEST + 1)) == "event_too_large"
    with pytest.raises(UnreadableError, match="calendar_too_large"):
        busy_of([resource((NINE, HOUR))], Reading(WINDOW, "UTC", until_s=0.0))


def test_alarms_and_tasks_do_not_matter() -> None:
    alarm = ("BEGIN:VALARM", "TRIGGER:nonsense", "RRULE:FREQ=SECONDLY", "END:VALARM")
    assert shown(resource((NINE, HOUR, *alarm))) == ["23 12:00-23 13:00"]
    assert shown("BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nDUE:x\r\nEND:VTODO\r\nEND:VCALENDAR\r\n") == []
