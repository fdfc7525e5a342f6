"""Text that is broken between words on a terminal, and left alone in a pipe."""

from __future__ import annotations

from disparo.entrypoints.cli.printing import Output


def paragraph(out: Output, text: str, *, indent: int = 0) -> None:
    """A paragraph for people; left out of JSON."""
    if out.json:
        return
    if not out.terminal:
        out.line(" " * indent + text)
        return
    from rich.padding import Padding
    from rich.text import Text

    out.console.print(Padding(Text(text), (0, 0, 0, indent)))


def labelled(out: Output, lines: list[tuple[str, str]]) -> None:
    """Lines with a label each, one below the other."""
    width = max(len(label) for label, _ in lines) + 2
    if not out.terminal:
        for label, text in lines:
            out.line(f"{label:<{width}}{text}")
        return
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    for label, text in lines:
        table.add_row(Text(label, "bold"), Text(text))
    out.console.print(table)
