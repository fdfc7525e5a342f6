"""Texts that were written by hand, in SQLite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import apsw

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.forgotten import is_gone
from disparo.adapters.embedded.rows import Row, fetch, fetch_one
from disparo.domain.errors import InputError, NotFoundError
from disparo.domain.hand_document import hand_document, read_hand_message
from disparo.domain.hand_message import MOST_OF_ONE, HandMessage
from disparo.domain.instants import from_ms, to_ms

COLUMNS = "contact_id, key, number, document, at"

BY_KEY = f"SELECT {COLUMNS} FROM hand_message WHERE contact_id = ? AND key = ?"

LAST = "SELECT max(number) FROM hand_message WHERE contact_id = ?"

KEEP = "INSERT INTO hand_message (contact_id, number, key, document, at) VALUES (?, ?, ?, ?, ?)"

ONE = f"SELECT {COLUMNS} FROM hand_message WHERE contact_id = ? AND number = ? AND key <> ''"

NEWEST = f"SELECT {COLUMNS} FROM hand_message WHERE contact_id = ? AND key <> '' ORDER BY number DESC LIMIT ?"

FORGET = "UPDATE hand_message SET key = '', document = '' WHERE contact_id = ? AND key <> '' RETURNING 1"


class SqliteHandMessages:
    """`HandMessages` in the table hand_message."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def keep(self, message: HandMessage) -> HandMessage:
        """See `HandMessages.keep`."""
        document = json.dumps(hand_document(message), ensure_ascii=False)

        def keep(connection: apsw.Connection) -> HandMessage:
            if is_gone(connection, message.contact_id):
                raise NotFoundError(f"o contato {message.contact_id} foi apagado")
            if (row := fetch_one(connection, BY_KEY, (message.contact_id, message.key))) is not None:
                return _message(row)
            [(last,)] = fetch(connection, LAST, (message.contact_id,))
            number = (last or 0) + 1
            if number > MOST_OF_ONE:
                raise InputError(f"já se escreveu {MOST_OF_ONE} vezes a este contato; não há lugar para mais")
            fetch(connection, KEEP, (message.contact_id, number, message.key, document, to_ms(message.at)))
            return replace(message, number=number)

        return await self._db.write(keep)

    async def get(self, contact_id: str, number: int) -> HandMessage:
        """See `HandMessages.get`."""
        if (row := fetch_one(self._db.reader, ONE, (contact_id, number))) is None:
            raise NotFoundError(f"não há mais o texto {number} do contato {contact_id}")
        return _message(row)

    async def of(self, contact_id: str, limit: int) -> Sequence[HandMessage]:
        """See `HandMessages.of`."""
        return [_message(row) for row in fetch(self._db.reader, NEWEST, (contact_id, limit))]

    async def forget_person(self, contact_id: str, keys: Sequence[str]) -> int:  # noqa: ARG002  # kept by contact
        """See `HandMessages.forget_person`."""
        return len(await self._db.write(lambda connection: fetch(connection, FORGET, (contact_id,))))


def _message(row: Row) -> HandMessage:
    contact_id, key, number, document, at = row
    return read_hand_message(json.loads(document), contact_id=str(contact_id), key=key, number=number, at=from_ms(at))
