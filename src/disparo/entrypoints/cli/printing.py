"""How results are written: tables on a terminal, tab-separated lines in a pipe, one JSON document with `--json`.

What a person reads on the terminal is words and local time; what a program reads (pipe and JSON) is stable: reason
codes, and instants as ISO 8601 with their offset.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TextIO

from disparo.entrypoints.cli.moments import brief, shown
from disparo.entrypoints.words import words

if TYPE_CHECKING:
    from rich.console import Console


class Code(str):
    """A stable code: words for people, itself for programs."""

    __slots__ = ()


Item = Mapping[str, Any]
"""One thing in a listing: JSON values, and besides them datetimes (in the zone to show) and codes."""

_STYLES = {
    "running": "green", "completed": "green", "delivered": "green", "read": "green", "ok": "green",
    "paused": "yellow", "in_doubt": "yellow", "warning": "yellow", "expired": "yellow",
    "failed": "red", "dead": "red", "error": "red",
    "cancelled": "dim", "waiting": "dim", "note": "dim",
}  # fmt: skip

_GAP = 2
_NARROWEST = 8
_SHARE_WHOLE = 0.75
"""How much of a terminal's width goes, at most, to columns that are not broken into lines, the narrowest first."""


@dataclass(frozen=True)
class Output:
    """Where a command writes. `terminal` says that a person looks at stdout."""

    stdout: TextIO
    stderr: TextIO
    json: bool = False
    terminal: bool = False

    @cached_property
    def console(self) -> Console:
        """Rich's console on stdout, for a terminal."""
        from rich.console import Console

        return Console(file=self.stdout, highlight=False, soft_wrap=False)

    @cached_property
    def error_console(self) -> Console:
        """Rich's console on stderr, for progress: it never mixes with the result."""
        from rich.console import Console

        return Console(file=self.stderr, highlight=False)

    def note(self, text: str, *, end: str = "\n") -> None:
        """Say something beside the result, on stderr."""
        self.stderr.write(text + end)
        self.stderr.flush()

    def line(self, text: str = "") -> None:
        """A line for people; left out of JSON."""
        if not self.json:
            self.stdout.write(text + "\n")

    def document(self, value: object) -> None:
        """The command's one JSON document."""
        self.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_jsonable) + "\n")

    def done(self, text: str, value: Item) -> None:
        """What a command did: a line for people, or the JSON of it."""
        if self.json:
            self.document(value)
        else:
            self.line(text)

    def listing(
        self, items: Sequence[Item], columns: Mapping[str, str], *, empty: str = "", next_after: object = None
    ) -> None:
        """Many things: `columns` (key -> title) are what people see, JSON has every key.

        `next_after` is what `--after` goes on from, when there is more. `empty` is said to people, on stderr.
        """
        if self.json:
            self.document({"items": items, "next": next_after})
            return
        self.table(items, columns)
        if not items and empty:
            self.note(empty)
        if next_after is not None:
            self.note(f"há mais: continue com --after {next_after}")

    def table(self, items: Sequence[Item], columns: Mapping[str, str]) -> None:
        """The items as a table for people; in a pipe as lines, the first of which names the columns."""
        if self.json or not items:
            return
        if not self.terminal:
            self.stdout.write("\t".join(columns) + "\n")
            for item in items:
                self.stdout.write("\t".join(plain(item.get(key)) for key in columns) + "\n")
            return
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
        longest = {
            key: max(len(title), *(len(_in_a_table(item.get(key))) for item in items)) for key, title in columns.items()
        }
        whole = _whole_columns(longest, self.console.width)
        for key, title in columns.items():
            numbers = all(isinstance(item.get(key), int | float | None) for item in items)
            side: Literal["left", "right"] = "right" if numbers else "left"
            least = longest[key] if key in whole else _NARROWEST
            table.add_column(title, justify=side, overflow="fold", no_wrap=key in whole, min_width=least)
        for item in items:
            row = [item.get(key) for key in columns]
            table.add_row(*(Text(_in_a_table(cell), style=_style(cell)) for cell in row))
        self.console.print(table)

    def details(self, item: Item, titles: Mapping[str, str]) -> None:
        """One thing, a line for each of its values that is there; in a pipe with the key in front."""
        if self.json:
            return
        width = max(map(len, titles.values())) + 2
        for key, title in titles.items():
            value = item.get(key)
            if value is None or value == "":
                continue
            if self.terminal:
                self.line(f"{title + ':':<{width}}{human(value)}")
            else:
                self.line(f"{key}\t{plain(value)}")


def plain(value: object) -> str:
    """A value for a program, on one line."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, list | tuple):
        return ",".join(map(plain, value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=_jsonable)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return " ".join(text.split())


def human(value: object) -> str:
    """A value for a person."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return shown(value)
    if isinstance(value, Code | StrEnum):
        return words(str(value))
    if isinstance(value, bool):
        return "sim" if value else "não"
    if isinstance(value, int):
        return f"{value:,}".replace(",", ".")
    if isinstance(value, dict):
        return ", ".join(f"{key}={human(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(human, value))
    return str(value)


def _whole_columns(longest: Mapping[str, int], width: int) -> set[str]:
    """The columns that stay whole, so that a number or a state can be read; the others share what is left."""
    whole: set[str] = set()
    for key in sorted(longest, key=lambda key: longest[key]):
        if sum(longest[one] + _GAP for one in {*whole, key}) <= width * _SHARE_WHOLE:
            whole.add(key)
    everything = sum(longest.values()) + _GAP * len(longest)
    return set(longest) if everything <= width else whole


def _in_a_table(value: object) -> str:
    return brief(value) if isinstance(value, datetime) else human(value)


def _style(value: object) -> str:
    return _STYLES.get(str(value), "") if isinstance(value, Code | StrEnum) else ""


def _jsonable(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, frozenset | set):
        return sorted(value)
    return str(value)
