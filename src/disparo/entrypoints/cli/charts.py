"""Bars and strips of blocks for the terminal; nothing here depends on colour to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text

from disparo.domain.contact import Channel
from disparo.entrypoints.cli.demo_words import day_label
from disparo.entrypoints.words import words

if TYPE_CHECKING:
    from disparo.simulation.forecast import Period

CLOSED = "░"
_QUIET = "·"
_HEIGHTS = "▁▂▃▄▅▆▇█"
LOOKS: Mapping[Channel, tuple[str, str]] = {
    Channel.WHATSAPP: ("█", "green"),
    Channel.EMAIL: ("▓", "blue"),
    Channel.SMS: ("▒", "yellow"),
}
"""Block and colour of each channel."""

_LABEL = 11
_TOTAL = 9


def hour_strips(hours: Sequence[Period], width: int, days: int) -> list[Text]:
    """A line for each of the first days, a cell for each of its hours: as high as it has messages, shaded when closed.

    `width` is that of the terminal; a cell has one to three columns.
    """
    cell = max(1, min(3, (width - _LABEL - _TOTAL) // 24))
    highest = max((hour.total for hour in hours), default=0)
    lines = [Text(" " * _LABEL + "".join(f"{hour:02}h".ljust(6 * cell) for hour in (0, 6, 12, 18)), style="dim")]
    by_day = [list(of_day) for _, of_day in groupby(hours, key=lambda hour: hour.begins_at.date())]
    for of_day in by_day[:days]:
        line = _label(of_day[0].begins_at)
        for hour in _whole_day(of_day):
            line.append(*_cell(hour, highest, cell))
        line.append(f"{_number(sum(hour.total for hour in of_day)):>{_TOTAL}}")
        lines.append(line)
    lines.append(Text(" " * _LABEL + f"{CLOSED} fechado   {_HEIGHTS[-1]} {_number(highest)} por hora", style="dim"))
    return lines


def _whole_day(hours: Sequence[Period]) -> list[Period | None]:
    """The 24 hours of a day, None for those that the forecast does not reach."""
    by_hour = {hour.begins_at.hour: hour for hour in hours}
    return [by_hour.get(hour) for hour in range(24)]


def _cell(hour: Period | None, highest: int, width: int) -> tuple[str, str]:
    if hour is None:
        return " " * width, ""
    if hour.total:
        height = _HEIGHTS[max(0, -(-hour.total * len(_HEIGHTS) // highest) - 1)]
        busiest = max(hour.messages, key=lambda channel: hour.messages[channel])
        return height * width, LOOKS[busiest][1]
    return (_QUIET.center(width), "dim") if hour.open else (CLOSED * width, "dim")


def day_bars(days: Sequence[Period], width: int, most: int) -> list[Text]:
    """A bar for each day, in the blocks of its channels; days in which nothing goes are told together."""
    room = max(10, width - _LABEL - _TOTAL)
    highest = max((day.total for day in days), default=0)
    lines: list[Text] = []
    for day in days[:most]:
        line = _label(day.begins_at)
        if day.total:
            line.append_text(bar(day.messages, highest, room))
        else:
            line.append(CLOSED * 3 if not day.open else _QUIET, "dim")
        line.append(f" {_number(day.total)}" if day.total else " fechado" if not day.open else " nada a enviar")
        lines.append(line)
    if len(days) > most:
        left = sum(day.total for day in days[most:])
        lines.append(Text(f"{'':<{_LABEL}}… e mais {len(days) - most} dias, {_number(left)} mensagens", "dim"))
    lines.append(_legend({channel for day in days for channel in day.messages}))
    return lines


def bar(parts: Mapping[Channel, int], highest: int, room: int) -> Text:
    """The parts one behind the other; `room` columns are `highest`. What is there is never less than a block."""
    line, reached, drawn = Text(), 0, 0
    for channel, (block, colour) in LOOKS.items():
        if count := parts.get(channel, 0):
            reached += count
            blocks = max(1, round(reached * room / highest) - drawn)
            line.append(block * blocks, colour)
            drawn += blocks
    return line


def _legend(channels: set[Channel]) -> Text:
    line = Text(" " * _LABEL)
    for channel, (block, colour) in LOOKS.items():
        if channel in channels:
            line.append(block, colour)
            line.append(f" {words(channel)}   ", "dim")
    return line


def _label(at: datetime) -> Text:
    return Text(f"{day_label(at):<{_LABEL}}")


def _number(count: int) -> str:
    return f"{count:,}".replace(",", ".")
