from __future__ import annotations

import json
from datetime import date

import pytest

from disparo.domain.policies.business_hours import BusinessHours, DailyHours
from disparo.domain.policies.hours_document import HoursError, parse_business_hours

# configuracoes-otimizadas.md, "Horários Comerciais": the standard (Brazil) and the international document.
STANDARD_JSON = """
{
  "timezone": "America/Sao_Paulo",
  "workingDays": [1, 2, 3, 4, 5],
  "startTime": "08:00",
  "endTime": "18:00",
  "lunchBreak": {
    "start": "12:00",
    "end": "13:00"
  },
  "holidays": [
    "2024-12-25",
    "2024-01-01",
    "2024-04-21",
    "2024-09-07",
    "2024-10-12",
    "2024-11-02",
    "2024-11-15",
    "2024-11-20"
  ]
}
"""
INTERNATIONAL_JSON = """
{
  "timezones": {
    "America/Sao_Paulo": {
      "startTime": "08:00",
      "endTime": "18:00"
    },
    "America/New_York": {
      "startTime": "09:00",
      "endTime": "17:00"
    },
    "Europe/London": {
      "startTime": "09:00",
      "endTime": "17:00"
    }
  }
}
"""
WEEK = frozenset({1, 2, 3, 4, 5})


def test_the_standard_document_loads_as_it_stands() -> None:
    hours = parse_business_hours(json.loads(STANDARD_JSON))
    assert hours.zone == "America/Sao_Paulo"
    assert hours.default == DailyHours(WEEK, 480, 1080, (720, 780))
    assert len(hours.holidays) == 8
    assert date(2024, 11, 20) in hours.holidays


def test_the_international_document_loads_as_it_stands_and_has_no_lunch() -> None:
    hours = parse_business_hours(json.loads(INTERNATIONAL_JSON))
    assert hours.daily_in("America/Sao_Paulo") == DailyHours(WEEK, 480, 1080, None)
    assert hours.daily_in("America/New_York") == hours.daily_in("Europe/London") == DailyHours(WEEK, 540, 1020, None)
    assert hours.daily_in("Asia/Tokyo") == DailyHours()


def test_an_empty_document_means_the_defaults() -> None:
    assert parse_business_hours({}) == BusinessHours()


def test_a_combined_document_inherits_from_its_top() -> None:
    document = json.loads(STANDARD_JSON) | json.loads(INTERNATIONAL_JSON)
    document["timezones"]["Europe/London"] |= {"workingDays": [1], "lunchBreak": None}
    hours = parse_business_hours(document)
    assert hours.daily_in("America/New_York") == DailyHours(WEEK, 540, 1020, (720, 780))
    assert hours.daily_in("Europe/London") == DailyHours(frozenset({1}), 540, 1020, None)


def test_hours_written_without_lunch_have_none() -> None:
    assert parse_business_hours({"startTime": "09:00"}).default == DailyHours(WEEK, 540, 1080, None)
    assert parse_business_hours({"workingDays": [6]}).default.lunch == (720, 780)


def test_lunch_can_be_switched_off_where_there_is_no_null() -> None:
    assert parse_business_hours({"lunchBreak": False}).default.lunch is None


def test_an_end_up_to_the_start_is_on_the_next_day() -> None:
    nights = parse_business_hours(
        {"startTime": "22:00", "endTime": "06:00", "lunchBreak": {"start": "23:30", "end": "00:30"}}
    )
    assert nights.default == DailyHours(WEEK, 1320, 1800, (1410, 1470))
    assert parse_business_hours({"startTime": "08:00", "endTime": "00:00"}).default.end_min == 1440
    assert parse_business_hours({"startTime": "00:00", "endTime": "24:00"}).default.end_min == 1440


def test_a_zone_may_take_an_overnight_lunch_over_from_the_top() -> None:
    hours = parse_business_hours(
        {
            "startTime": "22:00",
            "endTime": "06:00",
            "lunchBreak": {"start": "01:00", "end": "02:00"},
            "timezones": {"Asia/Tokyo": {"startTime": "00:00"}},
        }
    )
    assert hours.daily_in("Asia/Tokyo") == DailyHours(WEEK, 0, 360, (60, 120))


def test_dates_of_toml_are_accepted() -> None:
    assert parse_business_hours({"holidays": [date(2026, 12, 24)]}).holidays == {date(2026, 12, 24)}


def test_the_written_document_says_every_default() -> None:
    assert BusinessHours(state="SP").to_document() == {
        "timezone": "America/Sao_Paulo",
        "workingDays": [1, 2, 3, 4, 5],
        "startTime": "08:00",
        "endTime": "18:00",
        "lunchBreak": {"start": "12:00", "end": "13:00"},
        "holidays": [],
        "timezones": {},
        "country": "BR",
        "state": "SP",
        "publicHolidays": True,
        "regionalHolidays": True,
        "optionalHolidays": True,
    }


@pytest.mark.parametrize(
    ("document", "place", "advice"),
    [
        ({"start_time": "08:00"}, 'start_time = "08:00"', "startTime"),
        (
            {"timezones": {"Asia/Tokyo": {"holidays": []}}},
            "timezones.Asia/Tokyo.holidays = []",
            "workingDays",
        ),
        ({"lunchBreak": {"start": "12:00", "end": "13:00", "x": 1}}, "lunchBreak.x = 1", "start, end"),
        ({"timezone": "America/Curitiba"}, 'timezone = "America/Curitiba"', "IANA"),
        ({"timezone": None}, "timezone = null", "retire a chave"),
        ({"timezone": ""}, 'timezone = ""', "retire a chave"),
        ({"timezones": {"Brasil": {}}}, 'timezones = "Brasil"', "IANA"),
        ({"timezones": []}, "timezones = []", "tabela de fusos"),
        ({"timezones": {"Asia/Tokyo": "09:00"}}, 'timezones.Asia/Tokyo = "09:00"', "escreva uma tabela"),
        ({"startTime": "25:00"}, 'startTime = "25:00"', "00:00"),
        ({"startTime": "24:00"}, 'startTime = "24:00"', "23:59"),
        ({"endTime": "24:01"}, 'endTime = "24:01"', "24:00"),
        ({"endTime": "8:00"}, 'endTime = "8:00"', "08:00"),
        ({"endTime": "08:00\n"}, 'endTime = "08:00\\n"', "08:00"),
        ({"endTime": "٠٨:٠٠"}, 'endTime = "٠٨:٠٠"', "08:00"),
        ({"startTime": 8}, "startTime = 8", "08:00"),
        (
            {"timezones": {"Asia/Tokyo": {"endTime": "99:00"}}},
            'timezones.Asia/Tokyo.endTime = "99:00"',
            "24:00",
        ),
        ({"workingDays": []}, "workingDays = []", "1 (segunda)"),
        ({"workingDays": [0, 1]}, "workingDays = [0, 1]", "7 (domingo)"),
        ({"workingDays": [8]}, "workingDays = [8]", "7 (domingo)"),
        ({"workingDays": [True]}, "workingDays = [true]", "7 (domingo)"),
        ({"workingDays": "12345"}, 'workingDays = "12345"', "[1, 2, 3, 4, 5]"),
        ({"startTime": "08:00", "endTime": "08:00"}, 'endTime = "08:00"', "nunca abre"),
        ({"startTime": "00:00", "endTime": "00:00"}, 'endTime = "00:00"', "24:00"),
        ({"startTime": "18:00"}, 'endTime = "18:00"', "nunca abre"),
        ({"lunchBreak": {"start": "08:00", "end": "18:00"}}, "lunchBreak = {", "nunca abre"),
        (
            {"lunchBreak": {"start": "07:00", "end": "09:00"}},
            "lunchBreak = {",
            "fora do horário de 08:00 a 18:00",
        ),
        ({"lunchBreak": {"start": "17:30", "end": "18:30"}}, "lunchBreak = {", "fora do horário"),
        ({"lunchBreak": {"start": "13:00", "end": "12:00"}}, "lunchBreak = {", "fora do horário"),
        ({"lunchBreak": {"start": "12:00", "end": "12:00"}}, "lunchBreak = {", "mesma hora"),
        ({"lunchBreak": {"start": "12:00"}}, "lunchBreak = {", "13:00"),
        ({"lunchBreak": "12:00"}, 'lunchBreak = "12:00"', "null"),
        (
            {
                "lunchBreak": {"start": "12:00", "end": "13:00"},
                "timezones": {"Asia/Tokyo": {"startTime": "14:00"}},
            },
            "timezones.Asia/Tokyo.lunchBreak = {",
            "ou null",
        ),
        ({"holidays": ["25/12/2026"]}, 'holidays = "25/12/2026"', "ano-mês-dia"),
        ({"holidays": ["2026-02-30"]}, 'holidays = "2026-02-30"', "data que existe"),
        ({"holidays": ["20260230"]}, 'holidays = "20260230"', "ano-mês-dia"),
        ({"holidays": "2026-12-25"}, 'holidays = "2026-12-25"', "lista"),
        ({"holidays": [20261225]}, "holidays = 20261225", "ano-mês-dia"),
        ({"country": "Brasil"}, 'country = "Brasil"', '"BR"'),
        ({"country": 55}, "country = 55", "texto"),
        ({"state": "São Paulo"}, 'state = "São Paulo"', "SP"),
        ({"state": "XX"}, 'state = "XX"', "SP"),
        ({"city": "Campinas"}, 'city = "Campinas"', "holidays"),
        ({"publicHolidays": "sim"}, 'publicHolidays = "sim"', "true ou false"),
        ({"optionalHolidays": 1}, "optionalHolidays = 1", "true ou false"),
    ],
)
def test_a_wrong_document_is_refused_by_key_value_and_advice(
    document: dict[str, object], place: str, advice: str
) -> None:
    with pytest.raises(HoursError) as refused:
        parse_business_hours(document)
    message = str(refused.value)
    assert message.startswith(place)
    assert advice in message
    assert "\n" not in message


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(HoursError) as refused:
        parse_business_hours({"startTime": "9" * 10_000})
    assert len(str(refused.value)) < 300
