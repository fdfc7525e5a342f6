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
_MOST = 1_000_000_000


def _whole(value: object) -> int:
    """A whole number, also as text; never a truth value, a fraction or a number with separators."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()) and len(value) <= 20:
        return int(value)
    raise ValueError("escreva um número inteiro como 100, sem pontos nem vírgulas")


def _fraction(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("escreva um número como 0.5")
    return value


def _limit(value: object, info: ValidationInfo) -> int | None:
    """None, or at least 1; `"none"` takes a limit away that the profile would set."""
    if value is None or (isinstance(value, str) and value.strip().lower() == _NO_LIMIT):
        return None
    number = _whole(value)
    if number < 1:
        name = info.field_name or ""
        leave = "deixe de fora" if name.endswith("_daily") else f'escreva "{_NO_LIMIT}"'
        raise ValueError(f"assim nada seria enviado; {leave} para não ter limite, ou escreva 1 ou mais")
    if number > _MOST:
        raise ValueError(f'é grande demais; escreva no máximo {_MOST}, ou "{_NO_LIMIT}" para não ter limite')
    return number


def _clock(value: object) -> str:
    """`8`, `"8"` and `"08:00"` are all eight in the morning; kept as `HH:MM`."""
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    hour_and_minute = f"{text}:00" if text.isascii() and text.isdigit() else text
    if not _CLOCK.fullmatch(hour_and_minute):
        raise ValueError('escreva uma hora como 8, ou um horário como "08:30", de 0 a 24')
    return hour_and_minute.zfill(5)


def _zone(value: str) -> str:
    try:
        zone_named(value)
    except InputError:
        raise ValueError("fuso desconhecido; escreva um nome da base IANA, como America/Sao_Paulo") from None
    return value


def _country(value: str) -> str:
    code = value.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise ValueError("escreva um país com duas letras, como BR")
    return code


def _names(value: object) -> object:
    """A list as it stands, or text with commas, the way an environment variable writes a list."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _url(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"https?://[^\s/]+/\S+", value):
        raise ValueError("escreva um endereço como https://sqs.us-east-1.amazonaws.com/123456789012/nome")
    return value


Whole = Annotated[int, BeforeValidator(_whole)]
Number = Annotated[float, BeforeValidator(_fraction)]
Rate = Annotated[float, BeforeValidator(_fraction), Field(ge=0, le=1)]
Limit = Annotated[int | None, BeforeValidator(_limit)]
Clock = Annotated[str, BeforeValidator(_clock)]
Zone = Annotated[str, AfterValidator(_zone)]
Country = Annotated[str, AfterValidator(_country)]
Url = Annotated[str | None, BeforeValidator(_url)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Doubt = Literal["hold", "resend"]
"""What becomes of a message in doubt without a receipt: kept until it is dead, or sent again."""
