"""A campaign that somebody is still writing: a document that need not be right yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

KEPT_FOR: Final = timedelta(days=90)
"""How long a sketch is kept that nobody touches."""

LARGEST_BYTES: Final = 350_000
"""Of its document: what one item of a table holds, less what stands beside it."""


@dataclass(frozen=True, slots=True)
class CampaignSketch:
    """What was written of a campaign so far, under a random id; no data of contacts are in it.

    `document` has the keys of a campaign's document, as far as they are known. `revision` rises with each change; 0 was
    never kept.
    """

    id: str
    document: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""
    """Who touched it last, as people call them."""
    updated_at: datetime | None = None
    revision: int = 0
