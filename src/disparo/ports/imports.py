"""Where imports are kept, and where what is left of one waits for its turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from disparo.domain.contact_import import Import, ImportPart


class Imports(Protocol):
    """Keeps imports. A part is written down once, whoever folds it and however often (I11)."""

    async def create(self, new: Import) -> Import:
        """Keep an import; one that has this id already comes back as it stands."""
        ...

    async def get(self, import_id: str) -> Import:
        """One import; NotFoundError."""
        ...

    async def page(self, after: str | None, limit: int) -> Sequence[Import]:
        """Imports by descending id (ids begin with their time: newest first), from behind the id `after`."""
        ...

    async def order(
        self, import_id: str, list_name: str, mapping: Mapping[str, str], sheet: str | None, now: datetime
    ) -> bool:
        """Announce a draft with what a person told of its columns; False, and nothing done, when it is none.

        NotFoundError.
        """
        ...

    async def begin(self, import_id: str, fingerprint: str, now: datetime) -> Import:
        """Let an announced import run, noting the file's fingerprint and the newest contact; others stay as they are.

        NotFoundError.
        """
        ...

    async def advance(self, import_id: str, part: ImportPart, now: datetime) -> bool:
        """Add a part to a running import that stands at `part.after`.

        False, and nothing done, when it does not: somebody else folded that part.
        """
        ...

    async def finish(self, import_id: str, line: int, now: datetime) -> bool:
        """Complete a running import that stands at `line`; False, and nothing done, when it does not."""
        ...

    async def fail(self, import_id: str, error: str, now: datetime) -> bool:
        """End an import that has not ended; False when it has."""
        ...

    async def empty(self, import_id: str) -> bool:
        """Note that the file and the reports of an ended import are gone; False when that was so, or it goes on."""
        ...


class ImportQueue(Protocol):
    """Where the rest of an import waits for its turn."""

    async def go_on(self, import_id: str) -> None:
        """Have the next part done, soon and at least once."""
        ...
