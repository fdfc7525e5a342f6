"""Spreadsheet cells as the text that a person typed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

CellValue = int | float | str | bool | date | datetime | time | timedelta | None


def cell_text(value: CellValue) -> str:
    """The text of a cell: dates as `2026-11-22` (with ` 14:30:00` if they have a time), whole numbers without
    a point.

    Numbers never come in scientific notation; truth values are `true` and `false`, as the file stores them.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds") if value.time() != time() else value.date().isoformat()
    if isinstance(value, time):
        return value.isoformat("seconds")
    return "" if value is None else str(value)


def number_text(value: float) -> str:
    """A float in plain digits: `5511987654321`, not `5.511987654321e+12`."""
    if value.is_integer():
        return str(int(value))
    text = repr(value)
    return format(Decimal(text), "f") if "e" in text else text
