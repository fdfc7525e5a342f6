"""Decisions on a calendar that can be checked on paper."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from disparo.domain.errors import InputError
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import (
    BusinessHours,
    HoursDecision,
    decide,
    is_working_day,
    next_open,
    open_intervals,
)
from disparo.domain.policies.hours_document import parse_business_hours

WEEKDAYS = ("seg", "ter", "qua", "qui", "sex", "sáb", "dom")
SAO_PAULO = Place("America/Sao_Paulo", "BR-SP")
RIO = Place("America/Sao_Paulo", "BR-RJ")
NEW_YORK = Place("America/New_York")
LONDON = Place("Europe/London")
STANDARD = BusinessHours()
NIGHTS = parse_business_hours(
    {"startTime": "22:00", "endTime": "06:00", "lunchBreak": {"start": "01:00", "end": "02:00"}}
)
ALWAYS = {"workingDays": [1, 2, 3, 4, 5, 6, 7], "publicHolidays": False}


def shown(at: datetime | None, zone: str) -> str:
    if at is None:
        return "nunca"
    local = at.astimezone(ZoneInfo(zone))
    return f"{WEEKDAYS[local.weekday()]} {local:%Y-%m-%d %H:%M}"


def local(text: str, zone: str) -> datetime:
    at = datetime.fromisoformat(text[4:]).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert shown(at, zone) == text
    return at


def asked(hours: BusinessHours, place: Place, text: str) -> tuple[str, str, str]:
    decision = decide(hours, place, local(text, place.zone))
    assert decision.open == (decision.reason == "open")
    return decision.reason, shown(decision.changes_at, place.zone), decision.detail


@pytest.mark.parametrize(
    ("at", "reason", "changes", "detail"),
    [
        ("qui 2026-08-06 07:59", "before_hours", "qui 2026-08-06 08:00", "08:00"),
        ("qui 2026-08-06 08:00", "open", "qui 2026-08-06 12:00", ""),
        ("qui 2026-08-06 12:00", "lunch_break", "qui 2026-08-06 13:00", "12:00-13:00"),
        ("qui 2026-08-06 13:00", "open", "qui 2026-08-06 18:00", ""),
        ("sex 2026-08-07 17:59", "open", "sex 2026-08-07 18:00", ""),
        ("sex 2026-08-07 18:00", "after_hours", "seg 2026-08-10 08:00", "18:00"),
        ("sáb 2026-08-08 10:00", "day_off", "seg 2026-08-10 08:00", "2026-08-08"),
        ("dom 2026-08-09 23:59", "day_off", "seg 2026-08-10 08:00", "2026-08-09"),
        # A holiday on a Monday makes a long weekend.
        ("sex 2026-09-04 18:00", "after_hours", "ter 2026-09-08 08:00", "18:00"),
        ("seg 2026-09-07 10:00", "holiday", "ter 2026-09-08 08:00", "Independência do Brasil"),
        # A holiday on a Tuesday leaves the Monday working.
        ("seg 2026-04-20 10:00", "open", "seg 2026-04-20 12:00", ""),
        ("seg 2026-04-20 18:00", "after_hours", "qua 2026-04-22 08:00", "18:00"),
        ("ter 2026-04-21 12:30", "holiday", "qua 2026-04-22 08:00", "Tiradentes"),
        # Carnival: Monday, Tuesday and Ash Wednesday are in the package's category "optional".
        ("sex 2026-02-13 18:00", "after_hours", "qui 2026-02-19 08:00", "18:00"),
        ("seg 2026-02-16 09:00", "holiday", "qui 2026-02-19 08:00", "Carnaval"),
        ("qui 2026-06-04 09:00", "holiday", "sex 2026-06-05 08:00", "Corpus Christi"),
        ("sex 2026-12-25 09:00", "holiday", "seg 2026-12-28 08:00", "Natal"),
        # A holiday on a Sunday is a day off first.
        ("dom 2026-11-15 09:00", "day_off", "seg 2026-11-16 08:00", "2026-11-15"),
    ],
)
def test_the_standard_week(at: str, reason: str, changes: str, detail: str) -> None:
    assert asked(STANDARD, SAO_PAULO, at) == (reason, changes, detail)


@pytest.mark.parametrize(
    ("at", "reason", "changes", "detail"),
    [
        ("sex 2026-08-07 21:59", "before_hours", "sex 2026-08-07 22:00", "22:00"),
        ("sex 2026-08-07 22:00", "open", "sáb 2026-08-08 01:00", ""),
        ("sáb 2026-08-08 00:00", "open", "sáb 2026-08-08 01:00", ""),
        ("sáb 2026-08-08 01:30", "lunch_break", "sáb 2026-08-08 02:00", "01:00-02:00"),
        ("sáb 2026-08-08 05:59", "open", "sáb 2026-08-08 06:00", ""),
        ("sáb 2026-08-08 06:00", "day_off", "seg 2026-08-10 22:00", "2026-08-08"),
        # Monday's small hours belong to Sunday's shift, which is not worked.
        ("seg 2026-08-10 03:00", "day_off", "seg 2026-08-10 22:00", "2026-08-09"),
        # The night of a holiday is the holiday's, up to the next morning.
        ("ter 2026-09-08 03:00", "holiday", "ter 2026-09-08 22:00", "Independência do Brasil"),
        # The night before a holiday runs into it.
        ("ter 2026-04-21 03:00", "open", "ter 2026-04-21 06:00", ""),
    ],
)
def test_an_overnight_shift_belongs_to_the_day_it_begins(at: str, reason: str, changes: str, detail: str) -> None:
    assert asked(NIGHTS, SAO_PAULO, at) == (reason, changes, detail)


def test_touching_shifts_are_one() -> None:
    hours = parse_business_hours({"startTime": "00:00", "endTime": "24:00"})
    assert asked(hours, SAO_PAULO, "ter 2026-08-04 15:00") == ("open", "sáb 2026-08-08 00:00", "")


def test_hours_that_never_close_have_no_change() -> None:
    hours = parse_business_hours({**ALWAYS, "startTime": "00:00", "endTime": "24:00"})
    assert asked(hours, SAO_PAULO, "ter 2026-08-04 15:00") == ("open", "nunca", "")


def test_what_opens_only_after_400_days_never_opens() -> None:
    closed = [date.fromordinal(date(2026, 8, 3).toordinal() + day).isoformat() for day in range(420)]
    hours = parse_business_hours({"holidays": closed, "publicHolidays": False})
    assert asked(hours, RIO, "seg 2026-08-03 09:00") == ("holiday", "nunca", "2026-08-03")
    assert next_open(hours, RIO, local("seg 2026-08-03 09:00", RIO.zone)) is None
    assert asked(hours, RIO, "qui 2026-09-03 09:00")[1] == "seg 2027-09-27 08:00"


@pytest.mark.parametrize(
    ("document", "place", "at", "reason"),
    [
        pytest.param({}, SAO_PAULO, "qui 2026-07-09 10:00", "holiday", id="the contact's own state"),
        pytest.param({}, RIO, "qui 2026-07-09 10:00", "open", id="not another state's"),
        pytest.param({}, RIO, "qui 2026-04-23 10:00", "holiday", id="São Jorge in Rio"),
        pytest.param({"regionalHolidays": False}, SAO_PAULO, "qui 2026-07-09 10:00", "open", id="unless said"),
        pytest.param({"state": "SP"}, RIO, "qui 2026-07-09 10:00", "holiday", id="the campaign's state"),
        pytest.param(
            {"state": "SP", "regionalHolidays": False},
            RIO,
            "qui 2026-04-23 10:00",
            "open",
            id="only the campaign's state",
        ),
        pytest.param({"city": "São Paulo"}, RIO, "seg 2027-01-25 10:00", "holiday", id="the campaign's city"),
        pytest.param({"optionalHolidays": False}, RIO, "qui 2026-06-04 10:00", "open", id="no optional ones"),
        pytest.param({"publicHolidays": False}, SAO_PAULO, "seg 2026-09-07 10:00", "open", id="no public ones"),
        pytest.param({}, NEW_YORK, "ter 2026-04-21 10:00", "open", id="Tiradentes is not held in New York"),
        pytest.param({"state": "MA"}, NEW_YORK, "seg 2026-04-20 10:00", "open", id="Maranhão, not Massachusetts"),
        pytest.param({}, NEW_YORK, "qui 2026-11-26 10:00", "holiday", id="Thanksgiving is"),
        pytest.param({"state": "SP"}, NEW_YORK, "qui 2026-07-09 10:00", "open", id="a state stays in its country"),
        pytest.param(
            {"holidays": ["2026-04-20"]},
            NEW_YORK,
            "seg 2026-04-20 10:00",
            "holiday",
            id="a listed one is everybody's",
        ),
        pytest.param({}, Place("UTC"), "ter 2026-04-21 10:00", "holiday", id="no country: the document's"),
        pytest.param(
            {},
            Place("America/New_York", "BR-SP"),
            "qui 2026-07-09 10:00",
            "holiday",
            id="the region before the zone",
        ),
        pytest.param({}, Place("Europe/Lisbon"), "qua 2026-06-10 10:00", "holiday", id="Dia de Portugal"),
        pytest.param({"country": "US"}, NEW_YORK, "sex 2026-07-03 10:00", "holiday", id="observed on the Friday"),
    ],
)
def test_whose_holidays_hold(document: dict[str, object], place: Place, at: str, reason: str) -> None:
    assert asked(parse_business_hours(document), place, at)[0] == reason


def test_a_listed_date_that_is_also_a_public_holiday_has_its_name() -> None:
    hours = parse_business_hours({"holidays": ["2026-12-25", "2026-12-23"]})
    assert asked(hours, RIO, "sex 2026-12-25 10:00")[2] == "Natal"
    assert asked(hours, RIO, "qua 2026-12-23 10:00")[2] == "2026-12-23"


@pytest.mark.parametrize(
    ("place", "at", "changes"),
    [
        (SAO_PAULO, "qui 2026-08-06 08:00", "qui 2026-08-06 18:00"),
        (NEW_YORK, "qui 2026-08-06 09:00", "qui 2026-08-06 17:00"),
        (LONDON, "qui 2026-08-06 12:30", "qui 2026-08-06 17:00"),
        (Place("America/Manaus"), "qui 2026-08-06 09:00", "qui 2026-08-06 12:00"),
    ],
)
def test_each_zone_of_the_international_document_has_its_hours(place: Place, at: str, changes: str) -> None:
    hours = parse_business_hours(
        {
            "timezones": {
                "America/Sao_Paulo": {"startTime": "08:00", "endTime": "18:00"},
                "America/New_York": {"startTime": "09:00", "endTime": "17:00"},
                "Europe/London": {"startTime": "09:00", "endTime": "17:00"},
            }
        }
    )
    assert asked(hours, place, at)[:2] == ("open", changes)


# Facts of the tz database: New York 2026-03-08 and 2026-11-01 at 02:00; London 2026-03-29 and 2026-10-25 at
# 01:00 UTC; Sao Paulo 2018-11-04 (00:00 skipped) and 2018-02-18 (00:00 back to 23:00); Lord Howe 2026-04-05
# and 2026-10-04 at 02:00, half an hour; 00:00 in Havana 2026-03-08, Cairo 2026-04-24, Beirut 2026-03-29.
@pytest.mark.parametrize(
    ("zone", "start", "end", "opens_at", "closes_at"),
    [
        pytest.param(
            "America/New_York",
            "02:30",
            "10:00",
            "2026-03-08 07:00",
            "2026-03-08 14:00",
            id="start in the gap",
        ),
        pytest.param("America/New_York", "01:00", "02:30", "2026-03-08 06:00", "2026-03-08 07:00", id="end in the gap"),
        pytest.param(
            "America/New_York", "01:00", "02:00", "2026-11-01 05:00", "2026-11-01 07:00", id="all of the fold"
        ),
        pytest.param(
            "America/New_York", "00:30", "04:00", "2026-11-01 04:30", "2026-11-01 09:00", id="around the fold"
        ),
        pytest.param(
            "Europe/London",
            "00:00",
            "06:00",
            "2026-03-29 00:00",
            "2026-03-29 05:00",
            id="London's short night",
        ),
        pytest.param(
            "Europe/London",
            "00:00",
            "06:00",
            "2026-10-24 23:00",
            "2026-10-25 06:00",
            id="London's long night",
        ),
        pytest.param("America/Sao_Paulo", "00:00", "06:00", "2018-11-04 03:00", "2018-11-04 08:00", id="no midnight"),
        pytest.param("America/Sao_Paulo", "22:00", "24:00", "2018-02-18 00:00", "2018-02-18 03:00", id="23:00 twice"),
        pytest.param("America/Havana", "00:00", "06:00", "2026-03-08 05:00", "2026-03-08 10:00", id="Havana"),
        pytest.param("Africa/Cairo", "00:00", "06:00", "2026-04-23 22:00", "2026-04-24 03:00", id="Cairo"),
        pytest.param("Asia/Beirut", "00:30", "06:00", "2026-03-28 22:00", "2026-03-29 03:00", id="Beirut"),
        pytest.param(
            "Australia/Lord_Howe",
            "02:10",
            "06:00",
            "2026-10-03 15:30",
            "2026-10-03 19:00",
            id="half-hour gap",
        ),
        pytest.param(
            "Australia/Lord_Howe",
            "00:00",
            "06:00",
            "2026-04-04 13:00",
            "2026-04-04 19:30",
            id="half-hour fold",
        ),
    ],
)
def test_a_clock_change_inside_the_shift(zone: str, start: str, end: str, opens_at: str, closes_at: str) -> None:
    hours = parse_business_hours({**ALWAYS, "startTime": start, "endTime": end})
    opens, closes = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (opens_at, closes_at))
    assert decide(hours, Place(zone), opens) == HoursDecision(True, closes, "open", "")
    assert decide(hours, Place(zone), opens - (closes - opens) / 1_000).changes_at == opens
    assert not decide(hours, Place(zone), closes).open


def test_an_edge_that_comes_twice_is_kept_both_times() -> None:
    hours = parse_business_hours({**ALWAYS, "startTime": "00:00", "endTime": "01:30"})
    day = (datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 1, 12, tzinfo=UTC))
    lengths = [(end - start) // 60_000 for start, end in open_intervals(hours, NEW_YORK, *day)]
    assert lengths == [90, 30]


def test_a_shift_that_a_gap_swallows_does_not_open() -> None:
    hours = parse_business_hours({**ALWAYS, "startTime": "02:10", "endTime": "02:50"})
    assert asked(hours, NEW_YORK, "sáb 2026-03-07 20:00")[1] == "seg 2026-03-09 02:10"


def test_open_intervals_are_clipped_and_leave_lunch_out() -> None:
    start, end = local("qui 2026-08-06 09:00", SAO_PAULO.zone), local("sex 2026-08-07 08:30", SAO_PAULO.zone)
    found = open_intervals(STANDARD, SAO_PAULO, start, end)
    assert [(end_ms - start_ms) // 60_000 for start_ms, end_ms in found] == [180, 300, 30]
    assert open_intervals(STANDARD, SAO_PAULO, end, start) == ()


def test_next_open_is_now_when_open() -> None:
    at = local("qui 2026-08-06 09:00", SAO_PAULO.zone)
    assert next_open(STANDARD, SAO_PAULO, at) == at
    lunch = local("qui 2026-08-06 12:30", SAO_PAULO.zone)
    assert shown(next_open(STANDARD, SAO_PAULO, lunch), SAO_PAULO.zone) == "qui 2026-08-06 13:00"


def test_a_working_day_is_one_on_which_a_shift_begins() -> None:
    assert is_working_day(STANDARD, RIO, date(2026, 7, 9))
    assert not is_working_day(STANDARD, SAO_PAULO, date(2026, 7, 9))
    assert not is_working_day(STANDARD, RIO, date(2026, 8, 8))


def test_a_place_whose_zone_does_not_exist_is_an_input_error() -> None:
    with pytest.raises(InputError, match="America/Curitiba"):
        decide(STANDARD, Place("America/Curitiba"), datetime(2026, 8, 6, tzinfo=UTC))
