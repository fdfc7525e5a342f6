"""Spans of elapsed time as people write them: `30m`, `24h`, `2d`."""

from __future__ import annotations

from datetime import timedelta

from disparo.domain.errors import InputError
from disparo.domain.waiting import Wait, WaitUnit, parse_wait


def parse_duration(text: str) -> timedelta:
    """Read minutes, hours or days of 24 hours, zero included; InputError for anything else, business days too."""
    wait = parse_wait(text)
    if wait.unit is WaitUnit.BUSINESS_DAYS:
        raise InputError(f'"{text}": dias úteis não servem aqui; escreva minutos, horas ou dias corridos, como "15d"')
    return timedelta(**{wait.unit.value: wait.amount})


def duration_text(span: timedelta) -> str:
    """The span in the largest unit that fits; `parse_duration` reads it back. ValueError unless of whole minutes."""
    for unit in (WaitUnit.DAYS, WaitUnit.HOURS, WaitUnit.MINUTES):
        amount, rest = divmod(span, timedelta(**{unit.value: 1}))
        if not rest and (amount or unit is WaitUnit.MINUTES):
            return str(Wait(amount, unit))
    raise ValueError(f"a duration is of whole minutes, not {span}")
