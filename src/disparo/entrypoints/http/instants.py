"""Instants in requests."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from disparo.domain.written_moment import YEARS


def _told(at: datetime) -> datetime:
    try:
        moment = at.astimezone(UTC)
    except OverflowError:
        moment = at
    if moment.year not in YEARS:
        raise ValueError(f"the year must be from {YEARS[0]} to {YEARS[-1]}")
    return moment


def _written(given: object) -> object:
    """No bare number, which pydantic takes for seconds or milliseconds, as it seems to it."""
    if isinstance(given, int | float) or (isinstance(given, str) and not _DATE.match(given)):
        raise ValueError("an instant is written as 2026-11-24T14:00:00-03:00")
    return given


_DATE = re.compile(r"\s*\d{4}-\d{2}-\d{2}[T ]", re.IGNORECASE)

Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_told)]
"""An instant with its offset, as `2026-11-24T14:00:00-03:00`, of years that are no slip of the keys; in UTC."""
