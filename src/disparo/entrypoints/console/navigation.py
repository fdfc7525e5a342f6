"""The areas of the console, and which of them an address is in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from disparo.domain.principal import Role
from disparo.entrypoints.console.words import mark


@dataclass(frozen=True, slots=True)
class Entry:
    """One area in the navigation; the texts are Portuguese, still to be translated; `short` for phones."""

    path: str
    text: str
    icon: str
    short: str = ""
    needs: Role = Role.VIEWER


ENTRIES = (
    Entry("/console", mark("Hoje"), "today"),
    Entry("/console/campaigns", mark("Campanhas"), "megaphone"),
    Entry("/console/contacts", mark("Contatos"), "people"),
    Entry("/console/inbox", mark("Caixa de entrada"), "inbox", mark("Conversas")),
    Entry("/console/agenda", mark("Agenda"), "calendar"),
    Entry("/console/dead-letters", mark("Cartas mortas"), "letter-x"),
    Entry("/console/settings", mark("Configurações"), "gear"),
)

_WITHIN = {
    "accounts": "/console/settings",
    "keys": "/console/settings",
    "webhooks": "/console/settings",
    "audit": "/console/settings",
    "senders": "/console/settings",
    "templates": "/console/campaigns",
    "imports": "/console/contacts",
    "suppressions": "/console/contacts",
    "hosts": "/console/agenda",
    "meetings": "/console/agenda",
}
"""Addresses that lie beside the area that they belong to."""
_AREA = re.compile(r"/console/([^/]+)")


def current(path: str) -> str:
    """The path of the entry that an address belongs to; empty when none."""
    if path.rstrip("/") == "/console":
        return "/console"
    found = _AREA.match(path)
    if found is None:
        return ""
    whole = _WITHIN.get(found[1], f"/console/{found[1]}")
    return next((one.path for one in ENTRIES if one.path == whole), "")


def visible(role: Role) -> tuple[Entry, ...]:
    """What somebody of this role is shown."""
    return tuple(one for one in ENTRIES if role.covers(one.needs))
