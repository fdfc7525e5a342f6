"""Instants as integers of milliseconds, for arithmetic that must be exact and for stores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC, rounded down; exact where a float timestamp is not."""
    return (at - EPOCH) // MILLISECOND


def from_ms(at_ms: int) -> datetime:
    """The aware UTC datetime of a count of milliseconds; inverse of `to_ms`."""
    return EPOCH + timedelta(milliseconds=at_ms)
