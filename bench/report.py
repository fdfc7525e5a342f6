"""Results as tables: on the terminal, and between the marks of a Markdown page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Aim:
    """What was aimed at, what came out, and whether that is enough."""

    wanted: str
    found: str
    met: bool


@dataclass(frozen=True, slots=True)
class Section:
    """One bench's result; `key` names its place in the page."""

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    aims: Sequence[Aim] = ()

    def with_aims(self, *aims: Aim) -> Section:
        """The same with aims."""
        return replace(self, aims=aims)

    def markdown(self) -> str:
        """The result as a Markdown table with its aims below."""
        lines = [f"{self.title}:", ""]
        lines += [_line(self.columns), _line(["---", *("---:" for _ in self.columns[1:])]), *map(_line, self.rows)]
        if self.aims:
            lines += ["", *(f"- {aim.wanted}: **{aim.found}**, {_verdict(aim)}" for aim in self.aims)]
        return "\n".join(lines)


def count(number: float) -> str:
    """A whole number with separators."""
    return f"{number:,.0f}"


def ratio(number: float, limit: float) -> str:
    """A part of a limit."""
    return f"{number / limit:.0%}"


def write_page(page: Path, sections: Sequence[Section], machine: str) -> None:
    """Put results between the page's marks; ValueError when a section has none there. Other sections stay."""
    text = page.read_text(encoding="utf-8")
    for key, content in (("machine", machine), *((one.key, one.markdown()) for one in sections)):
        mark = re.compile(rf"(<!-- bench:{key} -->\n).*?(<!-- end -->)", re.S)
        places = list(mark.finditer(text))
        if len(places) != 1:
            raise ValueError(
                f"{page}: one place must be marked <!-- bench:{key} --> ... <!-- end -->, not {len(places)}"
            )
        text = f"{text[: places[0].end(1)]}{content}\n{text[places[0].start(2) :]}"
    page.write_text(text, encoding="utf-8")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _verdict(aim: Aim) -> str:
    return "met" if aim.met else "**missed**"
