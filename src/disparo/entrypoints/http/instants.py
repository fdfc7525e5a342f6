"""Instants in requests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

from disparo.domain.written_moment import YEARS


def _told(at: datetime) -> datetime:
    try:
        moment = at.astimezone(UTC)
    except OverflowError:
        moment = at
    if moment.year not in YEARS:
        raise ValueError(f"the year must be from {YEARS[0]} to {YEARS[-1]}")
    return moment


Instant = Annotated[AwareDatetime, AfterValidator(_told)]
"""An instant with its offset, as `2026-11-24T14:00:00-03:00`, of years that are no slip of the keys; in UTC."""
