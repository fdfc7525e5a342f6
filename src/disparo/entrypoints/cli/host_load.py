"""`disparo hosts load`: hosts and types of meetings from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from disparo.domain.errors import NotFoundError
from disparo.entrypoints.cli.printing import Code
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.usecases.agenda.loading import Loaded, judge_agenda, load_agenda

if TYPE_CHECKING:
    from disparo.ports.renderer import Renderer


async def load(
    file: Annotated[Path, Parameter(name="FILE", help="Agenda em TOML (veja docs/agenda.md).")],
    /,
    *,
    check: Annotated[bool, Parameter(name="--check", help="Só confere e diz o que mudaria.")] = False,
    session: GivenSession,
) -> None:
    """Bring hosts and types of meetings in from a file."""
    from disparo.adapters.files.agenda_file import read_agenda_file
    from disparo.bootstrap import renderer

    document = dict(read_agenda_file(file))
    usual = session.settings.hours_document()
    tables = document.get("hosts")
    if isinstance(tables, list):  # else it is for the reader of the document to refuse
        document["hosts"] = [{"hours": usual, **one} if isinstance(one, dict) else one for one in tables]
    if check:
        found = await _judged(session, document, renderer())
    else:
        with session.open(create=True) as app:
            found = await load_agenda(app.store.hosts, document, renderer())
    if session.out.json:
        session.out.document({"file": str(file), "checked_only": check, "items": [_loaded_item(one) for one in found]})
        return
    session.out.table([_loaded_item(one) for one in found], _LOADED)
    if check:
        session.out.line("só conferido: nada foi guardado")
    elif any(one.kind == "type" for one in found):
        session.out.line("veja os horários: disparo slots TIPO")


async def _judged(session: Session, document: Mapping[str, object], renderer: Renderer) -> Sequence[Loaded]:
    """What would change; where there are no data yet, all of it is new."""
    try:
        with session.open() as app:
            kept_hosts, kept_types = await app.store.hosts.hosts(), await app.store.hosts.types()
    except NotFoundError:
        return judge_agenda(document, renderer).changes
    return judge_agenda(document, renderer, kept_hosts, kept_types).changes


_LOADED = {"kind": "o quê", "id": "id", "change": "mudança", "keys": "chaves"}


def _loaded_item(one: Loaded) -> dict[str, object]:
    return {"kind": one.kind, "id": one.id, "change": Code(one.change), "keys": list(one.keys)}
