"""Contact files on this machine's disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from disparo.domain.errors import InputError, NotFoundError
from disparo.ports.contact_files import FetchedFile, UploadPlace

SPARED_BYTES = 256 * 1024 * 1024
"""An upload leaves this much of the disk free: the data file is on it too."""
_CHECKED_EVERY = 16 * 1024 * 1024


class LocalContactFiles:
    """`ContactFiles` and `TakesUploads` below one folder: the key is the path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def upload_place(self, import_id: str, key: str, now: datetime) -> UploadPlace:  # noqa: ARG002
        """See `ContactFiles.upload_place`: our own door, at any time."""
        return UploadPlace(f"/api/v1/imports/{quote(import_id, safe='')}/file")

    @asynccontextmanager
    async def fetched(self, key: str) -> AsyncIterator[FetchedFile]:
        """See `ContactFiles.fetched`: the file itself."""
        path = self._path(key)
        try:
            found = path.stat()
        except FileNotFoundError:
            raise InputError(f"{path.name}: o arquivo ainda não chegou; envie-o") from None
        yield FetchedFile(path, f"{found.st_size}-{found.st_mtime_ns}")

    async def keep_report(self, import_id: str, after: int, report: Path) -> None:
        """See `ContactFiles.keep_report`."""
        place = self._report(import_id, after)
        place.parent.mkdir(parents=True, exist_ok=True)
        report.replace(place)

    async def report(self, import_id: str, after: int) -> bytes:
        """See `ContactFiles.report`."""
        try:
            return self._report(import_id, after).read_bytes()
        except FileNotFoundError:
            raise NotFoundError(f"a importação {import_id} não tem relatório das linhas depois da {after}") from None

    async def replace_report(self, import_id: str, after: int, body: bytes) -> None:
        """See `ContactFiles.replace_report`."""
        place = self._report(import_id, after)
        part = place.with_suffix(".part")
        part.write_bytes(body)
        part.replace(place)

    async def arrived(self, key: str) -> bool:
        """See `ContactFiles.arrived`."""
        return self._path(key).is_file()

    async def discard(self, key: str) -> bool:
        """See `ContactFiles.discard`; the folder that was the file's own goes with it."""
        return _removed(self._path(key))

    async def discard_report(self, import_id: str, after: int) -> bool:
        """See `ContactFiles.discard_report`."""
        return _removed(self._report(import_id, after))

    async def take(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        """See `TakesUploads.take`."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                await self._write(file.fileno(), chunks)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    async def _write(self, file: int, chunks: AsyncIterator[bytes]) -> None:
        unchecked = _CHECKED_EVERY
        async for chunk in chunks:
            unchecked += len(chunk)
            if unchecked >= _CHECKED_EVERY:
                unchecked = 0
                if shutil.disk_usage(self._folder).free < SPARED_BYTES:
                    raise InputError("não há espaço no disco para o arquivo; libere espaço e envie de novo")
            os.write(file, chunk)
        os.fsync(file)

    def _path(self, key: str) -> Path:
        path = self._folder / key
        if not path.resolve().is_relative_to(self._folder.resolve()):
            raise InputError(f"{key}: não é o lugar de um arquivo de contatos")
        return path

    def _report(self, import_id: str, after: int) -> Path:
        return self._path(f"rejected/{import_id}/{after:012}.csv")


def _removed(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    with suppress(OSError):  # there is something else in it
        path.parent.rmdir()
    return True
