"""Everything that an installation without AWS keeps, in one file, and back.

Secrets of providers are not in it. What was sent after a backup is not known to it, so a restored installation begins
with every campaign paused: what would be sent again is for a person to decide (I2). Nor is what was revoked after it:
nobody is let in by a session, a link or a key of before.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from disparo import __version__
from disparo.bootstrap.families import DATABASE, FILES, LINK_KEY, open_app
from disparo.domain.campaign import CampaignEvent, CampaignState
from disparo.domain.errors import InputError
from disparo.ports.store import Store
from disparo.settings import Settings
from disparo.usecases.accounts.restored import Shut, shut

_MANIFEST = "manifest.json"
_LONGEST_MANIFEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Backup:
    """What is in a backup."""

    made_at: datetime
    program: str
    bytes: int
    files: int


def newest_schema() -> int:
    """The newest schema of the data file that this program knows."""
    from disparo.adapters.embedded import database

    return database.newest_schema()


def back_up(data: Path, target: Path, now: datetime) -> Backup:
    """Write the data file as it is now, the key of links and the contact files into `target`, which is replaced whole.

    May run while the installation works. InputError where there are no data, StoreError when they cannot be read.
    """
    from disparo.adapters.embedded.backup import copy_database, digest_of

    if not (data / DATABASE).exists():
        raise InputError(f"{data}: não há dados aqui; aponte a pasta com --data")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".disparo-backup-") as folder:
        copy = Path(folder) / DATABASE
        copy_database(data / DATABASE, copy)
        own = {DATABASE: copy, **_others(data)}
        manifest = {"made_at": now.isoformat(), "program": __version__, "sha256": digest_of(copy), "files": len(own)}
        packed = Path(folder) / "packed"
        with _private(packed) as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
            _add_text(archive, _MANIFEST, json.dumps(manifest))
            for name, path in own.items():
                archive.add(path, name, recursive=False)
        packed.replace(target)
    return Backup(now, __version__, target.stat().st_size, len(own))


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back, the names of the campaigns that were paused for it, and what was shut."""

    backup: Backup
    paused: Sequence[str]
    shut: Shut


async def restore(
    source: Path, settings: Settings, *, keep_running: bool = False, keep_access: bool = False
) -> Restored:
    """Bring a backup into the data folder, which has none, with campaigns paused and nobody let in (`restored.shut`).

    Both before the data are there, so that a kill leaves nothing that goes on. InputError, with nothing done, for a
    file that is no backup or damaged.
    """
    data = settings.data
    if (data / DATABASE).exists():
        raise InputError(f"{data}: já há dados aqui; restaure numa pasta vazia (--data), ou mova os que há")
    data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data, prefix=".disparo-restore-") as folder:
        unpacked = Path(folder)
        manifest = _unpacked(source, unpacked)
        _refuse_damaged(source, unpacked / DATABASE, manifest)
        paused, closed = await _made_safe(unpacked, settings, keep_running, keep_access)
        files = [one for one in unpacked.rglob("*") if one.is_file() and not one.name.startswith(DATABASE)]
        for path in files:
            place = data / path.relative_to(unpacked)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, place)
        shutil.move(unpacked / DATABASE, data / DATABASE)  # last: until then there are no data here
    made_at = datetime.fromisoformat(str(manifest["made_at"]))
    backup = Backup(made_at, str(manifest["program"]), source.stat().st_size, len(files) + 1)
    return Restored(backup, paused, closed)


async def _made_safe(folder: Path, settings: Settings, keep_running: bool, keep_access: bool) -> tuple[list[str], Shut]:
    """Pause what runs in this folder's data and let nobody in; the names of what was paused, and what was shut."""
    app = open_app(settings.model_copy(update={"data": folder}))
    try:
        now = app.clock.now()
        paused = [] if keep_running else await _pause_everything(app.store, now)
        return paused, await shut(app.store, now, keep_access=keep_access)
    finally:
        app.close()


async def _pause_everything(store: Store, now: datetime) -> list[str]:
    """Pause what runs, notices and answers included."""
    running = [one for one in await store.campaigns.live() if one.state is CampaignState.RUNNING]
    for campaign in running:
        await store.campaigns.apply(campaign.id, CampaignEvent.PAUSE, now)
    return [one.name for one in running]


def _others(data: Path) -> dict[str, Path]:
    key, files = data / LINK_KEY, data / FILES
    found = [one for one in files.rglob("*") if one.is_file() and not one.is_symlink()] if files.is_dir() else []
    return {str(one.relative_to(data)): one for one in [*([key] if key.exists() else []), *sorted(found)]}


@contextmanager
def _private(path: Path) -> Iterator[io.BufferedWriter]:
    """A new file that only its owner can read: it holds people's addresses."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fsync(descriptor)


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(text.encode())
    archive.addfile(entry, io.BytesIO(text.encode()))


def _unpacked(source: Path, folder: Path) -> dict[str, object]:
    """Unpack what is ours of an archive, and nothing outside of the folder; the manifest."""
    try:
        with tarfile.open(source, "r:gz") as archive:
            head = archive.next()
            content = archive.extractfile(head) if head is not None and head.name == _MANIFEST else None
            if content is None:
                raise InputError(f"{source}: não é um backup do disparo")
            manifest: dict[str, object] = json.loads(content.read(_LONGEST_MANIFEST))
            for entry in archive:
                if entry.isfile() and (entry.name in (DATABASE, LINK_KEY) or entry.name.startswith(f"{FILES}/")):
                    archive.extract(entry, folder, filter="data")
    except FileNotFoundError:
        raise InputError(f"{source}: não existe; confira o nome e a pasta") from None
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise InputError(f"{source}: não pôde ser lido ({error}); o arquivo está inteiro?") from None
    return manifest


def _refuse_damaged(source: Path, database: Path, manifest: dict[str, object]) -> None:
    from disparo.adapters.embedded.backup import digest_of, fault_of

    if not database.exists() or digest_of(database) != manifest.get("sha256"):
        raise InputError(f"{source}: o arquivo de dados dentro dele não está inteiro")
    if (fault := fault_of(database)) is not None:
        raise InputError(f"{source}: o arquivo de dados dentro dele {fault}")
