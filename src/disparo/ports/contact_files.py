"""Where contact files lie between their upload and the end of their import."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class UploadPlace:
    """Where a client PUTs a file: `url` with these headers, until `expires_at` (None: any time)."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A contact file on this machine's disk, under its own name; `fingerprint` changes with its content."""

    path: Path
    fingerprint: str


class ContactFiles(Protocol):
    """Contact files by their key (`imports/...`), and the reports of their wrong rows."""

    async def upload_place(self, import_id: str, key: str, now: datetime) -> UploadPlace:
        """Where the file of an announced import is to be sent."""
        ...

    def fetched(self, key: str) -> AbstractAsyncContextManager[FetchedFile]:
        """The file on disk for the length of a block; its folder may be written to.

        InputError when it is not there, or too large for this machine's disk.
        """
        ...

    async def keep_report(self, import_id: str, after: int, report: Path) -> None:
        """Keep a part's report of wrong rows, in place of an earlier one of the same part."""
        ...

    async def report(self, import_id: str, after: int) -> bytes:
        """A part's report of wrong rows; NotFoundError when there is none."""
        ...

    async def replace_report(self, import_id: str, after: int, body: bytes) -> None:
        """Keep other bytes as a part's report."""
        ...

    async def arrived(self, key: str) -> bool:
        """Whether a file lies at this key."""
        ...

    async def discard(self, key: str) -> bool:
        """Remove a file; False when there was none."""
        ...

    async def discard_report(self, import_id: str, after: int) -> bool:
        """Remove a part's report; False when there was none."""
        ...


@runtime_checkable
class TakesUploads(Protocol):
    """Contact files that come through our own door, rather than straight to where they lie."""

    async def take(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        """Keep a file, whole or not at all, in place of one that is there; InputError when the disk is full."""
        ...
