from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparo.adapters.babel_wording import BabelWording
from disparo.domain.errors import InputError

WORDING = BabelWording()
AT = datetime(2026, 11, 23, 17, tzinfo=UTC)
ZONE = "America/Sao_Paulo"


def test_an_instant_is_told_in_portuguese() -> None:
    assert WORDING.day(AT, ZONE, "pt") == "segunda-feira, 23 de novembro"
    assert WORDING.clock(AT, ZONE, "pt") == "14:00"
    assert WORDING.zone(AT, ZONE, "pt") == "horário de Brasília (GMT-3)"
    assert WORDING.short(AT, ZONE, "pt") == "seg 23/11 14:00"


def test_and_in_english() -> None:
    assert WORDING.day(AT, ZONE, "en") == "Monday, November 23"
    assert WORDING.clock(AT, ZONE, "en") == "2:00 PM"
    assert WORDING.zone(AT, ZONE, "en") == "Brasilia Time (GMT-3)"
    assert WORDING.short(AT, ZONE, "en") == "Mon 11/23 2:00 PM"


def test_any_other_language_is_portuguese() -> None:
    assert WORDING.day(AT, ZONE, "es") == "segunda-feira, 23 de novembro"


def test_the_day_is_that_of_the_zone() -> None:
    late = datetime(2026, 11, 24, 2, tzinfo=UTC)
    assert WORDING.short(late, ZONE, "pt") == "seg 23/11 23:00"
    assert WORDING.short(late, "Asia/Tokyo", "pt") == "ter 24/11 11:00"


@pytest.mark.parametrize(
    ("zone", "portuguese", "english"),
    [
        ("America/Manaus", "horário do Amazonas (GMT-4)", "Amazon Time (GMT-4)"),
        ("America/Rio_Branco", "horário do Acre (GMT-5)", "Acre Time (GMT-5)"),
        ("America/Noronha", "horário de Fernando de Noronha (GMT-2)", "Fernando de Noronha Time (GMT-2)"),
        ("Europe/London", "horário de Londres (GMT+0)", "London time (GMT+0)"),
        ("Asia/Kolkata", "horário de Kolkata (GMT+5:30)", "Kolkata time (GMT+5:30)"),
        ("America/Argentina/Buenos_Aires", "horário de Buenos Aires (GMT-3)", "Buenos Aires time (GMT-3)"),
        ("America/St_Johns", "horário da Terra Nova (GMT-3:30)", "Newfoundland Time (GMT-3:30)"),
        ("Etc/GMT+3", "GMT-3", "GMT-3"),
        ("UTC", "GMT+0", "GMT+0"),
    ],
)
def test_a_zone_has_the_name_that_people_use(zone: str, portuguese: str, english: str) -> None:
    assert (WORDING.zone(AT, zone, "pt"), WORDING.zone(AT, zone, "en")) == (portuguese, english)


def test_daylight_saving_shows_in_the_distance() -> None:
    summer, winter = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    told = [WORDING.zone(at, "America/New_York", "en") for at in (summer, winter)]
    assert told == ["Eastern Time (GMT-4)", "Eastern Time (GMT-5)"]


def test_a_zone_that_is_none_is_refused() -> None:
    for tell in (WORDING.day, WORDING.clock, WORDING.zone, WORDING.short):
        with pytest.raises(InputError):
            tell(AT, "America/Atlantida", "pt")


@given(
    st.integers(0, 20 * 365 * 1440).map(lambda minutes: AT + timedelta(minutes=minutes)),
    st.sampled_from(["America/Sao_Paulo", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]),
    st.sampled_from(["pt", "en"]),
)
def test_a_button_has_room_for_any_instant(at: datetime, zone: str, language: str) -> None:
    short = WORDING.short(at, zone, language)
    assert len(short) <= 20
    assert "\u202f" not in short
    assert "." not in short
    assert WORDING.clock(at, zone, language) in short


@pytest.mark.parametrize("language", ["pt", "en"])
def test_no_two_times_of_a_year_are_told_alike(language: str) -> None:
    begin = datetime(2026, 1, 1, 3, tzinfo=UTC)
    told = [WORDING.short(begin + timedelta(minutes=30 * step), ZONE, language) for step in range(365 * 48)]
    assert len(set(told)) == len(told)
    assert begin.astimezone(ZoneInfo(ZONE)).hour == 0
