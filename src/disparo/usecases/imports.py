"""Bringing contact files into lists in parts, each of which may be the last thing that a process does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from disparo.domain.contact_columns import Field
from disparo.domain.contact_import import ENDED, Import, ImportPart, ImportState
from disparo.domain.contact_mapping import checked_mapping
from disparo.domain.errors import InputError, TransitionError
from disparo.ports.contact_files import ContactFiles, FetchedFile
from disparo.ports.contacts import Contacts
from disparo.ports.imports import Imports
from disparo.ports.row_source import RejectedSink, RowSource
from disparo.usecases.import_contacts import FoldedBatch, fold_batches

Stop = Callable[[], bool]
"""Asked after each part whether the next one is somebody else's."""

BATCH = 2_000
"""Rows of one part: small enough for the shortest time that a function of ours may have left."""
FOLDER = "imports"
"""Where contact files lie: `imports/id/<import>/<file>` when announced, else `imports/<list>/<file>`."""
_ANNOUNCED = "id"
_MOST_BYTES = 200
_UNFIT = re.compile(r"[/\\\x00-\x1f\x7f]")
_STALLED_AFTER = timedelta(minutes=20)
_LOOKED_AT = 200


class RejectedReport(RejectedSink, Protocol):
    """Takes what was wrong and writes it to `path`, if there was anything."""

    @property
    def path(self) -> Path:
        """Where the report lies when the block has ended."""
        ...

    @property
    def written(self) -> bool:
        """Whether there is one."""
        ...


@dataclass(frozen=True, slots=True)
class ImportDesk:
    """What imports work with: `open_rows` opens a file (and sheet), `report` makes the report that lies beside it."""

    imports: Imports
    contacts: Contacts
    files: ContactFiles
    open_rows: Callable[[Path, str | int | None], RowSource]
    report: Callable[[Path, Sequence[str]], AbstractContextManager[RejectedReport]]
    region: str = "BR"


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What a person asks for: this file into this list.

    `mapping` says what each column is (see `mapped_columns`), `columns` only which column some fields are. A `draft`
    waits, once its file is here, for its mapping.
    """

    file: str
    list_name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    mapping: Mapping[str, str] | None = None
    draft: bool = False


async def announce(imports: Imports, order: ImportOrder, now: datetime, token: str) -> Import:
    """Keep an import whose file is yet to come; `token` (letters and digits, by chance) makes its id one of a kind.

    InputError for a blank list, a file name with a folder in it, an unknown field in `columns` and a wrong `mapping`.
    """
    file, list_name = _checked_name("file", order.file), _checked_name("list", order.list_name)
    for name in order.columns:
        if name not in set(Field):
            raise InputError(f"columns: {name!r} não é um campo; os campos são: {', '.join(Field)}")
    import_id = _id_of(now, token)
    key = f"{FOLDER}/{_ANNOUNCED}/{import_id}/{file}"
    new = Import(import_id, key, file, list_name, now, now, dict(order.columns), order.sheet)
    mapping = None if order.mapping is None else checked_mapping(order.mapping)
    state = ImportState.DRAFT if order.draft else ImportState.ANNOUNCED
    return await imports.create(replace(new, mapping=mapping, state=state))


async def order(
    imports: Imports, import_id: str, list_name: str, mapping: Mapping[str, str], sheet: str | None, now: datetime
) -> Import:
    """Let a draft's import begin, with what a person told of its columns; whoever calls this has it worked on.

    InputError for a wrong list or mapping, TransitionError when it is no draft any more, NotFoundError.
    """
    name, told = _checked_name("list", list_name), checked_mapping(mapping)
    if not await imports.order(import_id, name, told, sheet, now):
        raise TransitionError(f"a importação {import_id} já foi começada, ou descartada")
    return await imports.get(import_id)


async def found(imports: Imports, key: str, at: datetime, token: str) -> Import | None:
    """The import of a file that has come to lie at this key at this instant; None when it is no contact file's key.

    The announced one; or, of a file that somebody just put below `imports/<list>/`, one of its own: told twice of the
    same arrival (same instant and `token`) it is the same one. NotFoundError when the key names an unknown import.
    """
    match key.split("/"):
        case [folder, kind, import_id, _] if (folder, kind) == (FOLDER, _ANNOUNCED):
            announced = await imports.get(import_id)
            return announced if announced.key == key else None
        case [folder, list_name, file] if folder == FOLDER and list_name.strip() and file:
            return await imports.create(Import(_id_of(at, token), key, file, list_name, at, at))
    return None


async def work(
    desk: ImportDesk,
    import_id: str,
    now: Callable[[], datetime],
    *,
    stop: Stop = lambda: False,
    batch_size: int = BATCH,
) -> Import:
    """Do parts of an import until it has ended, `stop` says so (asked after each part), or somebody else does them.

    A draft is left alone. What comes back is the import as it stands then; it may be called again at any time, by any
    number at once, and after a death in its middle: each row is folded and counted once. A file that is wrong ends the
    import as failed, with the reason. NotFoundError for an unknown import; errors of a store leave the import where it
    was.
    """
    record = await desk.imports.get(import_id)
    if record.state in ENDED or record.state is ImportState.DRAFT:
        return record
    try:
        async with desk.files.fetched(record.key) as file:
            record = await desk.imports.begin(import_id, file.fingerprint, now())
            _check_same_file(record, file)
            if await _fold(desk, record, file, now, stop, batch_size):
                await desk.imports.finish(import_id, (await desk.imports.get(import_id)).line, now())
    except InputError as error:
        await desk.imports.fail(import_id, str(error), now())
    return await desk.imports.get(import_id)


async def stalled(imports: Imports, now: datetime) -> Sequence[str]:
    """Running imports, among the latest, that nobody has moved on for long: somebody should `work` on them again."""
    latest = await imports.page(None, _LOOKED_AT)
    return [one.id for one in latest if one.state is ImportState.RUNNING and now - one.changed_at >= _STALLED_AFTER]


async def _fold(
    desk: ImportDesk,
    record: Import,
    file: FetchedFile,
    now: Callable[[], datetime],
    stop: Stop,
    batch_size: int,
) -> bool:
    """Do parts; whether the file was read to its end."""
    rows = desk.open_rows(file.path, int(record.sheet) if record.sheet and record.sheet.isdecimal() else record.sheet)
    batches = fold_batches(
        rows,
        desk.contacts,
        list_name=record.list_name,
        overrides=record.columns,
        told=record.mapping,
        region=desk.region,
        after=record.line,
        newest_before=record.newest_before,
        arrived_at=record.created_at,
        batch_size=batch_size,
    )
    async with aclosing(batches):
        async for batch in batches:
            has_report = await _keep_report(desk, record, file.path, rows.header, batch)
            part = ImportPart(batch.after, batch.line, batch.counts, batch.fraction, has_report)
            if not await desk.imports.advance(record.id, part, now()) or stop():
                return False
    return True


async def _keep_report(desk: ImportDesk, record: Import, path: Path, header: Sequence[str], batch: FoldedBatch) -> bool:
    if not batch.problems:
        return False
    with desk.report(path, header) as report:
        for problem, cells in batch.problems:
            report.add(problem, cells)
    await desk.files.keep_report(record.id, batch.after, report.path)
    return True


def _check_same_file(record: Import, file: FetchedFile) -> None:
    if record.fingerprint != file.fingerprint:
        raise InputError(f"{record.file}: o arquivo foi trocado durante a importação; importe o novo desde o começo")


def _checked_name(place: str, name: str) -> str:
    if not name.strip() or len(name.encode()) > _MOST_BYTES or _UNFIT.search(name) or name in (".", ".."):
        raise InputError(f"{place}: escreva um nome sem barras, de 1 a {_MOST_BYTES} bytes")
    return name


def check_list(name: str) -> None:
    """InputError for what cannot be the name of a list that is imported into."""
    _checked_name("list", name)


def _id_of(at: datetime, token: str) -> str:
    return f"{at:%Y%m%d%H%M%S}{at.microsecond // 1000:03}-{token}"
