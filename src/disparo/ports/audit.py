"""Where it is kept who did what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from disparo.domain.audit import AuditEntry, AuditFilter


class Audit(Protocol):
    """Keeps entries, which nothing changes and nothing but their age removes."""

    async def append(self, entry: AuditEntry) -> AuditEntry:
        """Write an entry and give it its id. The same one twice is two: each says that it was done.

        One that has an id keeps it, and twice is as once: whoever does not know whether it was written writes it again.
        """
        ...

    async def page(self, wanted: AuditFilter, after: str | None, limit: int) -> Sequence[AuditEntry]:
        """Entries, newest first, from behind the id `after`.

        Where few of many are wanted it may look at many: a page says how far it came by its last entry only when it is
        full, so ask for spans.
        """
        ...

    async def prune(self, before: datetime, limit: int) -> int:
        """Remove up to `limit` entries that are older; how many. The oldest go first."""
        ...


@runtime_checkable
class CatchesUp(Protocol):
    """An audit whose entries wait where the store did not take them."""

    async def catch_up(self, now: datetime) -> int:
        """Write those that wait, unless that was tried a moment ago; how many were written. Raises nothing."""
        ...
