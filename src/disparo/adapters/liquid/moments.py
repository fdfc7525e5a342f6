"""Dates and times of day in pt-BR, from the texts that contact files hold."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import lru_cache
from typing import Final

from babel.dates import format_date

from disparo.adapters.liquid.amounts import LOCALE

_LONGEST: Final = 40
_BRAZILIAN: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T]+(.+))?", re.ASCII)
_FORMATS: Final = {
    "curta": "dd/MM/yyyy",
    "longa": "d 'de' MMMM 'de' yyyy",
    "completa": "EEEE, d 'de' MMMM 'de' yyyy",
    "dia_mes": "d 'de' MMMM",
    "dia_semana": "EEEE",
    "mes": "MMMM",
}


def date_text(value: object, style: object = "curta") -> str:
    """A date (ISO 8601 or `dd/mm/yyyy`, a time after it is ignored) in one of the styles.

    `curta` 22/11/2026 · `longa` 22 de novembro de 2026 · `completa` domingo, 22 de novembro de 2026 ·
    `dia_mes` 22 de novembro · `dia_semana` domingo · `mes` novembro. The day is the one that is written: no
    zone is converted. Raises `ValueError`.
    """
    return _date_text(_short(value), str(style))


def time_text(value: object) -> str:
    """The time of day as `14:30`, from `14:30:00`, `14h30` or a date with a time; no zone is converted."""
    return _time_text(_short(value))


def _short(value: object) -> str:
    text = str(value).strip()
    if len(text) > _LONGEST:
        raise ValueError("o texto é comprido demais para uma data ou um horário")
    return text


@lru_cache(maxsize=1024)
def _date_text(text: str, style: str) -> str:
    pattern = _FORMATS.get(style)
    if pattern is None:
        raise ValueError(f"o estilo {style!r} não existe; escreva um destes: {', '.join(_FORMATS)}")
    return format_date(_split(text)[0], pattern, locale=LOCALE)


@lru_cache(maxsize=1024)
def _time_text(text: str) -> str:
    moment = _time_of_day(text) if re.match(r"\d{1,2}[:h]", text) else _split(text)[1]
    if moment is None:
        raise ValueError(f"{text!r} não tem horário; escreva como 14:30")
    return moment.strftime("%H:%M")


def _split(text: str) -> tuple[date, time | None]:
    try:
        if brazilian := _BRAZILIAN.fullmatch(text):
            day, month, year, clock = brazilian.groups()
            return date(int(year), int(month), int(day)), _time_of_day(clock) if clock else None
        if len(text) <= 10:
            return date.fromisoformat(text), None
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} não é uma data; escreva como 2026-11-22 ou 22/11/2026") from None
    return moment.date(), moment.time()


def _time_of_day(text: str) -> time:
    hours, _, minutes = text.replace("h", ":").partition(":")
    try:
        return time.fromisoformat(f"{int(hours):02}:{minutes or '00'}")
    except ValueError:
        raise ValueError(f"{text!r} não é um horário; escreva como 14:30") from None
