"""`disparo doctor`: whether this installation is sound, and what to do where it is not."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from disparo.domain.errors import InputError, StoreError
from disparo.entrypoints.cli.doctor_reach import Level, reach
from disparo.entrypoints.cli.faults import ExitCode, lines_of
from disparo.entrypoints.cli.moments import shown
from disparo.entrypoints.cli.printing import Code
from disparo.entrypoints.cli.session import GivenSession, Session

if TYPE_CHECKING:
    import apsw

    from disparo.settings import Settings

LEAST_SQLITE = (3, 51, 3)
"""Before it, two connections to one WAL file can corrupt it (https://sqlite.org/wal.html, "The WAL Reset Bug")."""

LEAST_FREE_BYTES = 200 * 1024**2
SLOW_FSYNC_MS = 20.0
_TRIALS = 20
_CLOCK_SLACK = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: its code, how it is, and for people what was found and what to do."""

    name: str
    level: Level
    text: str


def doctor(*, session: GivenSession) -> int:
    """Look at everything; exit code 2 when something is wrong."""
    checks = [*_programs(), *_installation(session)]
    items = [{"level": Code(one.level), "check": one.name, "text": one.text} for one in checks]
    session.out.listing(items, {"level": "nível", "check": "o quê", "text": "como está"})
    return ExitCode.INPUT if any(one.level == "error" for one in checks) else ExitCode.OK


def _programs() -> Iterator[Check]:
    yield _python(sys.version_info[:3])
    import apsw

    yield _sqlite(apsw.sqlite_lib_version())
    yield _zones()


def _python(version: tuple[int, int, int]) -> Check:
    text = ".".join(map(str, version))
    if version < (3, 11, 0):
        return Check("python", "error", f"{text}: instale Python 3.11 ou mais novo")
    return Check("python", "ok", text)


def _sqlite(text: str) -> Check:
    if tuple(int(part) for part in text.split(".")[:3]) < LEAST_SQLITE:
        least = ".".join(map(str, LEAST_SQLITE))
        return Check("sqlite", "error", f"{text}: pode corromper o arquivo; atualize o pacote apsw (ao menos {least})")
    return Check("sqlite", "ok", text)


def _zones() -> Check:
    from importlib.metadata import PackageNotFoundError, version

    try:
        ZoneInfo("America/Sao_Paulo")
        return Check("time_zones", "ok", f"tzdata {version('tzdata')}")
    except ZoneInfoNotFoundError:
        return Check("time_zones", "error", "não há dados de fusos horários; instale o pacote tzdata")
    except PackageNotFoundError:
        return Check("time_zones", "ok", "do sistema")


def _installation(session: Session) -> Iterator[Check]:
    try:
        settings = session.settings
    except InputError as error:
        yield from (Check("settings", "error", line) for line in lines_of(error))
        return
    folder = settings.data
    yield from _settings(session)
    yield from _sending(session)
    if settings.public_url is not None:
        yield from (Check(name, level, text) for name, level, text in reach(settings.public_url, datetime.now(UTC)))
    if settings.store == "dynamodb":
        yield from _cloud(settings)
        return
    place = _folder(folder)
    yield place
    if place.level != "error":
        yield _disk(folder)
        yield _fsync(folder)
    yield from _database(session, folder)


def _settings(session: Session) -> Iterator[Check]:
    from disparo.settings import check_settings

    found = check_settings(session.loaded)
    errors = [one for one in found if one.level == "error"]
    warnings = sum(one.level == "warning" for one in found)
    yield from (Check("settings", "error", f"{one.key}: {one.text}") for one in errors)
    if not errors:
        more = f"; {warnings} avisos em «disparo config check»" if warnings else ""
        yield Check("settings", "ok", f"coerentes{more}")


def _sending(session: Session) -> Iterator[Check]:
    """By what each sender sends, and whether its secret can be used."""
    settings = session.settings
    if not settings.live:
        yield Check("sending", "ok", "live = false: o sandbox recebe tudo, nada sai de verdade")
        return
    from disparo.bootstrap import secret_faults

    try:
        found = asyncio.run(secret_faults(settings))
    except InputError as error:
        yield from (Check("sending", "error", line) for line in lines_of(error))
        return
    for one, fault in found:
        name = f"{one.sender.name} ({one.sender.channel}, {one.provider})"
        if fault is not None:
            yield Check("sending", "error", f"{name}: {fault}")
        elif one.provider == "sandbox":
            yield Check("sending", "warning", f"{name}: o sandbox recebe tudo; falta o segredo {one.secret or '?'}")
        else:
            yield Check("sending", "ok", name)
    if settings.public_url is None:
        text = "public_url não está definido: sem links de descadastro e sem avisos de entrega de SMS"
        yield Check("sending", "warning", text)


def _cloud(settings: Settings) -> Iterator[Check]:
    """Whether the tables and queues answer; without credentials or a network each says so."""
    from disparo.bootstrap.cloud import reach

    try:
        found = asyncio.run(reach(settings))
    except StoreError as error:
        yield Check("aws", "error", str(error))
        return
    for name, fault in found:
        yield Check("aws", "ok", name) if fault is None else Check("aws", "error", f"{name}: {fault}")
    if settings.send_queue_url is None:
        text = "send_queue_url não está definido: daqui nada pode ser posto na fila de envio (as funções têm o seu)"
        yield Check("aws", "warning", text)


def _folder(folder: Path) -> Check:
    if not folder.exists():
        if os.access(_nearest(folder), os.W_OK):
            return Check("data", "ok", f"{folder}: ainda não existe; o primeiro comando a cria")
        return Check("data", "error", f"{folder}: não existe e não pode ser criada; escolha outra com --data")
    if not folder.is_dir():
        return Check("data", "error", f"{folder}: não é uma pasta; escolha outra com --data")
    if not os.access(folder, os.W_OK | os.X_OK):
        return Check("data", "error", f"{folder}: sem permissão de escrita; mude o dono, ou escolha outra com --data")
    return Check("data", "ok", str(folder))


def _nearest(folder: Path) -> Path:
    return next(parent for parent in (folder, *folder.parents) if parent.exists())


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(_nearest(folder)).free
    level: Literal["ok", "warning"] = "ok" if free >= LEAST_FREE_BYTES else "warning"
    advice = "" if level == "ok" else "; libere espaço, pois sem ele nada é enviado"
    return Check("disk", level, f"{free / 1024**3:.1f} GiB livres{advice}")


def _fsync(folder: Path) -> Check:
    """How long the disk takes to keep a write: each group of messages waits for one."""
    try:
        with tempfile.TemporaryFile(dir=_nearest(folder)) as file:
            began = time.perf_counter()
            for _ in range(_TRIALS):
                file.write(b"\0" * 4096)
                file.flush()
                os.fsync(file.fileno())
            each_ms = (time.perf_counter() - began) * 1000 / _TRIALS
    except OSError as error:
        return Check("fsync", "error", f"{_nearest(folder)}: não pôde ser escrito ({error.strerror})")
    if each_ms > SLOW_FSYNC_MS:
        return Check("fsync", "warning", f"{each_ms:.1f} ms por gravação: disco lento; use um SSD local")
    return Check("fsync", "ok", f"{each_ms:.1f} ms por gravação")


def _database(session: Session, folder: Path) -> Iterator[Check]:
    import apsw

    from disparo.bootstrap import DATABASE

    path = folder / DATABASE
    if not path.exists():
        yield Check("database", "ok", "ainda não há dados")
        return
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            connection.set_busy_timeout(5_000)
            checks = _examined(connection)
        finally:
            connection.close()
    except apsw.Error as error:
        yield Check("database", "error", f"{path}: {error}; restaure uma cópia de segurança, ou aponte outra pasta")
        return
    yield from checks
    if all(one.level == "ok" for one in checks):
        yield _clock(session)


def _examined(connection: apsw.Connection) -> list[Check]:
    found = connection.pragma("quick_check", 5)
    if found == "ok":
        whole = Check("database", "ok", "íntegro")
    else:
        whole = Check("database", "error", f"danificado ({found}); restaure uma cópia de segurança")
    return [whole, _schema(connection)]


def _schema(connection: apsw.Connection) -> Check:
    from disparo.bootstrap.backup import newest_schema

    schema, newest = int(str(connection.pragma("user_version"))), newest_schema()
    if schema > newest:
        return Check("schema", "error", f"{schema}: escrito por um disparo mais novo (este conhece {newest}); atualize")
    if schema < newest:
        return Check("schema", "ok", f"{schema}: o próximo comando o leva a {newest}")
    return Check("schema", "ok", str(schema))


def _clock(session: Session) -> Check:
    """A clock that was set back stops the limits until it has caught up, which looks like a hang."""
    now = datetime.now(UTC)
    local = now.astimezone(ZoneInfo(session.zone))
    if asyncio.run(_latest_permit(session)) > now + _CLOCK_SLACK:
        return Check(
            "clock",
            "error",
            f"{shown(local)}: atrasado; o último envio tem hora posterior, e nada sai até lá; acerte o relógio",
        )
    return Check("clock", "ok", shown(local))


async def _latest_permit(session: Session) -> datetime:
    """When the latest message of any sender was allowed to leave."""
    from disparo.bootstrap import senders_of
    from disparo.domain.instants import from_ms

    with session.open() as app:
        books = [await app.store.ledger.book(one.name, 1, one) for one in senders_of(session.settings)]
    return from_ms(max(book.last_at_ms for book in books))
