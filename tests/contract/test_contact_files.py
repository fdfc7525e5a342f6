"""Contact files lie on disk and in S3 alike."""

from __future__ import annotations

import asyncio
import json
import urllib.request
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from disparo.adapters.aws.contact_files import S3ContactFiles
from disparo.adapters.aws.import_queue import SqsImportQueue
from disparo.adapters.files.contact_files import LocalContactFiles
from disparo.domain.errors import InputError, NotFoundError, StoreError
from disparo.ports.contact_files import ContactFiles, TakesUploads
from tests.contract.tables_families import needs_emulator

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
KEY = "imports/id/20261123130000000-ab/Clientes São & cia.csv"
CONTENT = b"Nome;Celular\nAna;41 98888-7777\n" * 1000


@dataclass
class Place:
    """Contact files, and how a client brings one."""

    files: ContactFiles
    bring: Callable[[str, bytes], Awaitable[None]]
    folder: Path


def on_disk(folder: Path) -> Place:
    files = LocalContactFiles(folder / "files")

    async def bring(key: str, content: bytes) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            for at in range(0, len(content), 999):
                yield content[at : at + 999]

        await files.take(key, chunks())

    return Place(files, bring, folder / "files")


def s3() -> tuple[Any, str]:
    from tests.contract.emulator import client

    s3 = client("s3", s3={"addressing_style": "path"})
    bucket = f"imports-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=bucket)  # type: ignore[attr-defined]
    return s3, bucket


def in_s3(folder: Path) -> Place:
    client, bucket = s3()
    folder = folder / "tmp"
    folder.mkdir()
    files = S3ContactFiles(lambda: client, bucket, folder)

    async def bring(key: str, content: bytes) -> None:
        place = await files.upload_place("20261123130000000-ab", key, datetime.now(UTC))
        request = urllib.request.Request(
            place.url, content, {"content-type": "text/csv", **place.headers}, method="PUT"
        )
        await asyncio.to_thread(lambda: urllib.request.urlopen(request, timeout=10).close())

    return Place(files, bring, folder)


FAMILIES = [pytest.param(on_disk, id="disk"), pytest.param(in_s3, id="s3", marks=needs_emulator)]


@pytest.mark.parametrize("opened", FAMILIES)
def test_a_file_is_fetched_as_it_was_brought(opened: Callable[[Path], Place], tmp_path: Path) -> None:
    async def story() -> None:
        place = opened(tmp_path)
        await place.bring(KEY, CONTENT)
        for _ in range(2):
            async with place.files.fetched(KEY) as file:
                assert (file.path.name, file.path.read_bytes()) == ("Clientes São & cia.csv", CONTENT)
                file.path.with_name("beside.csv").write_text("x", "utf-8")
                fingerprint = file.fingerprint
        await place.bring(KEY, CONTENT + b"x")
        async with place.files.fetched(KEY) as file:
            assert file.fingerprint != fingerprint

    asyncio.run(story())


@pytest.mark.parametrize("opened", FAMILIES)
def test_a_file_that_is_not_there_is_said_to_be_missing(opened: Callable[[Path], Place], tmp_path: Path) -> None:
    async def story() -> None:
        with pytest.raises(InputError, match="x"):
            async with opened(tmp_path).files.fetched("imports/a/x.csv"):
                pass

    asyncio.run(story())


@pytest.mark.parametrize("opened", FAMILIES)
def test_reports_are_kept_by_part_and_replaced(opened: Callable[[Path], Place], tmp_path: Path) -> None:
    async def story() -> None:
        files = opened(tmp_path).files
        for after, text in ((0, "um"), (20, "dois"), (0, "três")):
            report = tmp_path / "x.rejeitados.csv"
            report.write_text(text, "utf-8")
            await files.keep_report("i", after, report)
        assert [(await files.report("i", after)).decode() for after in (0, 20)] == ["três", "dois"]
        for import_id, after in (("i", 1), ("j", 0)):
            with pytest.raises(NotFoundError):
                await files.report(import_id, after)

    asyncio.run(story())


@needs_emulator
def test_nothing_of_what_was_fetched_from_s3_stays_on_disk(tmp_path: Path) -> None:
    async def story() -> None:
        place = in_s3(tmp_path)
        await place.bring(KEY, CONTENT)
        with pytest.raises(ZeroDivisionError):
            async with place.files.fetched(KEY) as file:
                raise ZeroDivisionError
        assert not file.path.exists()
        with pytest.raises(InputError):
            async with place.files.fetched("imports/a/none.csv"):
                pass
        assert list(place.folder.iterdir()) == []

    asyncio.run(story())


@needs_emulator
def test_a_file_that_the_functions_disk_cannot_hold_is_not_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from disparo.adapters.aws import contact_files as module

    async def story() -> None:
        place = in_s3(tmp_path)
        await place.bring(KEY, CONTENT)
        monkeypatch.setattr(module, "SPARED_BYTES", 1 << 60)
        with pytest.raises(InputError, match="disco"):
            async with place.files.fetched(KEY):
                pass

    asyncio.run(story())


@needs_emulator
@pytest.mark.parametrize("name", ["..", ".", "", "x" * 201, "a\0b"])
def test_a_name_that_no_disk_takes_is_refused_before_it_is_fetched(name: str, tmp_path: Path) -> None:
    async def story() -> None:
        with pytest.raises(InputError, match="nome"):
            async with in_s3(tmp_path).files.fetched(f"imports/a/{name}"):
                pass

    asyncio.run(story())


@needs_emulator
def test_a_bucket_that_cannot_be_used_is_a_fault_of_the_store(tmp_path: Path) -> None:
    async def story() -> None:
        client, _ = s3()
        files = S3ContactFiles(lambda: client, "no-such-bucket-here", tmp_path)
        report = tmp_path / "r.csv"
        report.write_text("x", "utf-8")
        with pytest.raises(StoreError):
            await files.keep_report("i", 0, report)

    asyncio.run(story())


def test_on_disk_no_key_leads_out_of_the_folder(tmp_path: Path) -> None:
    async def story() -> None:
        place = on_disk(tmp_path)
        (tmp_path / "secret.csv").write_text("x", "utf-8")
        for key in ("../secret.csv", "imports/a/../../../secret.csv", str(tmp_path / "secret.csv")):
            with pytest.raises(InputError):
                async with place.files.fetched(key):
                    pass
            with pytest.raises(InputError):
                await place.bring(key, b"y")
        assert (tmp_path / "secret.csv").read_text("utf-8") == "x"

    asyncio.run(story())


def test_on_disk_an_upload_leaves_room_for_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from disparo.adapters.files import contact_files as module

    async def story() -> None:
        place = on_disk(tmp_path)
        monkeypatch.setattr(module, "SPARED_BYTES", 1 << 60)
        with pytest.raises(InputError, match="disco"):
            await place.bring(KEY, CONTENT)
        assert [path for path in place.folder.rglob("*") if path.is_file()] == []

    asyncio.run(story())


@needs_emulator
def test_the_rest_of_an_import_waits_in_its_queue() -> None:
    from tests.contract.emulator import client

    async def story() -> None:
        sqs: Any = client("sqs")
        url = sqs.create_queue(QueueName=f"ingest-{uuid.uuid4().hex[:8]}")["QueueUrl"]
        await SqsImportQueue(lambda: sqs, url).go_on("20261123130000000-ab")
        [message] = sqs.receive_message(QueueUrl=url)["Messages"]
        assert json.loads(message["Body"]) == {"import": "20261123130000000-ab"}
        with pytest.raises(StoreError):
            await SqsImportQueue(lambda: sqs, url + "x").go_on("1")

    asyncio.run(story())


@pytest.mark.parametrize("opened", FAMILIES)
def test_files_and_reports_are_replaced_and_removed(opened: Callable[[Path], Place], tmp_path: Path) -> None:
    async def story() -> None:
        place = opened(tmp_path)
        assert not await place.files.arrived(KEY)
        await place.bring(KEY, CONTENT)
        assert await place.files.arrived(KEY)
        assert await place.files.discard(KEY)
        assert not await place.files.discard(KEY)
        assert not await place.files.arrived(KEY)
        report = tmp_path / "r.csv"
        report.write_bytes(b"linha\n")
        await place.files.keep_report("i1", 0, report)
        await place.files.replace_report("i1", 0, b"outra\n")
        assert await place.files.report("i1", 0) == b"outra\n"
        assert await place.files.discard_report("i1", 0)
        with pytest.raises(NotFoundError):
            await place.files.report("i1", 0)

    asyncio.run(story())


@pytest.mark.parametrize("opened", FAMILIES)
def test_a_file_may_come_through_our_own_door(opened: Callable[[Path], Place], tmp_path: Path) -> None:
    async def story() -> None:
        place = opened(tmp_path)
        assert isinstance(place.files, TakesUploads)

        async def chunks() -> AsyncIterator[bytes]:
            yield CONTENT[:10]
            yield CONTENT[10:]

        await place.files.take(KEY, chunks())
        async with place.files.fetched(KEY) as file:
            assert file.path.read_bytes() == CONTENT

    asyncio.run(story())
