"""Attributes of an item as what they are: what is missing is 0, nothing, or None."""

from __future__ import annotations

from datetime import datetime
from json import JSONEncoder

from disparo.adapters.aws.tables import Item
from disparo.domain.instants import from_ms

as_json = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""What is nested, as the text that an attribute holds."""


def number(item: Item, name: str) -> int:
    """A number, 0 when it is missing."""
    value = item.get(name, 0)
    if not isinstance(value, int):
        raise TypeError(f"{name} is no number: {value!r}")
    return value


def text(item: Item, name: str) -> str:
    """A text, empty when it is missing."""
    return str(item.get(name, ""))


def text_or_none(item: Item, name: str) -> str | None:
    """A text that may be missing."""
    return text(item, name) or None


def instant(item: Item, name: str) -> datetime | None:
    """An instant kept in milliseconds that may be missing."""
    return from_ms(number(item, name)) if name in item else None


def names(item: Item | None, name: str) -> frozenset[str]:
    """A set of names, empty when it is missing."""
    value = (item or {}).get(name, frozenset())
    if not isinstance(value, frozenset):
        raise TypeError(f"{name} is no set: {value!r}")
    return value
