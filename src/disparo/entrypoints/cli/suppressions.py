"""`disparo suppressions import`: lists of addresses that must be left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from disparo.domain.contact import Channel
from disparo.entrypoints.cli.options import one_of
from disparo.entrypoints.cli.printing import human
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.entrypoints.words import words
from disparo.usecases.suppression_lists import ListReport, ListTerms, import_list


async def import_file(
    file: Annotated[
        Path, Parameter(name="FILE", help="Números, e-mails ou hashes SHA-256: TXT, CSV, XLSX, XLS ou ODS.")
    ],
    /,
    *,
    channel: Annotated[str | None, Parameter(help="Só neste canal: whatsapp, email ou sms.")] = None,
    hash_: Annotated[
        bool, Parameter(name="--hash", help="Guarda só o SHA-256 de cada endereço, não o endereço.")
    ] = False,
    sheet: Annotated[str | None, Parameter(help="Nome ou posição da planilha, numa pasta com várias.")] = None,
    session: GivenSession,
) -> None:
    """Message none of a list's addresses any more, such as those of "Não Me Ligue"."""
    from disparo.adapters.files.address_list import open_address_list
    from disparo.adapters.files.rejected_rows import RejectedRows

    only = one_of(Channel, channel, "--channel") if channel is not None else None
    source = open_address_list(file, int(sheet) if sheet and sheet.isdecimal() else sheet)
    terms = ListTerms(only, hash_, session.settings.default_region)
    with session.open(create=True) as app, RejectedRows(file, ()) as rejected:
        report = await import_list(app.store, source, terms, app.clock.now(), rejected=rejected)
    written = rejected.path if rejected.written else None
    if session.out.json:
        session.out.document(_item(file, terms, report, written))
    else:
        _tell(session, file, terms, report, written)


def _item(file: Path, terms: ListTerms, report: ListReport, written: Path | None) -> dict[str, object]:
    return {
        "file": str(file),
        "channel": terms.channel,
        "hashed": terms.hashed,
        "rows": report.rows,
        "addresses": report.addresses,
        "rejected": report.rejected,
        "cancelled": report.cancelled,
        "by_reason": dict(report.by_reason),
        "rejected_report": str(written) if written else None,
    }


def _tell(session: Session, file: Path, terms: ListTerms, report: ListReport, written: Path | None) -> None:
    from disparo.domain.reason_words import reason_words

    out = session.out
    where = f" em {words(terms.channel)}" if terms.channel else ""
    out.line(
        f"{file.name}: {human(report.addresses)} endereços bloqueados{where}, {human(report.rejected)} linhas sem uso"
    )
    out.line(f"{human(report.cancelled)} mensagens canceladas")
    for reason, count in report.by_reason.items():
        out.line(f"  {count:>6}  {reason_words(reason, True)}")
    if written:
        out.line(f"linha por linha em {written}")
