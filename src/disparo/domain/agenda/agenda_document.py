"""The agenda's file as a whole: `[[hosts]]` and `[[types]]`, told in `docs/agenda.md`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from disparo.domain.agenda.host import Host
from disparo.domain.agenda.host_document import read_host
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.type_document import read_type
from disparo.domain.document_table import DocumentTable
from disparo.domain.errors import InputError

AGENDA_KEYS = ("hosts", "types")


@dataclass(frozen=True, slots=True)
class Agenda:
    """What an agenda's file tells, in its order; all at revision 0."""

    hosts: tuple[Host, ...]
    types: tuple[MeetingType, ...]


def parse_agenda(document: Mapping[str, object], known_hosts: Collection[str] = ()) -> Agenda:
    """Read a file's hosts and types; types may also name hosts that are known already.

    Raises InputError, in Portuguese, with one line for each fault, each with its place (tables count from 1), value and
    what to write: also for an id that is there twice, a host that nobody knows, and a file without either table.
    """
    faults: list[str] = []
    root = DocumentTable(document, AGENDA_KEYS, faults)
    host_tables, type_tables = list(root.tables("hosts")), list(root.tables("types"))
    hosts = [read_host(values, faults, f"hosts[{number}].") for number, values in host_tables]
    types = [read_type(values, faults, f"types[{number}].") for number, values in type_tables]
    if not faults and not host_tables and not type_tables:
        root.refuse("hosts", "escreva ao menos um anfitrião, sob [[hosts]], ou um tipo, sob [[types]]")
    for key, tables in (("hosts", host_tables), ("types", type_tables)):
        _refuse_twice(root, key, tables)
    known = {*known_hosts, *(str(values.get("id")) for _, values in host_tables)}
    for number, values in type_tables:
        _refuse_unknown_hosts(root, f"types[{number}].hosts", values.get("hosts"), known)
    if faults:
        raise InputError("\n".join(faults))
    return Agenda(tuple(one for one in hosts if one), tuple(one for one in types if one))


def _refuse_twice(root: DocumentTable, key: str, tables: Sequence[tuple[int, Mapping[str, object]]]) -> None:
    first: dict[str, int] = {}
    for number, values in tables:
        one = values.get("id")
        if isinstance(one, str) and first.setdefault(one, number) != number:
            root.note(f'{key}[{number}].id = "{one}"', f"já está em {key}[{first[one]}]; dê outro id a um dos dois")


def _refuse_unknown_hosts(root: DocumentTable, place: str, names: object, known: Collection[str]) -> None:
    for name in names if isinstance(names, list | tuple) else ():
        if isinstance(name, str) and name not in known:
            root.note(place, f'"{name}" não é conhecido; escreva esse anfitrião sob [[hosts]] neste arquivo')
