"""Charts as SVG in the page: shapes without any text in them, so that words keep their size on every screen.

Pure: values go in, markup comes out. Colours are classes (`accent`, `good`, `info`, `warn`, `bad`, `violet`,
`neutral`); a chart says its numbers again in a table that can be opened, and each shape says its own when pointed at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from disparo.entrypoints.console import chart_shapes as shapes
from disparo.entrypoints.console.formats import Formats
from disparo.entrypoints.console.words import Words

if TYPE_CHECKING:
    from markupsafe import Markup

Write = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of number in a chart, and its colour."""

    name: str
    tone: str = "accent"


@dataclass(frozen=True, slots=True)
class Point:
    """One place on the axis of time: a number for each series, in their order.

    `label` is it in full, `tick` what stands under the axis (mostly nothing); `shaded` marks closed hours.
    """

    label: str
    values: Sequence[float]
    tick: str = ""
    shaded: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a funnel."""

    name: str
    value: int
    tone: str = "accent"
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a year: how much, from 0 to 4, and in words."""

    level: int
    label: str
    tone: str = "accent"


@dataclass(frozen=True, slots=True)
class Charts:
    """The charts in one language; templates have them as `charts`."""

    words: Words
    formats: Formats = field(repr=False)

    def bars(
        self,
        title: str,
        series: Sequence[Series],
        points: Sequence[Point],
        *,
        write: Write | None = None,
        shade: str = "",
        limit: float | None = None,
    ) -> Markup:
        """Bars over time, one on top of the other where there are several series.

        `shade` says what shaded places are (closed hours), `limit` draws a line that bars ought to stay under.
        """
        top = shapes.nice_top([*(sum(point.values) for point in points), limit or 0])
        drawn = shapes.stacked(
            [point.values for point in points],
            [one.tone for one in series],
            [self._said(series, point, write) for point in points],
            top,
        )
        return self._plot("bars", title, series, points, top, drawn, write, shade, limit)

    def lines(
        self,
        title: str,
        series: Sequence[Series],
        points: Sequence[Point],
        *,
        write: Write | None = None,
        shade: str = "",
        limit: float | None = None,
    ) -> Markup:
        """Lines over time; a single one has its area filled."""
        top = shapes.nice_top([*(value for point in points for value in point.values), limit or 0])
        drawn = shapes.joined(
            [point.values for point in points],
            [one.tone for one in series],
            [self._said(series, point, write) for point in points],
            top,
        )
        return self._plot("lines", title, series, points, top, drawn, write, shade, limit)

    def sparkline(self, title: str, values: Sequence[float], tone: str = "accent") -> Markup:
        """A line without axes, for a tile."""
        return shapes.sparkline(title, values, tone)

    def parts(self, title: str, stages: Sequence[Stage]) -> Markup:
        """One bar made of parts, with a legend: how a whole divides."""
        number = self.formats.number
        total = sum(stage.value for stage in stages)
        rows = [(one.name, number(one.value), self._share(one.value, total), one.tone) for one in stages]
        return shapes.parts(title, [(one.value, one.tone) for one in stages], rows)

    def funnel(self, title: str, stages: Sequence[Stage]) -> Markup:
        """From the first stage to the last: each as a bar, with its share of the first and of the one before."""
        first = stages[0].value if stages else 0
        before = [first, *(stage.value for stage in stages)]
        rows = [
            shapes.FunnelRow(
                one.name,
                self.formats.number(one.value),
                self._share(one.value, first),
                self.words.gettext("%(share)s da etapa anterior", share=self._share(one.value, previous)),
                min(one.value / first, 1.0) if first else 0.0,
                one.tone,
                one.hint,
            )
            for one, previous in zip(stages, before, strict=False)
        ]
        return shapes.funnel(title, rows)

    def year(self, title: str, year: int, days: Mapping[date, Day]) -> Markup:
        """A year as a map of days: weeks from left to right, Monday at the top."""
        months = [self.formats.date(date(year, month, 1), "MMM").rstrip(".") for month in range(1, 13)]
        weekdays = [self.formats.date(date(2024, 1, day), "EEEEE") for day in range(1, 8)]
        marks = {day: (one.level, one.tone, one.label) for day, one in days.items()}
        return shapes.year(title, year, months, weekdays, marks)

    def _plot(
        self,
        kind: str,
        title: str,
        series: Sequence[Series],
        points: Sequence[Point],
        top: float,
        drawn: Markup,
        write: Write | None,
        shade: str,
        limit: float | None,
    ) -> Markup:
        write = write or self.formats.number
        frame = shapes.Frame(
            kind=kind,
            title=title,
            legend=[(one.name, one.tone) for one in series] if len(series) > 1 or shade else [],
            shade=shade,
            scale=[write(top), write(top / 2), write(0)],
            ticks=[point.tick for point in points],
            shaded=[point.shaded for point in points],
            limit=limit / top if limit else None,
            open_table=self.words.gettext("Ver como tabela"),
            head=["", *(one.name for one in series)],
            rows=[[point.label, *map(write, point.values)] for point in points],
        )
        return shapes.framed(frame, drawn)

    def _said(self, series: Sequence[Series], point: Point, write: Write | None) -> str:
        write = write or self.formats.number
        return "\n".join(
            [point.label, *(f"{one.name}: {write(value)}" for one, value in zip(series, point.values, strict=True))]
        )

    def _share(self, value: float, whole: float) -> str:
        return self.formats.percent(value / whole if whole else 0.0, 1 if whole and 0 < value / whole < 0.1 else 0)
