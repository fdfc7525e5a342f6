"""Fields of Meta's events, checked and bounded as they are taken out; ValueError for one that must be and is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from disparo.domain.instants import EPOCH

PROVIDER: Final = "whatsapp"
TEXT_LIMIT: Final = 8_000
_ID_LIMIT: Final = 256
_DIGITS: Final = re.compile(r"[0-9]{1,13}")
_PHONE: Final = re.compile(r"[1-9][0-9]{6,14}")
_FIRST_MILLISECOND: Final = 100_000_000_000
"""Seconds reach this in the year 5138, so a greater number is of milliseconds: `entry.time` comes in either."""


def object_in(event: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object; empty when there is none."""
    value = event.get(key)
    return value if isinstance(value, dict) else {}


def objects_in(event: Mapping[str, Any], key: str) -> list[Any]:
    """The items of a list, empty when there is none."""
    value = event.get(key)
    return value if isinstance(value, list) else []


def id_in(event: Mapping[str, Any], key: str) -> str:
    """An id: one word that can be printed."""
    if (value := id_or_none(event, key)) is None:
        raise ValueError(key)
    return value


def id_or_none(event: Mapping[str, Any], key: str) -> str | None:
    """An id, None when there is none or it is no id."""
    value = event.get(key)
    if isinstance(value, str) and 0 < len(value) <= _ID_LIMIT and value.isprintable() and " " not in value:
        return value
    return None


def phone_in(event: Mapping[str, Any], key: str) -> str | None:
    """A person's number as E.164: Meta writes its digits only, and may leave it out."""
    value = event.get(key)
    return f"+{value}" if isinstance(value, str) and _PHONE.fullmatch(value) else None


def text_in(event: Mapping[str, Any], key: str) -> str:
    """A text as it can be kept, "" when there is none."""
    value = event.get(key)
    return clean(value) if isinstance(value, str) else ""


def clean(text: str) -> str:
    """Without half characters and NUL, which stores refuse, and cut."""
    return text[:TEXT_LIMIT].encode("utf-8", "replace").decode().replace("\0", "")


def instant_in(event: Mapping[str, Any], key: str) -> datetime:
    """An instant, in seconds as text or number."""
    value = event.get(key)
    digits = str(value) if type(value) in (int, str) else ""
    if not _DIGITS.fullmatch(digits):
        raise ValueError(key)
    number = int(digits)
    return EPOCH + timedelta(milliseconds=number if number >= _FIRST_MILLISECOND else number * 1000)
