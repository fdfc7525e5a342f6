from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from disparo.domain.errors import InputError
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.waiting import Wait, WaitUnit, parse_wait

HOURS = BusinessHours()
SAO_PAULO = Place("America/Sao_Paulo", "BR-SP")
RIO = Place("America/Sao_Paulo", "BR-RJ")
NEW_YORK = Place("America/New_York")
WEEKDAYS = ("seg", "ter", "qua", "qui", "sex", "sáb", "dom")


def shown(at: datetime, place: Place) -> str:
    local = at.astimezone(ZoneInfo(place.zone))
    return f"{WEEKDAYS[local.weekday()]} {local:%Y-%m-%d %H:%M}"


def local(text: str, place: Place) -> datetime:
    at = datetime.fromisoformat(text[4:]).replace(tzinfo=ZoneInfo(place.zone)).astimezone(UTC)
    assert shown(at, place) == text
    return at


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("30m", Wait(30, WaitUnit.MINUTES)),
        ("48h", Wait(48, WaitUnit.HOURS)),
        ("3d", Wait(3, WaitUnit.DAYS)),
        ("2bd", Wait(2, WaitUnit.BUSINESS_DAYS)),
        ("0h", Wait(0, WaitUnit.HOURS)),
    ],
)
def test_the_textual_form_reads_and_writes(text: str, wait: Wait) -> None:
    assert parse_wait(text) == wait
    assert str(wait) == text


def test_business_days_have_a_portuguese_spelling() -> None:
    assert parse_wait("2du") == parse_wait("2bd")


@pytest.mark.parametrize("text", ["", "2", "h", "1.5h", "-1d", "2D", "2 d", "1w", "99999999999h", "3651d", "²d"])
def test_another_form_is_refused_and_named(text: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_wait(text)
    assert f'espera "{text}"' in str(refused.value)


@pytest.mark.parametrize(
    ("wait", "place", "start", "end"),
    [
        ("30m", SAO_PAULO, "sex 2026-09-04 17:45", "sex 2026-09-04 18:15"),
        ("48h", NEW_YORK, "sáb 2026-03-07 10:00", "seg 2026-03-09 11:00"),
        ("2d", NEW_YORK, "sáb 2026-03-07 10:00", "seg 2026-03-09 10:00"),
        ("1d", NEW_YORK, "sáb 2026-10-31 10:00", "dom 2026-11-01 10:00"),
        ("1d", NEW_YORK, "sáb 2026-03-07 02:30", "dom 2026-03-08 03:00"),
        ("1d", SAO_PAULO, "sáb 2018-11-03 00:00", "dom 2018-11-04 01:00"),
        ("1bd", SAO_PAULO, "qui 2026-08-06 10:00", "sex 2026-08-07 10:00"),
        ("1bd", SAO_PAULO, "sex 2026-08-07 10:00", "seg 2026-08-10 10:00"),
        ("1bd", SAO_PAULO, "sáb 2026-08-08 10:00", "seg 2026-08-10 10:00"),
        ("2bd", SAO_PAULO, "sex 2026-09-04 10:00", "qua 2026-09-09 10:00"),
        ("1bd", SAO_PAULO, "sex 2026-02-13 09:00", "qui 2026-02-19 09:00"),
        ("1bd", SAO_PAULO, "qua 2026-07-08 22:00", "sex 2026-07-10 22:00"),
        ("1bd", RIO, "qua 2026-07-08 22:00", "qui 2026-07-09 22:00"),
        ("1bd", NEW_YORK, "sex 2026-09-04 10:00", "ter 2026-09-08 10:00"),
    ],
)
def test_when_a_wait_is_over(wait: str, place: Place, start: str, end: str) -> None:
    assert shown(parse_wait(wait).after(local(start, place), HOURS, place), place) == end


@pytest.mark.parametrize("wait", ["0m", "0h", "0d", "0bd"])
def test_zero_is_at_once_also_in_the_second_pass_of_a_fold(wait: str) -> None:
    second_pass_at = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert parse_wait(wait).after(second_pass_at, HOURS, NEW_YORK) == second_pass_at


def test_the_result_is_in_utc_whatever_came_in() -> None:
    at = datetime(2026, 8, 6, 10, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert parse_wait("1h").after(at, HOURS, SAO_PAULO).tzinfo is UTC
    assert parse_wait("1d").after(at, HOURS, SAO_PAULO).tzinfo is UTC
