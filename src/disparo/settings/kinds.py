"""The kinds of value that settings have, each with its own way of saying what is wrong.

pydantic's own leniency is too kind here: it reads "1.000" (a thousand, in Brazil) as 1 and `true` as 1.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from disparo.domain.errors import InputError
from disparo.domain.intervals import zone_named

_WHOLE = re.compile(r"[+-]?[0-9]+")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00")
_NO_LIMIT = "none"


def _whole(value: object) -> int:
    """A whole number, also as text; never a truth value, a fraction or a number with separators."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()) and len(value) <= 20:
        return int(value)
    raise ValueError("needs a whole number such as 100, without dots or commas")


def _fraction(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("needs a number such as 0.5")
    return value


def _limit(value: object, info: ValidationInfo) -> int | None:
    """None, or at least 1; `"none"` takes a limit away that the profile would set."""
    if value is None or (isinstance(value, str) and value.strip().lower() == _NO_LIMIT):
        return None
    number = _whole(value)
    if number < 1:
        name = info.field_name or ""
        leave = "leave it out" if name.endswith("_daily") else f'write "{_NO_LIMIT}"'
        raise ValueError(f"would never send; {leave} for no limit or use at least 1")
    return number


def _clock(value: object) -> str:
    """`8`, `"8"` and `"08:00"` are all eight in the morning; kept as `HH:MM`."""
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    hour_and_minute = f"{text}:00" if text.isascii() and text.isdigit() else text
    if not _CLOCK.fullmatch(hour_and_minute):
        raise ValueError('needs an hour such as 8, or a time such as "08:30", from 0 to 24')
    return hour_and_minute.zfill(5)


def _zone(value: str) -> str:
    try:
        zone_named(value)
    except InputError:
        raise ValueError("is no IANA time zone; use one such as America/Sao_Paulo") from None
    return value


def _country(value: str) -> str:
    code = value.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise ValueError("needs a country of two letters such as BR")
    return code


def _names(value: object) -> object:
    """A list as it stands, or text with commas, the way an environment variable writes a list."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Whole = Annotated[int, BeforeValidator(_whole)]
Number = Annotated[float, BeforeValidator(_fraction)]
Rate = Annotated[float, BeforeValidator(_fraction), Field(ge=0, le=1)]
Limit = Annotated[int | None, BeforeValidator(_limit)]
Clock = Annotated[str, BeforeValidator(_clock)]
Zone = Annotated[str, AfterValidator(_zone)]
Country = Annotated[str, AfterValidator(_country)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Doubt = Literal["hold", "resend"]
"""What becomes of a message in doubt without a receipt: kept until it is dead, or sent again."""
