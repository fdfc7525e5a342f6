from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from disparo.domain.holiday_calendar import (
    city_subdivision,
    country_of_zone,
    is_known_country,
    public_holidays,
    subdivisions,
)


# Lei 662/1949, 6.802/1980 and 14.759/2023: the nine national holidays, and Good Friday.
def test_the_national_holidays_of_brazil_in_portuguese() -> None:
    assert public_holidays("BR", None, 2026, False) == {
        date(2026, 1, 1): "Confraternização Universal",
        date(2026, 4, 3): "Sexta-feira Santa",
        date(2026, 4, 21): "Tiradentes",
        date(2026, 5, 1): "Dia do Trabalhador",
        date(2026, 9, 7): "Independência do Brasil",
        date(2026, 10, 12): "Nossa Senhora Aparecida",
        date(2026, 11, 2): "Finados",
        date(2026, 11, 15): "Proclamação da República",
        date(2026, 11, 20): "Dia Nacional de Zumbi e da Consciência Negra",
        date(2026, 12, 25): "Natal",
    }


def test_carnival_and_corpus_christi_are_optional() -> None:
    added = public_holidays("BR", None, 2026, True).keys() - public_holidays("BR", None, 2026, False).keys()
    assert {date(2026, 2, 16), date(2026, 2, 17), date(2026, 6, 4)} <= added


def test_a_state_adds_its_own() -> None:
    assert public_holidays("BR", "SP", 2026, False)[date(2026, 7, 9)] == "Revolução Constitucionalista"
    assert date(2026, 7, 9) not in public_holidays("BR", "RJ", 2026, False)


def test_a_city_adds_its_own() -> None:
    capital = city_subdivision("BR", "São Paulo")
    assert capital is not None
    assert date(2026, 1, 25) in public_holidays("BR", capital, 2026, False)
    assert city_subdivision("BR", "SP") is None
    assert city_subdivision("BR", "Campinas") is None


def test_an_observed_holiday_is_on_the_day_it_is_observed() -> None:
    # 5 U.S.C. 6103(b): a holiday on a Saturday is taken on the Friday before.
    assert {date(2026, 7, 3), date(2026, 7, 4)} <= public_holidays("US", None, 2026, False).keys()


def test_names_fall_back_to_portuguese_of_portugal_and_then_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "th")
    assert public_holidays("PT", None, 2025, False)[date(2025, 12, 25)] == "Dia de Natal"
    assert public_holidays("JP", None, 2025, False)[date(2025, 1, 1)] == "New Year's Day"


def test_what_the_package_does_not_know_is_empty() -> None:
    assert not public_holidays("XX", None, 2026, True)
    assert not public_holidays("BR", "XX", 2026, True)
    assert not public_holidays("BR", None, 2101, True)
    assert not is_known_country("Brazil")
    assert subdivisions("XX") == ()


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("America/Sao_Paulo", "BR"),
        ("America/Noronha", "BR"),
        ("Brazil/East", "BR"),
        ("US/Eastern", "US"),
        ("America/Buenos_Aires", "AR"),
        ("Europe/Amsterdam", "NL"),
        ("UTC", None),
        ("Etc/GMT+3", None),
        ("Nowhere", None),
    ],
)
def test_the_country_of_a_zone(zone: str, country: str | None) -> None:
    assert country_of_zone(zone) == country


def test_the_package_is_imported_only_when_asked() -> None:
    code = "import sys, disparo.domain.waiting; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
