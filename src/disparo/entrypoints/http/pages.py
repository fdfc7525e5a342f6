"""Long listings, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

T = TypeVar("T")
Item = TypeVar("Item")

LONGEST_CURSOR = 200

Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
After = Annotated[
    str | None,
    Query(max_length=LONGEST_CURSOR, description="`next` of the page before; it is not to be made up."),
]


class Page(BaseModel, Generic[Item]):
    """Some of many."""

    items: Sequence[Item]
    next: str | None = Field(description="What `after` goes on from; null on the last page.")


def cut(found: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """The first `limit` of what was found when one more was asked for, and whether there is more."""
    return found[:limit], len(found) > limit
