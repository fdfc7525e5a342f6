"""Numbers and places as people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from disparo.entrypoints.console.formats import Formats
from disparo.entrypoints.console.spelled import phone, region


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("+5541988887777", "+55 41 98888-7777"),
        ("+554133334444", "+55 41 3333-4444"),
        ("+351912345678", "+351912345678"),
        ("+5508001234567", "+5508001234567"),
        ("+55419888877778", "+55419888877778"),
        ("ana@example.com", "ana@example.com"),
        ("sha256:00", "sha256:00"),
        ("", ""),
        (None, ""),
    ],
)
def test_numbers_of_brazil_are_grouped_and_nothing_else_is_touched(kept: str | None, shown: str) -> None:
    assert phone(kept) == shown


def test_states_are_called_by_their_names() -> None:
    assert [region(code) for code in ("BR-PE", "SP", "PT-11", "", None)] == [
        *("Pernambuco", "São Paulo", "PT-11"),
        *("", ""),
    ]


def test_a_zone_is_called_by_its_city() -> None:
    formats = Formats("pt_BR", ZoneInfo("UTC"), lambda: datetime(2026, 11, 23, tzinfo=UTC))
    assert [formats.city(zone) for zone in ("America/Sao_Paulo", "America/Cuiaba", "America/New_York", "UTC")] == [
        *("São Paulo", "Cuiabá"),
        *("Nova York", "UTC"),
    ]
