"""Charts: what they draw, what they say, and that nothing of a text becomes markup."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from disparo.entrypoints.console.chart_shapes import nice_top
from disparo.entrypoints.console.charts import Charts, Day, Point, Series, Stage
from disparo.entrypoints.console.formats import Formats
from disparo.entrypoints.console.words import words_of

CHARTS = Charts(
    words_of("pt-BR"), Formats("pt_BR", ZoneInfo("America/Sao_Paulo"), lambda: datetime(2026, 11, 23, tzinfo=UTC))
)
TWO = [Series("Enviadas"), Series("Falharam", "bad")]


def tree(markup: str) -> ElementTree.Element:
    """Charts are well-formed; raises otherwise."""
    return ElementTree.fromstring(markup)


@pytest.mark.parametrize(
    ("values", "top"),
    [([], 2), ([0], 2), ([1], 2), ([3], 4), ([7], 8), ([10], 10), ([11], 20), ([950], 1000), ([0.03, 0.05], 0.06)],
)
def test_an_axis_ends_at_a_round_number(values: list[float], top: float) -> None:
    assert nice_top(values) == pytest.approx(top)


def test_bars_stand_on_one_another_and_say_their_numbers() -> None:
    chart = tree(
        CHARTS.bars("Por hora", TWO, [Point("9 h", [60, 20]), Point("10 h", [0, 0], shaded=True)], shade="Fechado")
    )
    bars = [one for one in chart.iter("rect") if one.get("class") in ("accent", "bad")]
    assert [(bar.get("y"), bar.get("height")) for bar in bars] == [("25", "75"), ("0", "25")] or [
        (bar.get("y"), bar.get("height")) for bar in bars
    ] == [("40", "60"), ("20", "20")]
    assert [one.text for one in chart.iter("title")] == [
        "9 h\nEnviadas: 60\nFalharam: 20",
        "10 h\nEnviadas: 0\nFalharam: 0",
    ]
    assert [one.get("x") for one in chart.iter("rect") if one.get("class") == "shade"] == ["10"]
    cells = [one.text for one in chart.iter("td")]
    assert cells == ["60", "20", "0", "0"]


def test_a_chart_is_an_image_with_a_name_and_a_table() -> None:
    chart = tree(CHARTS.lines("Taxa", TWO[:1], [Point("a", [1]), Point("b", [2])]))
    svg = next(chart.iter("svg"))
    assert (svg.get("role"), svg.get("aria-label")) == ("img", "Taxa")
    assert next(chart.iter("summary")).text == "Ver como tabela"


def test_no_chart_has_a_style_attribute_and_texts_stay_texts() -> None:
    evil = '"><script>alert(1)</script>'
    drawn = [
        CHARTS.bars(evil, [Series(evil)], [Point(evil, [1], tick=evil)]),
        CHARTS.lines(evil, [Series(evil)], [Point(evil, [1], tick=evil)]),
        CHARTS.funnel(evil, [Stage(evil, 1, hint=evil)]),
        CHARTS.parts(evil, [Stage(evil, 1)]),
        CHARTS.sparkline(evil, [1, 2]),
        CHARTS.year(evil, 2026, {date(2026, 1, 1): Day(1, evil)}),
    ]
    for chart in drawn:
        assert "<script" not in chart
        assert not re.search(r"\sstyle=", chart)
        tree(chart)


def test_a_funnel_says_the_share_of_the_first_and_of_the_one_before() -> None:
    text = CHARTS.funnel("Funil", [Stage("A", 200), Stage("B", 100), Stage("C", 5)])
    assert "50% da etapa anterior" in text
    assert "2,5%" in text
    assert "5,0% da etapa anterior" in text


@pytest.mark.parametrize("points", [[], [Point("a", [0])]])
def test_nothing_is_drawn_of_nothing(points: list[Point]) -> None:
    tree(CHARTS.bars("x", TWO[:1], points))
    tree(CHARTS.lines("x", TWO[:1], points))
    tree(CHARTS.sparkline("x", []) if not points else CHARTS.sparkline("x", [0]))
    tree(CHARTS.funnel("x", [Stage("a", 0), Stage("b", 0)]))
    tree(CHARTS.parts("x", []))


def test_every_day_of_a_leap_year_has_its_place() -> None:
    chart = tree(CHARTS.year("2028", 2028, {}))
    days = [one for one in chart.iter("rect")]
    assert len(days) == 366
    assert len({(one.get("x"), one.get("y")) for one in days}) == 366
