"""Accounts in SQLite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import apsw

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import Row, fetch, fetch_one
from disparo.domain.account import Account
from disparo.domain.account_document import account_document, parse_account
from disparo.domain.errors import NotFoundError
from disparo.ports.accounts import account_changed, email_taken, last_admin

ADD = """
INSERT INTO account (id, email, subject, name, rules, document, revision)
VALUES (:id, :email, :subject, :name, :rules, :document, 1)
"""

CHANGE = """
UPDATE account SET email = :email, subject = :subject, name = :name, rules = :rules, document = :document,
                   revision = revision + 1
WHERE id = :id
"""

ACCOUNT = "SELECT document, revision FROM account WHERE id = ?"

BY_EMAIL = "SELECT document, revision FROM account WHERE email = ?"

BY_SUBJECT = "SELECT document, revision FROM account WHERE subject = ?"

ALL = "SELECT document, revision FROM account ORDER BY name, id"

ANY = "SELECT 1 FROM account LIMIT 1"

STANDING = "SELECT revision, rules FROM account WHERE id = ?"

OTHERS_WHO_RULE = "SELECT 1 FROM account WHERE rules AND id != ? LIMIT 1"


class SqliteAccounts:
    """`Accounts` in the table account."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(self, account: Account) -> Account:
        """See `Accounts.add`."""
        await self._db.write(lambda connection: _execute(connection, ADD, account))
        return replace(account, revision=1)

    async def change(self, account: Account) -> Account:
        """See `Accounts.change`; what is read cannot change before it is written, as both are one transaction."""

        def change(connection: apsw.Connection) -> None:
            standing = fetch_one(connection, STANDING, (account.id,))
            if standing is None:
                raise _no_account(account.id)
            revision, ruled = standing
            if revision != account.revision:
                raise account_changed()
            if ruled and not account.rules and fetch_one(connection, OTHERS_WHO_RULE, (account.id,)) is None:
                raise last_admin()
            _execute(connection, CHANGE, account)

        await self._db.write(change)
        return replace(account, revision=account.revision + 1)

    async def get(self, account_id: str) -> Account:
        """See `Accounts.get`."""
        if (found := await self.find(account_id)) is None:
            raise _no_account(account_id)
        return found

    async def find(self, account_id: str) -> Account | None:
        """See `Accounts.find`."""
        return _account(fetch_one(self._db.reader, ACCOUNT, (account_id,)))

    async def by_email(self, email: str) -> Account | None:
        """See `Accounts.by_email`."""
        return _account(fetch_one(self._db.reader, BY_EMAIL, (email,)))

    async def by_subject(self, subject: str) -> Account | None:
        """See `Accounts.by_subject`."""
        return _account(fetch_one(self._db.reader, BY_SUBJECT, (subject,)))

    async def all(self) -> Sequence[Account]:
        """See `Accounts.all`."""
        rows = fetch(self._db.reader, ALL)
        return [parse_account(json.loads(document), revision) for document, revision in rows]

    async def any(self) -> bool:
        """See `Accounts.any`."""
        return fetch_one(self._db.reader, ANY) is not None


def _execute(connection: apsw.Connection, statement: str, account: Account) -> None:
    values = {
        "id": account.id,
        "email": account.email,
        "subject": account.subject,
        "name": account.name,
        "rules": int(account.rules),
        "document": json.dumps(account_document(account), ensure_ascii=False),
    }
    try:
        connection.execute(statement, values)
    except apsw.ConstraintError:
        raise email_taken() from None


def _no_account(account_id: str) -> NotFoundError:
    return NotFoundError(f"a conta {account_id!r} não existe (veja: disparo accounts list)")


def _account(row: Row | None) -> Account | None:
    return None if row is None else parse_account(json.loads(row[0]), row[1])
