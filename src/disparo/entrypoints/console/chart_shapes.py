"""What charts are drawn of: SVG stretched to its place (lines keep their width), words beside it in HTML."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from markupsafe import Markup, escape

HEIGHT = 100
STEP = 10
_GAP = 1.5
_LEAST = 6
"""Of a thousand: what is there is seen."""
_ROUND_TOPS = (1, 2, 4, 6, 8, 10)
_DAY = Markup('<rect class="{} level-{}" x="{}" y="{}" width="10" height="10" rx="2"><title>{}</title></rect>')
_PART = Markup(
    '<li><span class="key {}"></span>{} <strong class="num">{}</strong> <span class="soft num">{}</span></li>'
)


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything of a chart over time but its shapes; `scale` from the top down, `limit` a share of the height."""

    kind: str
    title: str
    legend: Sequence[tuple[str, str]]
    shade: str
    scale: Sequence[str]
    ticks: Sequence[str]
    shaded: Sequence[bool]
    limit: float | None
    open_table: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """One stage in words; `share` of the first, from 0 to 1."""

    name: str
    value: str
    of_first: str
    of_previous: str
    share: float
    tone: str
    hint: str


def nice_top(values: Sequence[float]) -> float:
    """The round number that an axis ends at; whole numbers get one whose half is whole, too."""
    most = max(values, default=0)
    if most <= 0:
        return 2
    power = 10.0 ** math.floor(math.log10(most))
    top = next(one * power for one in _ROUND_TOPS if one * power >= most * 0.9999)
    return max(top, 2) if all(float(value).is_integer() for value in values) else top


def stacked(columns: Sequence[Sequence[float]], tones: Sequence[str], said: Sequence[str], top: float) -> Markup:
    """Bars on bars; each column as a whole says its numbers."""
    shapes = Markup("")
    for index, (values, words) in enumerate(zip(columns, said, strict=True)):
        below = 0.0
        bars = Markup("")
        for value, tone in zip(values, tones, strict=True):
            height = max(value, 0) / top * HEIGHT
            if height:
                bars += Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
                    tone, _n(index * STEP + _GAP), _n(HEIGHT - below - height), _n(STEP - 2 * _GAP), _n(height)
                )
            below += height
        shapes += _column(index, words, bars)
    return shapes


def joined(columns: Sequence[Sequence[float]], tones: Sequence[str], said: Sequence[str], top: float) -> Markup:
    """Lines through the middles of the columns."""
    shapes = Markup("")
    for number, tone in enumerate(tones):
        places = [((i + 0.5) * STEP, HEIGHT * (1 - values[number] / top)) for i, values in enumerate(columns)]
        shapes += _area(places, tone) if len(tones) == 1 else Markup("")
        shapes += Markup('<path class="line {}" d="{}"/>').format(tone, _path(places))
    return shapes + Markup("").join(_column(index, words, Markup("")) for index, words in enumerate(said))


def framed(frame: Frame, drawn: Markup) -> Markup:
    """A chart over time, whole."""
    width = max(len(frame.ticks), 1) * STEP
    lines = Markup("").join(
        Markup('<line class="grid" x1="0" x2="{}" y1="{}" y2="{}"/>').format(width, y, y) for y in (0.0, 50.0, 100.0)
    )
    limit = Markup("")
    if frame.limit is not None:
        y = _n(HEIGHT * (1 - frame.limit))
        limit = Markup('<line class="limit" x1="0" x2="{}" y1="{}" y2="{}"/>').format(width, y, y)
    svg = Markup(
        '<svg role="img" aria-label="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">{}{}{}{}</svg>'
    ).format(frame.title, width, HEIGHT, _shades(frame.shaded), lines, drawn, limit)
    legend = [*frame.legend, *([(frame.shade, "shade")] if frame.shade and any(frame.shaded) else [])]
    return Markup(
        '<figure class="chart {}"><figcaption>{}</figcaption>{}<div class="plot">'
        '<div class="y" aria-hidden="true">{}</div>{}<div class="x" aria-hidden="true">{}</div></div>{}</figure>'
    ).format(
        frame.kind,
        frame.title,
        _legend(legend),
        Markup("").join(Markup("<span>{}</span>").format(text) for text in frame.scale),
        svg,
        Markup("").join(Markup("<span>{}</span>").format(text) for text in frame.ticks),
        _table(frame),
    )


def sparkline(title: str, values: Sequence[float], tone: str) -> Markup:
    """A small line and the area under it."""
    top = max(values, default=0) or 1
    step = 100 / max(len(values) - 1, 1)
    places = [(index * step, 29 - value / top * 26) for index, value in enumerate(values)]
    drawn = _area(places, tone, 30) + Markup('<path class="line {}" d="{}"/>').format(tone, _path(places))
    return Markup(
        '<svg class="chart spark" role="img" aria-label="{}" viewBox="0 0 100 30" preserveAspectRatio="none">{}</svg>'
    ).format(title, drawn if values else "")


def parts(title: str, sizes: Sequence[tuple[float, str]], rows: Sequence[tuple[str, str, str, str]]) -> Markup:
    """One bar in parts, and what each part is: name, number, share, tone."""
    total, at, drawn = sum(size for size, _ in sizes) or 1, 0.0, Markup("")
    for size, tone in sizes:
        width = size / total * 1_000
        drawn += Markup('<rect class="{}" x="{}" y="0" width="{}" height="10"/>').format(tone, _n(at), _n(width))
        at += width
    lines = (_PART.format(tone, name, number, share) for name, number, share, tone in rows)
    return Markup(
        '<figure class="chart parts"><svg role="img" aria-label="{}" viewBox="0 0 1000 10" preserveAspectRatio="none">'
        '<rect class="rest" width="1000" height="10"/>{}</svg><ul class="legend">{}</ul></figure>'
    ).format(title, drawn, Markup("").join(lines))


def funnel(title: str, rows: Sequence[FunnelRow]) -> Markup:
    """A list of bars: read as a list by who cannot see them."""
    lines = (
        Markup(
            '<li><span class="funnel-name">{}{}</span><span class="funnel-value num">{}</span>'
            '<svg aria-hidden="true" viewBox="0 0 1000 10" preserveAspectRatio="none">'
            '<rect class="rest" width="1000" height="10"/><rect class="{}" width="{}" height="10"/></svg>'
            '<span class="funnel-share soft num"><strong>{}</strong>{}</span></li>'
        ).format(
            row.name,
            Markup(' <span class="soft">{}</span>').format(row.hint) if row.hint else "",
            row.value,
            row.tone,
            _n(max(row.share * 1_000, _LEAST if row.share else 0)),
            row.of_first,
            Markup(" · {}").format(row.of_previous) if number > 0 else "",
        )
        for number, row in enumerate(rows)
    )
    return Markup('<figure class="chart funnel"><figcaption>{}</figcaption><ol>{}</ol></figure>').format(
        title, Markup("").join(lines)
    )


def year(
    title: str, of: int, months: Sequence[str], weekdays: Sequence[str], marks: Mapping[date, tuple[int, str, str]]
) -> Markup:
    """Weeks from left to right; `marks` is how much, which colour and what it says, by the day."""
    first = date(of, 1, 1)
    shift = first.weekday()
    days = (first + timedelta(days=number) for number in range((date(of + 1, 1, 1) - first).days))
    drawn = Markup("")
    for number, day in enumerate(days):
        week, row = divmod(number + shift, 7)
        level, tone, words = marks.get(day, (0, "accent", day.isoformat()))
        drawn += _DAY.format(tone, level, 22 + week * 12, 16 + row * 12, words)
        if day.day == 1:
            drawn += Markup('<text x="{}" y="9">{}</text>').format(22 + (week + (row > 0)) * 12, months[day.month - 1])
    names = Markup("").join(
        Markup('<text x="0" y="{}">{}</text>').format(24 + row * 12, weekdays[row]) for row in (0, 2, 4)
    )
    return Markup(
        '<figure class="chart year"><figcaption>{}</figcaption><div class="year-frame" tabindex="0" role="group" '
        'aria-label="{}"><svg role="img" aria-label="{}" viewBox="0 0 660 100">{}{}</svg></div></figure>'
    ).format(title, title, title, names, drawn)


def _column(index: int, words: str, inside: Markup) -> Markup:
    return Markup(
        '<g class="column"><rect class="whole" x="{}" y="0" width="{}" height="{}"/>{}<title>{}</title></g>'
    ).format(index * STEP, STEP, HEIGHT, inside, words)


def _shades(shaded: Sequence[bool]) -> Markup:
    drawn, at = Markup(""), 0
    for is_shaded, run in groupby(shaded):
        length = len(list(run))
        if is_shaded:
            drawn += Markup('<rect class="shade" x="{}" y="0" width="{}" height="{}"/>').format(
                at * STEP, length * STEP, HEIGHT
            )
        at += length
    return drawn


def _legend(entries: Sequence[tuple[str, str]]) -> Markup:
    if not entries:
        return Markup("")
    lines = (Markup('<li><span class="key {}"></span>{}</li>').format(tone, name) for name, tone in entries)
    return Markup('<ul class="legend">{}</ul>').format(Markup("").join(lines))


def _table(frame: Frame) -> Markup:
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(text) for text in frame.head)
    rows = Markup("").join(_row(row) for row in frame.rows)
    return Markup(
        '<details class="more"><summary>{}</summary><div class="table-frame"><table class="table keep">'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div></details>"
    ).format(frame.open_table, head, rows)


def _row(cells: Sequence[str]) -> Markup:
    rest = Markup("").join(Markup("<td>{}</td>").format(text) for text in cells[1:])
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(cells[0], rest)


def _area(places: Sequence[tuple[float, float]], tone: str, floor: float = HEIGHT) -> Markup:
    if not places:
        return Markup("")
    around = [*places, (places[-1][0], floor), (places[0][0], floor)]
    return Markup('<path class="area {}" d="{}z"/>').format(escape(tone), _path(around))


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "".join(_steps(places))


def _steps(places: Sequence[tuple[float, float]]) -> Iterator[str]:
    for index, (x, y) in enumerate(places):
        yield f"{'L' if index else 'M'}{_n(x)} {_n(y)}"


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
