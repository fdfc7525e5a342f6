"""Contact files in S3."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from disparo.domain.errors import InputError, NotFoundError, StoreError
from disparo.ports.contact_files import FetchedFile, UploadPlace

UPLOAD_FOR = timedelta(minutes=15)
SPARED_BYTES = 64 * 1024 * 1024
"""Of the function's disk, for the reports of wrong rows."""
LONGEST_NAME_BYTES = 200
"""The report that lies beside the file has a longer name, and a name may have 255 bytes."""
_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
_CSV = "text/csv; charset=utf-8"


class S3ContactFiles:
    """`ContactFiles` and `TakesUploads` in one bucket; `client` gives boto3's, made when first needed.

    Files are fetched into a folder of their own below `folder` (the system's temporary one when None).
    """

    def __init__(self, client: Callable[[], Any], bucket: str, folder: Path | None = None) -> None:
        self._client, self._bucket, self._folder = client, bucket, folder

    async def upload_place(self, import_id: str, key: str, now: datetime) -> UploadPlace:  # noqa: ARG002
        """See `ContactFiles.upload_place`: a presigned PUT, good for this key alone."""
        url = await asyncio.to_thread(
            lambda: self._client().generate_presigned_url(
                "put_object",
                Params={"Bucket": self._bucket, "Key": key},
                ExpiresIn=int(UPLOAD_FOR.total_seconds()),
            )
        )
        return UploadPlace(url, {}, now + UPLOAD_FOR)

    @asynccontextmanager
    async def fetched(self, key: str) -> AsyncIterator[FetchedFile]:
        """See `ContactFiles.fetched`: downloaded, and gone when the block ends."""
        name = _checked(key.rpartition("/")[2])
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=self._folder))
        try:
            head = await self._call("head_object", f"{name}: o arquivo não está no bucket; envie-o", Key=key)
            self._check_room(name, int(head["ContentLength"]), folder)
            path = folder / name
            answer = await self._call("get_object", f"{name}: o arquivo foi apagado", Key=key, IfMatch=head["ETag"])
            await asyncio.to_thread(_write, answer["Body"], path)
            yield FetchedFile(path, f"{head['ContentLength']}-{head['ETag']}")
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def keep_report(self, import_id: str, after: int, report: Path) -> None:
        """See `ContactFiles.keep_report`."""
        body = await asyncio.to_thread(report.read_bytes)
        await self._call("put_object", "", Key=_report(import_id, after), Body=body, ContentType=_CSV)

    async def report(self, import_id: str, after: int) -> bytes:
        """See `ContactFiles.report`."""
        missing = f"a importação {import_id} não tem relatório das linhas depois da {after}"
        try:
            answer = await self._call("get_object", missing, Key=_report(import_id, after))
        except InputError as error:
            raise NotFoundError(str(error)) from None
        body: bytes = await asyncio.to_thread(answer["Body"].read)
        return body

    async def replace_report(self, import_id: str, after: int, body: bytes) -> None:
        """See `ContactFiles.replace_report`."""
        await self._call("put_object", "", Key=_report(import_id, after), Body=body, ContentType=_CSV)

    async def arrived(self, key: str) -> bool:
        """See `ContactFiles.arrived`."""
        try:
            await self._call("head_object", "", Key=key)
        except InputError:
            return False
        return True

    async def discard(self, key: str) -> bool:
        """See `ContactFiles.discard`; S3 does not say whether there was one, so it is asked before."""
        there = await self.arrived(key)
        await self._call("delete_object", "", Key=key)
        return there

    async def discard_report(self, import_id: str, after: int) -> bool:
        """See `ContactFiles.discard_report`."""
        return await self.discard(_report(import_id, after))

    async def take(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        """See `TakesUploads.take`: through the function's own disk, as S3 wants to know the length."""
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=self._folder))
        try:
            path = folder / "upload"
            with path.open("wb") as file:
                async for chunk in chunks:
                    await asyncio.to_thread(file.write, chunk)
            with path.open("rb") as file:
                await self._call("put_object", "", Key=key, Body=file)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def _check_room(self, name: str, size: int, folder: Path) -> None:
        room = shutil.disk_usage(folder).free - SPARED_BYTES
        if size > room:
            raise InputError(
                f"{name}: tem {size / 1e6:.0f} MB e a função tem disco para {max(room, 0) / 1e6:.0f} MB; "
                "divida o arquivo, ou aumente o disco da função de importação"
            )

    async def _call(self, operation: str, missing: str, **arguments: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            call = getattr(self._client(), operation)
            return await asyncio.to_thread(lambda: call(Bucket=self._bucket, **arguments))
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                raise InputError(missing) from None
            raise StoreError(f"S3 recusou {operation} em {self._bucket}: {error}") from error
        except BotoCoreError as error:
            raise StoreError(f"S3 não pôde ser usado ({error}); tente de novo") from error


def _write(body: Any, path: Path) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(body, file, 1 << 20)


def _checked(name: str) -> str:
    if name in ("", ".", "..") or "\0" in name or len(name.encode()) > LONGEST_NAME_BYTES:
        raise InputError(f"{name[:50]}: o nome não serve para um arquivo; use um de até {LONGEST_NAME_BYTES} bytes")
    return name


def _report(import_id: str, after: int) -> str:
    return f"rejected/{import_id}/{after:012}.csv"
