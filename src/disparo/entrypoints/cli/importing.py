"""`disparo import`, and the import that comes with a campaign."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

from cyclopts import Parameter

from disparo.entrypoints.cli.options import pairs
from disparo.entrypoints.cli.printing import human
from disparo.entrypoints.cli.session import GivenSession, Session

if TYPE_CHECKING:
    from disparo.ports.contacts import Contacts
    from disparo.usecases.import_contacts import ImportReport, OnProgress


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, and where its report of wrong rows lies (None when there were none)."""

    file: Path
    list_name: str
    report: ImportReport
    rejected_report: Path | None


async def import_file(
    file: Annotated[Path, Parameter(name="FILE", help="Arquivo de contatos: CSV, XLSX, XLS, XLSB ou ODS.")],
    /,
    *,
    list_: Annotated[
        str | None, Parameter(name="--list", help="Lista de destino (sem ela: a de default_list).")
    ] = None,
    map_: Annotated[
        tuple[str, ...],
        Parameter(name="--map", help="campo=coluna, como phone=Telefone; pode ser repetida."),
    ] = (),
    sheet: Annotated[str | None, Parameter(help="Nome ou posição da planilha, numa pasta com várias.")] = None,
    dry_run: Annotated[bool, Parameter(help="Só lê e julga; não guarda nada.")] = False,
    session: GivenSession,
) -> None:
    """Bring a contact file into a list, and tell what was wrong in it."""
    list_name = list_ if list_ is not None else session.settings.default_list
    overrides = pairs(map_, "--map")
    if dry_run:
        done = await import_into(session, None, file, list_name, overrides=overrides, sheet=sheet)
    else:
        with session.open(create=True) as app:
            done = await import_into(session, app.store.contacts, file, list_name, overrides=overrides, sheet=sheet)
    if session.out.json:
        session.out.document(import_item(done))
    else:
        tell_import(session, done)


async def import_into(
    session: Session,
    contacts: Contacts | None,
    file: Path,
    list_name: str,
    *,
    overrides: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> Imported:
    """Import a file, with a progress bar on a terminal; without `contacts` it is only read (a dry run)."""
    from disparo.adapters.files.open_table import open_table
    from disparo.adapters.files.rejected_rows import RejectedRows
    from disparo.usecases.import_contacts import import_contacts

    table = open_table(file, int(sheet) if sheet and sheet.isdecimal() else sheet)
    rejected = RejectedRows(file, table.header) if contacts else None
    with _progress(session, file.name) as on_progress, rejected or nullcontext(), _few_collections():
        report = await import_contacts(
            table,
            # A dry run touches no contacts.
            contacts or cast("Contacts", None),
            list_name=list_name,
            overrides=overrides,
            region=session.settings.default_region,
            dry_run=contacts is None,
            on_progress=on_progress,
            rejected=rejected,
        )
    return Imported(file, list_name, report, rejected.path if rejected and rejected.written else None)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Rows make no cycles: looking for them among a batch's many objects would take a twelfth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(200_000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@contextmanager
def _progress(session: Session, name: str) -> Iterator[OnProgress | None]:
    if not session.out.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[rows]}"))
    with Progress(*columns, TimeElapsedColumn(), console=session.out.error_console, transient=True) as progress:
        task = progress.add_task(name, total=1.0, rows="")

        def show(rows: int, fraction: float) -> None:
            progress.update(task, completed=fraction, rows=_rows(rows))

        yield show


def import_item(done: Imported) -> dict[str, object]:
    """The import as JSON."""
    report = done.report
    return {
        "file": str(done.file),
        "list": done.list_name,
        "dry_run": report.dry_run,
        "rows": report.rows,
        "created": report.created,
        "completed": report.completed,
        "unchanged": report.unchanged,
        "duplicates": report.duplicates,
        "rejected": report.rejected,
        "warnings": report.warnings,
        "by_reason": dict(report.by_reason),
        "rejected_report": str(done.rejected_report) if done.rejected_report else None,
        "columns": _columns(report),
        "sample": [
            {
                "source": draft.source,
                "name": draft.name,
                "phone": draft.phone,
                "email": draft.email,
                "place": str(draft.place) if draft.place else None,
                "variables": dict(draft.variables),
            }
            for draft in report.sample
        ],
    }


def tell_import(session: Session, done: Imported) -> None:
    """The import in a few lines for people."""
    report, out = done.report, session.out
    if report.dry_run:
        out.line(f"{done.file.name}: {_rows(report.rows)}, {human(report.rejected)} sem uso")
        out.line("foi um ensaio: nada foi guardado")
        out.line("colunas: " + ", ".join(f"{name} ← {' e '.join(titles)}" for name, titles in _columns(report).items()))
        out.table(
            [
                {"source": one.source, "name": one.name, "phone": one.phone, "email": one.email, "place": one.place}
                for one in report.sample
            ],
            {"source": "linha", "name": "nome", "phone": "telefone", "email": "e-mail", "place": "lugar"},
        )
    else:
        parts = [
            f"{human(count)} {words}"
            for count, words in (
                (report.created, "novos"),
                (report.completed, "completados"),
                (report.unchanged, "já estavam"),
                (report.duplicates, "repetidos"),
                (report.rejected, "sem uso"),
            )
            if count
        ]
        out.line(f"{done.file.name} → lista {done.list_name}: {_rows(report.rows)}: {', '.join(parts) or 'nada'}")
    _tell_problems(session, done)


def _tell_problems(session: Session, done: Imported) -> None:
    from disparo.domain.reason_words import reason_words

    if not done.report.by_reason:
        return
    session.out.line("problemas encontrados:")
    for reason, count in done.report.by_reason.items():
        session.out.line(f"  {count:>6}  {reason_words(reason, True)}")
    if done.rejected_report:
        session.out.line(f"linha por linha em {done.rejected_report}")


def _rows(count: int) -> str:
    return "1 linha" if count == 1 else f"{human(count)} linhas"


def _columns(report: ImportReport) -> dict[str, list[str]]:
    """Each recognised field with the titles of its columns."""
    titles = report.mapping.headers_by_variable
    return {str(name): [titles[one] for one in variables] for name, variables in report.mapping.fields.items()}
