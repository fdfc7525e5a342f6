"""What the command line did, in the audit beside what was done on pages and through the API."""

from __future__ import annotations

import getpass
from collections.abc import Mapping

from disparo.domain.audit import AuditEntry
from disparo.domain.principal import MACHINE
from disparo.entrypoints.cli.session import Session

CHANGING: Mapping[str, str | None] = {
    "import": "list_",
    "campaign create": None,
    "campaign start": "name",
    "campaign pause": "name",
    "campaign resume": "name",
    "campaign cancel": "name",
    "campaign update": "name",
    "contacts suppress": None,
    "contacts unsuppress": None,
    "contacts erase": "contact_id",
    "contacts export": "contact_id",
    "suppressions import": None,
    "suppressions add": None,
    "suppressions remove": None,
    "inbox handle": None,
    "hosts load": None,
    "hosts block": "host",
    "hosts unblock": "host",
    "meetings propose": None,
    "meetings book": None,
    "meetings confirm": "id_",
    "meetings reschedule": "id_",
    "meetings cancel": "id_",
    "meetings decline": "id_",
    "meetings outcome": "id_",
    "meetings host": "id_",
    "dead-letters redrive": None,
    "backup": None,
    "restore": None,
}
"""The commands that change something, and the argument that names what: never one that may hold an address."""


async def record(session: Session, path: str, arguments: Mapping[str, object]) -> None:
    """Write down that somebody at this machine ran a command; nothing where there are no data."""
    if session.declined:
        return
    argument = CHANGING[path]
    subject = None if argument is None else arguments.get(argument)
    told = f"{str(argument).rstrip('_')}={subject}" if subject else ""
    with session.open() as app:
        entry = AuditEntry(app.clock.now(), MACHINE.actor, _user(), path.replace(" ", "."), told)
        await app.store.audit.append(entry)


def _user() -> str:
    """Who is at the machine, as it calls them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without users
        return MACHINE.name
