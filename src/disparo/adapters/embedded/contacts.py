"""Contacts in SQLite."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from disparo.adapters.embedded import contact_edits, erasing, folding, forgotten
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import CONTACT_COLUMNS, contact_of, fetch, fetch_one
from disparo.domain.contact import Contact, ContactDraft
from disparo.domain.contact_search import read_search
from disparo.domain.errors import NotFoundError
from disparo.domain.folding import FoldResult
from disparo.domain.instants import to_ms
from disparo.ports.contacts import ListSummary

PAGE = f"""
SELECT {CONTACT_COLUMNS} FROM list AS l CROSS JOIN contact AS c INDEXED BY contact_of_list ON c.list_id = l.id
WHERE l.name = :list AND c.id > :after AND c.erased_at IS NULL ORDER BY c.id LIMIT :limit
"""

PAGE_BACK = f"""
SELECT {CONTACT_COLUMNS} FROM list AS l CROSS JOIN contact AS c INDEXED BY contact_of_list ON c.list_id = l.id
WHERE l.name = :list AND c.id < :after AND c.erased_at IS NULL ORDER BY c.id DESC LIMIT :limit
"""

ONE = f"SELECT {CONTACT_COLUMNS} FROM contact AS c JOIN list AS l ON l.id = c.list_id WHERE c.id = ?"

FOUND = f"SELECT {CONTACT_COLUMNS} FROM contact AS c JOIN list AS l ON l.id = c.list_id WHERE"

BY_PHONE = f"{FOUND} c.phone_key = :key ORDER BY c.id LIMIT :limit"

BY_EMAIL = f"{FOUND} c.email_key = :key ORDER BY c.id LIMIT :limit"

BEGINS = f"SELECT {CONTACT_COLUMNS} FROM contact AS c INDEXED BY"

BY_NUMBER = f"""{BEGINS} contact_by_phone CROSS JOIN list AS l ON l.id = c.list_id
WHERE c.phone_key >= :key AND c.phone_key < :key || char(0x10FFFF) ORDER BY c.phone_key, c.list_id LIMIT :limit
"""

BY_NAME = f"""{BEGINS} contact_by_name CROSS JOIN list AS l ON l.id = c.list_id
WHERE c.name_key <> '' AND c.name_key >= :key AND c.name_key < :key || char(0x10FFFF)
ORDER BY c.name_key, c.id LIMIT :limit
"""

LISTS = "SELECT name, contacts FROM list ORDER BY name"

_LONGEST_ID = 18
_ABOVE_ALL = 10**_LONGEST_ID


class SqliteContacts:
    """`Contacts` in the tables contact and list."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def fold(self, list_name: str, drafts: Sequence[ContactDraft]) -> Sequence[FoldResult]:
        """See `Contacts.fold`."""
        return await self._db.write(lambda connection: folding.fold(connection, list_name, drafts))

    async def page(
        self, list_name: str, after: str | None, limit: int, *, newest_first: bool = False
    ) -> Sequence[Contact]:
        """See `Contacts.page`; a page costs the same in any list. Erased contacts are left out."""
        query, start = (PAGE_BACK, _ABOVE_ALL) if newest_first else (PAGE, 0)
        wanted = {"list": list_name, "after": _row_id(after) if after else start, "limit": limit}
        return [contact_of(row) for row in fetch(self._db.reader, query, wanted)]

    async def get(self, contact_id: str) -> Contact:
        """See `Contacts.get`; of an erased contact only the empty shell is left."""
        if (row := fetch_one(self._db.reader, ONE, (_row_id(contact_id),))) is None:
            raise NotFoundError(f"o contato {contact_id!r} não existe (veja: disparo contacts list)")
        return contact_of(row)

    async def find(self, text: str, limit: int) -> Sequence[Contact]:
        """See `Contacts.find`; names by case and accents folded."""
        wanted = read_search(text)
        found: list[Contact] = []
        if wanted.key:
            found = self._found(BY_PHONE if wanted.key.startswith("+") else BY_EMAIL, wanted.key, limit)
        if not found:
            numbered = [one for key in wanted.beginnings for one in self._found(BY_NUMBER, key, limit)]
            found = sorted(numbered, key=lambda one: one.keys[0])
        if found or not wanted.name:
            return found[:limit]
        return self._found(BY_NAME, wanted.name, limit)

    def _found(self, query: str, key: str, limit: int) -> list[Contact]:
        return [contact_of(row) for row in fetch(self._db.reader, query, {"key": key, "limit": limit})]

    async def lists(self) -> Sequence[ListSummary]:
        """See `Contacts.lists`."""
        return [ListSummary(name, contacts) for name, contacts in fetch(self._db.reader, LISTS)]

    async def everything(self, contact_id: str) -> dict[str, Any]:
        """All that is known of a person, as JSON: contact, messages with their journals, suppressions.

        `same_person` names the contacts of other lists with the same number or e-mail. Raises NotFoundError.
        """
        reader = self._db.reader
        known: dict[str, Any] = {}
        with reader:  # one moment for all of it, whatever is written meanwhile
            known.update(erasing.told(reader, _told_id(contact_id)))
        return known

    async def edit(self, contact_id: str, change: Callable[[ContactDraft], ContactDraft]) -> Contact:
        """See `Contacts.edit`."""
        number = _row_id((await self.get(contact_id)).id)  # who never was is told so, apart from who was erased
        await self._db.write(lambda connection: contact_edits.edit(connection, number, change))
        return await self.get(contact_id)

    async def erase(self, contact_id: str, now: datetime) -> None:
        """See `Contacts.erase`.

        What was not sent is cancelled as `erased`; providers' words and ids leave the journal, as they may hold
        an address. Suppressions stay: who asked not to be messaged is not messaged after a later import either.
        """
        number = _told_id(contact_id)
        await self._db.write(lambda connection: erasing.erase(connection, number, to_ms(now)))
        self._db.settle()

    async def forgotten(self, since: datetime) -> Collection[str]:
        """See `Contacts.forgotten`."""
        return forgotten.since(self._db.reader, to_ms(since))


def _row_id(contact_id: str) -> int:
    """The store's number; an id that no contact of ours can have gives one that matches nothing.

    Nor has one that is written otherwise: what else is kept of a contact is found by its id as a text.
    """
    number = int(contact_id) if contact_id.isdecimal() and len(contact_id) <= _LONGEST_ID else -1
    return number if str(number) == contact_id else -1


def _told_id(contact_id: str) -> int:
    """As `_row_id`; NotFoundError that names what was asked for."""
    if (number := _row_id(contact_id)) < 0:
        raise NotFoundError(f"o contato {contact_id!r} não existe (veja: disparo contacts list)")
    return number
