"""Changing one contact in SQLite."""

from __future__ import annotations

from collections.abc import Callable

import apsw

from disparo.adapters.embedded.folding import draft_of, fillable_columns
from disparo.adapters.embedded.rows import fetch_one
from disparo.domain.contact import ContactDraft
from disparo.domain.errors import InputError, NotFoundError

THERE = """
SELECT id, phone_key, email_key, source, place, name, phone, email, other_phones, other_emails, document,
       priority, variables, list_id
FROM contact WHERE id = ? AND erased_at IS NULL
"""

OWNER_OF_PHONE = "SELECT id FROM contact WHERE phone_key = ? AND list_id = ? AND id <> ?"

OWNER_OF_EMAIL = "SELECT id FROM contact WHERE email_key = ? AND list_id = ? AND id <> ?"

CHANGE = """
UPDATE contact SET phone = ?, phone_key = ?, priority = ?, email = ?, email_key = ?, name = ?, name_key = ?, place = ?,
                   document = ?, other_phones = ?, other_emails = ?, variables = ?
WHERE id = ?
"""


def edit(connection: apsw.Connection, contact: int, change: Callable[[ContactDraft], ContactDraft]) -> None:
    """Change a contact; see `Contacts.edit`."""
    row = fetch_one(connection, THERE, (contact,))
    if row is None:
        raise NotFoundError(f"o contato {contact} não existe, ou foi apagado")
    before = draft_of(row[:-1])
    after = change(before)
    if after == before:
        return
    for query, key in ((OWNER_OF_PHONE, after.phone_key), (OWNER_OF_EMAIL, after.email_key)):
        if key and (owner := fetch_one(connection, query, (key, row[-1], contact))):
            raise InputError(f"{key}: este endereço já é do contato {owner[0]} da mesma lista")
    connection.execute(CHANGE, (after.phone, after.phone_key, after.priority, *fillable_columns(after), contact))
