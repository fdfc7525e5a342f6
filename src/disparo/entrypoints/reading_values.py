"""Numbers as plain values, for the API and the terminal alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from disparo.domain.instants import MILLISECOND
from disparo.domain.numbers import Reading

P95 = 0.95


def reading_values(reading: Reading) -> dict[str, Any]:
    """A reading by its documented names: rates are percentages, times milliseconds."""
    one = reading.figure
    return {
        "messages_sent": one.sent,
        "messages_failed": one.failed,
        "messages_failed_rate": _percent(one.failed_rate),
        "errors": one.errors,
        "queue_depth": reading.queue_depth,
        "rate_limit_hit": one.limited,
        "average_dispatch_time_ms": None if one.times.mean is None else round(one.times.mean / MILLISECOND, 1),
        "p95_dispatch_time_ms": _whole_ms(one.times.quantile(P95)),
        "slowest_dispatch_time_ms": _whole_ms(one.times.slowest),
        "confirmation_rate": _percent(one.confirmation_rate),
        "no_show_rate": _percent(one.no_show_rate),
    }


def _percent(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 2)


def _whole_ms(span: timedelta | None) -> int | None:
    return None if span is None else span // MILLISECOND
