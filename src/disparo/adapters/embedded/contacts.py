"""Contacts in SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from disparo.adapters.embedded import erasing, folding
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import CONTACT_COLUMNS, contact_of, fetch, fetch_one
from disparo.domain.contact import Contact, ContactDraft
from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.errors import NotFoundError
from disparo.domain.folding import FoldResult, name_key
from disparo.domain.instants import to_ms
from disparo.domain.phone_number import PhoneError, parse_phone
from disparo.ports.contacts import ListSummary

PAGE = f"""
SELECT {CONTACT_COLUMNS} FROM list AS l CROSS JOIN contact AS c INDEXED BY contact_of_list ON c.list_id = l.id
WHERE l.name = :list AND c.id > :after AND c.erased_at IS NULL ORDER BY c.id LIMIT :limit
"""

ONE = f"SELECT {CONTACT_COLUMNS} FROM contact AS c JOIN list AS l ON l.id = c.list_id WHERE c.id = ?"

FOUND = f"SELECT {CONTACT_COLUMNS} FROM contact AS c JOIN list AS l ON l.id = c.list_id WHERE"

BY_PHONE = f"{FOUND} c.phone_key = :key ORDER BY c.id LIMIT :limit"

BY_EMAIL = f"{FOUND} c.email_key = :key ORDER BY c.id LIMIT :limit"

# A look through all contacts, 0.4 s for a million: an index would make each import half as slow again.
BY_NAME = f"{FOUND} c.name_key >= :key AND c.name_key < :key || char(0x10FFFF) ORDER BY c.id LIMIT :limit"

LISTS = "SELECT name, contacts FROM list ORDER BY name"

_LONGEST_ID = 18


class SqliteContacts:
    """`Contacts` in the tables contact and list."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def fold(self, list_name: str, drafts: Sequence[ContactDraft]) -> Sequence[FoldResult]:
        """See `Contacts.fold`."""
        return await self._db.write(lambda connection: folding.fold(connection, list_name, drafts))

    async def page(self, list_name: str, after: str | None, limit: int) -> Sequence[Contact]:
        """See `Contacts.page`; a page costs the same in any list. Erased contacts are left out."""
        wanted = {"list": list_name, "after": _row_id(after) if after else 0, "limit": limit}
        return [contact_of(row) for row in fetch(self._db.reader, PAGE, wanted)]

    async def get(self, contact_id: str) -> Contact:
        """See `Contacts.get`; of an erased contact only the empty shell is left."""
        if (row := fetch_one(self._db.reader, ONE, (_row_id(contact_id),))) is None:
            raise NotFoundError(f"o contato {contact_id!r} não existe (veja: disparo contacts list)")
        return contact_of(row)

    async def find(self, text: str, limit: int) -> Sequence[Contact]:
        """See `Contacts.find`; names by case and accents folded."""
        query, key = _search(text)
        if not key:
            return []
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
            known.update(erasing.told(reader, _row_id(contact_id)))
        return known

    async def erase(self, contact_id: str, now: datetime) -> None:
        """See `Contacts.erase`.

        What was not sent is cancelled as `erased`; providers' words and ids leave the journal, as they may hold
        an address. Suppressions stay: who asked not to be messaged is not messaged after a later import either.
        """
        await self._db.write(lambda connection: erasing.erase(connection, _row_id(contact_id), to_ms(now)))


def _row_id(contact_id: str) -> int:
    """The store's number; an id that no contact of ours can have gives one that matches nothing."""
    return int(contact_id) if contact_id.isdecimal() and len(contact_id) <= _LONGEST_ID else -1


def _search(text: str) -> tuple[str, str]:
    """The query that a search text asks for, and its key."""
    try:
        return BY_PHONE, parse_phone(text).key
    except PhoneError:
        pass
    try:
        return BY_EMAIL, parse_email(text).key
    except EmailError:
        return BY_NAME, name_key(text)
