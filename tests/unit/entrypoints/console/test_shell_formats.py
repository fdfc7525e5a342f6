"""Values in people's words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from disparo.entrypoints.console.formats import NOTHING, Formats

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
PT = Formats("pt_BR", ZoneInfo("America/Sao_Paulo"), lambda: NOW)
EN = Formats("en", ZoneInfo("America/Sao_Paulo"), lambda: NOW)


def plain(text: str) -> str:
    """CLDR has narrow and unbreakable blanks."""
    return text.replace("\u202f", " ").replace("\xa0", " ")


def test_an_instant_is_shown_in_the_installations_zone() -> None:
    assert PT.date(NOW) == "22 de nov. de 2026"
    assert PT.datetime(NOW) == "22/11/2026 22:30"
    assert plain(EN.time(NOW)) == "10:30 PM"
    assert PT.day(NOW) == "dom., 22 de nov."


def test_an_instant_on_another_clock_is_told_by_that_clock_whatever_was_told_before() -> None:
    assert plain(PT.time(NOW)) == "22:30"
    assert plain(PT.there(NOW, "America/Manaus")) == "dom., 22 de nov., 21:30"
    assert plain(PT.there(NOW, "Atlantic/Azores")) == "seg., 23 de nov., 00:30"
    assert plain(PT.time(NOW)) == "22:30"


def test_a_date_is_the_same_day_everywhere() -> None:
    assert PT.date(date(2026, 1, 1)) == "1 de jan. de 2026"
    assert EN.date(date(2026, 1, 1)) == "Jan 1, 2026"


@pytest.mark.parametrize(
    ("span", "portuguese", "english"),
    [
        (timedelta(minutes=-5), "há 5 min.", "5 min. ago"),
        (timedelta(hours=2), "em 2 h", "in 2 hr."),
        (timedelta(0), "há 1 seg.", "1 sec. ago"),
        (timedelta(days=3), "em 3 dias", "in 3 days"),
    ],
)
def test_how_far_from_now(span: timedelta, portuguese: str, english: str) -> None:
    assert plain(PT.relative(NOW + span)) == portuguese
    assert plain(EN.relative(NOW + span)) == english


def test_amounts() -> None:
    assert PT.number(1234567) == "1.234.567"
    assert EN.number(1234.5) == "1,234.5"
    assert PT.number(Decimal("12.345"), 1) == "12,3"
    assert plain(PT.percent(0.125, 1)) == "12,5%"
    assert plain(PT.currency(Decimal("1234.5"))) == "R$ 1.234,50"
    assert PT.bytes(3_400_000) == "3,4 MB"
    assert EN.bytes(999) == "999 B"
    assert PT.bytes(12 * 10**15) == "12.000 TB"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=45), "45 s"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(hours=2, minutes=5), "2 h 5 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(days=2, hours=1, minutes=59), "2 dias 1 h"),
        (timedelta(minutes=59, seconds=59), "1 h"),
    ],
)
def test_how_long(span: timedelta, words: str) -> None:
    assert plain(PT.duration(span)) == words


@pytest.mark.parametrize("name", sorted(PT.filters()))
def test_nothing_is_a_dash(name: str) -> None:
    assert PT.filters()[name](None) == NOTHING
