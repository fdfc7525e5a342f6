"""Where the library of templates and unfinished campaigns are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from disparo.domain.campaign_sketch import CampaignSketch
from disparo.domain.library_template import LibraryTemplate


class Templates(Protocol):
    """The library: templates by their names."""

    async def put(self, wanted: LibraryTemplate) -> LibraryTemplate:
        """Keep a template that is still at this revision (0: that is not there yet); it comes back with its next one.

        RevisionError when it is at another, InputError when a new one's name is taken.
        """
        ...

    async def get(self, name: str) -> LibraryTemplate:
        """One template; NotFoundError."""
        ...

    async def page(self, after: str | None, limit: int) -> Sequence[LibraryTemplate]:
        """Up to `limit` in the order of their names, from behind the name `after`."""
        ...

    async def remove(self, name: str) -> None:
        """Take one out; what uses its text keeps it. NotFoundError."""
        ...


class Sketches(Protocol):
    """Campaigns that are being written; those that nobody touches for `KEPT_FOR` are forgotten by themselves."""

    async def put(self, sketch: CampaignSketch, now: datetime) -> CampaignSketch:
        """Keep a sketch that is still at this revision (0: that is not there yet); it comes back with its next one.

        RevisionError when it is at another.
        """
        ...

    async def get(self, sketch_id: str) -> CampaignSketch:
        """One sketch; NotFoundError."""
        ...

    async def latest(self, limit: int, now: datetime) -> Sequence[CampaignSketch]:
        """Those that were touched last come first, and none that nobody touched for too long."""
        ...

    async def remove(self, sketch_id: str) -> None:
        """Forget one; one that is not there is forgotten already."""
        ...
