"""Bringing an agenda's file into the installation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from disparo.domain.agenda.agenda_document import Agenda, parse_agenda
from disparo.domain.agenda.host import Host
from disparo.domain.agenda.host_document import host_document
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.type_document import type_document
from disparo.domain.errors import InputError
from disparo.ports.agenda import Hosts, hosts_by_id
from disparo.ports.renderer import Renderer
from disparo.usecases.agenda.hosting import put_host, text_faults, told_of


class Change(StrEnum):
    """What a file changes in a host or type."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A host or (`kind` is `type`) a type of a file: what changed in it, and which of its keys."""

    kind: str
    id: str
    change: Change
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A document that was read against what is kept: what to keep now, and what that changes, in the file's order."""

    agenda: Agenda
    changes: Sequence[Loaded]


async def load_agenda(hosts: Hosts, document: Mapping[str, object], renderer: Renderer) -> Sequence[Loaded]:
    """Keep the hosts and types of a document, as `judge_agenda` finds them; what is the same gets no new revision.

    InputError, then nothing is kept. One that is killed has loaded some of it; the same again ends it.
    """
    known = await hosts_by_id(hosts)
    judged = judge_agenda(document, renderer, tuple(known.values()), await hosts.types())
    changed = {(one.kind, one.id): one for one in judged.changes if one.change is not Change.UNCHANGED}
    for host in judged.agenda.hosts:
        if ("host", host.id) in changed:
            await put_host(hosts, host, known.get(host.id))
    for one in judged.agenda.types:
        if ("type", one.id) in changed:
            await hosts.put_type(one)
    return judged.changes


def judge_agenda(
    document: Mapping[str, object],
    renderer: Renderer,
    kept_hosts: Sequence[Host] = (),
    kept_types: Sequence[MeetingType] = (),
) -> Judged:
    """What a document would change in what is kept; nothing is done.

    Hosts that are told without `blocks` keep those that they have, and so with the link of their feed; what is not in
    the document stays as it is.
    InputError with a line for each fault of the document or of a text's Liquid.
    """
    known_hosts = {host.id: host for host in kept_hosts}
    known_types = {one.id: one for one in kept_types}
    agenda = parse_agenda(document, known_hosts)
    _check_texts(agenda, renderer)
    agenda = replace(agenda, hosts=tuple(_as_told(agenda.hosts, document, known_hosts)))
    changes = []
    for host in agenda.hosts:
        known = known_hosts.get(host.id)
        before = None if known is None else host_document(known)
        changes.append(_compared("host", host.id, before, host_document(host)))
    for one in agenda.types:
        kept = known_types.get(one.id)
        before = None if kept is None else type_document(kept)
        changes.append(_compared("type", one.id, before, type_document(one)))
    return Judged(agenda, changes)


def _as_told(hosts: Sequence[Host], document: Mapping[str, object], known: Mapping[str, Host]) -> Iterator[Host]:
    tables: Any = document.get("hosts", ())
    for host, table in zip(hosts, tables, strict=True):
        before = known.get(host.id)
        yield host if before is None else told_of(host, table, before)


def _check_texts(agenda: Agenda, renderer: Renderer) -> None:
    faults = [
        f"types[{number}].{fault}"
        for number, one in enumerate(agenda.types, start=1)
        for fault in text_faults(one, renderer)
    ]
    if faults:
        raise InputError("\n".join(faults))


def _compared(kind: str, name: str, before: dict[str, Any] | None, after: dict[str, Any]) -> Loaded:
    if before is None:
        return Loaded(kind, name, Change.CREATED)
    keys = tuple(key for key in {**before, **after} if before.get(key) != after.get(key))
    return Loaded(kind, name, Change.CHANGED if keys else Change.UNCHANGED, keys)
